"""No page, drill, link, download or cache shows a reader anything of rows that are not his.

The same file is published twice: as it is, and without what the reader may not see (rows removed, hidden columns
changed). What rows those are is said here, table by table, not by the policy. If a reader's every frame, download and
page is the same over both files, then nothing he may not see reaches him, not even through a sum; and he sees his own.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import streamlit as st
import yaml
from hypothesis import given, settings, strategies
from streamlit.testing.v1 import AppTest

from dashboards import access
from dashboards.policy import DEFAULT_FILE
from dashboards.queries.receivables import open_invoices
from dashboards.scoped import Scope

FOLDER = DEFAULT_FILE.parent
PAGES = sorted(f"{file.parent.name}/{file.stem}" for file in FOLDER.glob("app_pages/*/*.py"))
# What the small tables of published.sql lack, and rows that are nobody's in particular.
MORE = (
    "alter table marts.dim_account add column company_id varchar",
    "update marts.dim_account set company_id = 'erp:1'",
    "insert into marts.dim_account (account_id, code, name, purpose, company_id) "
    "values ('erp:x', '9', 'elsewhere', 'revenue', 'erp:2')",
    "alter table marts.dim_customer add column salesperson_id varchar",
    "alter table marts.dim_customer add column salesperson_name varchar",
    "update marts.dim_customer set salesperson_id = case customer_id when 'erp:c2' then 'u1' else 'u2' end",
    "update marts.dim_customer set salesperson_name = 'Name of ' || salesperson_id",
    "insert into marts.fct_tie_out (run_id, control, as_of, left_total, right_total, difference, blocking, passed) "
    "values ('20261031T0600', 'consolidation', '2026-10-31', 77, 70, 7, false, false)",
    "create table marts.fct_payroll_line (company_id varchar, employee_id varchar, "
    "amount_company_currency decimal(18, 4))",
    "insert into marts.fct_payroll_line values ('erp:1', 'e1', 5000), ('erp:2', 'e2', 6000)",
    "create table marts.fct_payable (company_id varchar, supplier_id varchar)",
    "insert into marts.fct_payable select 'erp:1', supplier_id from marts.dim_supplier order by supplier_id limit 1",
)
COMMON = {
    "dim_run", "dim_date", "dim_company", "dim_product", "dim_exchange_rate", "dim_exchange_rate_monthly",
    "catalogue_column", "dim_measure", "fct_credit_grade",
}  # fmt: skip


def of_company_1(table: str, columns: set[str]) -> str | None:
    """SQL for the rows of ``table`` that a controller of company erp:1 may see; None for no row."""
    if table == "fct_payroll_line":
        return None
    if "company_id" in columns:
        return "company_id = 'erp:1'"
    if "seller_company_id" in columns:
        return "'erp:1' in (seller_company_id, buyer_company_id)"
    if "customer_id" in columns:
        return "customer_id = 'erp:c1'"
    if "supplier_id" in columns:
        return "supplier_id = (select min(supplier_id) from marts.fct_payable)"
    if "issue_id" in columns:
        return "issue_id in (select issue_id from marts.fct_data_issue where company_id = 'erp:1')"
    return "level = 'company' and entity_id = 'erp:1'" if {"level", "entity_id"} <= columns else None


def of_customers(*customers: str) -> Callable[[str, set[str]], str | None]:
    """The same for who may see these customers alone."""
    listed = ", ".join(f"'{customer}'" for customer in customers)

    def own(table: str, columns: set[str]) -> str | None:
        if "customer_id" in columns:
            return f"customer_id in ({listed})"
        return f"level = 'customer' and entity_id in ({listed})" if {"level", "entity_id"} <= columns else None

    return own


def all_but_payroll(table: str, _columns: set[str]) -> str | None:
    return None if table == "fct_payroll_line" else "true"


@dataclass(frozen=True)
class Person:
    """A user of the policy, the rows that are hers, and the columns that she may not see."""

    email: str
    role: str
    rows: dict[str, list[str]]
    own: Callable[[str, set[str]], str | None]
    hidden: tuple[str, ...] = ()
    opens: set[str] = field(default_factory=set)


COSTS = ("%.cost_amount_%", "%.margin_amount_%", "dim_product.cost_price", "dim_run.cash_floor_%")
PEOPLE = (
    Person("anna@example.com", "analyst", {}, all_but_payroll, ("%.iban",)),
    Person("carl@example.com", "company_controller", {"companies": ["erp:1"]}, of_company_1, ("dim_run.cash_floor_%",)),
    Person("rosa@example.com", "regional_manager", {"regions": ["Europe"]}, of_customers("erp:c2", "erp:c3"),
           ("dim_product.cost_price", "dim_run.cash_floor_%")),
    Person("sam@example.com", "salesperson", {"salespeople": ["u1"]}, of_customers("erp:c2"), COSTS),
    Person("kim@example.com", "collector", {"customers": ["erp:c1"]}, of_customers("erp:c1"), COSTS),
    Person("stan@example.com", "steward", {}, all_but_payroll),
)  # fmt: skip
BY_ROLE = {person.role: person for person in PEOPLE}


def without_what_is_not_his(person: Person) -> list[str]:
    """SQL that takes out of the small tables what ``person`` may not see."""
    changes = []
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        for change in MORE:
            connection.execute(change)
        kinds = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
        for name in sorted({table for table, _, _ in kinds}):
            own = person.own(name, {column for table, column, _ in kinds if table == name})
            if name not in COMMON:
                changes.append(f"delete from marts.{name} where not coalesce({own or 'false'}, false)")
        for pattern in person.hidden:
            for table, column, kind in kinds:
                like = connection.execute("select $1 like $2", [f"{table}.{column}", pattern]).fetchall()[0][0]
                if like:
                    other = "'other'" if kind == "VARCHAR" else "987654"
                    changes.append(f"update marts.{table} set {column} = {other}")
    # Tables that tell which rows of others are his go last.
    return sorted(changes, key=lambda change: "fct_payable" in change or "fct_data_issue " in change)


TABLES = (Path(__file__).parent / "published.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, publish_run: Callable[..., Path]) -> Path:
    return publish_run(tmp_path_factory.mktemp("everything"), "20261031T0600", *MORE)


@pytest.fixture(scope="module")
def own_alone(tmp_path_factory: pytest.TempPathFactory, publish_run: Callable[..., Path]) -> Callable[[Person], Path]:
    """``own_alone(person)`` publishes the file without what the person may not see."""
    made: dict[str, Path] = {}

    def publish(person: Person) -> Path:
        if person.role not in made:
            folder = tmp_path_factory.mktemp(person.role)
            made[person.role] = publish_run(folder, "20261031T0600", *MORE, *without_what_is_not_his(person))
        return made[person.role]

    return publish


def policy_text(**changes: Any) -> str:
    """The default policy with the people of this test; ``changes`` replace whole keys."""
    content = yaml.safe_load(DEFAULT_FILE.read_text(encoding="utf-8"))
    content["users"] = {person.email: {"role": person.role, "rows": person.rows} for person in PEOPLE} | {
        "cfo@example.com": {"role": "cfo"}
    }
    return yaml.safe_dump(content | changes)


@pytest.fixture
def policy_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The policy in force, with the people of this test."""
    file = tmp_path / "access_policy.yaml"
    file.write_text(policy_text(), encoding="utf-8")
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_POLICY", str(file))
    return file


@dataclass
class Seen:
    """All that left the door and all that stood on the page, in order."""

    frames: list[tuple[str, Scope, str]] = field(default_factory=list)
    downloads: list[tuple[str, str]] = field(default_factory=list)
    pages: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Every frame is written down as it leaves the door, and every download is taken."""
    seen = Seen()
    rows, button = access._rows, st.download_button

    def record(file: Any, scope: Scope, sql: str, tables: Any, values: Any, policy: Any) -> pd.DataFrame:
        frame = rows(file, scope, sql, tables, values, policy)
        seen.frames.append((f"{sql} {values}", scope, frame.to_csv()))
        return frame

    def take(label: str, data: Any, **options: Any) -> bool:
        content = data() if callable(data) else data
        if options.get("mime") == "text/csv":  # of other kinds the frames are what is compared
            seen.downloads.append((str(options.get("file_name")), bytes(content).decode("utf-8-sig")))
        return button(label, data=content, **options)

    monkeypatch.setattr(access, "_rows", record)
    monkeypatch.setattr(st, "download_button", take)
    return seen


def names_in_links() -> list[str]:
    """Every name that a page may read from its link, found in the pages themselves."""
    names: set[str] = set()
    for file in [*FOLDER.glob("app_pages/*/*.py"), *FOLDER.glob("components/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                bound = {key.arg: getattr(key.value, "value", None) for key in node.keywords}
                if called == "pick" or (called == "get" and "query_params" in ast.dump(node.func)):
                    names.update(arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))
                if bound.get("bind") == "query-params":
                    names.add(str(bound.get("key")))
            if (
                isinstance(node, ast.Subscript)
                and "query_params" in ast.dump(node.value)
                and isinstance(node.slice, ast.Constant)
            ):
                names.add(str(node.slice.value))
    levels = yaml.safe_load((FOLDER / "locales" / "en.yml").read_text(encoding="utf-8"))["level"]
    return sorted(names - {"lang", "as", "of"}) + [f"at_{level}" for level in levels]


IDS = ["erp:1", "erp:2", "erp:c1", "erp:c2", "erp:c3", "q1", "q2", "q3"]
VALUES = {
    "company": ["erp:1", "erp:2"],
    "customer": ["erp:c1", "erp:c2", "erp:c3"],
    "record": ["erp:c1", "erp:c2", "erp:c3"],
    "other": ["erp:c2", "erp:c3", "erp:c1"],
    "object": ["customer", "supplier"],
    "issue": ["q1", "q3", "q2"],
    "by": ["customer", "supplier", "region"],
    "at_company": ["erp:1", "erp:2"],
    "at_region": ["North China", "Europe", "Europe"],
    "at_country": ["CN", "DE", "FR"],
    "at_category": ["Pumps", "Valves"],
    "at_channel": ["Direct", "Online", ""],
    "at_product": ["erp:p1", "erp:p2"],
    "at_customer": ["erp:c1", "erp:c2", "erp:c3"],
    "show": ["bridge", "budget", "what_if"],
    "from": ["2026-08", "2025-05"],
    "to": ["2026-10", "2025-12"],
    "against": ["year_before", "2025-05"],
    "year": ["2026", "2025"],
    "month": ["2026-10", "2026-09"],
    "as_of": ["2026-10-31", "2026-09-30"],
}


def links() -> Iterator[dict[str, str]]:
    """Links with everything that they may hold, own and foreign; an unknown name gets any id there is."""
    for number in range(3):
        yield {name: (VALUES.get(name) or IDS)[number % len(VALUES.get(name) or IDS)] for name in names_in_links()}


def signed_in(email: str) -> AppTest:
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=30)
    app.secrets["auth"] = {"client_id": "settlehouse"}
    app.user = {"is_logged_in": True, "email": email, "email_verified": True}
    app.query_params["lang"] = "en"
    return app.run()


def open_anew(app: AppTest, page: str, in_link: dict[str, str]) -> None:
    """The page as a reader opens it from a link: nothing of what was chosen before is left."""
    elsewhere = "steward/catalogue" if page != "steward/catalogue" else "controller/tax"
    app.query_params.clear()
    app.query_params["lang"] = "en"
    app.switch_page(f"app_pages/{elsewhere}.py").run()
    app.switch_page(f"app_pages/{page}.py")
    for name, value in in_link.items():
        app.query_params[name] = value


def run(app: AppTest, page: str, what: str, seen: Seen) -> None:
    app.run()
    assert not app.exception, (page, what, [str(problem.message) for problem in app.exception])
    texts = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    seen.pages.append(
        (page, what, {
            "texts": [text.value for text in texts],
            "metrics": [(card.label, card.value, card.delta) for card in app.metric],
            "choices": [(box.label, list(box.options)) for box in app.selectbox],
            "tables": [table.value.to_csv() for table in app.dataframe],
            "charts": [chart.proto.spec for chart in app.get("plotly_chart")],
        })
    )  # fmt: skip


def look_around(
    email: str, link: Path, pages: list[str], seen: Seen, monkeypatch: pytest.MonkeyPatch, *, thoroughly: bool
) -> Seen:
    """Open every page; thoroughly: take two choices of every picker, and follow every link."""
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    app = signed_in(email)
    for page in pages:
        open_anew(app, page, {})
        run(app, page, "opened", seen)
        for box in range(len(app.selectbox)):
            for option in (1, 2, 0) if thoroughly else ():
                # A choice may take other pickers, or other choices, away.
                if box < len(app.selectbox) and option < len(app.selectbox[box].options):
                    app.selectbox[box].select_index(option)
                    run(app, page, f"picker {box} option {option}", seen)
        for in_link in links() if thoroughly else ():
            open_anew(app, page, in_link)
            run(app, page, f"link {in_link}", seen)
    return seen


def differences(person: Person, first: Seen, second: Seen) -> list[str]:
    """What is not the same over both files, in words."""
    found = []
    for (sql, scope, frame), (_, _, other) in zip(first.frames, second.frames, strict=False):
        if scope.role != person.role or dict(scope.rows) != {name: tuple(rows) for name, rows in person.rows.items()}:
            found.append(f"asked as {scope}: {sql}")
        if frame != other:
            found.append(f"frame of {sql}:\n{frame}\nand\n{other}")
    found += [f"download {a}\nand\n{b}" for a, b in zip(first.downloads, second.downloads, strict=False) if a != b]
    found += [f"page {a}\nand\n{b}" for a, b in zip(first.pages, second.pages, strict=False) if a != b]
    if [len(first.frames), len(first.downloads)] != [len(second.frames), len(second.downloads)]:
        found.append("not as many frames or downloads")
    return found


def pages_of(person: Person) -> list[str]:
    return [page for page in PAGES if access.policy().policy.roles[person.role].sees_page(page)]


def compared(
    person: Person, pages: list[str], everything: Path, own: Path, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Differences between what the person sees of everything and of her own alone."""
    first = look_around(person.email, everything, pages, recorded, monkeypatch, thoroughly=bool(person.rows))
    whole = Seen(list(first.frames), list(first.downloads), list(first.pages))
    for kept in (recorded.frames, recorded.downloads, recorded.pages):
        kept.clear()
    second = look_around(person.email, own, pages, recorded, monkeypatch, thoroughly=bool(person.rows))
    return differences(person, whole, second)


@pytest.mark.usefixtures("policy_file")
@pytest.mark.parametrize("role", BY_ROLE)
def test_nothing_reaches_a_reader_that_is_not_his(
    role: str,
    everything: Path,
    own_alone: Callable[[Person], Path],
    recorded: Seen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = BY_ROLE[role]
    pages = pages_of(person)
    assert pages
    # Whoever sees everything was here before: what is kept of his views must not be shown to the next.
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
    app = signed_in("cfo@example.com")
    for page in pages:
        app.switch_page(f"app_pages/{page}.py")
        run(app, page, "opened", recorded)
    for kept in (recorded.frames, recorded.downloads, recorded.pages):
        kept.clear()
    found = compared(person, pages, everything, own_alone(person), recorded, monkeypatch)
    assert not found, f"{len(found)} differences, the first: {found[0][:3000]}"
    assert len(recorded.frames) > 10
    assert recorded.downloads
    told = [text for _, _, on_page in recorded.pages for text in on_page["texts"]]
    closed = sorted({text for text in told if "is closed to your role" in text or "lacks something" in text})
    assert not closed, f"open to {role} by the policy's pages and closed by its tables: {closed}"


BREAKAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    # what is broken: whose view it widens, on which page, and the keys of the policy that do it
    "a table of receivables is called common": (
        "salesperson", "cfo/receivables", {"common_tables": [*sorted(COMMON), "fct_receivable_aging"]},
    ),
    "rows of a region are those of a company": (
        "regional_manager", "cfo/receivables",
        {"row_scopes": {"regions": {"key": "company_id"}}},
    ),
    "a hidden column is shown": (
        "company_controller", "cfo/cash",
        {"roles": {"company_controller": {"pages": ["cfo/*"], "rows": ["companies"]}}},
    ),
    "a table of the group is called common": (
        "company_controller", "controller/controls", {"common_tables": [*sorted(COMMON), "fct_tie_out"]},
    ),
    "the user has another company as well": (
        "company_controller", "cfo/receivables",
        {"users": {"carl@example.com": {"role": "company_controller", "rows": {"companies": ["erp:1", "erp:2"]}}}},
    ),
    "the role is not narrowed": (
        "collector", "cfo/receivables",
        {"users": {"kim@example.com": {"role": "cfo"}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BREAKAGES)
def test_a_broken_policy_is_found(
    broken: str,
    policy_file: Path,
    everything: Path,
    own_alone: Callable[[Person], Path],
    recorded: Seen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test above fails, as it has to, when the policy shows one thing too many."""
    role, page, changes = BREAKAGES[broken]
    content = yaml.safe_load(policy_text())
    for name, value in changes.items():
        content[name] = content[name] | value if isinstance(value, dict) else value
    if broken == "rows of a region are those of a company":
        content["users"]["rosa@example.com"]["rows"] = {"regions": ["erp:1", "erp:2"]}
    policy_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    person = BY_ROLE[role]
    found = compared(person, [page], everything, own_alone(person), recorded, monkeypatch)
    assert [text for text in found if not text.startswith("asked as")], broken


@pytest.mark.usefixtures("policy_file")
def test_a_page_that_is_closed_is_refused_calmly_and_reads_nothing(
    everything: Path, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
    app = signed_in("sam@example.com")
    assert app.title[0].value == "Receivables aging", "the bare address opens the first page that is open"
    recorded.frames.clear()
    closed = [page for page in PAGES if page not in pages_of(BY_ROLE["salesperson"]) and page != "cfo/overview"]
    for page in closed:
        app.switch_page(f"app_pages/{page}.py")
        app.query_params["company"] = "erp:1"
        run(app, page, "closed", recorded)
        assert "This page is not open to the role Salesperson." in app.info[0].value
        assert not app.metric
        assert not app.dataframe
    assert not recorded.frames


@pytest.mark.usefixtures("policy_file")
def test_who_is_unknown_or_not_signed_in_sees_nothing(
    everything: Path, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
    for user, said in (
        ({"is_logged_in": True, "email": "stranger@example.com"}, "stranger@example.com is signed in and has no role"),
        ({"is_logged_in": True, "email": "carl@example.com", "email_verified": False}, "has no role here"),
        ({"is_logged_in": False, "email": "cfo@example.com"}, "Sign in to see figures."),
        ({}, "Sign in to see figures."),
    ):
        for page in ("cfo/receivables", "steward/decisions"):
            app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=30)
            app.secrets["auth"] = {"client_id": "settlehouse"}
            app.user = user
            app.query_params["lang"] = "en"
            app.run().switch_page(f"app_pages/{page}.py")
            run(app, page, "unknown", recorded)
            assert said in app.info[0].value.replace("\\", "")
            assert not app.metric
    assert not recorded.frames


@settings(max_examples=60, deadline=None)
@given(text=strategies.text(max_size=60), company=strategies.text(max_size=20))
def test_a_value_from_a_link_never_becomes_sql(everything: Path, text: str, company: str) -> None:
    """Filters are values: whatever stands in them, rows that match it come back and no others, and nothing breaks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
        access.choose_file()
        for value in (text, f"' or '1'='1{text}", f"erp:1'; drop table marts.dim_company; --{text}", f"$as_of{text}"):
            day = pd.Timestamp("2026-10-31").date()
            assert open_invoices(day, value, None).empty == (value not in ("erp:1", "erp:2"))
            assert open_invoices(day, company or None, value).empty
        assert len(open_invoices(pd.Timestamp("2026-10-31").date(), None, None)) == 5


@pytest.mark.usefixtures("policy_file")
@pytest.mark.parametrize("value", ["erp:1' union select * from marts.dim_customer --", "\x00$company_id"])
def test_a_page_opens_whatever_its_link_says(
    value: str, everything: Path, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
    app = signed_in("carl@example.com")
    for page in pages_of(BY_ROLE["company_controller"]):
        open_anew(app, page, {name: value for name in names_in_links() if name != "as_of"})
        run(app, page, "injected", recorded)
        assert not [text.value for text in app.info if "not let through" in text.value]


def test_a_download_taken_is_logged_without_figures(
    everything: Path, policy_file: Path, tmp_path: Path, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("SETTLEHOUSE_ACCESS_LOG", str(tmp_path / "logs"))
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(everything))
    app = signed_in("sam@example.com")
    app.switch_page("app_pages/controller/ledger.py").run()
    file = next((tmp_path / "logs").glob("access-*.jsonl"))
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["action"], line["page"]) for line in lines] == [
        *[("export", "cfo/receivables")] * 4, ("view", "cfo/receivables"), ("refused", "controller/ledger"),
    ]  # fmt: skip
    assert {line["who"] for line in lines} == {"sam@example.com"}
    assert lines[0]["role"] == "salesperson"
    assert lines[0]["rows_of"] == {"salespeople": ["u1"]}
    # each table as CSV and as Excel
    assert lines[2]["file"] == "open_receivables_2026-10-31.csv"
    assert lines[2]["rows"] == 2
    assert lines[4]["queries"]["open_invoices"] == 2
    assert "fct_receivable_aging" in lines[4]["tables"]
    text = file.read_text(encoding="utf-8")
    assert "40000" not in text
    assert "Müller" not in text


def test_every_download_of_the_pages_is_logged_and_defused() -> None:
    """A component that hands out a file asks the door to log it; CSV and spreadsheets go through safe_cells."""
    handing_out = [file for file in FOLDER.rglob("*.py") if "st.download_button(" in file.read_text(encoding="utf-8")]
    assert handing_out
    for file in handing_out:
        text = file.read_text(encoding="utf-8")
        assert "logged_export(" in text, f"{file.name} hands out a file: log it with access.logged_export"
        defused = "safe_cells" in text or "csv_bytes" in text or "pdf_bytes" in text
        assert defused, f"{file.name} hands out cells that may run as formulas"


def test_there_is_no_cache_and_no_connection_beside_the_door() -> None:
    """A cache of a page's own would not know whose view it keeps, and a connection of its own would see everything."""
    for file in FOLDER.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "st.cache_" not in text or file.name == "access.py", f"{file}: results are cached by access.query alone"
        assert "duckdb.connect" not in text or file.name == "scoped.py", f"{file}: figures come through access.query"
