"""What a bank line pays, one case at a time; amounts in EUR."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from dagster_project.cash_application.candidates import explain, prepare
from dagster_project.cash_application.matching import APPLIED_FROM, match
from tests.cash_application.conftest import AS_OF, fill

ITEMS = [
    ("I1", "K1", "INV-2026-000101", 100, "2026-04-01"),
    ("I2", "K1", "INV-2026-000102", 250, "2026-04-02"),
    ("I3", "K1", "INV-2026-000103", 75.5, "2026-04-03"),
    ("I4", "K2", "INV-2026-000201", 640, "2026-04-01"),
    ("I5", "K3", "INV-2026-000301", 999, "2026-04-01"),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # exact reference; only its last digits; a typing error; none at all
        ((100, "Harbour Controls GmbH", None, "INV-2026-000101"), {"I1": 100}),
        ((250, "Harbour Controls GmbH", None, "RG 102"), {"I2": 250}),
        ((250, "HARBOUR CONTROLS", None, "INV-2026-000120"), {"I2": 250}),
        ((640, "苏州科佳工程有限公司", None, "货款"), {"I4": 640}),
        # one payment for several invoices: named, or only their sum
        ((350, "Harbour Controls GmbH", None, "INV-2026-000101 INV-2026-000102"), {"I1": 100, "I2": 250}),
        ((325.5, "Harbour Controls GmbH", None, "payment"), {"I2": 250, "I3": 75.5}),
        ((425.5, "Harbour Controls GmbH", None, None), {"I1": 100, "I2": 250, "I3": 75.5}),
        # less than open: a bank charge gives the item all, a short payment what came
        ((235, "Harbour Controls GmbH", None, "INV-2026-000102"), {"I2": 250}),
        ((180, "Harbour Controls GmbH", None, "INV-2026-000102"), {"I2": 180}),
        # several at once, one of them in part, which the reference does not name
        ((280, "Harbour Controls GmbH", None, "INV-2026-000101"), {"I1": 100, "I2": 180}),
        # more than open: the item gets what is open
        ((300, "Harbour Controls GmbH", None, "INV-2026-000102"), {"I2": 250}),
        # somebody else pays, named or by an amount that only one item has
        ((999, "Meridian Factoring Ltd", None, "INV-2026-000301"), {"I5": 999}),
        ((999, "Meridian Factoring Ltd", None, None), {"I5": 999}),
        # nothing fits
        ((12, "Somebody", None, "deposit"), None),
    ],
)
def test_one_line(pays, line, expected) -> None:
    amount, payer, account, reference = line
    assert pays(ITEMS, [("L1", "2026-05-01", amount, payer, account, reference)]).get("L1") == expected


def test_without_lines_or_without_items_nothing_is_paid(pays) -> None:
    assert pays(ITEMS, []) == {}
    assert pays([], [("L1", "2026-05-01", 100, "Harbour Controls GmbH", None, "INV-2026-000101")]) == {}


def test_another_currency_pays_the_item_in_its_own(pays) -> None:
    items = [("I9", "K1", "INV-2026-000901", 1000, "2026-04-01", "USD")]
    line = ("L1", "2026-05-01", 905, "Harbour Controls GmbH", None, "INV-2026-000901")  # the day's rate says 900
    assert pays(items, [line])["L1"] == {"I9": 1000}


def test_one_payment_of_two_invoices_one_of_them_in_two_parts(pays) -> None:
    lines = [
        ("L1", "2026-05-01", 290, "Harbour Controls GmbH", None, None),
        ("L2", "2026-05-20", 60, "Harbour Controls GmbH", None, None),
    ]
    settled = [("I1", "L1", "2026-05-01", "payment", 100), ("I2", "L1", "2026-05-01", "payment", 190)]
    assert pays(ITEMS[:2], lines, settled) == {"L1": {"I1": 100, "I2": 190}, "L2": {"I2": 60}}


def test_one_invoice_in_two_parts(pays) -> None:
    lines = [
        ("L1", "2026-05-01", 150, "Harbour Controls GmbH", None, "INV-2026-000102"),
        ("L2", "2026-05-20", 100, "Harbour Controls GmbH", None, "INV-2026-000102"),
    ]
    found = pays(ITEMS[1:2], lines, [("I2", "L1", "2026-05-01", "payment", 150)])
    assert found == {"L1": {"I2": 150}, "L2": {"I2": 100}}


def test_what_was_settled_before_is_not_open_and_what_comes_later_is_not_known(pays) -> None:
    line = ("L1", "2026-05-01", 100, "Harbour Controls GmbH", None, "INV-2026-000101")
    assert pays(ITEMS[:1], [line], [("I1", None, "2026-04-20", "payment", 100)]) == {}
    assert pays(ITEMS[:1], [line], [("I1", None, "2026-05-20", "payment", 100)]) == {"L1": {"I1": 100}}


def test_two_lines_never_pay_one_item_twice(pays) -> None:
    lines = [(f"L{n}", "2026-05-01", 100, "Harbour Controls GmbH", None, "INV-2026-000101") for n in (1, 2)]
    assert pays(ITEMS[:1], lines) == {"L1": {"I1": 100}}


def test_a_person_goes_before_the_machine_and_stays(pays) -> None:
    line = ("L1", "2026-05-01", 100, "Harbour Controls GmbH", None, "INV-2026-000101")
    other = ("L2", "2026-05-02", 100, "Harbour Controls GmbH", None, "INV-2026-000101")
    said = [(1, "L1", "I2", 100, "confirmed", "2026-05-03"), (2, "L2", "I1", 100, "rejected", "2026-05-03")]
    assert pays(ITEMS, [line, other], [], said) == {"L1": {"I2": 100}, "L2": {"I2": 100}}
    nothing = [(3, "L1", None, None, "confirmed", "2026-05-03")]
    assert pays(ITEMS, [line], [], nothing) == {"L1": {}}


def test_what_a_person_takes_back_is_as_if_never_said() -> None:
    line = ("L1", "2026-05-01", 100, "Harbour Controls GmbH", None, "INV-2026-000101")

    def outcome(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, float]]:
        match(connection, AS_OF)
        return connection.execute("select line_id, set_key, probability from chosen").fetchall()

    with duckdb.connect() as connection:
        fill(connection, ITEMS, [line])
        applied = outcome(connection)
        assert [row[:2] for row in applied] == [("L1", "I1")]
        assert applied[0][2] >= APPLIED_FROM
        connection.execute("insert into decision values (1, 'L1', 'I1', 100, 'rejected', '2026-05-03')")
        assert "I1" not in [row[1] for row in outcome(connection)]
        connection.execute("insert into decision values (2, 'L1', 'I5', 100, 'confirmed', '2026-05-03')")
        assert outcome(connection) == [("L1", "I5", 1.0)]
        connection.execute("delete from decision")
        assert outcome(connection) == applied


def test_a_payer_is_known_by_its_account_from_what_was_settled_before(pays) -> None:
    lines = [
        ("L1", "2026-04-20", 999, "Payments Office", "ACC7", "INV-2026-000301"),
        ("L2", "2026-05-20", 320, "Payments Office", "ACC7", None),
    ]
    items = [
        *ITEMS,
        ("I6", "K3", "INV-2026-000302", 120, "2026-04-25"),
        ("I7", "K3", "INV-2026-000303", 200, "2026-04-26"),
    ]
    found = pays(items, lines, [("I5", "L1", "2026-04-21", "payment", 999)])
    assert found["L2"] == {"I6": 120, "I7": 200}


def test_an_amount_less_a_usual_discount_finds_its_item_whoever_pays(pays) -> None:
    taken = [(f"D{n}", "K3", f"INV-2026-00040{n}", 1000, "2026-03-01") for n in range(3)]
    settled = [
        (item_id, None, "2026-03-08", kind, amount)
        for item_id, *_ in taken
        for kind, amount in (("payment", 980), ("discount", 20))
    ]
    items = [*taken, ("I8", "K2", "INV-2026-000801", 512.4, "2026-04-25")]
    line = ("L1", "2026-05-01", 502.15, "Meridian Factoring Ltd", None, "deposit")
    assert pays(items, [line], settled) == {"L1": {"I8": 512.4}}


def test_in_a_crowd_of_like_names_more_letters_must_agree() -> None:
    with duckdb.connect() as connection:
        fill(connection, [], [
            ("L1", "2026-05-01", 1, "Harbour Worldwide Shipping 123", None, None),  # cut off
            ("L3", "2026-05-01", 1, "Harbour Controls", None, None),
        ])  # fmt: skip
        connection.execute(
            "insert into customer_name select 'C' || range, 'Harbour Worldwide Shipping ' || range || ' Limited' "
            "from range(100, 900)"
        )
        prepare(connection, 100)
        first = dict(
            connection.execute(
                "select name, arg_max(customer_id, (name_score, customer_id)) from name_customer group by 1"
            ).fetchall()
        )
    assert [first.get(name) for name in ("Harbour Worldwide Shipping 123", "Harbour Controls")] == ["C123", "K1"]


@pytest.mark.parametrize(
    ("opens", "wanted", "expected"),
    [
        ([1_000_000, 2_000_000], 3_000_000, ("exact", [1_000_000, 2_000_000], [0, 0], 0, 0)),
        ([1_000_000, 2_000_000], 2_900_000, ("fee", [1_000_000, 2_000_000], [0, 0], 100_000, 0)),
        # two per cent of the second
        ([10_000_000, 50_000_000], 59_000_000, ("discount", [10_000_000, 49_000_000], [0, 1_000_000], 0, 0)),
        ([10_000_000, 50_000_000], 57_000_000, ("short", [10_000_000, 47_000_000], [0, 0], 0, 0)),
        ([1_000_000, 2_000_000], 3_500_000, ("over", [1_000_000, 2_000_000], [0, 0], 0, 500_000)),
        ([1_000_000, 1_000_000], 900_000, (None, [], [], 0, 0)),
    ],
)
def test_how_named_items_add_up(opens, wanted, expected) -> None:
    assert explain(opens, wanted, 200_000, [1, 1], [0.02]) == expected


def test_a_payer_of_very_many_tells_nobody_apart_and_one_of_twelve_does(pays) -> None:
    def history(customers: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        items = [(f"P{n:02}", f"F{n:02}", None, 10 + n, "2026-02-01") for n in range(customers)]
        lines = [(f"H{n:02}", "2026-03-01", 10 + n, "Meridian Factoring Ltd", "ACC-M", None) for n in range(customers)]
        settled = [(f"P{n:02}", f"H{n:02}", "2026-03-01", "payment", 10 + n) for n in range(customers)]
        return items, lines, settled

    for customers, expected in ((12, {"N": 80}), (13, None)):
        items, lines, settled = history(customers)
        # An item of the payer's last customer, paid in part and without its number.
        owed = ("N", f"F{customers - 1:02}", None, 90, "2026-04-01")
        line = ("L", "2026-05-01", 80, "Meridian Factoring Ltd", "ACC-M", None)
        assert pays([*items, owed], [*lines, line], settled).get("L") == expected
