"""``settlehouse memo``: money that a treasurer expects and no system knows. What is allowed is said in ``memo.py``."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import click

from dagster_project.stewardship import memo as memos
from dagster_project.stewardship.commands import _BY, _CONFIG, _WHY, _directory, _store

log = logging.getLogger("settlehouse")

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def memo() -> None:
    """Memo records of the 13-week forecast: added, changed and withdrawn in the decision log, never rewritten.

    \b
    Once:   settlehouse memo add --config company.yml --company erp:1 --flow debt --currency EUR \\
                --amount -250000 --on 2026-12-15 --by "Li Na" --why "early repayment agreed with the bank"
    Weekly: … --every weekly --until 2027-01-31
    """


@memo.command()
@_CONFIG
@click.option("--company", required=True, help="company_id, such as erp:1.")
@click.option("--flow", type=click.Choice(memos.FLOWS), required=True)
@click.option("--currency", required=True, help="ISO 4217, such as EUR.")
@click.option("--amount", required=True, help="Each time; money out is negative, such as -250000.00.")
@click.option("--on", type=_DATE, required=True, help="First or only day.")
@click.option("--every", type=click.Choice(memos.RECURRENCES), default="once", show_default=True)
@click.option("--until", type=_DATE, help="Last day on which it may come. Default: the only day.")
@_BY
@_WHY
def add(config_file: str, company: str, flow: str, currency: str, amount: str, on: datetime, every: str,
        until: datetime | None, by: str, reason: str) -> None:  # fmt: skip
    """Add a memo record; the next run takes it into the forecast."""
    with _directory(config_file) as (_, directory):
        wanted = memos.memo_of(
            company_id=company, flow=flow, currency=currency, amount=amount, first_date=on.date(), recurrence=every,
            end_date=until.date() if until else None, known_from=directory.as_of(),
        )  # fmt: skip
        decision = _store(config_file).add_memo(directory, wanted, by=by, reason=reason)
    log.info("memo     %s added; the next run takes it into the forecast", decision.entry.record_id)


@memo.command()
@click.argument("memo_id")
@_CONFIG
@click.option("--amount", help="The new amount.")
@click.option("--on", type=_DATE, help="The new first or only day.")
@click.option("--until", type=_DATE, help="The new last day.")
@_BY
@_WHY
def change(memo_id: str, config_file: str, amount: str | None, on: datetime | None, until: datetime | None,
           by: str, reason: str) -> None:  # fmt: skip
    """Change MEMO_ID; what it was before stays in the log."""
    store = _store(config_file)
    with _directory(config_file) as (_, directory):
        before = memos.current(store.decisions(), memo_id).memo
        new: dict[str, Any] = {"known_from": directory.as_of()}
        if amount is not None:
            new["amount"] = amount
        if on is not None:
            new |= {"first_date": on.date()}
            if before.recurrence == "once" and until is None:
                new |= {"end_date": max(before.end_date, on.date())}
        if until is not None:
            new["end_date"] = until.date()
        wanted = memos.memo_of(**{**vars(before), **new})
        store.change_memo(memo_id, wanted, by=by, reason=reason)
    log.info("memo     %s changed; the next run takes it into the forecast", memo_id)


@memo.command()
@click.argument("memo_id")
@_CONFIG
@_BY
@_WHY
def withdraw(memo_id: str, config_file: str, by: str, reason: str) -> None:
    """Withdraw MEMO_ID: it leaves the forecast with the next run, and stays in the log."""
    with _directory(config_file) as (_, directory):
        _store(config_file).withdraw_memo(memo_id, known_from=directory.as_of(), by=by, reason=reason)
    log.info("memo     %s withdrawn", memo_id)


@memo.command("list")
@_CONFIG
@click.option("--all", "every_version", is_flag=True, help="Every version, with those replaced and withdrawn.")
def list_(config_file: str, every_version: bool) -> None:
    """Show memo records, oldest first; with --all their whole history."""
    versions = memos.versions(_store(config_file).decisions())
    last = {version.memo_id: version for version in versions}
    shown = versions if every_version else [v for v in versions if v is last[v.memo_id] and not v.is_withdrawn]
    for version in shown:
        log.info("%s", _line(version, is_last=version is last[version.memo_id]))
    log.info("memo     %d memo records", len({version.memo_id for version in shown}))


def _line(version: memos.MemoVersion, *, is_last: bool) -> str:
    kept, entry = version.memo, version.decision.entry
    state = "withdrawn" if version.is_withdrawn else "current" if is_last else "replaced"
    return (
        f"{version.memo_id:<10} {state:<9} {kept.company_id} {kept.flow} {kept.amount:,.2f} {kept.currency} "
        f"{kept.recurrence} from {kept.first_date} to {kept.end_date}, known from {version.known_from}  "
        f"by {entry.decided_by}: {entry.reason}"
    )
