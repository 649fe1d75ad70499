"""Exchange rates: what every amount in another currency is worth. A rate that is not positive converts nothing."""

from __future__ import annotations

import pandas as pd

from expectations.iso_codes import CURRENCIES
from expectations.prepare import Context, days_until
from expectations.rules import (
    ACCURACY,
    COMPLETENESS,
    CONSISTENCY,
    CRITICAL,
    TIMELINESS,
    TREASURY,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    between,
    in_set,
    is_true,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.suite import Suite

CONVERTED = ("dim_exchange_rate", "fct_unrealised_exchange_difference", "fct_bank_statement")
TYPES = ("spot", "month_end", "average")
EARLIEST = pd.Timestamp(1970, 1, 1)  # money of one currency area floats since the seventies; before, dates are typos
DAYS_AHEAD = 366  # rates of days after as_of are only not known yet; a year on, they are typos
QUIET_DAYS = 7  # no fixing over the longest public holidays
JUMP_DAYS, LEAST_JUMP, MOST_JUMP = 31, 0.85, 1.18
SOURCES_DIFFER = 0.01

RULES = (
    Rule("exchange_rate_present", COMPLETENESS, WARNING, TREASURY, "units_per_base", not_null("units_per_base"),
         CONVERTED, "Exchange rate {record} has no value.", "汇率 {record} 没有数值。"),
    Rule("exchange_rate_without_gap", COMPLETENESS, WARNING, TREASURY, "missing_dates", is_true("without_gap"),
         CONVERTED, "Beside exchange rate {record} there is no rate on {value}, when other currencies have one.",
         "汇率 {record} 前后缺少 {value} 的汇率，而其他币种当日有汇率。"),
    Rule("exchange_rate_positive", VALIDITY, CRITICAL, TREASURY, "units_per_base", is_true("positive"), CONVERTED,
         "Exchange rate {record} is {value}; only a positive rate converts.",
         "汇率 {record} 为 {value}，汇率应为正数。"),
    Rule("exchange_rate_currency_iso", VALIDITY, WARNING, TREASURY, "currency", in_set("currency", CURRENCIES),
         CONVERTED, "Exchange rate {record} is of {value}, which is no ISO 4217 code.",
         "汇率 {record} 的币种 {value} 不符合 ISO 4217。"),
    Rule("exchange_rate_type_known", VALIDITY, WARNING, TREASURY, "rate_type", in_set("rate_type", TYPES), CONVERTED,
         "Exchange rate {record} is of the type {value}; spot, month_end and average are known.",
         "汇率 {record} 的类型为 {value}，应为 spot、month_end 或 average。"),
    Rule("exchange_rate_date_plausible", VALIDITY, WARNING, TREASURY, "rate_date", is_true("date_plausible"), CONVERTED,
         "Exchange rate {record} is dated {value}, before 1970 or more than a year ahead.",
         "汇率 {record} 的日期 {value} 早于 1970 年或晚于截止日一年以上。"),
    Rule("exchange_rate_unique", UNIQUENESS, WARNING, TREASURY, "units_per_base",
         unique("source_system", "currency", "rate_type", "rate_date"), CONVERTED,
         "Exchange rate {record} stands there twice; one of them is {value}.",
         "汇率 {record} 重复录入，其中一条为 {value}。"),
    Rule("exchange_rate_agrees_between_sources", CONSISTENCY, WARNING, TREASURY, "units_per_base",
         between("difference_between_sources", None, SOURCES_DIFFER), CONVERTED,
         "Exchange rate {record} is {value}: by it one unit is worth {rate_to_reporting} in the group's currency, by "
         "another source {rate_elsewhere}.",
         "汇率 {record} 为 {value}：折合集团币种 {rate_to_reporting}，另一来源为 {rate_elsewhere}。"),
    Rule("exchange_rate_recent", TIMELINESS, WARNING, TREASURY, "rate_date", is_true("recent"), CONVERTED,
         "Exchange rate {record} of {value} is the newest of its currency, which has been used since.",
         "汇率 {record}（{value}）是该币种最新的汇率，而此后该币种仍有业务发生。"),
    Rule("exchange_rate_without_jump", ACCURACY, WARNING, TREASURY, "units_per_base",
         between("change", LEAST_JUMP, MOST_JUMP), CONVERTED,
         "Exchange rate {record} is {value}, the one before it {units_before}.",
         "汇率 {record} 为 {value}，前一汇率为 {units_before}，变动异常。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    rate, day = frame["units_per_base"].astype("Float64"), pd.to_datetime(frame["rate_date"])
    as_of = pd.Timestamp(context.as_of)
    plausible = (day >= EARLIEST) & (day <= as_of + pd.Timedelta(days=DAYS_AHEAD))
    columns: dict[str, pd.Series] = {
        "positive": (rate > 0).astype("boolean"),
        "date_plausible": plausible.astype("boolean").where(day.notna()),
    }
    if "is_newest" in frame:  # beside its neighbours, another source and the documents of its currency
        nearby = frame["days_since_before"].le(JUMP_DAYS)
        own, other = frame["rate_to_reporting"].astype("Float64"), frame["rate_elsewhere"].astype("Float64")
        unused = pd.to_datetime(frame["last_used_date"]) <= day
        # A source that fixes rates once a month is not late in the second week.
        patience = (3 * frame["usual_days_between"].astype("Float64").fillna(0)).clip(lower=QUIET_DAYS)
        fresh = days_until(context.as_of, frame["rate_date"]) <= patience
        is_base = rate.eq(1) & frame["units_before"].fillna(1).astype("Float64").eq(1)  # told once, for ever
        columns |= {
            "without_gap": frame["missing_dates"].isna().astype("boolean"),
            "change": (rate / frame["units_before"].astype("Float64").mask(lambda before: before <= 0)).where(nearby),
            "difference_between_sources": (own / other - 1).abs(),
            "recent": (fresh | unused)
            .astype("boolean")
            .where(frame["is_newest"].astype("boolean").fillna(False) & frame["last_used_date"].notna() & ~is_base),
        }
    return columns


SUITE = Suite(
    "exchange_rate",
    RULES,
    prepare,
    conditional=frozenset({"missing_dates", "without_gap", "change", "difference_between_sources", "recent"}),
    label=("currency", "rate_date"),
)
