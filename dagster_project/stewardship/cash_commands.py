"""``settlehouse cash``: which items a bank line pays. What is allowed is said in ``store.py``."""

from __future__ import annotations

import logging

import click

from dagster_project.stewardship import cash as words
from dagster_project.stewardship.commands import _BY, _CONFIG, _WHY, _directory, _store

log = logging.getLogger("settlehouse")

_ITEM = click.option(
    "--item", "items", multiple=True, help="receivable_id or invoice number = amount. May be repeated."
)


@click.group()
def cash() -> None:
    """Cash application: look at the review list, say what a bank line pays, and what it does not.

    \b
    settlehouse cash list --config company.yml
    settlehouse cash apply LINE --config company.yml --item INV-1042=1250.00 --by "Li Na" --why "customer wrote"
    settlehouse steward undo 17 --config company.yml --by "Li Na" --why "wrong customer"
    """


@cash.command("list")
@_CONFIG
@click.option("--most", default=50, show_default=True, help="Lines shown, most money first.")
def list_(config_file: str, most: int) -> None:
    """Show bank lines to review with their candidates, the likeliest first."""
    with _directory(config_file) as (_, directory):
        lines = directory.lines_to_review(most)
        for line, day, amount, currency, payer, reference, state, erp_state in lines:
            told = (line, day, amount, currency, payer or "", reference or "", state, erp_state)
            log.info("%s  %s  %s %s  %s  %s  %s, %s in the ERP", *told)
            for rank, probability, items in directory.candidates_of(line):
                log.info("    %s. %s  %s", rank, probability, items)
    log.info("cash     %d bank lines to review", len(lines))


@cash.command()
@click.argument("line")
@_CONFIG
@_ITEM
@click.option("--no-item", is_flag=True, help="The line pays no item: it is no payment of an invoice, or on account.")
@_BY
@_WHY
def apply(line: str, config_file: str, items: tuple[str, ...], no_item: bool, by: str, reason: str) -> None:
    """Say that LINE pays these items; no later run changes it. `settlehouse steward undo` takes it back."""
    if bool(items) == no_item:
        raise click.UsageError("give --item for each item that the line pays, or --no-item")
    with _directory(config_file) as (_, directory):
        decision = _store(config_file).apply_cash(directory, line, words.shares_of(items), by=by, reason=reason)
    log.info("cash     decision %d: the next run knows it", decision.entry.sequence)


@cash.command()
@click.argument("line")
@_CONFIG
@_ITEM
@_BY
@_WHY
def reject(line: str, config_file: str, items: tuple[str, ...], by: str, reason: str) -> None:
    """Say that LINE does not pay just these items; the set is proposed no more."""
    with _directory(config_file) as (_, directory):
        decision = _store(config_file).reject_cash(directory, line, words.shares_of(items), by=by, reason=reason)
    log.info("cash     decision %d: the next run knows it", decision.entry.sequence)
