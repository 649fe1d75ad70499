"""Expected cash items: planned, confirmed, actual; and nothing of them twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# What changes from day to day; the rest stands from the first build.
DAILY = (
    "int_as_of int_payable_balance int_payment_at_bank int_payment_run_day fct_bank_statement fct_bank_movement"
    " fct_payable fct_payable_settlement fct_payable_aging fct_cash_flow_daily fct_cash_flow_weekly"
    " fct_recurring_payment fct_planned_cash_item"
)
FIRST_DAY = date(2024, 3, 1)
LOOKS = (date(2024, 3, 8), date(2024, 3, 15), date(2024, 3, 31))
STATEMENT = "bank_statement_id | iban | statement_number | statement_date | opening_balance_bank | closing_balance_bank"
RANK = {"planned": 0, "confirmed": 1, "actual": 2}

PAYMENT = st.tuples(st.integers(1, 60), st.integers(0, 26), st.integers(-2, 4))
"""Percent of the invoice, days after FIRST_DAY on which it is paid, days from there to the bank's line."""
INVOICE = st.tuples(st.integers(0, 20), st.integers(0, 60), st.lists(PAYMENT, max_size=3))
"""Days after FIRST_DAY on which it is posted, days until it is due, its payments."""


def day(days: int) -> date:
    return FIRST_DAY + timedelta(days)


def table(names: str, rows: list[tuple[object, ...]]) -> str:
    return "\n".join([names, *(" | ".join(str(cell) for cell in row) for row in rows)])


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(invoices=st.lists(INVOICE, min_size=25, max_size=40))
def test_every_part_of_every_invoice_is_counted_once_on_every_day(new_group, invoices):
    group = new_group()
    group.add("tryton__bank_account", "bank_account_id | name | iban | account_id\nBA | Main | DE01 | BANK")
    items, payments, settlements, lines = [], [], [], []
    amounts: dict[str, Decimal] = {}
    line_of: dict[str, tuple[date, Decimal]] = {}
    for number, (posted, terms, parts) in enumerate(invoices):
        name = f"P{number}"
        amounts[name] = Decimal(1000 + number)
        items.append((name, day(posted), day(posted + terms), amounts[name]))
        left = amounts[name]
        for part, (percent, paid, lag) in enumerate(parts):
            # cents that no other payment has: the bank's line says which payment it is of
            money = min(left, amounts[name] * percent / 100 // 1 + Decimal(number * 3 + part + 1) / 1000)
            money = money.quantize(Decimal("0.001"))
            if money <= 0 or money == left or paid < posted:
                continue
            left -= money
            key = f"{name}-{part}"
            payments.append((key, key, "paid", day(paid), "BANK", money))
            settlements.append((key, name, "payment", day(paid), money, key))
            lines.append((key, "B1", day(paid + lag), -money))
            line_of[f"payable_settlement:{key}"] = (day(paid + lag), money)
    group.add("tryton__payable", table("payable_id | posting_date | due_date | amount_document", items))
    if payments:
        group.add(
            "erp_global__payment",
            table("payment_id | payment_number | direction | payment_date | account_id | amount_document", payments),
        )
        group.add(
            "tryton__payable_settlement",
            table(
                "payable_settlement_id | payable_id | kind | settlement_date | amount_document | payment_id",
                settlements,
            ),
        )
        group.add(
            "bank_statements__bank_movement",
            table("bank_movement_id | bank_statement_id | value_date | amount_bank", lines),
        )
    group.add(
        "bank_statements__bank_statement",
        table(
            STATEMENT,
            [("B1", "DE01", 1, look, 0, 0) if look == LOOKS[0] else (f"B{look}", "DE01", 1, look, 0, 0)
             for look in LOOKS],
        ),
    )  # fmt: skip
    before: dict[str, str] = {}
    for number, look in enumerate(LOOKS):
        group.build("+fct_planned_cash_item" if number == 0 else DAILY, as_of=look.isoformat())
        rows = group.rows(
            "select planned_cash_item_id, document_id, status, amount_company_currency, bank_movement_id, planned_date"
            " from marts.fct_planned_cash_item"
        )
        assert len({row[0] for row in rows}) == len(rows)
        used = [row[4] for row in rows if row[4]]
        assert len(set(used)) == len(used), "a line makes one item actual"
        for name, posted in [(item[0], item[1]) for item in items]:
            of_invoice = [row for row in rows if row[1] == name]
            total = sum(Decimal(row[3]) for row in of_invoice)
            assert total == (-amounts[name] if posted <= look else 0), f"{name} on {look}"
        for key, _, status, _, line, planned in rows:
            assert RANK[before.get(key, "planned")] <= RANK[status], f"{key} went back"
            before[key] = status
            if key in line_of:
                arrived = line_of[key][0] <= look
                assert (status == "actual") == arrived or line is None, f"{key}: {status} on {look}"
                assert (line is not None) == arrived
            if status != "actual" and planned:
                assert date.fromisoformat(planned) > look, "what is expected lies ahead"
        expected_out = sum(Decimal(row[3]) for row in rows if row[2] != "actual")
        moved = sum((money for when, money in line_of.values() if when <= look), Decimal(0))
        told_late = sum((Decimal(row[3]) for row in rows if row[2] == "actual" and row[4] is None), Decimal(0))
        posted_by_then = sum(item[3] for item in items if item[1] <= look)
        in_advance = sum(
            (line_of[f"payable_settlement:{key}"][1] for key, _, _, paid, *_ in payments
             if paid > look and line_of[f"payable_settlement:{key}"][0] <= look), Decimal(0)
        )  # fmt: skip
        assert -expected_out + (moved - in_advance) - told_late == posted_by_then


def standing_group(new_group):
    group = new_group()
    group.add("tryton__bank_account", "bank_account_id | name | iban | account_id\nBA | Main | DE01 | BANK")
    months = [f"2023-{month:02d}" for month in range(8, 13)] + ["2024-01", "2024-02"]
    lines = [(f"R{month}", "B1", f"{month}-05", -40, "office rent") for month in months]
    lines += [(f"V{month}", "B1", f"{month}-10", -9, "VAT payment") for month in months]
    lines += [("L1", "B1", "2024-03-12", -25, "loan repayment"), ("MEMO", "B1", "2024-03-14", 70, "grant")]
    group.add(
        "bank_statements__bank_movement",
        table("bank_movement_id | bank_statement_id | value_date | amount_bank | reference", lines),
    )
    group.execute("update staging.stg_bank_statements__bank_movement set booking_date = value_date")
    group.add(
        "bank_statements__bank_statement",
        f"{STATEMENT}\nB1 | DE01 | 1 | 2024-03-15 | 0 | 0",
    )
    return group


def memo(
    group, decision: int, memo_id: str, amount: int, first: str, recurrence: str, end: str, known: str, gone=False
):
    group.execute(
        f"""insert into quality.memo_version values ({decision}, '{memo_id}', 'A', 'other', 'EUR', {amount},
            '{first}', '{recurrence}', '{end}', '{known}', {gone}, 'why', 'Li Na', '2024-03-01 09:00:00')"""
    )


def test_what_recurs_is_planned_to_the_horizon_and_a_memo_becomes_actual_or_leaves(new_group):
    group = standing_group(new_group)
    memo(group, 1, "memo-1", 70, "2024-03-15", "once", "2024-03-20", "2024-03-01")
    memo(group, 2, "memo-2", -5, "2024-03-20", "weekly", "2024-04-05", "2024-03-01")
    memo(group, 3, "memo-3", -6, "2024-03-11", "once", "2024-03-11", "2024-03-01")
    memo(group, 4, "memo-4", -8, "2024-04-30", "monthly", "2024-06-30", "2024-03-01")
    memo(group, 5, "memo-4", -8, "2024-04-30", "monthly", "2024-06-30", "2024-03-10", gone=True)
    memo(group, 6, "memo-5", -9, "2024-04-30", "once", "2024-04-30", "2024-03-16")
    group.build("+fct_planned_cash_item fct_memo_record", as_of="2024-03-15")
    assert group.rows(
        """select document_number, planned_date, status, confirmed_by, bank_movement_id, amount_company_currency
           from marts.fct_planned_cash_item where document_type = 'memo' order by 1, 2"""
    ) == [
        ("memo-1", "2024-03-14", "actual", "bank_statement", "MEMO", "70.0000"),
        ("memo-2", "2024-03-20", "confirmed", "treasurer", None, "-5.0000"),
        ("memo-2", "2024-03-27", "confirmed", "treasurer", None, "-5.0000"),
        ("memo-2", "2024-04-03", "confirmed", "treasurer", None, "-5.0000"),
    ], "past its end, withdrawn, or not known yet: in no forecast"
    assert group.rows("select memo_id, status from marts.fct_memo_record where is_current order by 1") == [
        ("memo-1", "active"), ("memo-2", "active"), ("memo-3", "ended"), ("memo-4", "withdrawn"),
    ]  # fmt: skip
    assert group.rows(
        """select component, interval_months, month_day, usual_amount_company_currency
           from marts.fct_recurring_payment order by 1"""
    ) == [("rent", "1", "5", "-40.0000"), ("value_added_tax", "1", "10", "-9.0000")]
    rent = group.rows(
        """select document_number, planned_date, status, amount_company_currency from marts.fct_planned_cash_item
           where component = 'rent' and status <> 'actual' order by 1"""
    )
    # March's 5th is ten days gone and nothing came; the 5th of May is a Sunday.
    assert rent == [
        ("2024-04", "2024-04-05", "planned", "-40.0000"),
        ("2024-05", "2024-05-06", "planned", "-40.0000"),
        ("2024-06", "2024-06-05", "planned", "-40.0000"),
    ]


def test_flows_by_what_the_bank_tells_add_up_to_the_bank(new_group):
    group = standing_group(new_group)
    group.build("+fct_cash_flow_weekly", as_of="2024-03-15")
    assert group.rows(
        """select flow, amount_company_currency from marts.fct_cash_flow_weekly
           where week_start = '2024-03-11' order by 1"""
    ) == [("debt", "-25.0000"), ("other", "70.0000")]
    assert group.rows(
        "select sum(amount_company_currency) from marts.fct_cash_flow_weekly"
        " union all select sum(amount_bank_currency) from marts.fct_bank_movement"
    ) == [("-298.0000",), ("-298.0000",)]
