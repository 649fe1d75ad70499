"""The answer key: what was planted, and the truth that forecasts and matching are scored against.

Written beside the data and never read by the product.
"""

from __future__ import annotations

import json
from pathlib import Path
from shutil import rmtree

import duckdb
import numpy as np
import pandas as pd

from demo.clock import AS_OF, END, NEVER
from demo.parties import World, record_of
from demo.payment_law import Invoices, cleared_distribution
from demo.sales import Market

DAYS_AHEAD = np.concatenate([np.arange(61), np.arange(65, 181, 5)])
_ROWS_AT_ONCE = 4_000


def write(con: duckdb.DuckDBPyConnection, folder: Path, world: World, market: Market) -> None:
    """Files: answer_key.json (all planted faults), and as Parquet bank_line_invoice, duplicate_cluster,
    sister_company (one name stem, different parties), payment_date_distribution and planted_fault."""
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _name_documents(con, world)
    content = {
        "as_of": AS_OF.isoformat(),
        "never_read_by_the_product": True,
        "faults_by_kind": pd.Series([f["kind"] for f in world.faults]).value_counts().sort_index().to_dict(),
        "faults": world.faults,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    (folder / "answer_key.json").write_text(text, encoding="utf-8")
    _parquet(con, folder / "duplicate_cluster.parquet", _clusters(world))
    columns = ["object", "name_stem", "system", "code", "name"]
    _parquet(con, folder / "sister_company.parquet", pd.DataFrame(world.sisters, columns=columns, dtype="str"))
    path = str(folder / "bank_line_invoice.parquet").replace("'", "''")
    con.execute(
        f"""
        copy (
            select a.number as account_number, a.currency_code as currency, e.bank_reference,
                d(e.day) as booking_date, m(e.amount) as amount,
                c.code as company_code, k.code as customer_code, d.document_number as invoice_number,
                    m(p.amount) as amount_applied, m(r.fee) as bank_fee, r.third_party,
                coalesce(p.takes_discount, false) as takes_discount,
                case when r.third_party then 'third_party'
                    when sister.code is not null and r.style % 4 = 2 then 'sister' else 'customer' end as paid_by,
                case when d.document_number is null then 'none'
                    when r.style < 420 then case when r.style % 5 = 2 and a.format = 'camt' then 'structured'
                        else 'exact' end
                    when r.style < 560 then 'part_of_number' when r.style < 640 then 'last_digits'
                    when r.style < 700 then 'garbled' when r.style < 780 then 'order' else 'none' end as reference_kind,
                case when count(*) over (partition by e.bank_reference) = 1 then '1' else 'n' end || ':'
                    || case when max(lines.count) over (partition by e.bank_reference) = 1 then '1' else 'n' end
                    as items_to_lines
            from bank_entry e join bank_account a using (account) join company c on c.company = a.company
            join receipt r on e.ref = r.receipt_id and e.origin = 'receipt' join customer k on k.customer = r.customer
            left join sister on sister.code = k.code
            left join paid p on p.receipt_id = r.receipt_id left join sales_document d using (document_id)
            left join (select document_id, count(distinct receipt_id) as count from paid group by 1) as lines
                on lines.document_id = p.document_id
            order by e.entry_id, d.document_id
        ) to '{path}' (format parquet)
        """
    )
    _distributions(con, folder / "payment_date_distribution.parquet", world, market)


def _parquet(con: duckdb.DuckDBPyConnection, path: Path, frame: pd.DataFrame) -> None:
    con.register("chunk", frame)
    con.execute(f"copy (from chunk) to '{str(path)!s}' (format parquet)".replace("\\", "/"))
    con.unregister("chunk")


def _name_documents(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Faults were noted by order while documents had no numbers; give the source's own numbers."""
    sales_number = (
        dict(con.execute("select order_id, document_number from sales_document where is_note = 0").fetchall())
        if world.faults
        else {}
    )
    bought = {
        i: (k, n)
        for i, k, n in con.execute("select order_id, document_id, supplier_reference from purchase_document").fetchall()
    }
    for fault in world.faults:
        kind = fault["kind"]
        if kind == "duplicate_supplier_invoice":
            fault["original"], fault["reference"] = (str(x) for x in bought[fault["original"]])
            fault["key"] = str(bought[int(fault["key"])][0])
        elif kind.startswith("intercompany_"):
            fault["invoice_number"] = sales_number.get(fault.pop("sale_order"))
            fault["key"] = str(bought[int(fault["key"])][0]) if int(fault["key"]) in bought else fault["invoice_number"]
        elif kind == "return_cluster":
            fault["invoices"] = [sales_number[i] for i in fault.pop("orders")]
        elif kind == "orphan_product":
            fault["key"] = sales_number[int(fault["key"])]


def _clusters(world: World) -> pd.DataFrame:
    """One row per customer or supplier record that stands for a real-world party recorded more than once."""
    frames = []
    for kind, parties in (("customer", world.customers), ("supplier", world.suppliers)):
        members = parties[parties["entity"].duplicated(keep=False)]
        frames.append(
            pd.DataFrame(
                {
                    "object": kind,
                    "cluster": members["entity"],
                    "system": [record_of(erp, kind)[0] for erp in members["erp"]],
                    "code": members["code"],
                    "name": members["name"],
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["object", "cluster", "code"])


def _distributions(con: duckdb.DuckDBPyConnection, path: Path, world: World, market: Market) -> None:
    """For every invoice open at the as-of date: P(cleared within k days) under the generator's own law, and P(never).

    Given the customer's latent habits, that a customer has stopped paying, a dispute, and a first partial payment.
    Invoices of sister companies follow no law of habit and are left out.
    """
    open_ = con.execute(
        f"""
        with applied as (select document_id, sum(amount) as amount from allocation group by 1),
        first_paid as (select document_id, min(day) as day from due_money group by 1)
        select d.document_number as invoice_number, c.code as company_code, k.code as customer_code,
            d.customer, d.day, d.due_day,
            d.is_disputed, coalesce(f.day, {NEVER}) as paid_first_day,
                (d.net + d.tax - coalesce(a.amount, 0))::bigint as open_amount,
            coalesce(f.day, {NEVER}) <= {END} and s.second_day = 0 or s.second_day between 1
                and {END} as is_paid_unapplied
        from sales_document d join sale s using (order_id) join company c on c.company = d.company
            join customer k on k.customer = d.customer
        left join applied a using (document_id) left join first_paid f using (document_id)
        where d.is_note = 0 and not d.is_intercompany and d.net + d.tax > coalesce(a.amount, 0) order by d.document_id
        """
    ).df()
    con.execute(
        "create table distribution (invoice_number varchar, company_code varchar, customer_code varchar, "
        "open_amount decimal(18, 2), days_after_as_of integer, "
        "probability_cleared double, probability_never double)"
    )
    for start in range(0, len(open_), _ROWS_AT_ONCE):
        part = open_.iloc[start : start + _ROWS_AT_ONCE].reset_index(drop=True)
        habit = world.customers.iloc[part["customer"]].reset_index(drop=True)
        invoices = Invoices(habit, part["day"].to_numpy(), part["due_day"].to_numpy(), part["is_disputed"].to_numpy())
        cleared, never = cleared_distribution(
            invoices, part["paid_first_day"].to_numpy(), market.next_run, market.regime_change, DAYS_AHEAD
        )
        paid = part["is_paid_unapplied"].to_numpy()
        cleared[paid], never[paid] = 1.0, 0.0
        frame = pd.DataFrame(
            {
                "row": np.repeat(np.arange(len(part)), len(DAYS_AHEAD)),
                "days_after_as_of": np.tile(DAYS_AHEAD, len(part)),
                "probability_cleared": cleared.ravel().round(6),
                "probability_never": np.repeat(never.round(6), len(DAYS_AHEAD)),
            }
        )
        con.register("chunk", frame)
        con.register("named", part.reset_index(names="row"))
        con.execute(
            "insert into distribution select invoice_number, company_code, customer_code, m(open_amount), "
            "days_after_as_of, probability_cleared, probability_never "
            "from chunk join named using (row) order by row, days_after_as_of"
        )
        con.unregister("chunk")
        con.unregister("named")
    con.execute(f"copy distribution to '{path}' (format parquet)")
