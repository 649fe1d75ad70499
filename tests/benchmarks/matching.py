"""Golden records by the demo's answer key and by speed: python tests/benchmarks/matching.py [SEEDS] [RECORDS …]

SEEDS: a number (seeds 1 to so many; default 5) or a list such as 101,102,103. For each the demo group's parties are
drawn at scale 1 and matched. Pairwise precision, recall and F1 of the automatic clusters against the planted
duplicates, for Chinese and for Latin names (a pair is Chinese where one of its names is written so), and sister
companies (one name stem, different parties) that were merged. The harder rounds take one identifier after the other
away from every copy and sister.
Then RECORDS (default 100,000; 1000000 takes minutes) customers drawn by the same generator: seconds and peak memory.
"""

from __future__ import annotations

import logging
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import pandas as pd

from dagster_project.matching.golden import match_object
from dagster_project.sources.raw import prepare_warehouse
from demo.identifiers import random_generator
from demo.parties import COMPANIES, World, _customers, _salespeople, _with_duplicates, build

_HAN = re.compile(r"[\u4e00-\u9fff]")
# What is taken from copies and sisters in each round; the first is the demo as it is.
ROUNDS: dict[str, tuple[str, ...]] = {
    "as drawn": (),
    "without e-mail": ("email",),
    "without tax identifier": ("tax_identifier",),
    "without e-mail and tax identifier": ("email", "tax_identifier"),
}


def warehouse_of(parties: pd.DataFrame, kind: str) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with the intermediate tables that matching reads, filled with these parties."""
    warehouse = duckdb.connect()
    prepare_warehouse(warehouse, [])
    frame = parties[
        ["code", "erp", "name", "tax_identifier", "country", "region", "city", "email", "account", "entity"]
    ]
    warehouse.register("party", frame)
    warehouse.execute("create schema intermediate")
    warehouse.execute(
        f"""create table intermediate.int_{kind} as
            select 'erp_' || erp || ':' || code as {kind}_id, code as source_key, code, nullif(name, '') as name,
                cast(tax_identifier as varchar) as tax_identifier, country, region, city, email,
                cast(account as varchar) as bank_account_number, cast(null as varchar) as replaced_by_{kind}_id
            from party"""
    )
    warehouse.execute(
        """create table intermediate.int_crm_account (crm_account_id varchar, customer_code varchar, name varchar,
            tax_identifier varchar, country varchar, region varchar, email varchar, source_key varchar)"""
    )
    return warehouse


def pairs_of(frame: pd.DataFrame, cluster: str) -> set[tuple[str, str]]:
    """All pairs of codes within each cluster."""
    found = frame.merge(frame, on=cluster)
    found = found[found["code_x"] < found["code_y"]]
    return set(zip(found["code_x"], found["code_y"], strict=True))


def scored(parties: pd.DataFrame, kind: str, sisters: set[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts of right, found and true pairs by script, and of merged sister companies."""
    warehouse = warehouse_of(parties, kind)
    match_object(warehouse, kind)
    members = warehouse.execute(
        f"""select code, golden_id from quality.golden_member
            inner join intermediate.int_{kind} on record_id = {kind}_id where object = '{kind}'"""
    ).df()
    review = warehouse.execute("select count(*) from quality.match_pair where zone = 'review'").fetchone()
    warehouse.close()
    found = pairs_of(members, "golden_id")
    true = pairs_of(parties[["code", "entity"]], "entity")
    name = dict(zip(parties["code"], parties["name"], strict=True))

    def script(pair: tuple[str, str]) -> str:
        return "Chinese" if any(_HAN.search(name[code]) for code in pair) else "Latin"

    counts = {
        of: {
            "right": sum(script(p) == of for p in found & true),
            "found": sum(script(p) == of for p in found),
            "true": sum(script(p) == of for p in true),
        }
        for of in ("Chinese", "Latin")
    }
    counts["sisters"] = {
        "merged": len({tuple(sorted(p)) for p in sisters} & found), "pairs": len(sisters), "review": review[0],
    }  # fmt: skip
    return counts


def f1(right: int, found: int, true: int) -> str:
    precision, recall = right / found if found else 1.0, right / true if true else 1.0
    score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"F1 {score:.4f} (precision {precision:.4f} of {found}, recall {recall:.4f} of {true})"


def accuracy(seeds: list[int]) -> None:
    for label, taken in ROUNDS.items():
        total = {of: dict.fromkeys(("right", "found", "true"), 0) for of in ("Chinese", "Latin")}
        merged = pairs = review = 0
        for seed in seeds:
            world = build(seed, 1)
            for kind, parties in (("customer", world.customers), ("supplier", world.suppliers)):
                frame = parties.copy()
                codes = [one["code"] for one in world.sisters if one["object"] == kind]
                sisters = set(zip(codes[::2], codes[1::2], strict=True))
                later = frame["entity"].duplicated() | frame["code"].isin(codes[1::2])
                for column in taken:
                    frame.loc[later, column] = None
                counts = scored(frame, kind, sisters)
                for of in total:
                    for what in total[of]:
                        total[of][what] += counts[of][what]
                merged += counts["sisters"]["merged"]
                pairs += counts["sisters"]["pairs"]
                review += counts["sisters"]["review"]
        for of, numbers in total.items():
            print(f"{label}: {of} names {f1(**numbers)}", flush=True)
        print(f"{label}: {merged} of {pairs} sister companies merged, {review} pairs for the steward", flush=True)


def many_customers(count: int) -> pd.DataFrame:
    """Customers of the demo's generator, 2.6 % of them recorded twice."""
    companies = COMPANIES.assign(tax_identifier="", calendar=0)
    salespeople = _salespeople(random_generator(1, 1))
    drawn = _customers(1, round(count / 1.026), companies, salespeople)
    world = World(companies, drawn, drawn, drawn, drawn, salespeople, drawn)
    return _with_duplicates(world, drawn, "customer", 0.026, random_generator(1, 5))


def speed(file: str) -> None:
    parties = pd.read_parquet(file)
    warehouse = warehouse_of(parties, "customer")
    records = len(parties)
    true = pairs_of(parties[["code", "entity"]], "entity")
    del parties
    started = time.perf_counter()
    outcome = match_object(warehouse, "customer")
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    members = warehouse.execute(
        """select code, golden_id from quality.golden_member inner join intermediate.int_customer
               on record_id = customer_id
           where golden_id in (select golden_id from quality.golden_member group by 1 having count(*) > 1)"""
    ).df()
    found = pairs_of(members, "golden_id")
    print(
        f"{records} records: {seconds:.1f} s, peak memory of the process {memory:.2f} GiB; "
        f"{outcome.merged} golden records of several, {outcome.pairs_in_doubt} pairs in doubt; "
        f"{f1(len(found & true), len(found), len(true))}",
        flush=True,
    )


def main() -> None:
    logging.getLogger("settlehouse").setLevel(logging.WARNING)
    if sys.argv[1:2] == ["--draw"]:
        kept = ["code", "erp", "name", "tax_identifier", "country", "region", "city", "email", "account", "entity"]
        many_customers(int(sys.argv[2]))[kept].to_parquet(sys.argv[3])
        return
    if sys.argv[1:2] == ["--speed"]:
        speed(sys.argv[2])
        return
    asked = sys.argv[1] if len(sys.argv) > 1 else "5"
    seeds = [int(s) for s in asked.split(",")] if "," in asked else list(range(1, int(asked) + 1))
    if seeds:
        accuracy(seeds)
    for count in sys.argv[2:] or ["100000"]:
        # Each in a process of its own, so that its memory is its own and not that of drawing the records.
        with TemporaryDirectory() as folder:
            file = str(Path(folder) / "parties.parquet")
            subprocess.run([sys.executable, __file__, "--draw", count, file], check=True)
            subprocess.run([sys.executable, __file__, "--speed", file], check=True)


if __name__ == "__main__":
    main()
