"""The golden records of a run: pairs, clusters and decisions into ``quality.golden_member`` and ``match_pair``."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import duckdb

from dagster_project.config import Settings
from dagster_project.matching.clusters import MATCH, NUMBER, SOURCE, STEWARD, cluster
from dagster_project.matching.scoring import FIELDS, RECORD_COLUMNS, model, score_pairs
from dagster_project.warehouse import open_warehouse

log = logging.getLogger("settlehouse")

# Object → its records: rank of the kind of source, columns that are compared, what the sources say themselves.
# A record of a CRM account that names a known customer number is that customer: it is linked, not compared.
_RECORDS = {
    "customer": """
        select customer_id as record_id, 1 as source_rank, source_key, true as is_compared, name, tax_identifier,
            country, region, city, email, cast(null as varchar) as bank_account_number,
            replaced_by_customer_id as replaced_by, cast(null as varchar) as numbered
        from intermediate.int_customer
        union all
        select account.crm_account_id, 2, account.source_key, known.customer_id is null, account.name,
            account.tax_identifier, account.country, account.region, null, account.email, null, null, known.customer_id
        from intermediate.int_crm_account as account
        left join (select code, min(customer_id) as customer_id from intermediate.int_customer group by code) as known
            on account.customer_code = known.code""",
    "supplier": """
        select supplier_id as record_id, 1 as source_rank, source_key, true as is_compared, name, tax_identifier,
            country, region, city, email, bank_account_number, replaced_by_supplier_id as replaced_by,
            cast(null as varchar) as numbered
        from intermediate.int_supplier""",
}
OBJECTS = tuple(_RECORDS)


@dataclass(frozen=True)
class MatchOutcome:
    """Of one object: records, golden records made of several, links the machine made, pairs for the steward."""

    object: str
    records: int
    merged: int
    links: int
    pairs_in_doubt: int
    seconds: float


def match_master_data(settings: Settings) -> list[MatchOutcome]:
    """Find the golden records of customers and suppliers, after the intermediate models and the gate."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with open_warehouse(settings.warehouse) as warehouse:
        return [match_object(warehouse, object_) for object_ in OBJECTS]


def match_object(warehouse: duckdb.DuckDBPyConnection, object_: str) -> MatchOutcome:
    """Find the golden records of one object and replace what the warehouse knows of them, in one transaction."""
    started = time.perf_counter()
    # Splink leaves tables behind while it works: it works in a database of its own, in memory.
    with duckdb.connect() as connection:
        _load(warehouse, connection, object_)
        score_pairs(connection, "compared")
        _decide(warehouse, connection, object_)
        members = connection.execute("select * from golden_member").to_arrow_table()
        pairs = connection.execute("select * from match_pair").to_arrow_table()
        counts = connection.execute(
            """select (select count(*) from record),
                      (select count(*) from (select 1 from golden_member group by golden_id having count(*) > 1)),
                      count(*) filter (where zone = 'automatic'), count(*) filter (where zone = 'review')
               from match_pair"""
        ).fetchone()
    assert counts is not None
    warehouse.execute("begin")
    try:
        for table, rows in (("golden_member", members), ("match_pair", pairs)):
            warehouse.execute(f"delete from quality.{table} where object = ?", [object_])
            warehouse.register("found", rows)
            warehouse.execute(f"insert into quality.{table} by name select * from found")
            warehouse.unregister("found")
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    records, merged, links, in_doubt = counts
    outcome = MatchOutcome(object_, records, merged, links, in_doubt, time.perf_counter() - started)
    log.info(
        "match    %-14s %8d records: %d golden records of several, %d pairs in doubt  %.1f s",
        object_, outcome.records, outcome.merged, outcome.pairs_in_doubt, outcome.seconds,
    )  # fmt: skip
    return outcome


def _load(warehouse: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, object_: str) -> None:
    """Tables ``record``, ``compared`` and ``decision`` in the working database. A key that stands twice counts once."""
    connection.register("given", warehouse.execute(_RECORDS[object_]).to_arrow_table())
    connection.execute(
        """create table record as select * from given
           qualify row_number() over (partition by record_id order by source_rank, name, tax_identifier, email) = 1"""
    )
    connection.unregister("given")
    connection.execute(f"create table compared as select {', '.join(RECORD_COLUMNS)} from record where is_compared")
    decisions = warehouse.execute(
        """select decision_id, action, record_id, other_record_id from quality.steward_decision
           where object = ? and action in ('merge', 'keep_apart') order by decision_id""",
        [object_],
    ).to_arrow_table()
    connection.register("decided", decisions)
    # A record that its source no longer has is not decided about.
    connection.execute(
        """create table decision as select decision_id, action, least(record_id, other_record_id) as record_id,
               greatest(record_id, other_record_id) as other_record_id
           from decided
           where record_id in (select record_id from record) and other_record_id in (select record_id from record)"""
    )
    connection.unregister("decided")


def _decide(warehouse: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, object_: str) -> None:
    """Tables ``golden_member`` and ``match_pair`` from scored pairs, what sources say, and the stewards' decisions."""
    automatic = float(model()["automatic"])
    connection.execute(
        f"""create temporary table link as
            select record_id, other_record_id, '{STEWARD}' as kind, cast(-decision_id as double) as rank
            from decision where action = 'merge'
            union all
            select record_id, replaced_by, '{SOURCE}', 0.0 from record
            where replaced_by in (select record_id from record) and replaced_by <> record_id
            union all
            select record_id, numbered, '{NUMBER}', 0.0 from record where numbered is not null
            union all
            select record_id, other_record_id, '{MATCH}', weight from scored_pair
            where probability >= {automatic} and level_tax_identifier not in ('conflict', 'different')"""
    )
    connection.execute(
        """create temporary table identifier as
            with misspelled as (
                select record_id from scored_pair where level_tax_identifier = 'typing_error'
                union
                select other_record_id from scored_pair where level_tax_identifier = 'typing_error'
            )
            select record_id, coalesce(tax_country, '') as country, tax_identifier as identifier from match_record
            where tax_identifier is not null
                -- A slip of the hand makes no other party: the number that breaks its country's rule does not count.
                and (is_tax_identifier_valid or record_id not in (from misspelled))"""
    )
    apart = connection.execute("select record_id, other_record_id from decision where action = 'keep_apart'").fetchall()
    cluster(connection, "link", "identifier", apart)
    connection.execute(
        f"""create temporary table golden_member as
            with placed as (
                select record.record_id, record.source_rank, record.source_key,
                    coalesce(cluster_member.cluster, record.record_id) as cluster
                from record left join cluster_member on record.record_id = cluster_member.record_id
            ),
            -- The golden record is named after the record that was there first, as numbers tell: copies come later.
            named as (
                select record_id,
                    first_value(record_id) over (
                        partition by cluster order by source_rank, length(source_key), source_key, record_id
                    ) as golden_id
                from placed
            ),
            strongest as (
                select link.record_id,
                    min(case link.kind when '{STEWARD}' then 0 when '{SOURCE}' then 1 when '{NUMBER}' then 2 else 3 end)
                        as strength
                from (
                    select record_id, other_record_id, kind from link
                    union all
                    -- The number stands on the CRM account: it says what that is, not what the customer is.
                    select other_record_id, record_id, kind from link where kind <> '{NUMBER}'
                ) as link
                inner join named as one on link.record_id = one.record_id
                inner join named as two on link.other_record_id = two.record_id
                where one.golden_id = two.golden_id
                group by link.record_id
            )
            select '{object_}' as object, named.record_id, named.golden_id,
                case when named.record_id = named.golden_id or strongest.strength is null then 'own record'
                     else ['{STEWARD}', '{SOURCE}', '{NUMBER}', '{MATCH}'][strongest.strength + 1] end as resolved_by
            from named left join strongest on named.record_id = strongest.record_id
            order by named.record_id"""
    )
    words = "\n".join(
        f"""|| '; {field.replace("_", " ")} ' || replace(level_{field}, '_', ' ') || printf(' %+.1f', weight_{field})"""
        for field in FIELDS
    )
    connection.execute(
        f"""create temporary table match_pair as
            with pair as (
                select record_id, other_record_id from scored_pair
                union
                select record_id, other_record_id from decision
            )
            select '{object_}' as object, pair.record_id, pair.other_record_id,
                coalesce(scored.probability, case decision.action when 'merge' then 1.0 else 0.0 end) as probability,
                case when decision.decision_id is not null then 'decided'
                     when one.golden_id = two.golden_id then 'automatic'
                     else 'review' end as zone,
                scored.weight, scored.weight_start,
                {", ".join(f"scored.weight_{field}, scored.level_{field}" for field in FIELDS)},
                concat_ws('; ',
                    case when scored.weight is not null then printf('total %+.1f = start %+.1f', weight, weight_start)
                    {words} end,
                    case cut.why when 'tax_identifier' then 'not merged: two tax identifiers'
                                 when 'kept_apart' then 'not merged: a steward keeps such records apart' end,
                    case when decision.action = 'merge' then 'decision ' || decision.decision_id || ': merge'
                         when decision.action = 'keep_apart' then 'decision ' || decision.decision_id || ': keep apart'
                    end) as explanation,
                decision.decision_id
            from pair
            left join scored_pair as scored
                on pair.record_id = scored.record_id and pair.other_record_id = scored.other_record_id
            left join (select record_id, other_record_id, max(decision_id) as decision_id,
                              max_by(action, decision_id) as action
                       from decision group by all) as decision
                on pair.record_id = decision.record_id and pair.other_record_id = decision.other_record_id
            left join (select least(record_id, other_record_id) as record_id,
                              greatest(record_id, other_record_id) as other_record_id, min(why) as why
                       from cut_link group by all) as cut
                on pair.record_id = cut.record_id and pair.other_record_id = cut.other_record_id
            inner join golden_member as one on pair.record_id = one.record_id
            inner join golden_member as two on pair.other_record_id = two.record_id
            order by pair.record_id, pair.other_record_id"""
    )
