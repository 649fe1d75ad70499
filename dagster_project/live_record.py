"""The record of every forecast ever made: what it was made with, what it said, and what came.

Rows of a forecast are appended and never changed; the same forecast made again from the same data is the same row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from dagster_project import __version__
from dagster_project.transform import RunContext
from dagster_project.variance import compare_run

VERSION, OUTCOME, EXPECTATION = "fct_forecast_version", "fct_forecast_outcome", "fct_receipt_expectation"

# What the forecast was made from, as known at the end of $as_of: table → the rows and columns that count.
_INPUTS = {
    "receivables": """select receivable_id, kind, company_id, customer_id, posting_date, invoice_date, due_date,
        amount_document_currency, amount_company_currency from marts.fct_receivable where posting_date <= $as_of""",
    "receivable_settlements": """select receivable_settlement_id, receivable_id, kind, settlement_date,
        amount_document_currency, amount_company_currency, exchange_difference_company_currency
        from marts.fct_receivable_settlement where settlement_date <= $as_of""",
    "open_receivables": """select receivable_id, open_amount_document_currency, open_amount_company_currency, due_date,
        is_disputed from marts.fct_receivable_aging where as_of = $as_of""",
    "payables": """select payable_id, kind, company_id, supplier_id, posting_date, invoice_date, due_date,
        amount_document_currency, amount_company_currency from marts.fct_payable where posting_date <= $as_of""",
    "payable_settlements": """select payable_settlement_id, payable_id, kind, settlement_date, amount_document_currency,
        amount_company_currency from marts.fct_payable_settlement where settlement_date <= $as_of""",
    "weekly_flows": """select company_id, currency, flow, week_start, amount_company_currency
        from marts.fct_cash_flow_weekly where week_start <= $as_of""",
    "exchange_rates": """select currency, valid_from, reporting_currency_per_unit from marts.dim_exchange_rate
        where valid_from <= $as_of""",
}
COUNTS = tuple(f"{name}_count" for name in _INPUTS)


@cache
def model_version() -> str:
    """Hash of the source of ml/: the same text forecasts the same."""
    import ml

    told = hashlib.sha256()
    for file in sorted(Path(str(ml.__file__)).parent.glob("*.py")):
        told.update(file.name.encode() + file.read_bytes())
    return told.hexdigest()[:16]


def features_hash() -> str:
    """Hash of the names of what payment timing is learnt from, in order."""
    from ml.features import FEATURES

    return hashlib.sha256("\n".join(FEATURES).encode()).hexdigest()[:16]


def record_forecast(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> str:
    """Keep the forecast of the run's day for ever, fill in what came of earlier ones, compare it with them.

    Called when the run's rows of fct_receivable_forecast and fct_cash_forecast are written. Returns the version's id.
    """
    version = _keep_version(warehouse, run)
    _keep_expectations(warehouse, run)
    _fill_outcomes(warehouse, run)
    compare_run(warehouse, run.as_of)
    return version


def thin_out(warehouse: duckdb.DuckDBPyConnection, tables: Iterable[str], as_of: date, kept_days: int) -> int:
    """Of forecasts more than ``kept_days`` before ``as_of``, keep the last of each month; returns the rows taken out.

    The track record is not among ``tables``: versions, what they said and what came, scores and backtests stay.
    """
    gone = 0
    for table in sorted(tables):
        (rows,) = warehouse.execute(
            f"""delete from marts.{table}
                where forecast_as_of < $as_of - $kept_days and forecast_as_of not in (
                    select max(forecast_as_of) from marts.{table} group by date_trunc('month', forecast_as_of)
                )""",
            {"as_of": as_of, "kept_days": kept_days},
        ).fetchone() or (0,)
        gone += int(rows)
    return gone


def _keep_version(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> str:
    counts, told = [], hashlib.sha256()
    for name, query in _INPUTS.items():
        row = warehouse.execute(
            f"select count(*), coalesce(sum(hash(input)), 0) from ({query}) as input", {"as_of": run.as_of}
        ).fetchone() or (0, 0)
        counts.append(int(row[0]))
        told.update(f"{name} {row[0]} {row[1]}\n".encode())
    data_hash = told.hexdigest()[:16]
    named = f"{run.as_of} {model_version()} {features_hash()} {data_hash}"
    version = hashlib.sha256(named.encode()).hexdigest()[:16]
    known = warehouse.execute(f"select count(*) from marts.{VERSION} where forecast_version_id = ?", [version])
    if known.fetchone() != (0,):
        return version
    (model,) = warehouse.execute(
        "select coalesce(min(model), 'past_weeks') from marts.fct_receivable_forecast where forecast_as_of = ?",
        [run.as_of],
    ).fetchone() or ("past_weeks",)
    warehouse.execute("begin")
    try:
        warehouse.execute(
            f"""insert into marts.{VERSION} (forecast_version_id, forecast_as_of, run_id, model, model_version,
                features_hash, code_version, data_hash, {", ".join(COUNTS)})
                values ({", ".join("?" * (8 + len(COUNTS)))})""",
            [version, run.as_of, run.run_id, model, model_version(), features_hash(), __version__, data_hash, *counts],
        )
        warehouse.execute(
            f"""insert into marts.{OUTCOME} by name
                select ? as forecast_version_id, forecast_as_of, company_id, currency, flow, week_start, mean, p05, p10,
                       p25, p50, p75, p90, p95
                from marts.fct_cash_forecast where forecast_as_of = ?
                order by company_id, currency, flow, week_start""",
            [version, run.as_of],
        )
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    return version


def _keep_expectations(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> None:
    """Per document the day money is expected from outside the group and how much: what the variance bridge compares.

    A run of the same day again stands in the place of the one before, as in fct_receivable_forecast.
    """
    warehouse.execute("begin")
    try:
        warehouse.execute(f"delete from marts.{EXPECTATION} where forecast_as_of = ?", [run.as_of])
        warehouse.execute(
            f"""insert into marts.{EXPECTATION} by name
                select forecast.forecast_as_of, forecast.receivable_id, aging.company_id, aging.customer_id,
                       aging.invoice_number, aging.due_date, forecast.p50_date as expected_date,
                       aging.document_currency, aging.open_amount_document_currency,
                       company.currency, aging.open_amount_company_currency, rate.reporting_currency_per_unit,
                       cast(round(aging.open_amount_company_currency * rate.reporting_currency_per_unit, 2)
                            as decimal(18, 2)) as amount_reporting_currency,
                       coalesce(aging.is_disputed, false) as is_disputed, aging.source_system, aging.source_key
                from marts.fct_receivable_forecast as forecast
                join marts.fct_receivable_aging as aging
                    on aging.receivable_id = forecast.receivable_id and aging.as_of = forecast.forecast_as_of
                join marts.dim_company as company on company.company_id = aging.company_id
                left join marts.dim_exchange_rate as rate
                    on rate.currency = company.currency and rate.valid_from <= forecast.forecast_as_of
                    and (rate.valid_to is null or rate.valid_to > forecast.forecast_as_of)
                where forecast.forecast_as_of = ?
                    and not exists (
                        select 1 from intermediate.int_intercompany_party as within
                        where within.party_kind = 'customer' and within.party_id = aging.customer_record_id
                    )
                order by forecast.receivable_id""",
            [run.as_of],
        )
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise


def _fill_outcomes(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> None:
    """What came in weeks over by the run's day; the week a forecast begins in counts only when it begins on its Monday.

    A week in which a flow did not move is 0, net is the sum of the flows, as in the forecast.
    """
    warehouse.execute(
        f"""
        update marts.{OUTCOME} as outcome
        set actual = case
            when week_start > forecast_as_of and week_start + 6 <= $as_of then coalesce((
                select sum(came.amount_company_currency) from marts.fct_cash_flow_weekly as came
                where came.company_id = outcome.company_id and came.currency = outcome.currency
                    and came.week_start = outcome.week_start
                    and (came.flow = outcome.flow or outcome.flow = 'net')
            ), 0) end
        """,
        {"as_of": run.as_of},
    )
