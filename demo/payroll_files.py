"""HR's payroll files: one CSV per company and month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import numpy as np
import pandas as pd

from demo.clock import FIRST_DAY
from demo.parties import World


def write(folder: Path, world: World, payroll: pd.DataFrame, progress: Callable[[str], None]) -> dict[str, int]:
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
    files = 0
    for (code, period), rows in frame.groupby(["company_code", "period"], sort=True):
        rows.to_csv(folder / f"payroll_{code}_{period}.csv", index=False, encoding="utf-8", lineterminator="\n")
        files += 1
    progress(f"system   hr             {len(frame)} rows in {files} files")
    return {"hr.payroll": len(frame)}
