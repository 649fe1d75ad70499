"""The layout of an operational system: which tables and columns are read from it, and how changes are noticed.

Said once, in ``dbt/models/staging/<system>/_sources.yml``: dbt reads that file as its sources, the extractor reads it
here. A folder there is what makes a system known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[2]
STAGING = PROJECT_ROOT / "dbt" / "models" / "staging"
KINDS = ("sql", "files", "bank_statements")


class LayoutError(Exception):
    """A _sources.yml can't be understood; the message names the file and the key."""


@dataclass(frozen=True)
class LayoutColumn:
    """A column the contract needs: its DuckDB type, and whether the source may lack it."""

    name: str
    type: str
    optional: bool


@dataclass(frozen=True)
class LayoutTable:
    """A table read from a system.

    ``name`` is its name at the source, ``identifier`` its name in the schemas raw and latest. ``changed_at``: the first
    of these that is not empty is the time of a row's last change; without any, the whole table is compared each run.
    ``pattern`` is the file name pattern for systems of kind files.
    """

    name: str
    identifier: str
    key: tuple[str, ...]
    changed_at: tuple[str, ...]
    columns: tuple[LayoutColumn, ...]
    optional: bool
    pattern: str | None

    @property
    def decimals(self) -> tuple[LayoutColumn, ...]:
        """Columns that can be added up exactly: money, quantities, rates."""
        return tuple(column for column in self.columns if column.type.lower().startswith(("decimal", "numeric")))

    @property
    def business_date(self) -> LayoutColumn | None:
        """The first column of type date: by convention the day of the document."""
        return next((column for column in self.columns if column.type.lower() == "date"), None)


@dataclass(frozen=True)
class Layout:
    """A system: its kind (sql, files, bank_statements) and its tables."""

    system: str
    kind: str
    tables: tuple[LayoutTable, ...]


@cache
def known_systems() -> tuple[str, ...]:
    """Names of all systems that can stand in company.yml, sorted."""
    return tuple(sorted(path.parent.name for path in STAGING.glob("*/_sources.yml")))


@cache
def load_layout(system: str) -> Layout:
    """Layout of a known system; raises LayoutError that names the file when it can't be read."""
    file = STAGING / system / "_sources.yml"
    try:
        source = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"][0]
        kind = _meta(source)["kind"]
        if kind not in KINDS:
            raise LayoutError(f"{file}: kind '{kind}' is not one of {', '.join(KINDS)}")
        return Layout(system, kind, tuple(_table(table) for table in source["tables"]))
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        raise LayoutError(f"{file}: not a layout of a source system ({error!r})") from None


def all_layouts() -> tuple[Layout, ...]:
    """Layouts of all known systems, used or not by the group at hand."""
    return tuple(load_layout(system) for system in known_systems())


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return node.get("config", {}).get("meta", {})


def _table(node: dict[str, Any]) -> LayoutTable:
    meta = _meta(node)
    columns = tuple(
        LayoutColumn(c["name"], c["data_type"], bool(_meta(c).get("optional", False))) for c in node["columns"]
    )
    return LayoutTable(
        name=meta.get("table", node["name"]),
        identifier=node["identifier"],
        key=tuple(meta["key"]),
        changed_at=tuple(meta.get("changed_at", ())),
        columns=columns,
        optional=bool(meta.get("optional", False)),
        pattern=meta.get("pattern"),
    )
