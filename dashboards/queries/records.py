"""One master record: as agreed, as each source has it, its faults, its likely copies."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query

_KEYS = {
    "customer": "customer_id", "supplier": "supplier_id", "product": "product_id", "bank_account": "bank_account_id",
    "employee": "employee_id", "company": "company_id",
}  # fmt: skip


def columns_of(table: str) -> list[str]:
    """Columns of a published table; none where it is not published."""
    return list(
        query(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = $table_name "
            "order by column_index",
            table_name=table,
        )["column_name"]
    )


def found_records(object_: str, text: str) -> pd.DataFrame:
    """Records of an object whose id, number or name holds ``text``: record_id, name, at most 50."""
    key, table = _KEYS[object_], f"dim_{object_}"
    known = columns_of(table)
    if not {key, "name"} <= set(known):
        return pd.DataFrame(columns=["record_id", "name"])
    searched = [name for name in (key, "code", "name", "tax_identifier", "iban") if name in known]
    conditions = " or ".join(f"contains(lower({name}), lower($text))" for name in searched)
    return query(
        f"select {key} as record_id, name from marts.{table} where {conditions} order by name, record_id limit 50",
        text=text,
    )


def golden_id(object_: str, record_id: str) -> str:
    """Id of the agreed record that a source's record is part of; the id itself where it stands alone."""
    source, key = f"dim_{object_}_source", _KEYS[object_]
    if {"record_id", key} <= set(columns_of(source)):
        known = query(f"select {key} as id from marts.{source} where record_id = $record_id", record_id=record_id)
        if not known.empty:
            return str(known["id"].iloc[0])
    return record_id


def record_side_by_side(object_: str, record_id: str) -> pd.DataFrame:
    """One row per attribute; column ``agreed`` for the agreed record, then one per record of a source.

    Of a record made of several, ``won_by`` is whose word counts and ``decided_by`` the rule that said so.
    """
    key = _KEYS[object_]
    golden = golden_id(object_, record_id)
    agreed = query(f"select * from marts.dim_{object_} where {key} = $id", id=golden)
    columns: dict[str, pd.Series] = {}
    if not agreed.empty:
        columns["agreed"] = agreed.iloc[0].drop(labels=["source_system", "source_key"], errors="ignore")
    source = f"dim_{object_}_source"
    if {"record_id", key} <= set(columns_of(source)):
        members = query(f"select * from marts.{source} where {key} = $id order by source_system, source_key", id=golden)
        for _, row in members.iterrows():
            columns[f"{row['source_system']} {row['source_key']}"] = row
    elif not agreed.empty:
        row = agreed.iloc[0]
        columns[f"{row.get('source_system', '')} {row.get('source_key', '')}".strip() or record_id] = row
    if not columns:
        return pd.DataFrame(columns=["attribute"])
    wide = pd.DataFrame({name: values.map(_as_text) for name, values in columns.items()})
    winners = attribute_winners(object_, golden)
    if not winners.empty and "agreed" in wide:
        wide.insert(1, "won_by", winners["won_by"].reindex(wide.index))
        wide.insert(2, "decided_by", winners["decided_by"].reindex(wide.index))
    order = [name for name in [*agreed.columns, *wide.index] if name in wide.index]
    return wide.loc[list(dict.fromkeys(order))].rename_axis("attribute").reset_index()


def attribute_winners(object_: str, golden: str) -> pd.DataFrame:
    """By attribute of a golden record made of several: ``won_by`` (source and key, or the decision), ``decided_by``."""
    table = f"dim_{object_}_attribute"
    if not columns_of(table):
        return pd.DataFrame(columns=["won_by", "decided_by"])
    return query(
        f"""
        select attribute, concat(source_system, ' ', source_key) as won_by, decided_by
        from marts.{table} where {_KEYS[object_]} = $id order by attribute
        """,
        id=golden,
    ).set_index("attribute")


def pair_weights(object_: str, record_id: str, other_record_id: str) -> pd.DataFrame:
    """What each field of a pair weighs: field, comparison (the level), weight in bits; last the total."""
    fields = [name.removeprefix("level_") for name in columns_of("fct_match_candidate") if name.startswith("level_")]
    if not fields:
        return pd.DataFrame(columns=["field", "comparison", "weight"])
    rows = " union all ".join(
        f"select {number} as place, '{field}' as field, level_{field} as comparison, weight_{field} as weight from pair"
        for number, field in enumerate(fields, start=1)
    )
    return query(
        f"""
        with pair as (
            select * from marts.fct_match_candidate
            where object = $object and record_id = $record_id and other_record_id = $other and weight is not null
        )
        select field, comparison, cast(weight as double) as weight from (
            select 0 as place, 'start' as field, null as comparison, weight_start as weight from pair
            union all {rows}
            union all select 99, 'total', null, weight from pair
        ) order by place
        """,
        object=object_,
        record_id=record_id,
        other=other_record_id,
    )


def record_faults(object_: str, record_id: str, language: str) -> pd.DataFrame:
    """Every fault ever found on the record or on a record of a source that is part of it, the open ones first."""
    detail = "detail_zh" if language == "zh" else "detail_en"
    members = [record_id, golden_id(object_, record_id)]
    source, key = f"dim_{object_}_source", _KEYS[object_]
    if {"record_id", key} <= set(columns_of(source)):
        members += list(
            query(f"select record_id from marts.{source} where {key} = $id", id=members[1])["record_id"].astype(str)
        )
    return query(
        f"""
        select status, severity, rule, failed_value, {detail} as detail, owner, detected_at::date as detected_date,
            due_at::date as due_date, resolved_at::date as resolved_date, first_run_id, last_run_id, issue_id
        from marts.fct_data_issue
        where object = $object and list_contains($members, record_id)
        order by case status when 'open' then 0 when 'accepted' then 1 else 2 end, severity, rule
        """,
        object=object_,
        members=tuple(members),
    )


def fault_history(issue_ids: tuple[str, ...]) -> pd.DataFrame:
    """What runs noticed about these faults, newest first."""
    return query(
        """
        select event.happened_at, event.event, issue.rule, event.status, event.owner, event.failed_value, event.run_id
        from marts.fct_data_issue_event as event
        inner join marts.fct_data_issue as issue on event.issue_id = issue.issue_id
        where list_contains($issue_ids, event.issue_id)
        order by event.happened_at desc, event.event
        """,
        issue_ids=issue_ids,
    )


def has_candidates() -> bool:
    """Whether this run published pairs of records that may be copies."""
    return bool(columns_of("fct_match_candidate"))


def candidates(object_: str | None, record_id: str | None = None) -> pd.DataFrame:
    """Pairs of records that may be one, the least certain first: object, records, probability, zone, explanation."""
    return query(
        """
        select object, record_id, other_record_id, cast(probability as double) as probability, zone, explanation
        from marts.fct_match_candidate
        where ($object is null or object = $object)
            and ($record_id is null or record_id = $record_id or other_record_id = $record_id)
        order by abs(cast(probability as double) - 0.5), object, record_id, other_record_id
        """,
        object=object_,
        record_id=record_id,
    )


def record_attributes(object_: str, record_ids: tuple[str, ...]) -> pd.DataFrame:
    """One row per attribute, one column per record, as its source has it where that is published."""
    places = [(f"dim_{object_}_source", "record_id"), (f"dim_{object_}", _KEYS[object_])]
    found = [
        (
            query(f"select * from marts.{table} where list_contains($ids, {identifier})", ids=list(record_ids)),
            identifier,
        )
        for table, identifier in places
        if identifier in columns_of(table)
    ]
    # The table that has all of them and tells most.
    rows, identifier = max(found, key=lambda place: (len(place[0]), len(place[0].columns)))
    if rows.empty:
        return pd.DataFrame(columns=["attribute"])
    wide = pd.DataFrame({str(row[identifier]): row.map(_as_text) for _, row in rows.iterrows()})
    return wide.rename_axis("attribute").reset_index()


def _as_text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
