"""A published file of as many sales invoice lines as are wanted, made from a group that has run.

usage: python tests/benchmarks/larger_group.py COMPANY_YML FOLDER [LINES]      (default: 10,000,000 lines)

Every document of the warehouse is copied by set work in DuckDB, each copy with ids of its own, and customers as many
times as the demo's generator would make them (the square root). A copy sells another product of the same category
to another customer of the same region, so that roll-ups do not stay as small as those of one copy. The models of
margin are then built by dbt over the larger tables, and the file is published as a run publishes it. What pages
do not read stays as it was: it is no group that a run could go on from.
"""

from __future__ import annotations

import math
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.config import Settings, load_settings
from dagster_project.publishing.publish import publish, report_run
from dagster_project.transform import RunContext, build

MODELS = "fct_margin_monthly fct_customer_margin_monthly"
# One row or more per document: as many copies as there are lines wanted.
OF_DOCUMENTS = (
    "fct_sales_invoice_line", "fct_receivable", "fct_receivable_settlement", "fct_receivable_aging",
    "fct_receivable_forecast", "fct_collection_item",
)  # fmt: skip
# One row or more per customer.
OF_CUSTOMERS = (
    "dim_customer", "dim_customer_attribute", "dim_customer_source", "fct_collection_worklist", "fct_credit_assessment",
    "fct_payment_promise", "fct_late_payment_alert",
)  # fmt: skip
# Columns that name a document or customer, and so are the copy's own.
_OWN = ("invoice_id", "invoice_number", "invoice_line_id", "receivable_id", "record_id", "name", "promise_id", "code")


def enlarge(warehouse: Path, lines: int) -> None:
    """Copy documents and customers in the marts of ``warehouse`` until there are about ``lines`` sales lines."""
    with duckdb.connect(str(warehouse), config={"memory_limit": "5GB", "preserve_insertion_order": "false"}) as con:
        con.execute(f"set temp_directory = '{warehouse.parent / 'spilled'}'")
        found = con.execute("select count(*) from marts.fct_sales_invoice_line").fetchone()
        assert found is not None
        copies = math.ceil(lines / found[0])
        customers = max(1, round(math.sqrt(copies)))
        con.execute(
            """create temp table other_product as
            select product_id, source_system, category,
                row_number() over (partition by source_system, category order by product_id) - 1 as place,
                count(*) over (partition by source_system, category) as places
            from marts.dim_product"""
        )
        for table in (*OF_DOCUMENTS, *OF_CUSTOMERS):
            _copy(con, table, copies if table in OF_DOCUMENTS else customers, customers)
        con.execute("checkpoint")


def _copy(con: duckdb.DuckDBPyConnection, table: str, copies: int, customers: int) -> None:
    columns = [
        row[0]
        for row in con.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? "
            "order by column_index",
            [table],
        ).fetchall()
    ]
    of_documents = table in OF_DOCUMENTS
    changed = [f"own.{name} || '~' || copy.number as {name}" for name in _OWN if name in columns]
    if "customer_id" in columns:
        number = f"(hash(own.{columns[0]}, copy.number) % {customers})" if of_documents else "copy.number"
        changed.append(f"own.customer_id || case {number} when 0 then '' else '~' || {number} end as customer_id")
    joins = order = ""
    if table == "fct_sales_invoice_line":
        order = "order by own.invoice_date"  # as the model leaves it
        changed.append("coalesce(other.product_id, own.product_id) as product_id")
        joins = """
            left join other_product as mine on own.product_id = mine.product_id
            left join other_product as other
                on mine.source_system = other.source_system and mine.category = other.category
                    and other.place = (mine.place + copy.number) % mine.places"""
    con.execute(
        f"""create or replace table marts.{table} as
        select own.* replace ({", ".join(changed)})
        from range({copies}) as copy (number) cross join marts.{table} as own {joins} {order}"""
    )


def larger_group(config: Path, folder: Path, lines: int) -> Settings:
    """The group of ``config`` published with about ``lines`` sales invoice lines, in ``folder``; its settings."""
    source = load_settings(config)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(config.parent, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("published", "dagster"))
    settings = load_settings(folder / config.name)
    assert settings.warehouse != source.warehouse, "home has to lie in the folder of company.yml"
    enlarge(settings.warehouse, lines)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        run_id, as_of = con.execute("select run_id, as_of from marts.dim_run").fetchall()[0]
    now = datetime.now(UTC).replace(tzinfo=None)
    build(settings, RunContext(run_id, as_of, now), MODELS)
    publish(settings.warehouse, settings.published, run_id)
    report_run(settings.published, run_id=run_id, status="published", started_at=now, message="")
    return settings


def main() -> None:
    config, folder = Path(sys.argv[1]), Path(sys.argv[2])
    lines = int(sys.argv[3].replace(",", "")) if len(sys.argv) > 3 else 10_000_000
    started = datetime.now(UTC)
    settings = larger_group(config, folder, lines)
    seconds = (datetime.now(UTC) - started).total_seconds()
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as con:
        for table in (*OF_DOCUMENTS[:4], "dim_customer", *MODELS.split()):
            print(f"{table}: {con.execute(f'select count(*) from marts.{table}').fetchall()[0][0]:,} rows")
    print(f"made in {seconds:.0f} s; {(settings.published / 'current.duckdb').resolve().stat().st_size / 2**30:.1f} GB")


if __name__ == "__main__":
    main()
