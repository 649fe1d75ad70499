"""Aging as of a past day is what the run of that day made of it, whatever happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

FIRST, PAST, LAST = date(2024, 1, 1), date(2024, 3, 17), date(2024, 6, 30)
SIDES = ("receivable", "payable")


@dataclass(frozen=True)
class Item:
    """An open item: posted on a day, in document and company currency."""

    key: str
    kind: str
    posted: date
    document: int
    company: int


@dataclass(frozen=True)
class Settlement:
    """What reduces an item from a day on."""

    item: str
    kind: str
    day: date
    document: int
    company: int


days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(n))
# (kind, day it is applied, days that what is applied stood there before, share of 10 of the invoice)
event = st.tuples(
    st.sampled_from(["payment", "discount", "write_off", "credit_note", "advance"]), days, st.integers(0, 40),
    st.integers(1, 10),
)  # fmt: skip
# Day of the invoice, its amount, rate in tenths, what happens to it; what applies more than is open overpays.
history = st.tuples(days, st.integers(10, 9_000), st.integers(5, 30), st.lists(event, max_size=5))


def events_of(number: int, drawn: tuple) -> tuple[list[Item], list[Settlement]]:
    """Items and settlements of one party's history."""
    posted, amount, rate, happened = drawn
    invoice = f"{number}"
    items = [Item(invoice, "invoice", posted, amount, amount * rate // 10)]
    settlements = []
    for n, (kind, day, waited, share) in enumerate(happened):
        document, company = amount * share // 10, amount * share * rate // 100
        settlements.append(Settlement(invoice, "payment" if kind == "advance" else kind, day, document, company))
        if kind in ("credit_note", "advance"):
            key = f"{number}-{n}"
            item_kind = "credit_note" if kind == "credit_note" else "unapplied_cash"
            items.append(Item(key, item_kind, day - timedelta(waited), -document, -company - n))
            settlements.append(Settlement(key, settlements[-1].kind, day, -document, -company - n))
    return items, settlements


def open_on(day: date, items: list[Item], settlements: list[Settlement]) -> set[tuple[str, int, int]]:
    """The law: what is open at the end of a day follows from what is dated up to that day, and from nothing else."""
    found = set()
    for item in (i for i in items if i.posted <= day):
        applied = [s for s in settlements if s.item == item.key and s.day <= day]
        document = item.document - sum(s.document for s in applied)
        company = item.company - sum(s.company for s in applied)
        if document or company:
            found.add((item.key, document, company))
    return found


def add(group, side: str, items: list[Item], settlements: list[Settlement]) -> None:
    if items:
        group.add(
            f"tryton__{side}",
            f"{side}_id | kind | posting_date | due_date | amount_document | amount_company\n"
            + "\n".join(
                f"{i.key}|{i.kind}|{i.posted}|{i.posted + timedelta(30)}|{i.document}|{i.company}" for i in items
            ),
        )
    if settlements:
        number = group.rows(f"select count(*) from staging.stg_tryton__{side}_settlement")[0][0]
        group.add(
            f"tryton__{side}_settlement",
            f"{side}_settlement_id | {side}_id | kind | settlement_date | amount_document | amount_company\n"
            + "\n".join(
                f"{number}-{n}|{s.item}|{s.kind}|{s.day}|{s.document}|{s.company}" for n, s in enumerate(settlements)
            ),
        )


@settings(
    max_examples=1, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.large_base_example],
)  # fmt: skip
@given(drawn=st.lists(history, min_size=25, max_size=40))
def test_what_is_open_on_a_day_follows_from_what_is_dated_up_to_it(new_group, drawn):
    group = new_group()
    histories = [events_of(number, one) for number, one in enumerate(drawn)]
    items = [item for one, _ in histories for item in one]
    settlements = [settlement for _, one in histories for settlement in one]
    group.execute(f"insert into quality.requested_as_of values ('{PAST}'), ('2024-05-02')")

    for side in SIDES:
        add(group, side, [i for i in items if i.posted <= PAST], [s for s in settlements if s.day <= PAST])
    group.build("+fct_receivable_aging +fct_payable_aging", as_of=str(PAST))
    published = {side: aging(group, side, PAST) for side in SIDES}

    for side in SIDES:
        add(group, side, [i for i in items if i.posted > PAST], [s for s in settlements if s.day > PAST])
        group.execute(
            f"""update staging.stg_tryton__{side} set due_date = due_date + 20, is_disputed = true
                where hash({side}_id) % 3 = 0"""
        )
    group.build("+fct_receivable_aging +fct_payable_aging", as_of=str(LAST))

    for side in SIDES:
        assert aging(group, side, PAST) == published[side]
        for day in (date(2024, 1, 31), PAST, date(2024, 3, 31), date(2024, 5, 2), LAST):
            found = {
                (key, int(Decimal(document)), int(Decimal(company)))
                for key, document, company in group.rows(
                    f"""select {side}_id, open_amount_document_currency, open_amount_company_currency
                        from marts.fct_{side}_aging where as_of = '{day}'"""
                )
            }
            assert found == open_on(day, items, settlements)


def aging(group, side: str, day: date) -> list[tuple]:
    """All columns of the aging of a day."""
    return group.rows(f"select * from marts.fct_{side}_aging where as_of = '{day}' order by {side}_id")


@pytest.fixture
def group(new_group):
    group = new_group()
    group.add(
        "tryton__receivable",
        """
        receivable_id | posting_date | due_date   | amount_document | is_disputed
        R1            | 2024-01-10   | 2024-02-09 | 100             | false
        R2            | 2024-02-10   | 2024-03-11 | 70              | false
        """,
    )
    return group


CHANGED = "int_as_of int_receivable int_receivable_version fct_receivable_aging"
DUE = "select as_of, receivable_id, due_date, days_overdue, is_disputed from marts.fct_receivable_aging order by 1, 2"


def test_a_due_date_that_is_put_off_and_a_dispute_change_no_day_before(group):
    group.build("+fct_receivable_aging", as_of="2024-02-29")
    group.execute(
        """update staging.stg_tryton__receivable set due_date = '2024-04-30', is_disputed = true
           where receivable_id = 'R1'"""
    )
    group.build(CHANGED, as_of="2024-03-31")
    expected = [
        ("2024-01-31", "R1", "2024-02-09", "-9", "false"),
        ("2024-02-29", "R1", "2024-02-09", "20", "false"),
        ("2024-02-29", "R2", "2024-03-11", "-11", "false"),
        ("2024-03-31", "R1", "2024-04-30", "-30", "true"),
        ("2024-03-31", "R2", "2024-03-11", "20", "false"),
    ]
    assert group.rows(DUE) == expected

    # A look back forgets nothing, learns nothing, and sees what was known on its day.
    group.execute("update staging.stg_tryton__receivable set due_date = '2024-12-31'")
    group.build(CHANGED, as_of="2024-02-29")
    assert group.rows(DUE) == expected[:3]

    # The same day again takes what is known at last.
    group.build(CHANGED, as_of="2024-03-31")
    assert group.rows(DUE) == [
        *expected[:3],
        ("2024-03-31", "R1", "2024-12-31", "-275", "true"),
        ("2024-03-31", "R2", "2024-12-31", "-275", "false"),
    ]
