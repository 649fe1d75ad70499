"""The planning files of the demo group: budgets, and which ledger accounts hold the cost of production."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import duckdb
import numpy as np
import pandas as pd

from demo.identifiers import random_generator
from demo.settle import _date

_COST_CENTRES = {
    "revenue": "SALES", "intercompany_revenue": "SALES", "discount_given": "SALES", "cost_of_sales": "LOGISTICS",
    "energy": "PLANT", "depreciation": "PLANT", "rent": "PLANT", "labour_absorbed": "PLANT",
}  # fmt: skip
_ELEMENTS = (
    ("wip_material", "material", None), ("wip_labour", "labour", None), ("rent", "overhead", "facility"),
    ("energy", "overhead", "energy"), ("depreciation", "overhead", "equipment"),
    ("payroll", "payroll", None), ("expenses_owed", "expense_claim", None), ("services", "overhead", "administration"), ("bank_fees", "overhead", "administration"),
)  # fmt: skip
_FROM = "2023-01-01"


def write(con: duckdb.DuckDBPyConnection, folder: Path, seed: int, progress: Callable[[str], None]) -> dict[str, int]:
    """Write the files anew; returns the rows per table."""
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = {"planning.budget": _budgets(con, folder, seed), "planning.cost_accounts": _cost_accounts(con, folder)}
    progress(f"system   planning       {sum(rows.values())} rows in {len(list(folder.iterdir()))} files")
    return rows


def _budgets(con: duckdb.DuckDBPyConnection, folder: Path, seed: int) -> int:
    """What was expected of a month: near what came, in round amounts; sales also in pieces."""
    frame = con.execute(
        f"""
        with actual as (
            select l.company, l.account, date_trunc('month', {_date("l.day")})::date as month,
                sum(l.amount)::bigint as amount
            from voucher_line l join account a using (company, account)
            where a.type in ('收入', '费用', 'R', 'X') group by all
        ),
        sold as (
            select d.company, date_trunc('month', {_date("d.day")})::date as month, sum(l.quantity)::double as quantity
            from sales_document d join sale_line l using (order_id)
            where d.is_note = 0 and not d.is_intercompany group by all
        )
        select c.code as company_code, a.code as account_code, account, t.month,
            case when a.type in ('收入', 'R') then -t.amount else t.amount end as cents,
            case when account = 'revenue' then s.quantity end as quantity
        from actual t join account a using (company, account) join company c using (company)
        left join sold s on s.company = t.company and s.month = t.month
        order by 1, 2, 4
        """
    ).df()
    rng = random_generator(seed, 81)
    wrong = rng.normal(0.99, 0.06, len(frame))
    frame["amount"] = (np.rint(frame["cents"] * wrong / 10_000) * 100).astype(np.int64)
    frame["quantity"] = np.rint(frame["quantity"] * rng.normal(1.0, 0.05, len(frame))).astype("Int64")
    frame["cost_centre"] = frame["account"].map(_COST_CENTRES).fillna("ADMINISTRATION")
    frame["year"] = frame["month"].dt.year
    columns = ["company_code", "account_code", "cost_centre", "month", "amount", "quantity"]
    for (code, year), rows in frame.groupby(["company_code", "year"], sort=True):
        rows[columns].to_csv(
            folder / f"budget_{code}_{year}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n"
        )
    return len(frame)


def _cost_accounts(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    accounts = con.execute(
        "select c.code as company_code, a.code as account_code, a.account from account a join company c using (company)"
        " order by 1, 2"
    ).df()
    elements = pd.DataFrame(_ELEMENTS, columns=["account", "element", "pool"])
    frame = accounts.merge(elements, on="account").assign(valid_from=_FROM)
    columns = ["company_code", "account_code", "valid_from", "element", "pool"]
    frame[columns].to_csv(folder / "cost_accounts.csv", index=False, lineterminator="\n")
    return len(frame)
