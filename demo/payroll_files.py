"""HR's files: payroll, one CSV per company and month; expense claims, one per year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, FIRST_DAY
from demo.parties import World


def write(
    con: duckdb.DuckDBPyConnection, folder: Path, world: World, payroll: pd.DataFrame, progress: Callable[[str], None]
) -> dict[str, int]:
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    employees = world.employees.loc[payroll["employee"]].reset_index(drop=True)
    company = payroll["company"].to_numpy()
    pay_day = np.datetime64(FIRST_DAY) + payroll["pay_day"].to_numpy().astype("timedelta64[D]")
    month = payroll["month"].to_numpy() + 10
    frame = pd.DataFrame(
        {
            "company_code": world.companies["code"].to_numpy()[company],
            "period": [f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in month],
            "employee_number": employees["number"],
            "employee_name": employees["name"],
            "department": employees["department"],
            "bank_account": employees["account"],
            "pay_date": pay_day.astype(str),
            "currency": world.companies["currency"].to_numpy()[company],
        }
    )
    for column, name in (
        ("gross", "gross"),
        ("employer_contribution", "employer_contribution"),
        ("income_tax", "income_tax"),
        ("employee_contribution", "employee_contribution"),
        ("net_pay", "net"),
    ):
        cents = payroll[name].astype(str).str.zfill(3)
        frame[column] = cents.str[:-2] + "." + cents.str[-2:]
    for (code, period), rows in frame.groupby(["company_code", "period"], sort=True):
        rows.to_csv(folder / f"payroll_{code}_{period}.csv", index=False, encoding="utf-8", lineterminator="\n")
    claims = _expense_claims(con, folder)
    progress(f"system   hr             {len(frame) + claims} rows in {len(list(folder.iterdir()))} files")
    return {"hr.payroll": len(frame), "hr.expense_claims": claims}


def _expense_claims(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """One file per year of submission; dates after the as-of date are not known yet."""
    frame = con.execute(
        f"""
        select c.code as company_code, claim as claim_number, line as line_number, e.number as employee_number,
            d(spent) as expense_date, category, c.currency, m(amount) as amount, d(submitted) as submitted_date,
            case when decided <= {END} and not rejected then d(decided) end as approved_date,
            case when decided <= {END} and rejected then d(decided) end as rejected_date,
            case when paid <= {END} and not rejected then d(paid) end as paid_date, year(d(submitted)) as year
        from expense_claim_line l join company c using (company) join person e using (employee) order by 2, 3
        """
    ).df()
    for year, rows in frame.groupby("year", sort=True):
        rows.drop(columns="year").to_csv(
            folder / f"expense_claims_{year}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n"
        )
    return len(frame)
