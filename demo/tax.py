"""Value added tax returns of the demo group: what each company declared per month, side and rate.

Filed on the 15th of the following month from the documents of the books. Two returns differ from them: a sales invoice
that was forgotten, and input tax that was claimed too high.
"""

from __future__ import annotations

import duckdb

from demo.clock import AS_OF
from demo.parties import World

FORGOTTEN_BEFORE, CLAIMED_BEFORE = "2026-04-01", "2026-07-01"
CLAIMED_TOO_MUCH = 123_45


def file_returns(con: duckdb.DuckDBPyConnection, world: World, planted_faults: bool) -> None:
    """Fill ``vat_return``: company, month, direction, vat (1/100 of a per cent), base and tax in cents, filed_on."""
    con.execute(
        f"""
        create table vat_return as
        with document as (
            select company, d(day) as day, 'output' as direction, s.vat, sign * d.net_base as base,
                sign * d.tax_base as tax
            from (select *, case when is_note = 1 then -1 else 1 end as sign from sales_document) d
                join (select order_id, vat from sale) s using (order_id)
            union all
            select company, d(post_day), 'input', vat, net_base, tax_base from purchase_document
            union all
            select company, d(day), 'input', vat, -net_base, -tax_base from supplier_note
        ),
        of_month as (
            select company, date_trunc('month', day)::date as month, direction, vat, sum(base)::bigint as base,
                sum(tax)::bigint as tax
            from document group by 1, 2, 3, 4
        )
        select t.*, (month + interval 1 month)::date + 14 as filed_on
        from of_month t join company c using (company)
        where c.vat > 0 and (month + interval 1 month)::date + 14 <= date '{AS_OF}' order by 1, 2, 3, 4
        """
    )
    if not planted_faults:
        return
    forgotten = con.execute(
        f"""
        select d.company, date_trunc('month', d(d.day))::date, s.vat, d.net_base, d.tax_base, d.document_number
        from sales_document d join sale s using (order_id)
        where d.company = 0 and d.is_note = 0 and s.vat > 0 and not d.is_intercompany
            and d(d.day) < date '{FORGOTTEN_BEFORE}'
        order by date_trunc('month', d(d.day)) desc, d.net_base desc, d.document_id limit 1
        """
    ).fetchall()
    for company, month, vat, base, tax, number in forgotten:
        _change(con, world, company, month, "output", vat, -base, -tax, forgotten_invoice=number)
    claimed = con.execute(
        f"""
        select company, month, vat from vat_return
        where company = 2 and direction = 'input' and vat > 0 and month < date '{CLAIMED_BEFORE}'
        order by month desc limit 1
        """
    ).fetchall()
    for company, month, vat in claimed:
        _change(con, world, company, month, "input", vat, 0, CLAIMED_TOO_MUCH)


def _change(con, world, company, month, direction, vat, base, tax, **detail) -> None:  # type: ignore[no-untyped-def]
    con.execute(
        "update vat_return set base = base + ?, tax = tax + ? "
        "where company = ? and month = ? and direction = ? and vat = ?",
        [base, tax, company, month, direction, vat],
    )
    system = ("erp_china", "t_zzs_shenbao") if company < 2 else ("erp_global", "vat_return_lines")
    world.plant(
        "vat_return_differs", *system, f"{world.companies['code'][company]}:{month}:{direction}",
        company=world.companies["code"][company], period=str(month), direction=direction, tax_rate=str(vat / 10_000),
        declared_base_too_high=str(base / 100), declared_tax_too_high=str(tax / 100), **detail,
    )  # fmt: skip
