"""How assets fail: a person's mistake or a source's fault becomes one line, and is retried only if that may help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from dagster_project.errors import SettlehouseError

# Extraction meets servers that are restarting: three tries within about a quarter of a minute.
RETRY_EXTRACTION = dg.RetryPolicy(max_retries=2, delay=4, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def one_line_failures() -> Iterator[None]:
    """Turn a SettlehouseError into a Dagster failure that carries its message alone."""
    try:
        yield
    except SettlehouseError as error:
        raise dg.Failure(description=str(error), allow_retries=error.may_pass) from None
