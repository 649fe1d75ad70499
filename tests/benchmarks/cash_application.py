"""Cash application by the demo's truth and by speed:
python tests/benchmarks/cash_application.py [SEEDS] [SCALE] [LINES …]

SEEDS: a list such as 201,202,203,204,205 (default). For each the demo group is generated at SCALE (default 0.5), its
marts built, and every incoming bank line matched as on its own day. Features, thresholds and words were chosen on seed
7. Scored are the lines of the last two years; the first year is what the model learns from.

- hit rate: of the invoices that bank lines pay, those in the proposal of their line (and those to the cent);
- precision: of the rows applied without asking, those that are right to the cent; lines that pay no invoice count;
- hard cases: n:m (a line of several invoices of which one is paid by several lines), paid by a third party or a sister
  company, number mistyped;
- calibration: mean distance between probability and share of right lines, over ten bands, weighted by lines.

Then LINES (default 100,000; "0" leaves it out; 1000000 takes minutes): so many bank lines against twice as many open
items, of all kinds, generated here: overpaid, in another currency and paid in two parts on one day are among them.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import numpy as np

from dagster_project.cash_application import inputs, matching

MARTS = (
    "dim_bank_account", "dim_company", "dim_customer", "dim_customer_source", "dim_exchange_rate", "dim_run",
    "fct_bank_movement", "fct_journal_line", "fct_receivable", "fct_receivable_settlement",
)  # fmt: skip
SEEDS = "201,202,203,204,205"


def build_marts(folder: Path, seed: int, scale: float) -> Path:
    """The demo group's warehouse with the marts that cash application reads."""
    from dagster_project.config import load_settings
    from dagster_project.pipeline import build_models, extract_system
    from dagster_project.transform import RunContext
    from demo import AS_OF, generate

    generate(folder, scale=scale, seed=seed)
    settings = load_settings(folder / "company.yml")
    run = RunContext("benchmark", AS_OF, datetime.now(UTC).replace(tzinfo=None))
    for system in sorted({source.layout.system for source in settings.sources}):
        extract_system(settings, system, run)
    build_models(settings, run, " ".join(f"+{name}" for name in MARTS), "marts")
    return settings.warehouse


def matched(warehouse: Path, as_of: date) -> tuple[duckdb.DuckDBPyConnection, float]:
    """A connection with the tables of ``matching.match``, and the seconds it took."""
    connection = duckdb.connect()
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute("use warehouse")
    started = time.perf_counter()
    inputs.read_marts(connection, as_of)
    matching.match(connection, as_of)
    return connection, time.perf_counter() - started


def score(connection: duckdb.DuckDBPyConnection, answer_key: Path) -> dict[str, float]:
    """Figures of one group."""
    connection.execute(
        f"""
        create or replace temp table truth as
        select entry._source || ':' || entry.statement_key || ':' || entry.entry_index as line_id,
            item.receivable_id as item_id, told.amount_applied::decimal(18, 4) as amount, told.paid_by,
            told.reference_kind, told.items_to_lines
        from '{answer_key}' as told
        join raw.bank_statements__entry as entry on entry.bank_reference = told.bank_reference
        left join marts.fct_receivable as item on item.invoice_number = told.invoice_number
            and item.kind <> 'unapplied_cash' and item.amount_document_currency > 0
        """
    )
    connection.execute(
        f"""
        create or replace temp table scored_line as
        select line_id, day from line where day >= (select min(day) + 365 from line);
        create or replace temp table ours as
        select chosen.line_id, part.item_id, part.amount, chosen.probability,
            chosen.probability >= {matching.APPLIED_FROM} as is_applied
        from chosen join scored_item as part using (line_id, set_key) join scored_line using (line_id)
        """
    )
    hits = connection.execute(
        """
        select count(*), avg((ours.item_id is not null)::int), avg(coalesce(abs(ours.amount - truth.amount) <= 0.02,
                false)::int),
            avg((ours.item_id is not null)::int) filter (where items_to_lines = 'n:n'),
            avg((ours.item_id is not null)::int) filter (where paid_by = 'third_party'),
            avg((ours.item_id is not null)::int) filter (where paid_by = 'sister'),
            avg((ours.item_id is not null)::int) filter (where reference_kind = 'garbled'),
            avg((ours.item_id is not null)::int) filter (where items_to_lines = 'n:n' or paid_by <> 'customer'
                or reference_kind = 'garbled'),
            count(*) filter (where items_to_lines = 'n:n'), count(*) filter (where paid_by = 'third_party'),
            count(*) filter (where paid_by = 'sister'), count(*) filter (where reference_kind = 'garbled')
        from truth join scored_line using (line_id) left join ours using (line_id, item_id)
        where truth.item_id is not null
        """
    ).fetchall()[0]
    applied = connection.execute(
        """select count(*), avg((truth.item_id is not null and abs(ours.amount - truth.amount) <= 0.02)::int)
           from ours left join truth using (line_id, item_id) where is_applied"""
    ).fetchall()[0]
    lines = connection.execute(
        """
        with of_truth as (select line_id, list(item_id order by item_id) as items,
                list(amount order by item_id) as amounts
            from truth where item_id is not null group by 1),
        of_ours as (select line_id, probability, list(item_id order by item_id) as items,
            list(amount order by item_id) as amounts from ours group by 1, 2)
        select probability, coalesce(of_truth.items = of_ours.items and list_max(list_transform(
            list_zip(of_truth.amounts, of_ours.amounts), x -> abs(x[1] - x[2]))) <= 0.02, false)::int as is_right
        from of_ours left join of_truth using (line_id)
        """
    ).df()
    band = np.minimum((lines["probability"] * 10).astype(int), 9)
    by_band = lines.groupby(band).agg(n=("is_right", "size"), p=("probability", "mean"), right=("is_right", "mean"))
    names = ("invoices", "hit_rate", "hit_rate_to_the_cent", "n_to_m", "third_party", "sister", "garbled", "hard_cases",
             "n_to_m_invoices", "third_party_invoices", "sister_invoices", "garbled_invoices")  # fmt: skip
    return {
        **{name: float("nan") if value is None else value for name, value in zip(names, hits, strict=True)},
        "applied": applied[0],
        "precision_of_applied": applied[1],
        "applied_share": applied[0] / max(hits[0], 1),
        "calibration_error": float((by_band["n"] * (by_band["p"] - by_band["right"]).abs()).sum() / len(lines)),
    }


def fill(connection: duckdb.DuckDBPyConnection, lines: int, seed: int = 1) -> None:
    """Bank lines of one company and twice as many open items in two currencies, half of the lines history."""
    inputs.empty_tables(connection)
    connection.execute(f"select setseed({1 / (seed + 1)})")
    customers = max(lines // 10, 10)
    connection.execute(
        f"""
        insert into customer_name
        select 'K' || range,
            ['Harbour', 'Beacon', 'Silver', 'North', 'Cedar', 'Quick', 'Stone', 'Bright'][1 + range % 8]
            || chr(97 + (range // 8 % 26)::int) || chr(97 + (range // 208 % 26)::int)
            || chr(97 + (range // 5408 % 26)::int) || ['ford', 'mark', 'well', 'gate'][1 + range % 4]
            || ' ' || ['Controls GmbH', 'Lighting Ltd', 'Supplies Inc', 'Marine BV'][1 + range % 4]
        from range({customers})
        """
    )
    # Every customer has its items; every second line pays one of its own, the others two, three, a part, too much.
    connection.execute(
        f"""
        insert into item
        select 'I' || range, 'C', 'K' || range % {customers}, 'INV-2026-' || lpad(range::varchar, 8, '0'),
            'SO' || (range + 5000), case when range % 97 = 5 then 'USD' else 'EUR' end,
            (10 + floor(random() * 5000000) / 100)::decimal(18, 4), date '2026-01-01' + (range // {customers} * 5)::int,
            date '2026-01-31' + (range // {customers} * 5)::int
        from range({2 * lines})
        """
    )
    connection.execute(
        """insert into rate select currency, date '2025-12-01' + range::int, per_unit
           from range(500), (values ('EUR', 1.0), ('USD', 0.9)) as t(currency, per_unit)"""
    )
    connection.execute(
        """
        create or replace temp table paying as
        with numbered as (
            select item.*, row_number() over (partition by customer_id order by item_id) as place,
                hash(item_id) % 100 as luck
            from item
        )
        select customer_id, (place + 1) // 2 as round, list(item_id order by item_id) as items, sum(amount) as total,
            any_value(currency) as currency, min(amount) as first_amount, min(item_id) as first_item, min(luck) as luck,
            min(document_number) as first_number, string_agg(document_number, ' ' order by item_id) as numbers,
            count(distinct currency) as currencies, max(posted_on) as posted_on
        from numbered group by all
        """
    )
    connection.execute(
        f"""
        insert into line
        select 'L' || row_number() over (order by customer_id, round), 'C',
            posted_on + 20 + (hash(customer_id, round) % 20)::int, 'EUR',
            case when currencies > 1 then first_amount when currency = 'USD' then round(total * 0.9 * 1.004, 2)
                when luck < 60 then total when luck < 75 then first_amount when luck < 80 then total - 12.50
                when luck < 85 then round(total * 0.95, 2) when luck < 90 then total + 100 else total end,
            case when luck % 50 = 7 then 'Factoring Bank AG' else name end,
            case when luck % 50 = 7 then null else 'ACC' || customer_id end,
            case when luck % 10 < 5 then numbers when luck % 10 < 7 then right(first_number, 8)
                when luck % 10 < 8 then 'payment' end
        from paying join (select customer_id, any_value(name) as name from customer_name group by 1) using (customer_id)
        qualify row_number() over (order by customer_id, round) <= {lines}
        """
    )
    # The books know the older half.
    connection.execute(
        """
        create or replace temp table line_of as
        select 'L' || row_number() over (order by customer_id, round) as line_id, * from paying;
        insert into settlement
        select item.item_id, line.line_id, line.day, 'payment',
            case when len(line_of.items) = 1 or line.amount >= line_of.total then item.amount
                when item.item_id = line_of.first_item then item.amount end
        from (select *, unnest(items) as item_id from line_of) as line_of join line using (line_id)
        join item on line_of.item_id = item.item_id
        where line.day < (select median(day) from line) and hash(line.line_id) % 2 = 0
        """
    )
    connection.execute("delete from settlement where amount is null")
    connection.execute("insert into booked_line select distinct line_id from settlement")


def speed(lines: int) -> None:
    """Print seconds and peak memory of one match over generated tables."""
    connection = duckdb.connect()
    connection.execute("set memory_limit = '2500MB'")
    fill(connection, lines)
    as_of = connection.execute("select max(day) from line").fetchall()[0][0]
    started, worked = time.perf_counter(), time.process_time()
    matching.match(connection, as_of)
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    counted = [connection.execute(f"select count(*) from {table}").fetchall()[0][0]
               for table in ("line", "item", "scored", "chosen")]  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{counted[0]} bank lines, {counted[1]} items, {counted[2]} candidates, {counted[3]} lines with a choice: "
        f"{seconds:.0f} s ({worked:.0f} s of one processor), peak {peak:.1f} GB",
        flush=True,
    )


def main() -> None:
    logging.getLogger("settlehouse").setLevel(logging.WARNING)
    seeds = [int(seed) for seed in (sys.argv[1] if len(sys.argv) > 1 else SEEDS).split(",") if seed]
    scale = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    for seed in seeds:
        with TemporaryDirectory() as folder:
            from demo import AS_OF

            warehouse = build_marts(Path(folder), seed, scale)
            connection, seconds = matched(warehouse, AS_OF)
            figures = score(connection, Path(folder) / "answer_key" / "bank_line_invoice.parquet")
            connection.close()
        told = {name: round(value, 4) for name, value in figures.items()}
        print(json.dumps({"seed": seed, "scale": scale, "seconds": round(seconds, 1), **told}), flush=True)
    for lines in [int(text) for text in sys.argv[3:]] if len(sys.argv) > 3 else [100_000]:
        if lines:
            speed(lines)


if __name__ == "__main__":
    main()
