"""How assets fail: a person's mistake or a source's fault becomes one line, and is retried only if that may help."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from dagster_project.errors import SettlehouseError, out_of_room
from dagster_project.redaction import blotted

# Extraction meets servers that are restarting: three tries within about a quarter of a minute.
RETRY_EXTRACTION = dg.RetryPolicy(max_retries=2, delay=4, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def one_line_failures(but: type[SettlehouseError] | None = None) -> Iterator[None]:
    """Turn a SettlehouseError into a Dagster failure that carries its message alone; no failure carries a secret.

    ``but``: errors of this kind are the caller's.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, dg.Failure) or (but is not None and isinstance(error, but)):
            raise
        if room := out_of_room(error):
            raise dg.Failure(description=room, allow_retries=False) from None
        if isinstance(error, SettlehouseError):
            raise dg.Failure(description=blotted(str(error)), allow_retries=error.may_pass) from None
        told = "".join(traceback.format_exception(error))
        if blotted(told) == told:
            raise
        raise dg.Failure(description=blotted(f"{type(error).__name__}: {error}")) from None


def first_failure(events: Iterable[Any]) -> str:
    """The one line that says why a run failed, from its Dagster events."""
    for event in events:
        if event.is_step_failure:
            data = event.event_specific_data
            if data.user_failure_data is not None:
                return str(data.user_failure_data.description)
            error = data.error
            while error is not None and error.cause is not None:
                error = error.cause
            return f"step {event.step_key}: {' '.join(error.message.split()) if error else 'failed'}"
    return "the run failed before its first step; see the Dagster page for its log"
