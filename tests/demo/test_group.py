"""What the demo group promises: the same on every machine, the size asked for, files that add up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import SettlehouseError
from dagster_project.sources.bank_statements import read_statements
from demo import generate, parties
from tests.demo.conftest import SCALE, Group


def _content(folder: Path) -> dict[str, object]:
    """All that a generation wrote: rows of databases, bytes of files."""
    found: dict[str, object] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if file.suffix == ".sqlite":
            with sqlite3.connect(file) as database:
                for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
                    found[f"{name}:{table}"] = database.execute(f"select * from {table}").fetchall()
        elif file.suffix == ".parquet":
            found[name] = duckdb.sql(f"from '{file}'").fetchall()
        else:
            found[name] = file.read_bytes()
    return found


def test_same_seed_same_data_and_another_seed_other_data(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        generate(tmp_path / name, scale=0.02, seed=seed)
    one, again, other = (_content(tmp_path / name) for name in ("one", "again", "other"))
    assert one.keys() == again.keys()
    assert [name for name in one if one[name] != again[name]] == []
    assert one["erp_china.sqlite:t_kehu"] != other["erp_china.sqlite:t_kehu"]


def test_size_is_the_issues_size(group: Group) -> None:
    world = parties.build(7, 1.0)
    assert 1_150 <= len(world.customers) <= 1_250
    assert 290 <= len(world.suppliers) <= 320
    assert len(world.products) == 500
    sales = group.counts["erp_china.t_xs_fapiao_mx"] + group.counts["erp_global.customer_document_lines"]
    bought = group.counts["erp_china.t_cg_fapiao_mx"] + group.counts["erp_global.supplier_document_lines"]
    assert sales == pytest.approx(60_000 * SCALE, rel=0.15)
    assert bought == pytest.approx(20_000 * SCALE, rel=0.35)  # intercompany and the monthly minimum do not shrink


def test_regime_change_makes_customers_pay_later(group: Group, tmp_path: Path) -> None:
    generate(tmp_path, scale=SCALE, regime_change=True)

    def days_late(folder: Path, first: str, last: str) -> float:
        with sqlite3.connect(folder / "erp_china.sqlite") as database:
            query = """
                select avg(julianday(h.hxrq) - julianday(f.dqr)) from t_ys_hexiao h
                    join t_xs_fapiao f on f.fpid = h.fpid
                where h.lx = '收款' and f.kprq between ? and ?
            """
            return float(database.execute(query, (first, last)).fetchone()[0])

    before, after = ("2025-11-01", "2026-03-31"), ("2026-05-04", "2026-07-31")
    assert days_late(tmp_path, *before) == days_late(group.folder, *before)
    assert days_late(tmp_path, *after) > days_late(group.folder, *after) + 4


def test_statements_chain_and_no_account_is_overdrawn(group: Group) -> None:
    statements = read_statements(group.folder / "bank").statements  # opening + entries = closing is checked there
    con = duckdb.connect()
    con.register("statements", statements)
    rows = con.execute(
        """
        select *, lag(closing_balance) over (partition by account_number, currency order by statement_date) as before
        from statements
        """
    ).df()
    assert len(rows) == 11 * 36
    chained = rows.dropna(subset=["before"])
    assert len(chained) == 11 * 35
    assert (chained["before"] == chained["opening_balance"]).all()
    assert (rows["closing_balance"] >= 0).all()


def test_company_file_describes_the_group(group: Group) -> None:
    text = (group.folder / "company.yml").read_text(encoding="utf-8")
    assert "港灯集团" in text
    assert "sqlite:///erp_china.sqlite" in text
    assert "answer_key" not in text


@pytest.mark.server
@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_databases_can_be_written_to_a_server(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    from dagster_project.config import load_settings
    from dagster_project.sources.extract import look_at_source

    url = request.getfixturevalue(server)
    try:
        counts = generate(tmp_path, scale=0.01, target=url)
        for source in load_settings(tmp_path / "company.yml").sources:
            if source.layout.kind == "sql":
                for table, rows in look_at_source(source).tables:
                    assert rows == counts[f"{source.name}.{table}"], f"{source.name}.{table}"
    finally:
        _drop_databases(url)


@pytest.mark.server
@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_a_database_that_is_not_the_demos_is_left_alone(
    server: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    from demo.systems.database import Target

    url = request.getfixturevalue(server)
    name = url.rpartition("/")[2]  # the test's own, empty database: nobody said it may be replaced
    with pytest.raises(SettlehouseError, match=f"database {name} that the demo group did not make"):
        Target(duckdb.connect(), tmp_path, url).write(name, {"t": "select 1 as a"}, lambda _: None)


@pytest.mark.parametrize(
    ("url", "message"),
    [("oracle://there", "none of postgresql"), ("postgresql://u:secret@127.0.0.1:9/x", "can't be used")],
)
def test_a_wrong_target_is_one_line_without_secrets(url: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettlehouseError, match=message) as caught:
        generate(tmp_path, scale=0.01, target=url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def _drop_databases(url: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme == "postgresql":
        import psycopg

        with psycopg.connect(url, autocommit=True) as server:
            for name in ("erp_china", "erp_global", "crm", "manufacturing"):
                server.execute(f"drop database if exists {name} with (force)")
        return
    import pymysql

    with (
        pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username, password=parts.password or ""
        ) as server,
        server.cursor() as cursor,
    ):
        for name in ("erp_china", "erp_global", "crm", "manufacturing"):
            cursor.execute(f"drop database if exists {name}")


def test_bills_are_passed_on_and_paid_as_they_say(group: Group) -> None:
    """Nothing leaves a bill that did not come in, and discounting costs interest for the days to maturity alone."""
    with sqlite3.connect(group.folder / "erp_china.sqlite") as database:
        assert database.execute(
            """
            select count(*) from (
                select p.pjid from t_piaoju p join t_piaoju_shijian s using (pjid) group by p.pjid, p.je
                having sum(case when sjlx in ('收票', '开票') then s.je else 0 end) <> p.je
                    or round(sum(case when sjlx in ('收票', '开票') then s.je else -s.je end), 2) < 0
            )
            """
        ).fetchone() == (0,)
        assert database.execute(
            """
            select count(*) > 0, min(feiyong) > 0, max(feiyong / s.je / (julianday(dqr) - julianday(sjrq)) * 360) < 0.03
            from t_piaoju_shijian s join t_piaoju p using (pjid) where sjlx = '贴现'
            """
        ).fetchone() == (1, 1, 1)
        # What a bill paid is settled by it alone: on its day, for its amount, and by no receipt or payment as well.
        for allocation, event in (("t_ys_hexiao", "('收票')"), ("t_yf_hexiao", "('开票', '背书')")):
            money = "skid" if allocation == "t_ys_hexiao" else "fkid"
            assert database.execute(
                f"""
                select count(*) from (
                    select s.sjid from t_piaoju_shijian s left join {allocation} h on h.sjid = s.sjid
                    where s.sjlx in {event} group by s.sjid, s.je, s.sjrq
                    having round(sum(h.je), 2) is not s.je or min(h.hxrq) <> s.sjrq or max(h.hxrq) <> s.sjrq
                        or count(h.{money}) > 0
                )
                """
            ).fetchone() == (0,)
