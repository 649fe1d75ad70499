"""``settlehouse steward``: decide, approve, undo, look, verify, export; ``settlehouse promise``: add, list.

What may be decided is said in ``rules.py``.
"""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dagster_project.stewardship import rules
from dagster_project.stewardship.rules import Decision, DecisionError, Promise

if TYPE_CHECKING:
    from dagster_project.config import Settings
    from dagster_project.stewardship.chain import Head
    from dagster_project.stewardship.directory import Directory
    from dagster_project.stewardship.store import DecisionStore

log = logging.getLogger("settlehouse")

_CONFIG = click.option(
    "--config", "config_file", required=True, type=click.Path(dir_okay=False), help="company.yml: describes the group."
)
_BY = click.option("--by", required=True, help="Who decides: your name or e-mail address.")
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_WHY = click.option("--why", "reason", required=True, help="Why: the reader in a year knows nothing else.")


@click.group()
def steward() -> None:
    """Decisions of data stewards: a log that is added to, never changed; the next run applies what holds.

    \b
    Two records are one:    settlehouse steward decide merge --config company.yml --object customer \\
                                --record erp:1001 --other crm:77 --by "Li Na" --why "same tax identifier"
    A second person agrees: settlehouse steward approve 12 --config company.yml --by "Zhang Wei" --why "checked"
    """


@steward.command("list")
@_CONFIG
@click.option("--state", type=click.Choice([*rules.STATES, "all"]), default="all", show_default=True,
              help="proposed waits for a second person; effective is applied by the next run.")  # fmt: skip
@click.option("--object", "object_", help="Only decisions on this object, such as customer.")
@click.option("--record", help="Only decisions on this record_id.")
def list_(config_file: str, state: str, object_: str | None, record: str | None) -> None:
    """Show decisions, oldest first, with what became of each."""
    shown = [
        d
        for d in _store(config_file).decisions()
        if state in ("all", d.state)
        and object_ in (None, d.entry.object)
        and (record is None or record in (d.entry.record_id, d.entry.other_record_id))
    ]
    for decision in shown:
        log.info("%s", _line(decision))
    log.info("steward  %d decisions", len(shown))


@steward.command()
@click.argument(
    "action",
    type=click.Choice(
        [name for name in rules.DECISIONS if name not in (rules.PROMISE, rules.APPLY_CASH, rules.REJECT_CASH)]
    ),
)
@_CONFIG
@click.option("--object", "object_", help="customer, supplier, product, bank_account, employee or company.")
@click.option("--record", help="record_id, such as erp:1001, as the issue queue shows it.")
@click.option("--other", help="merge, keep_apart: record_id of the other record.")
@click.option("--company", help="freeze_credit, keep_credit: company_id of the company that sells.")
@click.option("--attribute", help="set_attribute: which one, such as name.")
@click.option("--value", help="set_attribute: its new value.")
@click.option("--issue", help="accept_fault, assign_owner, comment: issue_id, or its first 8 characters.")
@click.option("--until", type=click.DateTime(formats=["%Y-%m-%d"]), help="accept_fault: last day it may stand.")
@click.option("--owner", help="assign_owner: role or person that mends it.")
@_BY
@_WHY
def decide(action: str, config_file: str, by: str, reason: str, **given: Any) -> None:
    """Record a decision; the next run applies it.

    \b
    merge          two records are one real thing        --object --record --other
    keep_apart     two records are two, however alike    --object --record --other
    set_attribute  an attribute of the golden record     --object --record --attribute --value
    accept_fault   a fault may stand until a day         --issue --until
    assign_owner   who mends a fault                     --issue --owner
    comment        a remark, changes nothing             --issue, or --object --record
    freeze_credit  deliveries to a customer should stop  --record --company
    keep_credit    they should not, or no longer         --record --company

    Bank account (bank_account_number, iban), tax_identifier and payment_term_days need a second, different person:
    what is recorded is a proposal until `settlehouse steward approve`.
    """
    store = _store(config_file)
    needed = {
        rules.MERGE: ("object_", "record", "other"),
        rules.KEEP_APART: ("object_", "record", "other"),
        rules.SET_ATTRIBUTE: ("object_", "record", "attribute", "value"),
        rules.ACCEPT_FAULT: ("issue", "until"),
        rules.ASSIGN_OWNER: ("issue", "owner"),
        rules.COMMENT: () if given["issue"] else ("object_", "record"),
        rules.FREEZE_CREDIT: ("record", "company"),
        rules.KEEP_CREDIT: ("record", "company"),
    }[action]
    missing = [f"--{name.rstrip('_')}" for name in needed if given[name] is None]
    if missing:
        raise DecisionError(f"{action} needs {', '.join(missing)}")
    said: dict[str, Any] = {"by": by, "reason": reason}
    with _directory(config_file) as (settings, directory):
        if action in (rules.MERGE, rules.KEEP_APART):
            record_pair = store.merge if action == rules.MERGE else store.keep_apart
            decision = record_pair(directory, given["object_"], given["record"], given["other"], **said)
        elif action == rules.SET_ATTRIBUTE:
            decision = store.set_attribute(
                directory, given["object_"], given["record"], given["attribute"], given["value"], **said
            )
        elif action == rules.ACCEPT_FAULT:
            until: datetime = given["until"]
            decision = store.accept_fault(directory, given["issue"], until.date(), today=settings.as_of_today(), **said)
        elif action in (rules.FREEZE_CREDIT, rules.KEEP_CREDIT):
            decision = store.rule_on_credit(
                directory, given["record"], given["company"], freeze=action == rules.FREEZE_CREDIT, **said
            )
        elif action == rules.ASSIGN_OWNER:
            decision = store.assign_owner(directory, given["issue"], given["owner"], **said)
        else:
            decision = store.comment(
                directory, issue_id=given["issue"], object_=given["object_"], record_id=given["record"], **said
            )
    _report(decision)


@steward.command()
@click.argument("decision", type=int)
@_CONFIG
@_BY
@_WHY
@click.option("--reject", is_flag=True, help="Refuse the proposal instead.")
def approve(decision: int, config_file: str, by: str, reason: str, reject: bool) -> None:
    """Approve (or --reject) proposal number DECISION as the second, different person."""
    store = _store(config_file)
    _report((store.reject if reject else store.approve)(decision, by=by, reason=reason))


@steward.command()
@click.argument("decision", type=int)
@_CONFIG
@_BY
@_WHY
def undo(decision: int, config_file: str, by: str, reason: str) -> None:
    """Take decision number DECISION back; both stay in the log. Undoing a sensitive one needs a second person too."""
    _report(_store(config_file).undo(decision, by=by, reason=reason))


@steward.command()
@_CONFIG
def verify(config_file: str) -> None:
    """Look for entries that were changed, deleted, moved, inserted or cut off; exit code 1 when there are any.

    The log is compared with its own hashes, with the heads noted beside it, and with those in published files.
    """
    from dagster_project.config import load_settings

    settings = load_settings(config_file)
    verification = _store(config_file).verify(published_heads(settings.published))
    for problem in verification.problems:
        log.info("problem  %s", problem.sentence)
    if not verification.whole:
        raise DecisionError(
            f"the decision log is not whole: {len(verification.problems)} problems, the first at entry "
            f"{verification.problems[0].sequence}. Restore the store from a backup; see docs/runbook.md"
        )
    log.info("verify   decision log is whole: %d entries", verification.entries)


@steward.command()
@_CONFIG
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False), help="File to write. Default: decisions.FORMAT here.")
def export(config_file: str, format_: str, out: str | None) -> None:
    """Write the whole log with hashes and states to a file; from its jsonl the chain can be checked again."""
    file = Path(out or f"decisions.{format_}")
    rows = [asdict(d.entry) | {"state": d.state, "answered_by": d.answered_by} for d in _store(config_file).decisions()]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as written:
        if format_ == "jsonl":
            written.writelines(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
        else:
            columns = [*_entry_columns(), "state", "answered_by"]
            lines = csv.DictWriter(written, columns)
            lines.writeheader()
            # A cell that begins so is run as a formula by spreadsheet programs (OWASP, "CSV Injection").
            lines.writerows(
                {name: f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
                 for name, value in row.items()}
                for row in rows
            )  # fmt: skip
    log.info("export   %d entries in %s", len(rows), file)


@steward.command()
@_CONFIG
@click.argument("file", type=click.Path(dir_okay=False))
def backup(config_file: str, file: str) -> None:
    """Write the whole log to FILE, while others decide. It restores into SQLite and PostgreSQL alike."""
    log.info("backup   %d entries in %s", _store(config_file).back_up(Path(file)), file)


@steward.command()
@_CONFIG
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--accept-loss", is_flag=True, help="Give up decisions that are later than the backup.")
def restore(config_file: str, file: str, accept_loss: bool) -> None:
    """Fill an empty store from a backup in FILE, after checking its chain; then `settlehouse steward verify`."""
    log.info("restore  %d entries from %s", _store(config_file).restore(Path(file), accept_loss=accept_loss), file)


@click.group()
def promise() -> None:
    """Promises to pay. Taken back with `settlehouse steward undo`; the next run says which were kept.

    \b
    settlehouse promise add --config company.yml --receivable INV-1042 --amount 12500 --date 2026-11-15 \\
                --by "Li Na" --why "Ms Chen on the phone: after the board meeting"
    """


@promise.command()
@_CONFIG
@click.option("--receivable", help="receivable_id, or the invoice number where it is one receivable's alone.")
@click.option("--customer", help="Instead: customer_id, where the customer promised a sum of all it owes.")
@click.option("--company", help="With --customer: company_id of our company.")
@click.option("--amount", required=True, help="Promised, in the receivable's currency, or the company's.")
@click.option("--date", "promised", required=True, type=_DAY, help="Last day on which the money keeps the promise.")
@click.option("--given", type=_DAY, help="Day the customer gave it. Default: today.")
@_BY
@_WHY
def add(
    config_file: str,
    receivable: str | None,
    customer: str | None,
    company: str | None,
    amount: str,
    promised: datetime,
    given: datetime | None,
    by: str,
    reason: str,
) -> None:
    """Note a promise to pay; the next run knows it."""
    if (receivable is None) == (customer is None):
        raise DecisionError("a promise is of one receivable (--receivable) or of a customer (--customer --company)")
    try:
        sum_ = Decimal(amount)
    except InvalidOperation:
        raise DecisionError(f"--amount {amount} is not an amount such as 12500.00") from None
    store = _store(config_file)
    with _directory(config_file) as (settings, directory):
        day = given.date() if given else settings.as_of_today()
        if receivable is not None:
            decision = store.promise_receivable(
                directory, receivable, sum_, promised.date(), given=day, by=by, reason=reason
            )
        elif company is None:
            raise DecisionError("--customer needs --company: to which of our companies it will pay")
        else:
            decision = store.promise_customer(
                directory, customer or "", company, sum_, promised.date(), given=day, by=by, reason=reason
            )
    _report(decision)


@promise.command("list")
@_CONFIG
@click.option("--state", type=click.Choice(["open", "kept", "broken", "all"]), default="all", show_default=True)
def promises(config_file: str, state: str) -> None:
    """Show promises, oldest first; of those that a run knows, whether they were kept as of that run."""
    noted = [d for d in _store(config_file).decisions() if d.holds and d.entry.action == rules.PROMISE]
    with _directory(config_file) as (_, directory):
        states = directory.promise_states()
    shown = 0
    for decision in noted:
        entry, made = decision.entry, Promise.of(decision.entry)
        # what no run has seen yet is open: nobody looked
        became = states.get(entry.sequence, "open")
        if made is None or state not in ("all", became):
            continue
        shown += 1
        whose = entry.record_id if entry.other_record_id is None else f"{entry.record_id} at {entry.other_record_id}"
        log.info("%5d  %-6s  %s of %s, by %s: %s", entry.sequence, became, made, whose, entry.decided_by, entry.reason)
    log.info("promise  %d promises", shown)


def published_heads(published: Path) -> list[Head]:
    """The head of the log that each kept published run knows."""
    import duckdb

    from dagster_project.publishing.publish import published_files
    from dagster_project.stewardship.chain import Head

    heads = []
    for file in published_files(published):
        with duckdb.connect(str(file), read_only=True) as connection:
            try:
                row = connection.execute(
                    "select decision_entries, decision_head_hash from marts.dim_run where decision_entries > 0"
                ).fetchone()
            except duckdb.Error:  # published before there were decisions
                continue
        if row is not None:
            heads.append(Head(int(row[0]), str(row[1]), f"published run {file.stem}"))
    return heads


def _store(config_file: str) -> DecisionStore:
    from dagster_project.config import load_settings
    from dagster_project.stewardship.store import DecisionStore

    settings = load_settings(config_file)
    return DecisionStore(settings.decisions_url, settings.decision_heads)


@contextmanager
def _directory(config_file: str) -> Iterator[tuple[Settings, Directory]]:
    """The published file to look records up in."""
    import duckdb

    from dagster_project.config import load_settings
    from dagster_project.publishing.publish import current_file
    from dagster_project.stewardship.directory import Directory

    settings = load_settings(config_file)
    with duckdb.connect(str(current_file(settings.published)), read_only=True) as connection:
        yield settings, Directory(lambda sql, values: connection.execute(sql, values).fetchall())


def _report(decision: Decision) -> None:
    log.info("%s", _line(decision))
    if decision.state == rules.PROPOSED:
        log.info("         a second, different person must approve it: settlehouse steward approve %d …",
                 decision.entry.sequence)  # fmt: skip
    else:
        log.info("         the next run applies it")


def _line(decision: Decision) -> str:
    entry = decision.entry
    what = " ".join(
        part
        for part in (
            entry.object,
            entry.record_id,
            entry.other_record_id and f"and {entry.other_record_id}",
            entry.attribute,
            entry.issue_id and f"fault {entry.issue_id[:8]}",
            entry.concerns and f"of decision {entry.concerns}",
            f"{entry.value_before or '(none)'} → {entry.value_after}" if entry.value_after else None,
        )
        if part
    )
    return (
        f"{entry.sequence:5d}  {entry.recorded_at[:16].replace('T', ' ')}  {decision.state:<10} {entry.action:<13} "
        f"{what}  by {entry.decided_by}: {entry.reason}"
    )


def _entry_columns() -> list[str]:
    from dataclasses import fields

    from dagster_project.stewardship.chain import Entry

    return [field.name for field in fields(Entry)]
