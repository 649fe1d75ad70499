"""One fault planted in a sound group gives exactly that issue, with what its owner needs to mend it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from expectations.rules import DIMENSIONS, DUE_DAYS, OWNERS, rule_catalogue

# object, row, {column: faulty value}, {(rule, record)} that must be found
FAULTS = [
    ("customer", 0, {"name": None}, {("customer_name_present", "cn:1")}),
    ("customer", 0, {"name": "  "}, {("customer_name_present", "cn:1")}),
    ("customer", 0, {"name": "测试客户1"}, {("customer_name_real", "cn:1")}),
    ("customer", 2, {"name": "n/a"}, {("customer_name_real", "gl:1")}),
    (
        "customer", 1, {"name": "信达电子 有限公司"},
        {("customer_name_unique", "cn:1"), ("customer_name_unique", "cn:2")},
    ),
    ("customer", 1, {"code": "C1"}, {("customer_code_unique", "cn:1"), ("customer_code_unique", "cn:2")}),
    ("customer", 3, {"country": None}, {("customer_country_present", "gl:2")}),
    ("customer", 3, {"country": "UK"}, {("customer_country_iso", "gl:2")}),
    ("customer", 0, {"tax_identifier": None}, {("customer_tax_identifier_present", "cn:1")}),
    ("customer", 0, {"tax_identifier": "913100000000000148"}, {("customer_tax_identifier_valid", "cn:1")}),
    ("customer", 0, {"tax_identifier": "9131000000000001"}, {("customer_tax_identifier_valid", "cn:1")}),
    ("customer", 2, {"tax_identifier": "DE136695977"}, {("customer_tax_identifier_valid", "gl:1")}),
    ("customer", 3, {"tax_identifier": "GB980780685"}, {("customer_tax_identifier_valid", "gl:2")}),
    ("customer", 4, {"tax_identifier": "12-345678"}, {("customer_tax_identifier_valid", "gl:3")}),
    ("customer", 2, {"tax_identifier": "ATU13585627"}, {("customer_tax_identifier_country_agrees", "gl:1")}),
    ("customer", 0, {"country": "US"}, {("customer_tax_identifier_country_agrees", "cn:1")}),
    ("customer", 3, {"country": "SG"}, {("customer_tax_identifier_country_agrees", "gl:2")}),
    (
        "customer", 1, {"tax_identifier": "9131 0000 0000 0001 49"},
        {("customer_tax_identifier_unique", "cn:1"), ("customer_tax_identifier_unique", "cn:2")},
    ),
    (
        "customer", 2, {"tax_identifier": "913100000000000149", "country": "CN"},
        {("customer_recorded_in_one_source", "cn:1"), ("customer_recorded_in_one_source", "gl:1")},
    ),
    ("customer", 0, {"email": "ar at xinda"}, {("customer_email_valid", "cn:1")}),
    ("customer", 0, {"currency": "RMB"}, {("customer_currency_iso", "cn:1")}),
    ("customer", 0, {"payment_term_days": -30}, {("customer_payment_term_plausible", "cn:1")}),
    ("customer", 0, {"payment_term_days": 366}, {("customer_payment_term_plausible", "cn:1")}),
    ("customer", 0, {"replaced_by_customer_id": "cn:2"}, {("customer_replaced_not_active", "cn:1")}),
    (
        "customer", 0, {"credit_limit_company_currency": Decimal("-0.0100")},
        {("customer_credit_limit_not_negative", "cn:1")},
    ),
    ("supplier", 1, {"tax_identifier": "BE0428759498"}, {("supplier_tax_identifier_valid", "gl:1")}),
    ("supplier", 1, {"bank_account_number": None}, {("supplier_bank_account_present", "gl:1")}),
    ("supplier", 1, {"bank_account_number": "BE71096123456768"}, {("supplier_bank_account_valid", "gl:1")}),
    ("supplier", 0, {"bank_account_number": "see contract!"}, {("supplier_bank_account_valid", "cn:1")}),
    (
        "supplier", 1, {"bank_account_number": "DE89 3704 0044 0532 0130 00", "country": "DE", "tax_identifier": None},
        {("supplier_bank_account_unique", "gl:1"), ("supplier_bank_account_unique", "gl:2"),
         ("supplier_tax_identifier_present", "gl:1")},
    ),
    (
        "supplier", 1, {"bank_account_number": "AE070331234567890123456"},
        {("supplier_bank_account_country_agrees", "gl:1")},
    ),
    (
        "supplier", 0, {"bank_account_number": "6222 0202 0099 8877 665"},
        {("supplier_bank_account_not_of_employee", "cn:1")},
    ),
    ("product", 0, {"name": None}, {("product_name_present", "cn:1")}),
    ("product", 0, {"name": "待定"}, {("product_name_real", "cn:1")}),
    ("product", 0, {"code": None}, {("product_code_present", "cn:1")}),
    ("product", 1, {"code": "P-1"}, {("product_code_unique", "cn:1"), ("product_code_unique", "cn:2")}),
    ("product", 1, {"category": ""}, {("product_category_present", "cn:2")}),
    ("product", 1, {"unit": None}, {("product_unit_present", "cn:2")}),
    (
        "product", 2, {"list_price": Decimal("-1.000000"), "cost_price": None},
        {("product_list_price_not_negative", "gl:1")},
    ),
    ("product", 2, {"cost_price": Decimal("-9.000000")}, {("product_cost_price_not_negative", "gl:1")}),
    ("product", 1, {"cost_price": Decimal("15.510000")}, {("product_cost_price_below_list_price", "cn:2")}),
    ("bank_account", 0, {"name": None}, {("bank_account_name_present", "cn:1")}),
    ("bank_account", 1, {"iban": None}, {("bank_account_number_present", "gl:1")}),
    ("bank_account", 1, {"iban": "DE88370400440532013000"}, {("bank_account_number_valid", "gl:1")}),
    (
        "bank_account", 2, {"currency": "EUR"},
        {("bank_account_number_unique", "gl:1"), ("bank_account_number_unique", "gl:2")},
    ),
    ("bank_account", 0, {"currency": "RMB"}, {("bank_account_currency_iso", "cn:1")}),
    ("bank_account", 0, {"currency": None}, {("bank_account_currency_present", "cn:1")}),
    ("bank_account", 0, {"company_id": "cn:c9"}, {("bank_account_company_known", "cn:1")}),
    (
        "bank_account", 1, {"last_statement_date": date(2026, 10, 19)},
        {("bank_account_statement_recent", "gl:1")},
    ),
    ("bank_account", 0, {"last_statement_date": date(2026, 9, 19)}, {("bank_account_statement_recent", "cn:1")}),
    ("bank_account", 2, {"last_statement_date": None}, {("bank_account_on_statements", "gl:2")}),
    ("bank_account", 0, {"account_id": "cn:9"}, {("bank_account_ledger_account_known", "cn:1")}),
    ("company", 1, {"code": "SH", "source_system": "cn"},
     {("company_code_unique", "cn:c1"), ("company_code_unique", "gl:c1")}),
    ("customer", 2, {"invoiced_currency": "USD"}, {("customer_currency_agrees_with_invoices", "gl:1")}),
    ("customer", 2, {"invoiced_term_days": 60}, {("customer_payment_term_agrees_with_invoices", "gl:1")}),
    ("customer", 4, {"last_document_date": date(2022, 10, 30)}, {("customer_used_lately", "gl:3")}),
    (
        "supplier", 1, {"paid_account_number": "BE68 5390 0754 7034", "paid_date": date(2026, 10, 15)},
        {("supplier_bank_account_agrees_with_payments", "gl:1")},
    ),
    # The bank prints the domestic number of what is recorded as an IBAN.
    ("supplier", 2, {"paid_account_number": "0532013000", "paid_date": date(2026, 10, 2)}, set()),
    ("product", 0, {"last_document_date": date(2020, 5, 5)}, {("product_used_lately", "cn:1")}),
    ("employee", 0, {"name": "测试1"}, {("employee_name_real", "hr:1")}),
    ("employee", 0, {"company_code": "XX"}, {("employee_company_known", "hr:1")}),
    ("employee", 0, {"last_pay_date": date(2026, 9, 10)}, {("employee_paid_recently", "hr:1")}),
    ("employee", 0, {"last_pay_date": date(2026, 9, 10), "is_active": False}, set()),
    ("account", 3, {"name": None}, {("account_name_present", "gl:2")}),
    ("account", 0, {"type": None}, {("account_type_present", "cn:1")}),
    ("account", 4, {"type": "profit"}, {("account_type_known", "gl:3")}),
    ("account", 4, {"control": "exchange"}, {("account_control_known", "gl:3")}),
    ("account", 4, {"purpose": "misc"}, {("account_purpose_known", "gl:3")}),
    ("account", 4, {"code": "1200"}, {("account_code_unique", "gl:1"), ("account_code_unique", "gl:3")}),
    ("account", 0, {"company_id": "cn:c9"}, {("account_company_known", "cn:1")}),
    ("account", 1, {"type": "liability"}, {("account_type_agrees_with_control", "cn:2")}),
    ("account", 3, {"type": "expense"}, {("account_agrees_between_companies", "gl:2")}),
    ("account", 0, {"bank_accounts": 0}, {("account_followed_by_bank_account", "cn:1")}),
    ("account", 1, {"control": None}, {("account_control_agrees_with_postings", "cn:2")}),
    ("exchange_rate", 0, {"units_per_base": None}, {("exchange_rate_present", "gl:1")}),
    ("exchange_rate", 0, {"missing_dates": "2026-10-28"}, {("exchange_rate_without_gap", "gl:1")}),
    (
        "exchange_rate", 0, {"units_per_base": Decimal("0.0000")},
        {("exchange_rate_positive", "gl:1"), ("exchange_rate_without_jump", "gl:1")},
    ),
    ("exchange_rate", 0, {"currency": "RMB"}, {("exchange_rate_currency_iso", "gl:1")}),
    ("exchange_rate", 0, {"rate_type": "noon"}, {("exchange_rate_type_known", "gl:1")}),
    ("exchange_rate", 2, {"rate_date": date(202, 1, 1)}, {("exchange_rate_date_plausible", "gl:3")}),
    ("exchange_rate", 0, {"rate_date": date(2062, 10, 29)}, {("exchange_rate_date_plausible", "gl:1")}),
    (
        "exchange_rate", 0, {"rate_date": date(2026, 10, 30)},
        {("exchange_rate_unique", "gl:1"), ("exchange_rate_unique", "gl:2")},
    ),
    ("exchange_rate", 0, {"rate_elsewhere": 0.93}, {("exchange_rate_agrees_between_sources", "gl:1")}),
    ("exchange_rate", 1, {"rate_date": date(2026, 10, 23)}, {("exchange_rate_recent", "gl:2")}),
    ("exchange_rate", 3, {"usual_days_between": 20}, {("exchange_rate_recent", "gl:4")}),
    ("exchange_rate", 0, {"units_per_base": Decimal("11.0000")}, {("exchange_rate_without_jump", "gl:1")}),
    ("crm_account", 0, {"customers": 0}, {("crm_account_customer_known", "crm:1")}),
    (
        "crm_account", 0, {"customer_code": "C2"},
        {("crm_account_customer_unique", "crm:1"), ("crm_account_customer_unique", "crm:2")},
    ),
    ("crm_account", 0, {"name_agrees": False}, {("crm_account_name_agrees", "crm:1")}),
    ("crm_account", 0, {"tax_identifier_agrees": False}, {("crm_account_tax_identifier_agrees", "crm:1")}),
    ("crm_account", 0, {"country_agrees": False}, {("crm_account_country_agrees", "crm:1")}),
    ("crm_account", 1, {"salesperson_id": "U9"}, {("crm_account_salesperson_known", "crm:2")}),
    ("company", 1, {"name": None}, {("company_name_present", "gl:c1")}),
    ("company", 1, {"currency": "EURO"}, {("company_currency_iso", "gl:c1")}),
    ("company", 1, {"country": "Germany"}, {("company_country_iso", "gl:c1")}),
    ("company", 1, {"tax_identifier": "DE136695977"}, {("company_tax_identifier_valid", "gl:c1")}),
    ("employee", 0, {"name": None}, {("employee_name_present", "hr:1")}),
    ("employee", 0, {"bank_account_number": None}, {("employee_bank_account_present", "hr:1")}),
    ("employee", 1, {"bank_account_number": "DE76512108001245126199"}, {("employee_bank_account_valid", "hr:2")}),
    (
        "employee", 0, {"bank_account_number": "DE75512108001245126199"},
        {("employee_bank_account_unique", "hr:1"), ("employee_bank_account_unique", "hr:2")},
    ),
]  # fmt: skip


def plant(frame: pd.DataFrame, row: int, fault: dict[str, object]) -> pd.DataFrame:
    frame = frame.astype(object)
    for column, value in fault.items():
        frame.loc[row, column] = value
    return frame.infer_objects()


def found(issues: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(issues["rule"], issues["record_id"], strict=True))


def test_sound_group_has_no_issue(frames, gate):
    result = gate(frames)
    assert found(result.issues) == set()
    assert result.suites.set_index("object")["rows_checked"].to_dict() == {
        "company": 4, "customer": 5, "supplier": 3, "product": 3, "bank_account": 3, "employee": 2, "account": 7,
        "exchange_rate": 4, "crm_account": 3,
    }  # fmt: skip
    assert result.suites["success"].all()
    # Every rule ran: none is green because it was left out.
    assert result.suites["rules"].sum() == len(rule_catalogue())


@pytest.mark.parametrize(("object_", "row", "fault", "expected"), FAULTS)
def test_one_fault_gives_exactly_its_issue(frames, gate, object_, row, fault, expected):
    frames[object_] = plant(frames[object_], row, fault)
    looked_up = {"supplier": {"employee"}, "bank_account": {"company", "account"}, "employee": {"company"},
                 "account": {"company"}}  # fmt: skip
    issues = gate({name: frames[name] for name in {object_} | looked_up.get(object_, set())}).issues
    assert found(issues) == expected
    assert set(issues["object"]) <= {object_}


def test_every_rule_is_tried_with_a_fault():
    tried = {rule for *_, expected in FAULTS for rule, _ in expected} | {"product_cost_price_share_usual"}
    missing = set(rule_catalogue()["rule"]) - tried
    # The supplier's copies of these party rules are the same objects with another noun.
    assert missing <= {r.replace("customer_", "supplier_") for r in tried if r.startswith("customer_")}


def test_a_cost_far_below_what_products_usually_cost_is_told_where_there_are_enough(frames, gate):
    products = pd.concat([frames["product"].iloc[[0]]] * 20, ignore_index=True)
    number = products.index.astype("str")
    products = products.assign(product_id="cn:" + number, source_key=number, code="P-" + number)
    products = plant(products, 3, {"list_price": Decimal("1200.000000")})
    issues = gate({"product": products}).issues
    assert found(issues) == {("product_cost_price_share_usual", "cn:3")}
    assert issues["detail_en"].tolist() == [
        "Product P-3 轴承 costs 80.000000 at a list price of 1200.000000, far less of it than products usually do."
    ]
    assert found(gate({"product": products.head(19)}).issues) == set()


def test_issue_says_what_who_and_by_when(frames, gate):
    frames["customer"] = plant(frames["customer"], 0, {"payment_term_days": 400})
    issue = gate({"customer": frames["customer"]}).issues.iloc[0].to_dict()
    assert pd.isna(issue.pop("company_id")), "customers belong to no single company"
    assert issue == {
        "rule": "customer_payment_term_plausible",
        "quality_dimension": "validity",
        "severity": "critical",
        "object": "customer",
        "record_id": "cn:1",
        "source_system": "cn",
        "source_key": "1",
        "owner": "ar_accountant",
        "due_days": 3,
        "failed_value": "400",
        "detail_en": "Customer C1 信达电子有限公司 has a payment term of 400 days; 0 to 365 are possible.",
        "detail_zh": "客户 C1 信达电子有限公司 的付款期限为 400 天，应在 0 至 365 天之间。",
    }


def test_issue_of_a_company_s_own_record_names_the_company(frames, gate):
    frames["bank_account"] = plant(frames["bank_account"], 0, {"currency": "RMB"})
    assert gate({"bank_account": frames["bank_account"]}).issues["company_id"].tolist() == ["cn:c1"]


def test_critical_faults_hold_and_warnings_do_not(frames, gate):
    customer = plant(frames["customer"], 0, {"payment_term_days": 400, "tax_identifier": "913100000000000148"})
    customer = plant(customer, 1, {"currency": "RMB"})
    summary = gate({"customer": customer}).suites.iloc[0]
    assert (summary["failed_rules"], summary["failed_records"], summary["held_records"]) == (3, 2, 1)
    assert not summary["success"]


def test_attribute_a_source_never_keeps_is_no_fault_of_its_records(frames, gate):
    customer = frames["customer"].astype(object)
    optional = ["tax_identifier", "country", "email", "currency", "payment_term_days", "credit_limit_company_currency"]
    customer.loc[customer["source_system"] == "cn", optional] = None
    customer.loc[4, "tax_identifier"] = None  # the other source keeps them, so here it is one
    assert found(gate({"customer": customer}).issues) == {("customer_tax_identifier_present", "gl:3")}


def test_columns_without_any_value_pass(frames, gate):
    for name in ("customer", "supplier", "product"):
        keep = {f"{name}_id", "name", "source_system", "source_key", "is_active"}
        frames[name] = frames[name].assign(**{c: None for c in frames[name].columns if c not in keep})
    assert found(gate(frames).issues) == set()


def test_private_customer_needs_no_tax_identifier(frames, gate):
    frames["customer"] = plant(frames["customer"], 0, {"tax_identifier": None, "segment": "个人"})
    assert found(gate({"customer": frames["customer"]}).issues) == set()


def test_account_abroad_within_sepa_is_ordinary(frames, gate):
    frames["supplier"] = plant(frames["supplier"], 1, {"bank_account_number": "GB33BUKB20201555555555"})
    assert found(gate({"supplier": frames["supplier"]}).issues) == set()


def test_record_merged_at_the_source_is_no_duplicate(frames, gate):
    merged = {"tax_identifier": "913100000000000149", "replaced_by_customer_id": "cn:1", "is_active": False}
    frames["customer"] = plant(frames["customer"], 1, merged)
    assert found(gate({"customer": frames["customer"]}).issues) == set()


def test_catalogue_is_complete():
    catalogue = rule_catalogue()
    assert catalogue["rule"].is_unique
    assert set(catalogue["quality_dimension"]) == set(DIMENSIONS)
    assert set(catalogue["owner"]) <= set(OWNERS)
    assert (catalogue["due_days"] == catalogue["severity"].map(DUE_DAYS)).all()
    assert catalogue["endangers"].str.fullmatch(r"(dim|fct)_\w+(, (dim|fct)_\w+)*").all()
    assert (catalogue["sentence_en"].str.contains("{record}", regex=False)).all()
    assert (catalogue["sentence_zh"].str.contains("{record}", regex=False)).all()
    assert catalogue["sentence_zh"].str.contains(r"[\u4e00-\u9fff]").all()
    assert [o for o, r in zip(catalogue["object"], catalogue["rule"], strict=True) if not r.startswith(f"{o}_")] == []
