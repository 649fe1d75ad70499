"""Stands for dbt's adapter while SQL is linted: a dispatched macro is some query, or some function of its arguments."""

from __future__ import annotations

from collections.abc import Callable

QUERIES = ("day_spine",)


def dispatch(name: str) -> Callable[..., str]:
    if name in QUERIES:
        return lambda *arguments: f"select current_date as date_day where true or {' = '.join(arguments)}"
    return lambda *arguments: f"{name}({', '.join(arguments)})"
