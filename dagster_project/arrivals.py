"""What came, and what should have come and did not: new statement files, sources without news."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dagster_project.config import Settings
from dagster_project.errors import SettlehouseError
from dagster_project.sources import bank_statements
from dagster_project.warehouse import open_warehouse

# A tick may take a minute; what is left is looked at by the next.
FILES_PER_LOOK = 200
_GROWING, _KNOWN, _REJECTED = "growing", "known", "rejected"


@dataclass(frozen=True)
class Arrivals:
    """What a look at a folder found: files that are complete and can be read, and those that are not, with the reason.

    ``state`` is to be handed to the next look. ``key`` names what is complete, so that it is asked for once.
    """

    complete: tuple[str, ...]
    rejected: tuple[tuple[str, str], ...]
    state: str
    key: str


def look_for_statements(folder: Path, state: str | None) -> Arrivals:
    """Statement files that came, or changed, since the look that left ``state``; the first only notes what is there.

    A file is complete when two looks in a row find it with the same size and time, and its balances add up: a bank or
    a copy may still be writing. Raises SettlehouseError when the folder is not there.
    """
    if not folder.is_dir():
        raise SettlehouseError(f"{folder}: no such folder. Check the path of the source in company.yml")
    is_first = not state
    before: dict[str, list[object]] = {} if is_first else json.loads(str(state))
    after: dict[str, list[object]] = {}
    complete: list[str] = []
    rejected: list[tuple[str, str]] = []
    looked = 0
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in bank_statements.SUFFIXES):
        try:
            if not path.is_file():
                continue
            stat = path.stat()
        except OSError:  # taken away meanwhile
            continue
        name = path.relative_to(folder).as_posix()
        stamp: list[object] = [stat.st_size, stat.st_mtime_ns]
        known = before.get(name)
        if is_first:
            after[name] = [*stamp, _KNOWN]
        elif known is None or known[:2] != stamp:
            after[name] = [*stamp, _GROWING]
        elif known[2] == _GROWING and looked < FILES_PER_LOOK:
            looked += 1
            try:
                bank_statements.read_statement_file(path)
            except (SettlehouseError, OSError) as error:
                after[name] = [*stamp, _REJECTED]
                rejected.append((name, str(error)))
            else:
                after[name] = [*stamp, _KNOWN]
                complete.append(name)
        else:
            after[name] = known
    named = json.dumps([[name, *after[name][:2]] for name in complete])
    return Arrivals(
        tuple(complete),
        tuple(rejected),
        json.dumps(after, ensure_ascii=False),
        hashlib.sha256(named.encode()).hexdigest()[:24],
    )


@dataclass(frozen=True)
class Silence:
    """A source that brought nothing new for longer than it may: since when (UTC), and the hours it may."""

    source: str
    since: datetime
    expected_every_hours: int

    @property
    def sentence(self) -> str:
        return (
            f"source '{self.source}' has brought nothing new since {self.since:%Y-%m-%d %H:%M} UTC, and "
            f"{self.expected_every_hours} hours are expected at most. See that it is still fed, or change "
            "expected_every_hours in company.yml"
        )


def silent_sources(settings: Settings, now: datetime | None = None) -> list[Silence]:
    """Sources of company.yml with ``expected_every_hours`` that are over it; ``now`` is UTC without zone.

    A source never read counts from when any source was first read. Raises SettlehouseError where the warehouse can't
    be read, because there is none yet or (it may pass) a run is writing it.
    """
    watched = {s.name: s.expected_every_hours for s in settings.sources if s.expected_every_hours}
    if not watched:
        return []
    with open_warehouse(settings.warehouse, read_only=True) as warehouse:
        news = dict(
            warehouse.execute(
                "select source_name, max(extracted_at) from raw.extraction "
                "where rows_new + rows_changed + rows_deleted > 0 group by 1"
            ).fetchall()
        )
        first = dict(
            warehouse.execute("select source_name, min(extracted_at) from raw.extraction group by 1").fetchall()
        )
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    found = []
    for name, hours in watched.items():
        since = news.get(name) or first.get(name) or min(first.values(), default=moment)
        if moment - since > timedelta(hours=hours):
            found.append(Silence(name, since, hours))
    return found
