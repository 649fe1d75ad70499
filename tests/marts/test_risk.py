"""Risk alerts: each pattern is found where it is, and not where it only seems to be."""

from __future__ import annotations

import pytest

MODELS = "+fct_risk_alert"


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add(
        "tryton__supplier",
        """
        supplier_id | code | name         | bank_account_number
        S2          | 2002 | Dogwood SA   | DE 1
        S3          | 2003 | Elder GmbH   | DE1
        S4          | 2004 | Fir Ltd      | GB9
        """,
    )
    group.add(
        "hr_payroll__employee",
        """
        employee_id | company_code | name | bank_account_number
        E1          | A            | Ann  | GB9
        E2          | A            | Bob  | GB7
        E3          | A            | Cid  | GB7
        """,
    )
    group.add(
        "tryton__supplier_account_change",
        """
        supplier_account_change_id | supplier_id | changed_date | old_account_number | new_account_number | changed_by
        soon                       | S2          | 2024-02-01   | DE0                | DE0001             | temp
        long_before                | S3          | 2024-01-01   | DE0                | DE1                | clerk
        """,
    )
    group.add(
        "tryton__payable",
        """
        payable_id | kind    | invoice_number | supplier_id | posting_date | document_currency | amount_document
        P1         | invoice | PI-1           | S2          | 2024-01-10   | EUR               | 100
        P2         | invoice | PI-2           | S3          | 2024-01-10   | EUR               | 200
        P3         | invoice | PI-3           | S2          | 2024-01-10   | EUR               | 50
        """,
    )
    group.add(
        "tryton__payable_settlement",
        """
        payable_settlement_id | payable_id | kind        | settlement_date | amount_document
        paid_soon             | P1         | payment     | 2024-03-02      | 100
        paid_later            | P2         | payment     | 2024-02-01      | 200
        credited              | P3         | credit_note | 2024-02-02      | 50
        """,
    )
    # Five small credit notes of C1 within weeks, and one large one; C2 has as many, of four times as many purchases.
    group.add("tryton__customer", "customer_id | code | name | country\nC2 | 1002 | Gorse Ltd | GB")
    invoices = [("C1", f"I{n}", "invoice", f"2024-02-{n + 1:02}", 1000) for n in range(20)]
    invoices += [("C1", f"N{n}", "credit_note", f"2024-02-{5 * n + 3:02}", -20) for n in range(5)]
    invoices += [("C1", "LARGE", "credit_note", "2024-02-20", -900)]
    invoices += [("C2", f"J{n}", "invoice", f"2024-02-{n % 20 + 1:02}", 1000) for n in range(80)]
    invoices += [("C2", f"M{n}", "credit_note", f"2024-02-{5 * n + 3:02}", -20) for n in range(5)]
    heads = "\n".join(
        f"{name} | {name} | {kind} | {customer} | {day} | EUR | {net} | 0"
        for customer, name, kind, day, net in invoices
    )
    group.add(
        "tryton__sales_invoice",
        "invoice_id | invoice_number | kind | customer_id | invoice_date | document_currency | "
        "net_amount_document | tax_amount_document\n" + heads,
    )
    lines = "\n".join(f"{name} | {name}-1 | SALES | 1 | {net} | {net} | 0" for _, name, _, _, net in invoices)
    group.add(
        "tryton__sales_invoice_line",
        "invoice_id | invoice_line_id | account_id | quantity | unit_price_document | net_amount_document | "
        "tax_amount_document\n" + lines,
    )
    group.build(MODELS)
    return group


def alerts(group, pattern: str) -> list[tuple[str, ...]]:
    return group.rows(
        f"""select company_id, supplier_id, customer_id, documents, amount_at_stake_reporting_currency, detail_en
            from marts.fct_risk_alert where pattern = '{pattern}' order by all"""
    )


def test_money_that_follows_a_change_of_the_account_within_thirty_days(group):
    assert alerts(group, "bank_account_changed") == [
        ("A", "S2", None, "1", "100.0000", "paid to the account ending in 0001, changed on 2024-02-01 by temp")
    ]


def test_an_account_of_two_suppliers_or_of_a_supplier_and_an_employee(group):
    found = group.rows(
        """select evidence.document_type, evidence.document_id, evidence.detail_en
           from marts.fct_risk_evidence as evidence
           where pattern = 'bank_account_shared' order by alert_id, document_id"""
    )
    assert sorted(found) == [
        ("employee", "E1", "account ending in GB9 of 1 suppliers and 1 employees"),
        ("supplier", "S2", "account ending in DE1 of 2 suppliers and 0 employees"),
        ("supplier", "S3", "account ending in DE1 of 2 suppliers and 0 employees"),
        ("supplier", "S4", "account ending in GB9 of 1 suppliers and 1 employees"),
    ]


def test_many_small_returns_of_one_customer_within_weeks(group):
    assert alerts(group, "small_returns") == [
        ("A", None, "C1", "5", "100.0000", "5 small credit notes from 2024-02-03 to 2024-02-23")
    ]


def test_an_alert_is_accepted_until_a_day_and_given_an_owner(group):
    alert = group.rows("select alert_id from marts.fct_risk_alert where pattern = 'small_returns'")[0][0]
    group.execute(f"insert into quality.accepted_fault values (1, '{alert}', date '2024-04-30')")
    group.execute(f"insert into quality.assigned_owner values (2, '{alert}', 'Li Na'), (3, '{alert}', 'Wang Wei')")
    state = "select owner, status, accepted_until from marts.fct_risk_alert where pattern = 'small_returns'"
    group.build("fct_risk_alert")
    assert group.rows(state) == [("Wang Wei", "accepted", "2024-04-30")]
    group.build("fct_risk_alert", as_of="2024-05-01")
    assert group.rows(state) == [("Wang Wei", "open", "2024-04-30")]


def test_a_group_without_documents_has_no_alert(new_group):
    group = new_group()
    group.build(MODELS)
    assert group.rows("select * from marts.fct_risk_alert") == []
    assert group.rows("select * from marts.fct_risk_evidence") == []
