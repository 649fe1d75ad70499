"""The demo group the whole way: what is published, what a second run changes, and what bad input can't change."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.contracts.published import TABLES
from tests.end_to_end.conftest import AS_OF, Ended, content, published_rows, settlehouse, succeeded


def run(group: Path, *more: str, environment: dict[str, str] | None = None) -> Ended:
    return settlehouse("run", "--config", group / "company.yml", "--as-of", AS_OF, *more, environment=environment)


def published_file(group: Path) -> tuple[str, str]:
    """Name and fingerprint of the file that readers see."""
    file = (group / "var" / "published" / "current.duckdb").resolve()
    return file.name, hashlib.sha256(file.read_bytes()).hexdigest()


def copied(group: Path, folder: Path) -> Path:
    """A copy of the group with all that its runs left behind, for a test that changes it."""
    return Path(shutil.copytree(group, folder / "group", symlinks=True))


@pytest.fixture
def group(demo_group: Path) -> Path:
    return demo_group


def test_every_table_of_the_contract_is_published_with_its_columns(group: Path):
    found: dict[str, set[str]] = {}
    for table, column in published_rows(
        group / "var", "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
    ):
        found.setdefault(table, set()).add(column)
    missing = {
        table: sorted(set(columns) - found.get(table, set()))
        for table, columns in TABLES.items()
        if set(columns) - found.get(table, set())
    }
    assert missing == {}


def test_no_contract_table_is_empty(group: Path):
    """But warnings, of which a small group may have none, and memo records, which only a treasurer adds."""
    empty = [t for t in TABLES if published_rows(group / "var", f"select count(*) from marts.{t}") == [(0,)]]
    assert set(empty) <= {"fct_late_payment_alert", "fct_forecast_alarm", "fct_memo_record"}


def test_bills_have_every_fate_and_their_entries_are_derived_to_the_cent(group: Path):
    """Whatever became of a bill, the ERP's entry is the one that the posting rules make."""
    assert published_rows(
        group / "var",
        "select distinct direction, event from marts.fct_note_event order by all",
    ) == [
        ("payable", "issued"), ("payable", "matured"),
        ("receivable", "discounted"), ("receivable", "dishonoured"), ("receivable", "endorsed"),
        ("receivable", "matured"), ("receivable", "received"),
    ]  # fmt: skip
    differing = published_rows(
        group / "var",
        """
        select document_id, account_id, posting_date from marts.fct_journal_line where document_type = 'note_event'
        group by all
        having sum(case origin when 'erp' then 1 else -1 end * (debit_company_currency - credit_company_currency)) <> 0
        """,
    )
    assert differing == []
    assert published_rows(
        group / "var",
        "select bool_and(passed), max(abs(difference)), count(*) > 0 from marts.fct_tie_out "
        "where control = 'note_ledger'",
    ) == [(True, 0, True)]


def test_money_is_decimal(group: Path):
    floats = published_rows(
        group / "var",
        """select table_name || '.' || column_name from duckdb_columns()
           where schema_name = 'marts' and data_type in ('FLOAT', 'DOUBLE')
             and table_name not in ('fct_receivable_forecast', 'fct_cash_forecast', 'fct_forecast_score',
                                    'fct_capital_project_result', 'fct_cash_in_forecast', 'fct_forecast_backtest',
                                    'fct_forecast_outcome', 'fct_cash_position_forecast', 'fct_cash_breach_path',
                                    'fct_cash_flow_forecast', 'fct_forecast_alarm')""",
    )
    assert floats == []


def test_blocking_controls_pass_and_show_two_equal_totals(group: Path):
    controls = published_rows(
        group / "var", "select control, count(*) from marts.fct_tie_out where blocking and passed group by 1"
    )
    assert {name for name, _ in controls} >= {
        "entry_balance", "receivable_ledger", "payable_ledger", "bank_statement", "invoice_lines", "completeness",
        "extraction",
    }  # fmt: skip
    wrong = published_rows(
        group / "var", "select * from marts.fct_tie_out where blocking and (not passed or difference <> 0)"
    )
    assert wrong == []


def test_worklist_is_what_is_overdue_to_the_last_digit(group: Path):
    assert published_rows(
        group / "var",
        """select (select sum(overdue_amount_company_currency) from marts.fct_collection_worklist)
                  - (select sum(open_amount_company_currency) from marts.fct_receivable_aging
                     where as_of = (select as_of from marts.dim_run) and days_overdue > 0)""",
    ) == [(0,)]


def test_every_cent_of_a_bank_line_is_applied_proposed_or_on_account(group: Path):
    assert published_rows(
        group / "var",
        """select count(*) from marts.fct_cash_application_line
           where amount_bank_currency <> applied_amount_bank_currency + proposed_amount_bank_currency
               + on_account_amount_bank_currency or on_account_amount_bank_currency < 0""",
    ) == [(0,)]
    assert published_rows(
        group / "var",
        """select count(*) from (
               select receivable_id, sum(amount_document_currency + discount_amount_document_currency) as cleared
               from marts.fct_cash_application group by 1)
           join marts.fct_receivable using (receivable_id) where cleared > amount_document_currency""",
    ) == [(0,)]


def test_planted_faults_of_master_data_are_found(group: Path):
    """Every planted fault of these kinds is an open issue of its record, by the answer key."""
    rules = {
        "invalid_tax_identifier": "%_tax_identifier_valid",
        "missing_name": "%_name_%",
        "invalid_iban": "supplier_bank_account%",
        "invalid_email": "%_email_%",
        "implausible_payment_term": "%_payment_term_%",
        "negative_credit_limit": "customer_credit_limit%",
        "missing_category": "product_category%",
    }
    key = json.loads((group / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    # A steward reads the number people use; the answer key names records by it.
    issues = published_rows(
        group / "var",
        """select i.rule, coalesce(c.code, s.code, p.code)
           from marts.fct_data_issue i
           left join marts.dim_customer c on c.customer_id = i.record_id and i.object = 'customer'
           left join marts.dim_supplier s on s.supplier_id = i.record_id and i.object = 'supplier'
           left join marts.dim_product p on p.product_id = i.record_id and i.object = 'product'
           where i.status = 'open'""",
    )
    missed = [
        (fault["kind"], fault["key"])
        for fault in key["faults"]
        if fault["kind"] in rules
        and not any(
            code == fault["key"] and all(part in rule for part in rules[fault["kind"]].split("%"))
            for rule, code in issues
        )
    ]
    assert [fault for fault in key["faults"] if fault["kind"] in rules]
    assert missed == []


def test_no_right_tax_identifier_is_called_wrong(group: Path):
    """A held record blocks work: what the gate calls wrong was planted, or copied into a duplicate of what was."""
    key = json.loads((group / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    planted = {fault.get("wrong_value") for fault in key["faults"]}
    called_wrong = published_rows(
        group / "var",
        "select failed_value from marts.fct_data_issue where rule like '%_tax_identifier_valid' and status = 'open'",
    )
    assert [value for (value,) in called_wrong if value not in planted] == []


def test_faulty_entries_are_quarantined_and_counted(group: Path):
    issues = dict(
        published_rows(
            group / "var",
            "select rule, count(distinct source_key) from marts.fct_data_issue where status = 'open' group by 1",
        )
    )
    assert issues["entry_unbalanced"] >= 1
    assert issues["orphan_reference"] >= 1
    assert issues["date_in_future"] >= 1
    out_of_balance = published_rows(
        group / "var",
        """select journal_entry_id from marts.fct_journal_line group by 1
           having sum(debit_company_currency) <> sum(credit_company_currency)""",
    )
    assert out_of_balance == []


def test_verification_agrees_after_a_run_and_names_a_change(group: Path, tmp_path: Path):
    changed = copied(group, tmp_path)
    config = changed / "company.yml"
    agreed = succeeded(settlehouse("verify", "--config", config))
    assert "source and warehouse agree" in agreed.output
    figures = (changed / "var" / "verification.csv").read_text(encoding="utf-8").splitlines()
    assert figures[0] == "source,table,period,measure,at_source,in_warehouse,result,detail"
    assert [line for line in figures[1:] if ",ok," not in line] == []
    with sqlite3.connect(changed / "erp_global.sqlite") as erp:
        erp.execute(
            "update receipts set amount = cast(amount as text) || '1' where id = (select max(id) from receipts)"
        )
    ended = settlehouse("verify", "--config", config)
    assert ended.exit_code == 1
    message = ended.error.strip().splitlines()[-1]
    assert "source and warehouse differ in 2 figures: erp_global, receipts, 2026-" in message
    assert "amount differs in 1 rows: id " in message


def test_second_run_adds_nothing_and_publishes_the_same(group: Path, tmp_path: Path):
    again = copied(group, tmp_path)
    ended = succeeded(run(again))
    extracted = [line for line in ended.output.splitlines() if line.startswith("extract")]
    assert len(extracted) == 8
    assert all("0 new, 0 changed, 0 deleted" in line for line in extracted)
    assert content(again / "var") == content(group / "var")


def test_full_refresh_publishes_the_same(group: Path, tmp_path: Path):
    again = copied(group, tmp_path)
    succeeded(run(again, "--full-refresh"))
    assert content(again / "var") == content(group / "var")


def test_mended_source_releases_the_record_by_itself(group: Path, tmp_path: Path):
    mended = copied(group, tmp_path)
    key = json.loads((mended / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    fault = next(
        f for f in key["faults"]
        if f["kind"] == "invalid_tax_identifier" and f["system"] == "erp_china" and f["table"] == "t_kehu"
    )  # fmt: skip
    query = f"select status from marts.dim_customer where code = '{fault['key']}'"
    assert published_rows(mended / "var", query) == [("held",)]
    with sqlite3.connect(mended / "erp_china.sqlite") as erp:
        erp.execute(
            "update t_kehu set tyshxydm = ?, xgsj = '2026-11-05 09:00:00' where khbm = ?",
            [fault["right_value"], fault["key"]],
        )
    # Meanwhile a steward lets another record's fault stand, and the warehouse is lost.
    ((other_issue, other_record),) = published_rows(
        mended / "var",
        """select min(issue_id), record_id from marts.fct_data_issue
           where object = 'supplier' and severity = 'critical' and status = 'open'
           group by record_id having count(*) = 1 order by record_id limit 1""",
    )
    who = ("--config", mended / "company.yml", "--by", "Li Na", "--why", "the supplier is being closed")
    until = ("--issue", other_issue, "--until", "2999-12-31")
    succeeded(settlehouse("steward", "decide", "accept_fault", *until, *who))
    first_run = (mended / "var" / "published" / "current.duckdb").resolve().stem
    succeeded(run(mended))
    assert published_rows(mended / "var", query) == [("active",)]
    assert published_rows(
        mended / "var",
        f"""select i.status, i.resolved_at is not null from marts.fct_data_issue i
            join marts.dim_customer c on c.customer_id = i.record_id
            where c.code = '{fault["key"]}' and i.rule like '%tax_identifier_valid'""",
    ) == [("resolved", True)]
    assert published_rows(
        mended / "var",
        f"""select i.first_run_id, i.last_run_id, e.event from marts.fct_data_issue i
            join marts.dim_customer c on c.customer_id = i.record_id join marts.fct_data_issue_event e using (issue_id)
            where c.code = '{fault["key"]}' and i.rule like '%tax_identifier_valid' order by e.happened_at""",
    ) == [(first_run, first_run, "opened"), (first_run, first_run, "resolved")]
    assert published_rows(
        mended / "var", f"select status from marts.dim_supplier where supplier_id = '{other_record}'"
    ) == [("active",)]
    # The decision outlives the warehouse, and a log that somebody changed keeps the next run from being published.
    (mended / "var" / "warehouse.duckdb").unlink()
    succeeded(run(mended))
    assert published_rows(
        mended / "var",
        f"""select i.status, d.state, d.hash = r.decision_head_hash
            from marts.fct_data_issue i join marts.fct_steward_decision d using (issue_id), marts.dim_run r
            where issue_id = '{other_issue}'""",
    ) == [("accepted", "effective", True)]
    with sqlite3.connect(mended / "var" / "stewardship.db") as database:
        database.execute("drop trigger decision_entry_no_update")
        database.execute("update decision_entry set value_after = '2030-12-31'")
    ended = settlehouse("publish", "--config", mended / "company.yml")
    assert ended.exit_code == 0, "what was built before stands as it was built"
    ended = run(mended)
    assert ended.exit_code == 1
    assert "steward_log" in ended.error
    assert "entry 1 was changed" in ended.error


def test_failed_blocking_control_publishes_nothing_and_says_which(group: Path, tmp_path: Path):
    broken = copied(group, tmp_path)
    before = published_file(broken)
    with sqlite3.connect(broken / "erp_global.sqlite") as erp:
        # A receipt disappears with its allocations; the ledger still has it.
        (receipt,) = erp.execute("select max(receipt_id) from receipt_allocations").fetchone()
        erp.execute("delete from receipt_allocations where receipt_id = ?", [receipt])
        erp.execute("delete from receipts where id = ?", [receipt])
    ended = run(broken)
    assert ended.exit_code == 1
    message = ended.error.strip().splitlines()[-1]
    assert "not published: blocking control failed: receivable_ledger, Harbour Lantern" in message
    assert "difference" in message
    assert published_file(broken) == before
    last_run = json.loads((broken / "var" / "published" / "last_run.json").read_text(encoding="utf-8"))
    assert last_run["status"] == "failed"
    assert "receivable_ledger" in last_run["message"]


def cut_statement(group: Path) -> None:
    file = sorted((group / "bank").rglob("*.xml"))[0]
    file.write_bytes(file.read_bytes()[:-200])


def edit_statement(group: Path) -> None:
    file = next(f for f in sorted((group / "bank").rglob("*")) if f.is_file() and f.suffix != ".xml")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(":61:"))
    del lines[at]
    file.write_text("".join(lines), encoding="utf-8")


def binary_payroll(group: Path) -> None:
    sorted((group / "hr").glob("*.csv"))[0].write_bytes(b"\x00\x01\x02\x03" * 50)


def drop_table(group: Path) -> None:
    with sqlite3.connect(group / "erp_global.sqlite") as erp:
        erp.execute("drop table receipts")


def empty_database(group: Path) -> None:
    (group / "crm.sqlite").unlink()
    sqlite3.connect(group / "crm.sqlite").close()


def unknown_key(group: Path) -> None:
    file = group / "company.yml"
    file.write_text(file.read_text(encoding="utf-8") + "\ncolour: red\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_statement, ["source 'bank'", ".xml"]),
        (edit_statement, ["source 'bank'", "clos"]),
        (binary_payroll, ["source 'hr'", ".csv", "not a text file"]),
        (drop_table, ["source 'erp_global'", "table receipts is missing"]),
        (empty_database, ["source 'crm'", "missing"]),
        (unknown_key, ["unknown key 'colour'", "Allowed here: group, home, sources"]),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    group: Path, tmp_path: Path, spoil: Callable[[Path], None], says: list[str]
):
    spoilt = copied(group, tmp_path)
    before = published_file(spoilt)
    spoil(spoilt)
    ended = run(spoilt)
    assert ended.exit_code == 1
    message = ended.error.strip().splitlines()[-1]
    assert message.startswith("settlehouse: ")
    assert [part for part in says if part not in message] == []
    assert "Traceback" not in ended.error
    assert published_file(spoilt) == before


def test_rollback_and_export(group: Path, tmp_path: Path):
    folder = copied(group, tmp_path)
    first = published_file(folder)[0]
    config = folder / "company.yml"
    succeeded(settlehouse("publish", "--config", config))
    assert settlehouse("rollback", "--config", config).exit_code == 1  # there is one file only
    succeeded(settlehouse("aging", "--config", config, "--as-of", "2026-05-17"))
    assert published_file(folder)[0] != first
    assert published_rows(
        folder / "var", "select count(*) > 0 from marts.fct_payable_aging where as_of = '2026-05-17'"
    )[0] == (True,)
    succeeded(settlehouse("rollback", "--config", config))
    assert published_file(folder)[0] == first
    file = tmp_path / "aging.csv"
    succeeded(settlehouse("export", "--config", config, "fct_receivable_aging", "--out", file))
    (rows,) = published_rows(folder / "var", "select count(*) from marts.fct_receivable_aging")[0]
    assert len(file.read_text(encoding="utf-8").splitlines()) == rows + 1


def drop_demo_databases(url: str) -> None:
    """Leave the server as it was: the demo makes databases of its own there."""
    names = ("erp_china", "erp_global", "crm", "manufacturing")
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for name in names:
                connection.execute(f"drop database if exists {name} with (force)")  # type: ignore[arg-type]
    else:
        from urllib.parse import urlsplit

        import pymysql

        at = urlsplit(url)
        with (
            pymysql.connect(
                host=at.hostname, port=at.port or 3306, user=at.username, password=at.password or ""
            ) as server,
            server.cursor() as cursor,
        ):
            for name in names:
                cursor.execute(f"drop database if exists {name}")


@pytest.mark.server
@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_the_same_group_from_a_server_publishes_the_same(
    group: Path, tmp_path: Path, request: pytest.FixtureRequest, server: str
):
    url = request.getfixturevalue(server)
    folder = tmp_path / "group"
    succeeded(settlehouse("demo", "--folder", folder, "--scale", "0.02", "--target", url))
    config = folder / "company.yml"
    # The test servers take any password; it must be nowhere afterwards.
    with_password = config.read_text(encoding="utf-8").replace("postgres@", "postgres:${ERP_PASSWORD}@")
    config.write_text(with_password, encoding="utf-8")
    try:
        ended = succeeded(run(folder, environment={"ERP_PASSWORD": "s3cret-word"}))
        # Raw ids are the same, so every published table is.
        assert content(folder / "var") == content(group / "var")
        assert "s3cret-word" not in ended.output + ended.error
        left_behind = [file for file in (folder / "var").rglob("*") if file.is_file()]
        assert [file for file in left_behind if b"s3cret-word" in file.read_bytes()] == []
    finally:
        drop_demo_databases(url)


def test_cash_in_adds_up_to_the_last_digit_on_every_level(group: Path):
    assert published_rows(
        group / "var",
        """with level as (
               select period, period_day, level, sum(mean_reporting_currency) as mean from marts.fct_cash_in_forecast
               where period <> 'to_date' group by all
           )
           select count(*) > 0, max(spread) from (
               select count(distinct mean) as spread from level group by period, period_day
           )""",
    ) == [(True, 1)]
    assert published_rows(
        group / "var",
        """select count(*) from marts.fct_cash_in_forecast
           where mean <> mean_open + mean_new + mean_notes or mean < 0 or p025 > p50 or p50 > p975""",
    ) == [(0,)]
    # half of the paths say nearly what all of them say
    assert published_rows(
        group / "var",
        """with path as (
               select sum(amount_document_currency) / (max(path) + 1) as mean
               from marts.fct_cash_in_path where currency = 'CNY' and cash_day <= forecast_as_of + 90
           )
           select abs(any_value(path.mean) / sum(forecast.mean) - 1) < 0.1 from marts.fct_cash_in_forecast as forecast
           cross join path
           where level = 'company_currency' and currency = 'CNY' and period = 'to_date'
               and period_day = forecast_as_of + 90""",
    ) == [(True,)]
