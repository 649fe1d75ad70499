"""The quality gate of a run: what stewards decided, suites over master data, and the history of every fault ever found.

The rules themselves are elsewhere: of master data in expectations/, of transactions in dbt's int_transaction_fault.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.config import Settings
from dagster_project.transform import RunContext
from dagster_project.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("settlehouse")

MASTER_OBJECTS = (
    "customer", "supplier", "product", "bank_account", "company", "employee", "account", "exchange_rate", "crm_account",
)  # fmt: skip
# Objects with a model int_<object>_evidence: what documents, statements and other sources say of a record.
WITH_EVIDENCE = tuple(name for name in MASTER_OBJECTS if name != "company")
MODELS_READ = (*(f"int_{name}" for name in MASTER_OBJECTS), *(f"int_{name}_evidence" for name in WITH_EVIDENCE))


@dataclass(frozen=True)
class GateOutcome:
    """Open issues and held records after the gate; ``suites`` has one dictionary per master object."""

    open_issues: int
    held_records: int
    suites: list[dict[str, Any]]
    seconds: float


def run_gate(settings: Settings, run: RunContext) -> GateOutcome:
    """Check the united master data, hold what is critically wrong, and bring the history of issues up to date."""
    started = time.perf_counter()
    with open_warehouse(settings.warehouse) as warehouse:
        take_over_decisions(warehouse, settings, run)
        suites = check_records(warehouse, run, data_docs_folder=str(settings.home / "data_docs"))
        open_issues = _count(warehouse, "quality.data_issue where status = 'open'")
        held = _count(warehouse, "quality.held_master_record")
        quarantined = _count(warehouse, "(select distinct document, document_id from intermediate.int_quarantine)")
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
    return GateOutcome(open_issues, held, suites, seconds)


def check_records(
    warehouse: duckdb.DuckDBPyConnection, run: RunContext, data_docs_folder: str | None = None
) -> list[dict[str, Any]]:
    """What the gate does to an open warehouse, in one transaction; returns one dictionary per master object."""
    from expectations import rule_catalogue, validate

    result = validate(master_frames(warehouse), as_of=run.as_of, data_docs_folder=data_docs_folder)
    suites = [{str(k): v for k, v in suite.items()} for suite in result.suites.to_dict("records")]
    for suite in suites:
        if suite["error"]:
            log.error("  suite %s not evaluated, its earlier faults stand: %s", suite["object"], suite["error"])
    warehouse.register("found", result.issues)
    warehouse.register("rule_frame", rule_catalogue())
    warehouse.execute("begin")
    try:
        # Of records that could not be looked at the earlier run's word stands: no fault of theirs is taken as mended.
        unchecked = [suite["object"] for suite in suites if suite["error"]]
        warehouse.execute("delete from quality.master_data_issue where not list_contains(?, object)", [unchecked])
        warehouse.execute("insert into quality.master_data_issue by name select * from found")
        warehouse.execute("delete from quality.rule")
        warehouse.execute(
            """insert into quality.rule
               select rule, object, quality_dimension, severity, owner, due_days from rule_frame"""
        )
        update_issue_history(warehouse, run, unchecked)
        warehouse.execute("delete from quality.held_master_record")
        # A critical fault that a steward accepted holds no more, until its last day.
        warehouse.execute(
            """insert into quality.held_master_record
               select distinct issue.object, issue.record_id
               from quality.data_issue as issue
               where issue.status = 'open' and issue.severity = 'critical'
                 and exists (select 1 from quality.master_data_issue as found
                             where found.rule = issue.rule and found.object = issue.object
                               and found.record_id = issue.record_id)"""
        )
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    return suites


def master_frames(warehouse: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """What the suites look at, by object: the united records, each with the columns of its evidence."""
    return {
        name: warehouse.execute(
            f"select * from intermediate.int_{name}"
            + (f" left join intermediate.int_{name}_evidence using ({name}_id)" if name in WITH_EVIDENCE else "")
        )
        .to_arrow_table()
        .to_pandas()
        for name in MASTER_OBJECTS
    }


def take_over_decisions(warehouse: duckdb.DuckDBPyConnection, settings: Settings, run: RunContext) -> None:
    """Read the stewards' log into the warehouse: what holds, what was accepted until when, who owns what.

    ``quality.steward_decision`` has the decisions on records that hold; what was undone or awaits a second person is
    not among them. The log is checked on the way, against the heads that earlier runs of this warehouse saw too.
    """
    from dagster_project.stewardship import cash, rules
    from dagster_project.stewardship import memo as memos
    from dagster_project.stewardship.chain import Head
    from dagster_project.stewardship.store import DecisionStore

    store = DecisionStore(settings.decisions_url, settings.decision_heads)
    heads = warehouse.execute("select entries, head_hash, run_id from quality.steward_head").fetchall()
    verification = store.verify([Head(entries, hash_, f"run {run_id}") for entries, hash_, run_id in heads])
    log_ = store.decisions()
    unsound = {problem.sequence for problem in verification.problems}
    first = verification.problems[0].sentence if verification.problems else None
    head = log_[-1].entry.hash if log_ else None
    holding = [decision for decision in log_ if decision.holds]
    on_records = (rules.MERGE, rules.KEEP_APART, rules.SET_ATTRIBUTE)
    rows: dict[str, list[tuple[Any, ...]]] = {
        "steward_log": [
            (e.sequence, _utc(e.recorded_at), e.decided_by, e.action, e.object, e.record_id, e.other_record_id,
             e.issue_id, e.attribute, e.value_before, e.value_after, e.reason, e.concerns, d.state, d.answered_by,
             e.previous_hash, e.hash)
            for d in log_ for e in [d.entry]
        ],
        "steward_decision": [
            (e.sequence, e.object, e.action, e.record_id, e.other_record_id, e.attribute,
             e.value_after if e.action == rules.SET_ATTRIBUTE else None, e.decided_by, _utc(e.recorded_at), e.reason)
            for d in holding for e in [d.entry] if e.action in on_records
        ],
        "accepted_fault": [
            (d.entry.sequence, d.entry.issue_id, d.entry.value_after)
            for d in holding if d.entry.action == rules.ACCEPT_FAULT
        ],
        "assigned_owner": [
            (d.entry.sequence, d.entry.issue_id, d.entry.value_after)
            for d in holding if d.entry.action == rules.ASSIGN_OWNER
        ],
        "memo_version": [
            (v.decision.entry.sequence, v.memo_id, v.memo.company_id, v.memo.flow, v.memo.currency, v.memo.amount,
             v.memo.first_date, v.memo.recurrence, v.memo.end_date, v.known_from, v.is_withdrawn,
             v.decision.entry.reason, v.decision.entry.decided_by, _utc(v.decision.entry.recorded_at))
            for v in memos.versions(log_)
        ],
        "payment_promise": [
            (d.entry.sequence, d.entry.object, d.entry.record_id, d.entry.other_record_id, promise.given,
             promise.promised, promise.amount, promise.currency, d.entry.decided_by, _utc(d.entry.recorded_at),
             d.entry.reason)
            for d in holding if d.entry.action == rules.PROMISE and (promise := rules.Promise.of(d.entry))
        ],
        "cash_decision": [
            (d.entry.sequence, d.entry.record_id, item, amount,
             "confirmed" if d.entry.action == rules.APPLY_CASH else "rejected", word.known_from, d.entry.decided_by,
             _utc(d.entry.recorded_at), d.entry.reason)
            for d, word in cash.words(log_) for item, amount in cash.rows_of(word)
        ],
        "steward_log_check": [
            (len(log_), len(log_) - len([d for d in log_ if d.entry.sequence in unsound]),
             len(verification.problems), first, head)
        ],
    }  # fmt: skip
    if log_ and verification.whole and (run.run_id, len(log_), head) not in [(r, e, h) for e, h, r in heads]:
        rows["steward_head"] = [(run.run_id, len(log_), head)]
    warehouse.execute("begin")
    try:
        for table, content in rows.items():
            if table != "steward_head":
                warehouse.execute(f"delete from quality.{table}")
            _insert(warehouse, f"quality.{table}", content)
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    if first is not None:
        log.warning("  decision log: %s", first)


def _insert(warehouse: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Add rows to a table in one go, as its own types."""
    import pandas as pd

    if not rows:
        return
    names = [row[0] for row in warehouse.execute(f"describe {table}").fetchall()]
    frame = pd.DataFrame(rows, columns=names).astype("str").where(pd.DataFrame(rows, columns=names).notna(), None)
    warehouse.register("rows_to_insert", frame)
    warehouse.execute(f"insert into {table} select * from rows_to_insert")
    warehouse.unregister("rows_to_insert")


def _utc(recorded_at: str) -> str:
    """A time of the log as a time stamp of the warehouse, which is UTC without saying so."""
    return recorded_at.removesuffix("Z").replace("T", " ")


def update_issue_history(warehouse: duckdb.DuckDBPyConnection, run: RunContext, unchecked: Sequence[str] = ()) -> None:
    """Merge what this run found into ``quality.data_issue``: new faults open, mended ones resolved, none forgotten.

    A fault that comes back is open again under the same issue_id, with the time it was first seen. One that a steward
    accepted is neither open nor late until its last day has passed (counted on as_of); then it is open again and
    overdue. Days to mend it count from as_of. Faults of the objects in ``unchecked`` stay as they were: this run did
    not look at them. What changed is added to ``quality.data_issue_event``, never rewritten.
    """
    today = f"date '{run.as_of}'"
    now = f"timestamp '{run.started_at:%Y-%m-%d %H:%M:%S}'"
    warehouse.execute(
        """create or replace temporary table found_now as
        with fault as (
            select found.rule, found.quality_dimension, found.severity, found.object, found.record_id, found.company_id,
                   found.source_system, found.source_key, found.owner, found.due_days, found.failed_value,
                   found.detail_en, found.detail_zh, cast(null as decimal(18, 4)) as amount_company_currency
            from quality.master_data_issue as found
            where not list_contains($unchecked, found.object)
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
                ('duplicate_key', 'uniqueness', 'controller', '主键重复'),
                ('line_arithmetic', 'accuracy', 'controller', '数量乘单价不等于金额'),
                ('tax_rate_unusual', 'validity', 'controller', '税率不在常用税率之列'),
                ('booked_rate_implausible', 'accuracy', 'controller', '入账汇率不合理'),
                ('open_item_differs_from_lines', 'consistency', 'controller', '往来项目与发票明细不符'),
                ('order_line_billed_twice', 'uniqueness', 'controller', '订单行重复开票'),
                ('invoice_twice', 'uniqueness', 'ap_accountant', '发票重复录入'),
                ('number_missing', 'completeness', 'controller', '单据编号缺号'),
                ('number_out_of_order', 'consistency', 'controller', '单据日期与编号顺序不符'),
                ('number_twice', 'uniqueness', 'controller', '单据编号重复'),
                ('settled_too_much', 'accuracy', 'controller', '核销金额超过应结金额'),
                ('cleared_with_residue', 'accuracy', 'controller', '原币已结清而本位币有余额'),
                ('money_at_implausible_rate', 'accuracy', 'controller', '款项入账汇率不合理'),
                ('money_not_applied', 'timeliness', 'ar_accountant', '款项未核销对应单据'),
                ('due_date_implausible', 'validity', 'controller', '到期日不合理'),
                ('due_date_not_by_terms', 'consistency', 'controller', '到期日与惯常账期不符'),
                ('settled_before_posting', 'consistency', 'controller', '核销早于入账'),
                ('settlement_of_other_company', 'consistency', 'controller', '核销了其他公司的单据'),
                ('settlement_rate_differs', 'accuracy', 'controller', '核销汇率与入账汇率不符'),
                ('exchange_difference_implausible', 'accuracy', 'controller', '汇兑损益不合理'),
                ('receivable_differs_from_ledger', 'consistency', 'ar_accountant', '客户应收与总账不符'),
                ('payable_differs_from_ledger', 'consistency', 'ap_accountant', '供应商应付与总账不符'),
                ('sales_invoice_differs_from_ledger', 'consistency', 'controller', '销售单据与总账不符'),
                ('purchase_invoice_differs_from_ledger', 'consistency', 'controller', '采购单据与总账不符'),
                ('line_on_both_sides', 'validity', 'controller', '分录金额为负或借贷同时有数'),
                ('account_of_other_company', 'consistency', 'controller', '使用了其他公司的科目'),
                ('entry_outside_periods', 'validity', 'controller', '凭证日期不在任何会计期间'),
                ('account_unusual', 'accuracy', 'controller', '此类凭证很少使用该科目'),
                ('entry_twice', 'uniqueness', 'controller', '凭证重复入账'),
                ('entry_amount_unusual', 'accuracy', 'controller', '此类凭证金额异常'),
                ('foreign_balance_differs', 'consistency', 'treasury', '外币账户账面余额偏离银行余额'),
                ('bank_movement_not_booked', 'completeness', 'treasury', '银行流水未入账'),
                ('ledger_line_not_at_bank', 'completeness', 'treasury', '账面收付不在对账单上'),
                ('movement_outside_statement', 'consistency', 'treasury', '流水日期不在对账单期间'),
                ('pay_arithmetic', 'accuracy', 'hr_payroll', '应发减扣款不等于实发'),
                ('employer_contribution_unusual', 'accuracy', 'hr_payroll', '单位缴费比例异常'),
                ('pay_currency_differs', 'consistency', 'hr_payroll', '工资币种与账簿不符'),
                ('payroll_not_at_bank', 'consistency', 'hr_payroll', '工资未从银行账户支付'),
                ('period_not_adjoining', 'consistency', 'controller', '会计期间有间隔或重叠'),
                ('order_line_arithmetic', 'accuracy', 'controller', '订单行数量乘单价不等于金额'),
                ('moved_more_than_ordered', 'accuracy', 'controller', '收发货数量超过订单'),
                ('billed_more_than_moved', 'consistency', 'controller', '开票数量超过收发货数量'),
                ('promised_before_ordered', 'validity', 'controller', '承诺日期早于下单日期'),
                ('moved_before_ordered', 'validity', 'controller', '收发货早于下单'),
                ('movement_differs_from_order', 'consistency', 'controller', '收发货与订单的公司或物料不符'),
                ('billed_to_other_party', 'consistency', 'controller', '发票与订单的往来方不符'),
                ('billed_at_other_price', 'accuracy', 'controller', '开票价格与订单不符'),
                ('contract_without_obligation', 'completeness', 'controller', '合同没有履约义务'),
                ('contract_price_implausible', 'accuracy', 'controller', '合同价格不合理'),
                ('obligation_implausible', 'validity', 'controller', '履约义务日期或价格不合理'),
                ('event_outside_contract', 'validity', 'controller', '合同事件超出合同期间'),
                ('progress_implausible', 'validity', 'controller', '履约进度不合理'),
                ('event_of_other_obligation', 'consistency', 'controller', '事件不属于该合同的履约义务'),
                ('billing_differs_from_invoice', 'consistency', 'controller', '合同开票与发票不符'),
                ('work_order_implausible', 'validity', 'cost_accountant', '工单数量或日期不合理'),
                ('cost_outside_work_order', 'validity', 'cost_accountant', '成本日期超出工单期间'),
                ('cost_price_unusual', 'accuracy', 'cost_accountant', '成本单价异常'),
                ('cost_far_from_plan', 'accuracy', 'cost_accountant', '实际用量远离计划'),
                ('budget_without_account_or_period', 'consistency', 'controller', '预算行没有科目或会计期间'),
                ('budget_unusual', 'accuracy', 'controller', '预算金额异常'),
                ('flow_outside_project', 'validity', 'controller', '项目现金流日期不合理'),
                ('flow_far_from_plan', 'accuracy', 'controller', '项目现金流远离计划'),
                ('project_without_plan', 'completeness', 'controller', '项目没有计划现金流'),
                ('expense_dates_out_of_order', 'validity', 'hr_payroll', '报销日期顺序不合理'),
                ('expense_amount_unusual', 'accuracy', 'hr_payroll', '报销金额或币种异常'),
                ('expense_twice', 'uniqueness', 'hr_payroll', '费用重复报销'),
                ('expenses_differ_from_ledger', 'consistency', 'hr_payroll', '报销与总账不符'),
                ('note_implausible', 'validity', 'treasury', '票据金额或日期不合理'),
                ('note_events_differ', 'consistency', 'treasury', '票据收付与票面不符'),
                ('declaration_arithmetic', 'accuracy', 'controller', '申报税额不等于税基乘税率'),
                ('declaration_period_implausible', 'completeness', 'controller', '申报期间不连续或日期不合理'),
                ('declared_twice', 'uniqueness', 'controller', '同一期间税率重复申报'),
                ('employee_not_paid', 'completeness', 'hr_payroll', '员工漏发工资'),
                ('pay_run_missing', 'completeness', 'hr_payroll', '缺少一次工资发放')
            ) as rule(rule, quality_dimension, owner, zh) on rule.rule = fault.rule
        )
        select md5(concat_ws('|', rule, object, source_system, source_key, record_id)) as issue_id, *
        from fault
        qualify row_number() over (partition by issue_id order by severity, detail_en) = 1""",
        {"unchecked": list(unchecked)},
    )
    warehouse.execute("create or replace temporary table known_before as select * from quality.data_issue")
    warehouse.execute(
        f"""create or replace temporary table found_now as
            select f.* replace (coalesce(assigned.owner, f.owner) as owner),
                   case when accepted.accepted_until >= {today} then 'accepted' else 'open' end as status,
                   accepted.accepted_until
            from found_now as f
            left join quality.accepted_fault as accepted on f.issue_id = accepted.issue_id
            left join quality.assigned_owner as assigned on f.issue_id = assigned.issue_id"""
    )
    warehouse.execute(
        f"""update quality.data_issue as known
            set status = 'resolved', resolved_at = {now}
            where known.status <> 'resolved' and not list_contains($unchecked, known.object)
              and not exists (select 1 from found_now f where f.issue_id = known.issue_id)""",
        {"unchecked": list(unchecked)},
    )
    warehouse.execute(
        f"""update quality.data_issue as known
            set status = f.status, resolved_at = null, last_run_id = ?, severity = f.severity, owner = f.owner,
                failed_value = f.failed_value, detail_en = f.detail_en, detail_zh = f.detail_zh,
                accepted_until = f.accepted_until,
                due_at = case when f.status = 'accepted' then cast(f.accepted_until as timestamp)
                              -- Back after it was mended, or no longer accepted by decision: the time starts anew.
                              when known.status = 'resolved'
                                   or (known.status = 'accepted' and f.accepted_until is null)
                                  then cast({today} + f.due_days as timestamp)
                              else known.due_at end,
                amount_company_currency = f.amount_company_currency
            from found_now f where f.issue_id = known.issue_id""",
        [run.run_id],
    )
    warehouse.execute(
        f"""insert into quality.data_issue by name
            select issue_id, rule, quality_dimension, severity, object, record_id, company_id, source_system,
                   source_key, owner, status, {now} as detected_at,
                   cast(case when status = 'accepted' then accepted_until else {today} + due_days end as timestamp)
                       as due_at,
                   cast(null as timestamp) as resolved_at, ? as first_run_id, ? as last_run_id, failed_value,
                   detail_en, detail_zh, amount_company_currency, accepted_until
            from found_now f where not exists (select 1 from quality.data_issue k where k.issue_id = f.issue_id)""",
        [run.run_id, run.run_id],
    )
    warehouse.execute(
        f"""insert into quality.data_issue_event by name
            with change as (
                select after.issue_id, after.severity, after.status, after.owner, after.failed_value,
                       case when before.issue_id is null then 'opened'
                            when before.status = 'resolved' and after.status <> 'resolved' then 'reopened'
                            when before.status <> 'resolved' and after.status = 'resolved' then 'resolved' end as moved,
                       case when after.status = 'accepted' and before.status is distinct from 'accepted' then 'accepted'
                            when before.status = 'accepted' and after.status = 'open' then 'acceptance_ended'
                       end as accepted,
                       case when before.owner is distinct from after.owner and before.issue_id is not null
                            then 'owner_changed' end as owned,
                       case when before.failed_value is distinct from after.failed_value
                             and before.issue_id is not null then 'value_changed' end as valued
                from quality.data_issue as after
                left join known_before as before on before.issue_id = after.issue_id
            )
            select issue_id, ? as run_id, {today} as as_of, {now} as happened_at, event, severity, status, owner,
                   failed_value
            from (select *, unnest([moved, accepted, owned, valued]) as event from change)
            where event is not null""",
        [run.run_id],
    )


def _count(warehouse: duckdb.DuckDBPyConnection, what: str) -> int:
    row = warehouse.execute(f"select count(*) from {what}").fetchone()
    return int(row[0]) if row else 0
