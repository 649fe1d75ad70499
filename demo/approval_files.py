"""The demo group's approval matrix: who holds which role, and what the roles may approve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pandas as pd

from demo.parties import World

_FROM = "2023-01-01"


def write(folder: Path, world: World, progress: Callable[[str], None]) -> dict[str, int]:
    """Write the files anew; returns the rows per table."""
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    companies = world.companies[["code", "approval_limit"]].rename(columns={"code": "company_code"})
    roles = companies.merge(pd.DataFrame({"role": ["manager", "director"]}), how="cross").assign(valid_from=_FROM)
    limits = roles.assign(
        document_type="purchase_order",
        valid_to="",
        amount_limit=roles["approval_limit"].astype(str).where(roles["role"] == "manager", ""),
    )
    approvers = roles.assign(user_name=roles["company_code"].str.lower() + "." + roles["role"])
    rows = {}
    for name, frame, columns in (
        (
            "approval_limits",
            limits,
            ["company_code", "document_type", "role", "valid_from", "valid_to", "amount_limit"],
        ),
        ("approvers", approvers, ["company_code", "user_name", "role", "valid_from"]),
    ):
        frame[columns].to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        rows[f"governance.{name}"] = len(frame)
    progress(f"system   governance     {sum(rows.values())} rows in {len(rows)} files")
    return rows
