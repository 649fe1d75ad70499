"""access_policy.yaml: what it may say, and what is said of what it may not."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.policy import DEFAULT_FILE, Policy, PolicyError, policy, read_policy

ROLES = "row_scopes: {companies: {key: company_id}}\nroles: {cfo: {pages: ['*']}, c: {pages: [x], rows: [companies]}}\n"


def test_the_default_is_read_and_lists_nobody() -> None:
    checked = policy().policy
    assert {"cfo", "analyst", "company_controller", "regional_manager", "salesperson", "collector", "steward"} <= set(
        checked.roles
    )
    assert not checked.users
    assert not checked.groups


def test_every_page_is_named_by_a_role_that_does_not_see_all() -> None:
    """A page added tomorrow is closed to all but those with every page, until the policy says who may see it."""
    folder = DEFAULT_FILE.parent / "app_pages"
    pages = {f"{file.parent.name}/{file.stem}" for file in folder.glob("*/*.py")}
    assert len(pages) > 15
    patterns = {pattern for role in policy().policy.roles.values() for pattern in role.pages} - {"*"}
    missing = {page for page in pages if not any(fnmatchcase(page, pattern) for pattern in patterns)}
    assert not missing, f"say in {DEFAULT_FILE.name} who may see {missing}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roles: [", "p.yaml, line 1: expected the node content"),
        ("[]", "p.yaml: Input should be a valid dictionary"),
        ("users: {}", "p.yaml: roles: Field required"),
        ("roles: {a: {pagse: []}}", "p.yaml: roles.a.pages: Field required"),
        ("roles: {a: {pages: [], colour: red}}", "p.yaml: roles.a.colour: Extra inputs are not permitted"),
        ("roles: {a: {pages: [], rows: [q]}}", "p.yaml: roles.a.rows names 'q', which is not under row_scopes"),
        ("roles: {a: {pages: []}, a: {pages: ['*']}}", "p.yaml, line 1: 'a' stands there twice"),
        (ROLES + "row_scope: {}", "p.yaml: row_scope: Extra inputs are not permitted"),
        (ROLES.replace("rows:", "decides: true, rows:"), "roles.c decides and sees some rows only"),
        (ROLES + "users: {m@x: {role: b}}", "p.yaml: users.m@x has the role 'b', which is not under roles"),
        (ROLES + "users: {m@x: {role: c}}", "p.yaml: users.m@x needs rows: the role c sees those of companies"),
        (ROLES + "users: {m@x: {role: c, rows: {companies: []}}}", "users.m@x has an empty list for 'companies'"),
        (ROLES + "users: {m@x: {role: cfo, rows: {companies: [a]}}}", "by which the role cfo is not narrowed"),
        (ROLES + "users: {m@x: {role: cfo}, M@x: {role: cfo}}", "p.yaml: users names m@x twice"),
        (ROLES + "log_kept_months: 0", "p.yaml: log_kept_months: Input should be greater than or equal to 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as told:
        read_policy(text, "p.yaml")
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_POLICY", str(tmp_path / "none.yaml"))
    with pytest.raises(PolicyError, match="cannot be read"):
        policy()


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "Li.Na@Example.com", "email_verified": True}, "c"),
        ({"email": "li.na@example.com"}, "c"),
        ({"email": "li.na@example.com", "email_verified": False}, None),
        ({"email": "li.na@example.com.evil.test"}, None),
        ({"email": "stranger@example.com"}, None),
        ({"email": ""}, None),
        ({}, None),
        ({"email": "stranger@example.com", "groups": ["staff", "finance"]}, "cfo"),
        ({"groups": "finance"}, "cfo"),
        ({"groups": "financefinance"}, None),
        ({"groups": None}, None),
        ({"groups": 7}, None),
        ({"email": "li.na@example.com", "groups": ["finance"]}, "c"),  # listed by name: the group counts for nothing
    ],
)
def test_who_has_which_role(claims: dict[str, Any], role: str | None) -> None:
    content = yaml.safe_load(ROLES) | {
        "users": {"li.na@example.com": {"role": "c", "rows": {"companies": ["erp:1"]}}},
        "groups": {"finance": {"role": "cfo"}},
    }
    grant = Policy.model_validate(content).grant_of(claims)
    assert (grant.role if grant else None) == role
