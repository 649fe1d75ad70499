"""The frame of a page: the run it reads and its header, ready before the page asks for figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dashboards import access
from dashboards.components.figures import is_missing
from dashboards.components.header import show_header
from dashboards.queries.run import current_run


@dataclass(frozen=True)
class Run:
    """What pages need to know of the run they show."""

    run_id: str
    as_of: date
    reporting_currency: str
    cash_floor_reporting_currency: Decimal | None

    def headroom(self, cash: Decimal | None) -> Decimal | None:
        """Cash over the floor, in reporting currency; None where either is not known."""
        if is_missing(cash) or cash is None or self.cash_floor_reporting_currency is None:
            return None
        return cash - self.cash_floor_reporting_currency


def begin_page(title: str, purpose: str) -> Run:
    """Show the header with the labels ``title`` and ``purpose``; returns the run."""
    run = current_run()
    show_header(title, purpose, run, access.latest_attempt())
    return Run(
        run_id=str(run["run_id"]),
        as_of=run["as_of"],
        reporting_currency=str(run["reporting_currency"]),
        cash_floor_reporting_currency=run.get("cash_floor_reporting_currency"),
    )
