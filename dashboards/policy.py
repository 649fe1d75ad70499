"""access_policy.yaml: which pages, tables, columns and rows a role has, and who has which role.

What is not allowed is closed. The default beside this module lists no people; the environment names another file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

POLICY_VARIABLE = "SETTLEHOUSE_ACCESS_POLICY"
DEFAULT_FILE = Path(__file__).parent / "access_policy.yaml"


class PolicyError(Exception):
    """The policy cannot be used; the message is one line that names the file and the key. Nobody sees anything."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FoundIn(_Strict):
    """The table and column in which a reader's values are looked up for the keys that belong to him."""

    table: str
    column: str


class NamedBy(_Strict):
    """Where values and their names are listed for the demo's picker."""

    table: str
    column: str
    name: str


class TableRule(_Strict):
    """Of one table: the column that holds the key, on rows in which each column of ``where`` has that value."""

    column: str
    where: dict[str, str] = {}


class RowScope(_Strict):
    """How rows are found to belong to a reader; see the comments in access_policy.yaml."""

    key: str
    shared_by: list[str] = []
    found_in: FoundIn | None = None
    reaches: dict[str, list[str]] = {}
    tables: dict[str, TableRule] = {}
    named_by: NamedBy | None = None


class Role(_Strict):
    """What a role sees. ``rows``: row scopes of which its user needs one at least; each that is given narrows."""

    pages: list[str]
    rows: list[str] = []
    closed_tables: list[str] = []
    hidden_columns: list[str] = []
    decides: bool = False

    def sees_page(self, page: str) -> bool:
        return _matches(page, self.pages)

    def sees_table(self, table: str) -> bool:
        return not _matches(table, self.closed_tables)

    def sees_column(self, table: str, column: str) -> bool:
        return not _matches(f"{table}.{column}", self.hidden_columns)


class Grant(_Strict):
    """The role of a person or group, and its values by row scope."""

    role: str
    rows: dict[str, list[str]] = {}

    def values(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """By row scope its values, sorted, so that two equal grants are equal."""
        return tuple((name, tuple(sorted(set(values)))) for name, values in sorted(self.rows.items()))


class Policy(_Strict):
    """access_policy.yaml, checked."""

    row_scopes: dict[str, RowScope] = {}
    common_tables: list[str] = []
    roles: dict[str, Role]
    users: dict[str, Grant] = {}
    group_claim: str = "groups"
    groups: dict[str, Grant] = {}
    log_kept_months: int = Field(default=24, ge=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> Policy:
        for name, role in self.roles.items():
            for scope in role.rows:
                if scope not in self.row_scopes:
                    raise ValueError(f"roles.{name}.rows names '{scope}', which is not under row_scopes")
            if role.decides and role.rows:
                raise ValueError(f"roles.{name} decides and sees some rows only; the log of decisions is of all")
        for where, grants in (("users", self.users), ("groups", self.groups)):
            for name, grant in grants.items():
                problem = self.problem_of(grant)
                if problem:
                    raise ValueError(f"{where}.{name} {problem}")
        lowered = [name.strip().lower() for name in self.users]
        twice = next((name for name in lowered if lowered.count(name) > 1), None)
        if twice:
            raise ValueError(f"users names {twice} twice")
        return self

    def problem_of(self, grant: Grant) -> str | None:
        """What is wrong with a grant, None where it can be used."""
        role = self.roles.get(grant.role)
        if role is None:
            return f"has the role '{grant.role}', which is not under roles"
        for name, values in grant.rows.items():
            if name not in role.rows:
                return f"has rows of '{name}', by which the role {grant.role} is not narrowed"
            if not values:
                return f"has an empty list for '{name}': name at least one"
        if role.rows and not grant.rows:
            return f"needs rows: the role {grant.role} sees those of {' or '.join(role.rows)}"
        return None

    def grant_of(self, claims: Mapping[str, Any]) -> Grant | None:
        """The grant of a signed-in person: by e-mail address, else the first listed group; None where there is none.

        An address that the provider says is not verified counts for nothing.
        """
        email = str(claims.get("email") or "").strip().lower()
        if email and claims.get("email_verified") is not False:
            for name, grant in self.users.items():
                if name.strip().lower() == email:
                    return grant
        told = claims.get(self.group_claim)
        members = {told} if isinstance(told, str) else {str(one) for one in told} if isinstance(told, Iterable) else ()
        return next((grant for name, grant in self.groups.items() if name in members), None)


@dataclass(frozen=True)
class PolicyFile:
    """A policy and the digest of the text it was read from: another text is another scope in every cache."""

    policy: Policy
    digest: str


def policy() -> PolicyFile:
    """The policy in force. Raises PolicyError for a missing file, broken YAML, or a key or value that cannot be."""
    place = os.environ.get(POLICY_VARIABLE, "").strip()
    path = Path(place) if place else DEFAULT_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read ({type(error).__name__})") from None
    return read_policy(text, str(path))


@lru_cache(maxsize=8)
def read_policy(text: str, name: str) -> PolicyFile:
    """``text`` as a policy; ``name`` stands in front of what is wrong with it."""
    try:
        content = yaml.load(text, Loader=_NoDoubleKeys)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise PolicyError(f"{name}{where}: {getattr(error, 'problem', None) or 'not readable as YAML'}") from None
    try:
        checked = Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise PolicyError(f"{name}: {key}{': ' if key else ''}{message}") from None
    return PolicyFile(checked, hashlib.sha256(text.encode()).hexdigest())


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class _NoDoubleKeys(yaml.SafeLoader):
    """A person listed twice would have the second grant and nobody would notice."""


def _mapping(loader: _NoDoubleKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if isinstance(key, Hashable) and key in seen:
            raise yaml.MarkedYAMLError(problem=f"'{key}' stands there twice", problem_mark=key_node.start_mark)
        seen.update([key] if isinstance(key, Hashable) else [])
    return loader.construct_mapping(node, deep=True)


_NoDoubleKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
