"""Which run is read."""

from __future__ import annotations

from typing import Any

from dashboards.access import NotReadable, query


def current_run() -> dict[str, Any]:
    """The run of this view: run_id, as_of, finished_at, reporting_currency, cash_floor_reporting_currency and more."""
    rows = query("select * from marts.dim_run")
    if rows.empty:
        raise NotReadable("unreadable.incomplete", "marts.dim_run")
    return dict(rows.iloc[0])
