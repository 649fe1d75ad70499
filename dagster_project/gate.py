"""The quality gate of a run: suites over master data, and the history of every fault ever found.

The rules themselves are elsewhere: of master data in expectations/, of transactions in dbt's int_transaction_fault.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

import duckdb

from dagster_project.config import Settings
from dagster_project.transform import RunContext
from dagster_project.warehouse import open_warehouse

log = logging.getLogger("settlehouse")

MASTER_OBJECTS = ("customer", "supplier", "product", "bank_account", "company", "employee")


@dataclass(frozen=True)
class GateOutcome:
    """Open issues and held records after the gate; ``suites`` has one dictionary per master object."""

    open_issues: int
    held_records: int
    suites: list[dict[str, Any]]
    seconds: float


def run_gate(settings: Settings, run: RunContext) -> GateOutcome:
    """Check the united master data, hold what is critically wrong, and bring the history of issues up to date."""
    from expectations import validate

    started = time.perf_counter()
    with open_warehouse(settings.warehouse) as warehouse:
        frames = {
            name: warehouse.execute(f"select * from intermediate.int_{name}").fetch_arrow_table().to_pandas()
            for name in MASTER_OBJECTS
        }
        result = validate(frames, as_of=run.as_of, data_docs_folder=str(settings.home / "data_docs"))
        warehouse.register("found", result.issues)
        warehouse.execute("begin")
        try:
            warehouse.execute("delete from quality.master_data_issue")
            warehouse.execute("insert into quality.master_data_issue by name select * from found")
            warehouse.execute("delete from quality.held_master_record")
            warehouse.execute(
                """insert into quality.held_master_record
                   select distinct object, record_id from quality.master_data_issue where severity = 'critical'"""
            )
            update_issue_history(warehouse, run)
            warehouse.execute("commit")
        except BaseException:
            warehouse.execute("rollback")
            raise
        open_issues = _count(warehouse, "quality.data_issue where status = 'open'")
        held = _count(warehouse, "quality.held_master_record")
        quarantined = _count(warehouse, "(select distinct document, document_id from intermediate.int_quarantine)")
    suites = result.suites.to_dict("records")
    seconds = time.perf_counter() - started
    log.info(
        "gate     %-14s %8d records checked: %d open issues, %d records held, %d documents quarantined  %.1f s",
        "quality",
        sum(int(suite["rows_checked"]) for suite in suites),
        open_issues,
        held,
        quarantined,
        seconds,
    )
    return GateOutcome(open_issues, held, [{str(k): v for k, v in suite.items()} for suite in suites], seconds)


def update_issue_history(warehouse: duckdb.DuckDBPyConnection, run: RunContext) -> None:
    """Merge what this run found into ``quality.data_issue``: new faults open, mended ones resolved, none forgotten.

    A fault that comes back is open again under the same issue_id, with the time it was first seen.
    """
    now = f"timestamp '{run.started_at:%Y-%m-%d %H:%M:%S}'"
    warehouse.execute(
        """create or replace temporary table found_now as
        with fault as (
            select rule, quality_dimension, severity, object, record_id, cast(null as varchar) as company_id,
                   source_system, source_key, owner, due_days, failed_value, detail_en, detail_zh,
                   cast(null as decimal(18, 4)) as amount_company_currency
            from quality.master_data_issue
            union all
            select fault.rule, coalesce(rule.quality_dimension, 'consistency'), fault.severity, fault.object,
                   fault.record_id, fault.company_id, fault.source_system, fault.source_key,
                   coalesce(rule.owner, 'controller'), case fault.severity when 'critical' then 3 else 14 end,
                   cast(null as varchar), fault.detail, coalesce(rule.zh, fault.rule) || '：' || fault.detail,
                   fault.amount_company_currency
            from intermediate.int_transaction_fault as fault
            left join (values
                ('entry_unbalanced', 'consistency', 'controller', '分录借贷不平'),
                ('header_differs_from_lines', 'consistency', 'controller', '单据抬头与明细合计不符'),
                ('orphan_reference', 'consistency', 'controller', '引用的记录不存在'),
                ('date_in_future', 'validity', 'controller', '日期在未来'),
                ('duplicate_key', 'uniqueness', 'controller', '主键重复')
            ) as rule(rule, quality_dimension, owner, zh) on rule.rule = fault.rule
        )
        select md5(concat_ws('|', rule, object, source_system, source_key, record_id)) as issue_id, *
        from fault
        qualify row_number() over (partition by issue_id order by severity, detail_en) = 1"""
    )
    warehouse.execute(
        f"""update quality.data_issue as known
            set status = 'resolved', resolved_at = {now}
            where known.status = 'open' and not exists (select 1 from found_now f where f.issue_id = known.issue_id)"""
    )
    warehouse.execute(
        f"""update quality.data_issue as known
            set status = 'open', resolved_at = null, last_run_id = ?, severity = f.severity, owner = f.owner,
                failed_value = f.failed_value, detail_en = f.detail_en, detail_zh = f.detail_zh,
                due_at = case when known.status = 'resolved' then {now} + to_days(f.due_days) else known.due_at end,
                amount_company_currency = f.amount_company_currency
            from found_now f where f.issue_id = known.issue_id""",
        [run.run_id],
    )
    warehouse.execute(
        f"""insert into quality.data_issue by name
            select issue_id, rule, quality_dimension, severity, object, record_id, company_id, source_system,
                   source_key, owner, 'open' as status, {now} as detected_at, {now} + to_days(due_days) as due_at,
                   cast(null as timestamp) as resolved_at, ? as first_run_id, ? as last_run_id, failed_value,
                   detail_en, detail_zh, amount_company_currency
            from found_now f where not exists (select 1 from quality.data_issue k where k.issue_id = f.issue_id)""",
        [run.run_id, run.run_id],
    )


def _count(warehouse: duckdb.DuckDBPyConnection, what: str) -> int:
    row = warehouse.execute(f"select count(*) from {what}").fetchone()
    return int(row[0]) if row else 0
