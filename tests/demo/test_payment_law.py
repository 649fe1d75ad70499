"""The law of payment: the distribution written to the answer key is the one that receipts are drawn from."""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pandas as pd
import pytest

from demo.clock import ANY_DAY, DAYS, END, MONTH_END, NEVER, RUN_KINDS, TWICE_A_MONTH, next_run, working_days
from demo.identifiers import random_generator
from demo.payment_law import Invoices, cleared_distribution, draw
from tests.demo.conftest import Group

GRID = np.array([1, 5, 10, 20, 40, 80, 160])


@cache
def runs() -> np.ndarray:
    return next_run(working_days())


def _invoices(count: int, **given: float) -> Invoices:
    habit = {
        "mu": 4.0, "drift": 0.5, "sensitivity": 1.0, "spread": 3.0, "discount_share": 0.0, "late_share": 0.1,
        "partial_share": 0.1, "run": ANY_DAY, "stop_day": NEVER,
    } | given  # fmt: skip
    frame = pd.DataFrame([habit] * count)
    day = np.full(count, END - 25)
    return Invoices(frame, day, day + 30, np.full(count, bool(given.get("disputed", False))))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"run": TWICE_A_MONTH, "partial_share": 0.4},
        {"run": 2 * RUN_KINDS + MONTH_END, "discount_share": 0.6},
        {"disputed": True, "late_share": 0.3},
    ],
)
@pytest.mark.parametrize("regime_change", [False, True])
def test_distribution_is_what_is_drawn(given: dict[str, float], regime_change: bool) -> None:
    count = 60_000
    invoices = _invoices(count, **given)
    plan = draw(random_generator(1, 1), invoices, runs(), regime_change)
    cleared_day = np.where(plan.second_day > 0, plan.second_day, plan.first_day)
    unpaid = plan.first_day > END
    one = _invoices(1, **given)
    cleared, never = cleared_distribution(one, np.array([NEVER]), runs(), regime_change, GRID)
    seen = [(cleared_day[unpaid] <= END + k).mean() for k in GRID]
    assert cleared[0] == pytest.approx(seen, abs=0.012)
    assert never[0] == pytest.approx((cleared_day[unpaid] == NEVER).mean(), abs=0.01)


def test_distribution_after_a_first_payment_is_what_is_drawn() -> None:
    invoices = _invoices(200_000, partial_share=1.0, mu=-12.0)
    plan = draw(random_generator(1, 2), invoices, runs(), False)
    day = int(np.bincount(plan.first_day[plan.first_day <= END]).argmax())
    open_ = (plan.first_day == day) & (plan.second_day > END)
    cleared, never = cleared_distribution(
        _invoices(1, partial_share=1.0, mu=-12.0), np.array([day]), runs(), False, GRID
    )
    seen = [(plan.second_day[open_] <= END + k).mean() for k in GRID]
    assert open_.sum() > 1_000
    assert cleared[0] == pytest.approx(seen, abs=0.03)
    assert never[0] == 0


def test_customers_that_stopped_never_pay() -> None:
    cleared, never = cleared_distribution(_invoices(1, stop_day=END - 40), np.array([NEVER]), runs(), False, GRID)
    assert cleared[0].tolist() == [0.0] * len(GRID)
    assert never[0] == 1


def test_payment_days_are_working_days() -> None:
    open_ = working_days()
    table = runs()
    for calendar in range(len(open_)):
        days = table[calendar * RUN_KINDS : (calendar + 1) * RUN_KINDS, : DAYS - 400]
        assert open_[calendar][days].all()


def test_answer_key_gives_the_truth_for_every_open_invoice(group: Group) -> None:
    path = group.folder / "answer_key" / "payment_date_distribution.parquet"
    truth = duckdb.sql(f"from '{path}'").df()
    assert truth["probability_cleared"].between(0, 1).all()
    ordered = truth.sort_values(["invoice_number", "days_after_as_of"])
    assert (ordered.groupby("invoice_number")["probability_cleared"].diff().dropna() >= -1e-9).all()
    assert (ordered["probability_cleared"] + ordered["probability_never"] <= 1 + 1e-6).all()
    con = duckdb.connect()
    con.execute("load sqlite_scanner")
    con.execute(f"attach '{group.folder / 'erp_global.sqlite'}' as erp (type sqlite)")
    open_ = con.execute(
        """
        select d.document_number from erp.customer_documents d left join (
            select document_id, sum(amount::double) as applied from erp.receipt_allocations group by 1
        ) a on a.document_id = d.id
        join erp.business_partners p on p.id = d.partner_id
        where d.document_type = 'INV' and d.state = 'posted' and p.legal_name not like 'Harbour Lantern%'
            and p.legal_name not like '港灯%'
                and round(d.net_total::double + d.tax_total::double - coalesce(applied, 0), 2) > 0
        """
    ).fetchall()
    in_key = {number for number in truth["invoice_number"].unique() if number[:4] not in ("HLSH", "HLSZ")}
    assert in_key == {number for (number,) in open_}
    assert len(in_key) > 50
