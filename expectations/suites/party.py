"""Rules that hold for customers and suppliers alike, and the columns they need prepared."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import TAX_IDENTIFIERS, compact, tax_identifier_country, tax_identifier_valid
from expectations.iso_codes import COUNTRIES, CURRENCIES
from expectations.prepare import (
    DORMANT_YEARS,
    Context,
    agrees,
    given_where_provided,
    in_one_source_only,
    used_lately,
)
from expectations.rules import (
    ACCURACY,
    COMPLETENESS,
    CONSISTENCY,
    CRITICAL,
    DATA_STEWARD,
    TIMELINESS,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    between,
    in_set,
    is_true,
    matches,
    matches_not,
    not_null,
    unique,
)  # fmt: skip

_ADDRESS = r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+"
EMAILS = rf"^{_ADDRESS}(?:[,;]\s*{_ADDRESS})*$"
# Only names that are nothing but a stand-in: "Testo" and 测试设备有限公司 are real companies.
STAND_IN = (
    r"(?i)^(?:n/?a|none|null|unknown|tbd|x{3,}|-+|\.+|\?+"
    r"|(?:test|dummy)(?: (?:customer|supplier|vendor|company))?[ _-]?\d*"
    r"|测试(?:客户|供应商|公司)?\d*|待定|未知|不详|无|临时(?:客户|供应商)?\d*)$"
)
# Private people have no business tax identifier; sources say so in the segment.
PRIVATE_SEGMENTS = ("private", "consumer", "individual", "b2c", "retail customer", "个人", "个人客户", "消费者")
LONGEST_TERM_DAYS = 365

PARTY_EVIDENCE = frozenset(
    {"last_document_date", "currency_agrees_with_invoices", "payment_term_agrees_with_invoices", "used_lately"}
)


def party_rules(party: str, zh: str, accountant: str, documents: tuple[str, ...], forecast: str) -> tuple[Rule, ...]:
    """Rules for ``party`` (customer or supplier; ``zh`` its Chinese name). ``documents`` are the facts its identity
    enters, ``forecast`` the one its terms enter."""
    noun = party.capitalize()
    dimension = f"dim_{party}"
    return (
        Rule(f"{party}_name_present", COMPLETENESS, CRITICAL, DATA_STEWARD, "name", not_null("name"),
             (dimension, *documents), f"{noun} {{record}} has no name.", f"{zh} {{record}} 没有名称。"),
        Rule(f"{party}_name_real", ACCURACY, WARNING, DATA_STEWARD, "name", matches_not("name", STAND_IN),
             (dimension, *documents), f"{noun} {{record}} has a stand-in for a name: {{value}}.",
             f"{zh} {{record}} 的名称“{{value}}”是占位内容，不是真实名称。"),
        Rule(f"{party}_name_unique", UNIQUENESS, WARNING, DATA_STEWARD, "name",
             unique("source_system", "name_compared", "country_compared"), (dimension, *documents),
             f"{noun} {{record}} has the same name as another {party} of this source and country: {{value}}.",
             f"{zh} {{record}} 与同一来源、同一国家的另一条{zh}记录同名：{{value}}。"),
        Rule(f"{party}_code_unique", UNIQUENESS, WARNING, DATA_STEWARD, "code", unique("source_system", "code"),
             (dimension, *documents), f"{noun} {{record}} shares its number {{value}} with another {party}.",
             f"{zh} {{record}} 的编号 {{value}} 与另一条{zh}记录重复。"),
        Rule(f"{party}_country_present", COMPLETENESS, WARNING, DATA_STEWARD, "country", is_true("country_given"),
             (dimension, *documents), f"{noun} {{record}} has no country.", f"{zh} {{record}} 没有国家。"),
        Rule(f"{party}_country_iso", VALIDITY, WARNING, DATA_STEWARD, "country", in_set("country", COUNTRIES),
             (dimension, *documents), f"{noun} {{record}} has the country {{value}}, which is no ISO 3166 code.",
             f"{zh} {{record}} 的国家代码 {{value}} 不符合 ISO 3166。"),
        Rule(f"{party}_tax_identifier_present", COMPLETENESS, WARNING, DATA_STEWARD, "tax_identifier",
             is_true("tax_identifier_given"), (dimension, *documents),
             f"{noun} {{record}} is a business without a tax identifier.",
             f"{zh} {{record}} 为企业，但没有税务识别号。"),
        Rule(f"{party}_tax_identifier_valid", VALIDITY, CRITICAL, accountant, "tax_identifier",
             is_true("tax_identifier_valid"), (dimension, *documents),
             f"{noun} {{record}} has the tax identifier {{value}}, which breaks its country's form or check digit.",
             f"{zh} {{record}} 的税务识别号 {{value}} 格式或校验位不符合所在国家的规则。"),
        Rule(f"{party}_tax_identifier_country_agrees", CONSISTENCY, WARNING, DATA_STEWARD, "tax_identifier",
             is_true("tax_identifier_country_agrees"), (dimension, *documents),
             f"{noun} {{record}} has the tax identifier {{value}}, which names another country than its address.",
             f"{zh} {{record}} 的税务识别号 {{value}} 所属国家与地址国家不一致。"),
        Rule(f"{party}_tax_identifier_unique", UNIQUENESS, WARNING, DATA_STEWARD, "tax_identifier",
             unique("source_system", "tax_identifier_compared"), (dimension, *documents),
             f"{noun} {{record}} shares the tax identifier {{value}} with another {party} of this source.",
             f"{zh} {{record}} 与同一来源的另一条{zh}记录使用相同的税务识别号 {{value}}。"),
        Rule(f"{party}_recorded_in_one_source", UNIQUENESS, WARNING, DATA_STEWARD, "tax_identifier",
             is_true("recorded_in_one_source"), (dimension, *documents),
             f"{noun} {{record}} is recorded in another source, too, under the tax identifier {{value}}.",
             f"{zh} {{record}} 在其他来源系统中也有记录，税务识别号同为 {{value}}。"),
        Rule(f"{party}_email_valid", VALIDITY, WARNING, accountant, "email", matches("email", EMAILS),
             (dimension,), f"{noun} {{record}} has the e-mail address {{value}}, which cannot be written to.",
             f"{zh} {{record}} 的电子邮箱 {{value}} 格式无效。"),
        Rule(f"{party}_currency_iso", VALIDITY, WARNING, accountant, "currency", in_set("currency", CURRENCIES),
             (dimension, forecast), f"{noun} {{record}} has the currency {{value}}, which is no ISO 4217 code.",
             f"{zh} {{record}} 的币种 {{value}} 不符合 ISO 4217。"),
        Rule(f"{party}_payment_term_plausible", VALIDITY, CRITICAL, accountant, "payment_term_days",
             between("payment_term_days", 0, LONGEST_TERM_DAYS), (dimension, *documents, forecast),
             f"{noun} {{record}} has a payment term of {{value}} days; 0 to 365 are possible.",
             f"{zh} {{record}} 的付款期限为 {{value}} 天，应在 0 至 365 天之间。"),
        Rule(f"{party}_currency_agrees_with_invoices", ACCURACY, WARNING, accountant, "currency",
             is_true("currency_agrees_with_invoices"), (dimension, forecast),
             f"{noun} {{record}} has the currency {{value}}, but all invoices of the last year are in "
             "{invoiced_currency}.",
             f"{zh} {{record}} 的币种为 {{value}}，但最近一年的发票均为 {{invoiced_currency}}。"),
        Rule(f"{party}_payment_term_agrees_with_invoices", ACCURACY, WARNING, accountant, "payment_term_days",
             is_true("payment_term_agrees_with_invoices"), (dimension, *documents, forecast),
             f"{noun} {{record}} has a payment term of {{value}} days, but invoices of the last year are due after "
             "{invoiced_term_days}.",
             f"{zh} {{record}} 的付款期限为 {{value}} 天，但最近一年的发票到期日均为 {{invoiced_term_days}} 天。"),
        Rule(f"{party}_used_lately", TIMELINESS, WARNING, DATA_STEWARD, "last_document_date", is_true("used_lately"),
             (dimension,),
             f"{noun} {{record}} can still be used, but its last document is of {{value}}, over {DORMANT_YEARS} years "
             "ago.",
             f"{zh} {{record}} 仍可使用，但最近一笔业务为 {{value}}，已超过 {DORMANT_YEARS} 年。"),
        Rule(f"{party}_replaced_not_active", CONSISTENCY, WARNING, DATA_STEWARD, f"replaced_by_{party}_id",
             is_true("replaced_not_active"), (dimension, *documents),
             f"{noun} {{record}} was merged into {{value}} but can still be used.",
             f"{zh} {{record}} 已合并到 {{value}}，但仍可使用。"),
    )  # fmt: skip


def prepare_party(frame: pd.DataFrame, party: str, context: Context) -> dict[str, pd.Series]:
    """The columns that ``party_rules`` look at. Needs code, name, tax_identifier, country, source_system, is_active
    and replaced_by_<party>_id of the canonical object; segment where there is one."""
    replaced = frame[f"replaced_by_{party}_id"].notna()
    country, tax_identifier = frame["country"], frame["tax_identifier"]
    # A record merged at the source is no duplicate any more.
    name_compared = compact(frame["name"]).mask(replaced)
    tax_identifier_compared = compact(tax_identifier).mask(replaced)
    own_tax_identifiers = compact(context.values("company", "tax_identifier"))
    is_business = country.isin(TAX_IDENTIFIERS) & ~replaced
    if "segment" in frame:
        is_business &= ~frame["segment"].astype("str").str.lower().isin(PRIVATE_SEGMENTS)
    is_active = frame["is_active"].astype("boolean").fillna(True)
    columns = {
        "name_compared": name_compared,
        "country_compared": country.fillna("none"),
        "tax_identifier_compared": tax_identifier_compared,
        "country_given": given_where_provided(frame, "country"),
        "tax_identifier_given": given_where_provided(frame, "tax_identifier").where(is_business),
        "tax_identifier_valid": tax_identifier_valid(tax_identifier, country),
        "tax_identifier_country_agrees": agrees(
            tax_identifier_country(tax_identifier), country.where(country.isin(COUNTRIES))
        ),
        # Every ERP that trades with a company of the group needs a record of it.
        "recorded_in_one_source": in_one_source_only(
            tax_identifier_compared.mask(tax_identifier_compared.isin(own_tax_identifiers)), frame["source_system"]
        ),
        "replaced_not_active": (~is_active).where(replaced),
    }
    if "last_document_date" in frame:
        # What cannot be right at all is told by its own rule.
        currency = frame["currency"].where(frame["currency"].isin(CURRENCIES))
        term_days = frame["payment_term_days"].astype("Float64")
        columns |= {
            "currency_agrees_with_invoices": agrees(currency, frame["invoiced_currency"]),
            "payment_term_agrees_with_invoices": agrees(
                term_days.where(term_days.between(0, LONGEST_TERM_DAYS)), frame["invoiced_term_days"].astype("Float64")
            ),
            "used_lately": used_lately(frame, context),
        }
    return columns
