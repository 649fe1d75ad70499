"""Stands for dbt's own macros while SQL is linted: sqlfluff needs text that parses, not a warehouse."""

from __future__ import annotations


def dateadd(datepart: str, interval: object, from_date_or_timestamp: str) -> str:
    return f"({from_date_or_timestamp} + interval 1 {datepart})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def date_trunc(datepart: str, date: str) -> str:
    return f"date_trunc('{datepart}', {date})"


def listagg(measure: str, delimiter_text: str = "','", order_by_clause: str = "", limit_num: object = None) -> str:
    return f"string_agg({measure}, {delimiter_text} {order_by_clause})"
