"""What each published column means, who answers for it, which rules guard it and where it comes from."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_FOUND = """
with found as (
    select *
    from marts.catalogue_column
    where ($table is null or table_name = $table)
        and ($owner is null or owner = $owner)
        and ($text is null or contains(
            lower(concat_ws(' ', table_name, column_name, meaning, grain, rules, controls, comes_from)), lower($text)
        ))
)
"""


def catalogue_choices() -> pd.DataFrame:
    """Tables and their owners (table_name, owner), by name."""
    return query("select distinct table_name, owner from marts.catalogue_column order by table_name")


def catalogue_total(**filters: object) -> pd.DataFrame:
    """One row: tables, columns, with_rules (or controls), with_source (columns that come from a source's columns)."""
    return query(
        _FOUND
        + """
        select
            count(distinct table_name) as tables,
            count(*) as columns,
            count(*) filter (where rules <> '' or controls <> '') as with_rules,
            count(*) filter (where comes_from <> '') as with_source
        from found
        """,
        **filters,
    )


def catalogue_columns(**filters: object) -> pd.DataFrame:
    """One row per column found, by table and place in it, at most ROWS_LISTED."""
    return query(
        _FOUND
        + """
        select table_name, column_name, data_type, meaning, owner, rules, controls, comes_from
        from found
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )
