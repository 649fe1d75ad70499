"""A real ERP, kept beside the project: the published figures equal that ERP's own reports."""

from __future__ import annotations

import json
import lzma
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import SHARED, shared_data
from tests.end_to_end.conftest import published_rows, settlehouse, succeeded


def company_file(folder: Path, url: str) -> Path:
    template = shared_data("tryton/company.yml").read_text(encoding="utf-8")
    file = folder / "tryton.yml"
    file.write_text(template.replace("@VAR@", "var").replace("@URL@", url), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def sqlite_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The Tryton SQLite file run and published once; gives company.yml and the home folder."""
    packed = shared_data("tryton/tryton.sqlite.xz")
    folder = tmp_path_factory.mktemp("tryton")
    with lzma.open(packed) as source, (folder / "tryton.sqlite").open("wb") as target:
        shutil.copyfileobj(source, target)
    config = company_file(folder, "sqlite:///tryton.sqlite")
    as_of = shared_data("tryton/as_of").read_text().strip()
    succeeded(settlehouse("run", "--config", config, "--as-of", as_of))
    return config, folder / "var"


def test_figures_equal_the_erps_own_reports(sqlite_run: tuple[Path, Path]):
    _, home = sqlite_run
    compared = subprocess.run(
        [sys.executable, SHARED / "acceptance" / "tie_out.py", home / "published" / "current.duckdb",
         shared_data("tryton/oracle.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert "note:" not in compared.stdout
    assert compared.stdout.strip().endswith(": 0 differ")


def test_aging_of_any_day_ties_to_the_ledger(sqlite_run: tuple[Path, Path]):
    config, home = sqlite_run
    day = "2024-05-17"
    succeeded(settlehouse("aging", "--config", config, "--as-of", day))
    for side, sign in (("receivable", ""), ("payable", "-")):
        open_items = published_rows(
            home,
            f"select company_id, sum(open_amount_company_currency) from marts.fct_{side}_aging "
            f"where as_of = date '{day}' group by 1 order by 1",
        )
        ledger = published_rows(
            home,
            f"""select l.company_id, {sign}sum(l.debit_company_currency - l.credit_company_currency)
                from marts.fct_journal_line l join marts.dim_account a using (account_id)
                where l.origin = 'erp' and a.control = '{side}' and l.posting_date <= date '{day}'
                group by 1 order by 1""",
        )
        assert open_items
        assert open_items == ledger


def test_postgresql_gives_that_erps_figures(postgresql_url: str, tmp_path: Path):
    dump = shared_data("tryton/postgresql/tryton.pgdump")
    figures = json.loads(shared_data("tryton/postgresql/figures.json").read_text(encoding="utf-8"))
    restore = shutil.which("pg_restore")
    if restore is None:
        pytest.skip("needs pg_restore of PostgreSQL's client programs")
    subprocess.run([restore, "-O", "-x", "-d", postgresql_url, dump], check=True, capture_output=True)
    config = company_file(tmp_path, postgresql_url)
    succeeded(settlehouse("run", "--config", config, "--as-of", "2024-04-30"))
    compare_with_figures(tmp_path / "var", figures)


def compare_with_figures(home: Path, figures: dict) -> None:
    """Closing balance per account, open invoices, and bank balances, of each company."""
    compared = 0
    for company, reports in figures.items():
        if company.startswith("_"):
            continue
        ledger = dict(
            published_rows(
                home,
                f"""select a.code, sum(l.debit_company_currency - l.credit_company_currency)
                    from marts.fct_journal_line l join marts.dim_account a using (account_id)
                    join marts.dim_company c on c.company_id = l.company_id
                    where l.origin = 'erp' and c.name = '{company}' group by 1""",
            )
        )
        for account in next(rows for name, rows in reports["trial_balance"].items() if name.startswith("fiscalyear")):
            assert ledger.get(account["account"], Decimal(0)) == Decimal(account["end"]), (company, account)
            compared += 1
        for side, item in (("out", "receivable"), ("in", "payable")):
            still_open = dict(
                published_rows(
                    home,
                    f"""select i.invoice_number,
                               sum(i.amount_document_currency) - coalesce(sum(s.amount), 0)
                        from marts.fct_{item} i join marts.dim_company c using (company_id)
                        left join (select {item}_id, sum(amount_document_currency) as amount
                                   from marts.fct_{item}_settlement group by 1) s using ({item}_id)
                        where c.name = '{company}' and i.invoice_number is not null group by 1""",
                )
            )
            for invoice in reports["open_invoices"]:
                if invoice["type"] == side:
                    assert still_open[invoice["number"]] == Decimal(invoice["to_pay"]), (company, invoice)
                    compared += 1
        balances = dict(
            published_rows(
                home,
                f"""select b.name, max_by(s.closing_balance_bank_currency, s.statement_date)
                    from marts.fct_bank_statement s join marts.dim_bank_account b using (bank_account_id)
                    join marts.dim_company c on c.company_id = b.company_id where c.name = '{company}' group by 1""",
            )
        )
        for bank in reports["banks"]:
            assert balances[bank["journal"]] == Decimal(bank["last_statement_end"]), (company, bank)
            compared += 1
    assert compared > 50
