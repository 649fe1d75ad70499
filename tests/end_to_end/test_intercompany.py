"""Invoices between the demo group's companies: every planted break is found with its cause, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.conftest import published_rows

CAUSES = {
    "intercompany_amount": "amount",
    "intercompany_currency": "currency",
    "intercompany_missing_side": "missing_buyer_side",
    "intercompany_timing": "timing",
}


@pytest.fixture
def group(demo_group: Path) -> Path:
    return demo_group


def test_breaks_are_the_planted_ones(group: Path):
    key = json.loads((group / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    planted = sorted(
        (CAUSES[fault["kind"]], fault["seller"], fault["buyer"], fault["invoice_number"])
        for fault in key["faults"]
        if fault["kind"] in CAUSES
    )
    assert {cause for cause, *_ in planted} == set(CAUSES.values())
    found = published_rows(
        group / "var",
        """select p.status, seller.code, buyer.code, p.seller_invoice_number
           from marts.fct_intercompany_pair p
           join marts.dim_company seller on seller.company_id = p.seller_company_id
           join marts.dim_company buyer on buyer.company_id = p.buyer_company_id
           where p.status <> 'agreed' order by all""",
    )
    assert found == planted


def test_every_other_invoice_between_companies_is_agreed(group: Path):
    ((pairs, agreed, without_number),) = published_rows(
        group / "var",
        """select count(*), count(*) filter (where status = 'agreed'), count(*) filter (where matched_by = 'amount')
           from marts.fct_intercompany_pair""",
    )
    # Six pairs of companies, one invoice a month for three years.
    assert (pairs, agreed, without_number) == (216, 206, 0)


def test_sales_equal_purchases_and_explained_breaks(group: Path):
    assert published_rows(
        group / "var",
        """select control, count(*) > 0, bool_and(passed), sum(abs(difference)) from marts.fct_tie_out
           where control in ('intercompany', 'intercompany_elimination') group by 1 order by 1""",
    ) == [("intercompany", True, True, 0), ("intercompany_elimination", True, True, 0)]


def test_open_breaks_are_named_and_do_not_block(group: Path):
    key = json.loads((group / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    with_open_breaks = {
        (fault["seller"], fault["buyer"])
        for fault in key["faults"]
        if fault["kind"] in CAUSES and fault["kind"] != "intercompany_timing"
    }
    failed = published_rows(
        group / "var",
        """select seller.code, buyer.code, bool_or(t.blocking)
           from marts.fct_tie_out t
           join marts.dim_company seller on seller.company_id = t.company_id
           join marts.dim_company buyer on t.left_label = 'sales to ' || buyer.name
           where t.control = 'intercompany_breaks' and not t.passed group by 1, 2""",
    )
    assert {(seller, buyer) for seller, buyer, _ in failed} == with_open_breaks
    assert not any(blocking for *_, blocking in failed)
