"""Creates the demo group: draws what happened, settles it into documents, money and books, writes every system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from demo import contracts, corrections, faults, parties, production, purchasing, sales, settle, shipping, tax
from demo.clock import AS_OF, END, next_run, working_days
from demo.parties import CURRENCIES, World
from demo.systems import crm, erp_china, erp_global, manufacturing
from demo.systems.database import PASSWORD_VARIABLE, Target

__all__ = ["AS_OF", "generate"]
GROUP_NAME = "Harbour Lantern Group 港灯集团"


def generate(
    folder: Path,
    *,
    scale: float = 1.0,
    seed: int = 7,
    target: str | None = None,
    regime_change: bool = False,
    planted_faults: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, int]:
    """Write the operational systems of the demo group into ``folder``, and company.yml, which describes them.

    ``scale`` 1 is about 60,000 sales invoice lines. ``target`` (postgresql://… or mysql://…) takes the databases to
    that server instead of SQLite files. With ``regime_change`` customers pay later in the last half year. Without
    ``planted_faults`` the group is clean: no record breaks a rule and no control fails. The same arguments give the
    same data. Returns rows per table and kind of file. The answer key lies in
    ``folder/answer_key``; nothing of the product reads it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".making-") as scratch:
        large = scale > 3
        con = duckdb.connect(f"{scratch}/group.duckdb" if large else ":memory:")
        try:
            con.execute(f"set temp_directory = '{scratch}'; set memory_limit = '3GB'; set enable_progress_bar = false")
            return _generate(con, folder, scale, seed, target, regime_change, planted_faults, progress)
        finally:
            con.close()


def _generate(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    scale: float,
    seed: int,
    target: str | None,
    regime_change: bool,
    planted_faults: bool,
    progress: Callable[[str], None],
) -> dict[str, int]:
    from demo import answer_key, approval_files, bank_files, company_file, payroll_files, planning_files

    databases = Target(con, folder, target)
    world = parties.build(seed, scale, planted_faults)
    cny = sales.exchange_rates(seed)
    open_days = working_days()
    market = sales.Market(open_days, next_run(open_days), sales.company_rates(world, cny), regime_change)
    _load_master_data(con, world, market, cny)
    sales.load(con, world, market, seed, scale)
    purchasing.load(con, world, market, seed, scale)
    purchasing.add_intercompany(con, world)
    if planted_faults:
        faults.before_documents(con, world, market, seed)
    else:
        faults.none(con)
    contracts.load(con, world, market, seed, scale)
    settle.documents(con)
    shipping.load(con, seed)
    corrections.supplier_notes(con, world, market, seed)
    tax.file_returns(con, world, planted_faults)
    _purchase_orders(con, planted_faults)
    shipping.receive_earlier(con, seed)
    progress(f"group    {_count(con, 'sale_line')} sales lines, {_count(con, 'purchase_line')} purchase lines drawn")
    settle.money_in(con, world, market, seed)
    settle.money_out(con, world, market, seed)
    settle.ledger_of_documents(con)
    contracts.release(con)
    payroll = settle.other_money(con, world, market, seed, scale)
    production.load(con, world, market, seed, scale)
    settle.vouchers(con)
    if planted_faults:
        faults.after_vouchers(con, world)
    progress(f"group    {_count(con, 'voucher_line')} ledger lines posted")

    counts: dict[str, int] = {}
    systems = {"erp_china": erp_china, "erp_global": erp_global, "crm": crm, "manufacturing": manufacturing}
    for name, system in systems.items():
        counts |= databases.write(name, system.tables(), progress)
    counts |= payroll_files.write(con, folder / "hr", world, payroll, progress)
    counts |= planning_files.write(con, folder / "planning", seed, progress)
    counts |= approval_files.write(folder / "governance", world, progress)
    counts |= bank_files.write(con, folder / "bank", world, seed, planted_faults, progress)
    answer_key.write(con, folder / "answer_key", world, market)
    company_file.write(folder, GROUP_NAME, {name: databases.url(name) for name in systems})
    if databases.needs_password:
        progress(f"note     company.yml takes the password from the environment: export {PASSWORD_VARIABLE}=…")
    return counts


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _table(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    con.register("chunk", frame)
    con.execute(f"create table {name} as from chunk")
    con.unregister("chunk")


def _load_master_data(con: duckdb.DuckDBPyConnection, world: World, market: sales.Market, cny: np.ndarray) -> None:
    con.execute(
        """
        create macro m(cents) as (cents::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2);
        create macro r6(millionths) as (millionths::decimal(18, 0) * 0.000001::decimal(7, 6))::decimal(18, 6);
        create macro d(day) as (date '2023-09-01' + day::integer);
        create macro ts(day,
            id) as (date '2023-09-01' + day::integer)::timestamp
                + to_seconds((30000 + (id::bigint * 7919) % 30000)::integer);
        """
    )
    _table(con, "company", world.companies.reset_index(names="company"))
    _table(con, "currency", pd.DataFrame({"currency": range(len(CURRENCIES)), "code": CURRENCIES}))
    customers = world.customers.reset_index(names="customer")
    customers["crm_name"] = np.where(customers["customer"] % 23 == 5, customers["name"].str.upper(), customers["name"])
    customers["crm_tax_identifier"] = customers["tax_identifier"].where(customers["customer"] % 3 != 0, None)
    _table(con, "customer", customers.rename(columns={"account": "account_number"}))
    _table(con, "supplier", world.suppliers.reset_index(names="supplier").rename(columns={"account": "account_number"}))
    _table(con, "product", world.products.reset_index(names="product"))
    _table(con, "salesperson", world.salespeople)
    accounts = world.bank_accounts.reset_index(names="account")
    accounts["currency_code"] = accounts["currency"]
    accounts["currency"] = [CURRENCIES.index(c) for c in accounts["currency"]]
    accounts["ledger_code"] = [
        f"1002.{i + 1:02d}" if c < 2 else f"110{i:02d}" for i, c in enumerate(accounts["company"])
    ]
    _table(con, "bank_account", accounts)
    _table(con, "account", _chart(world, accounts))
    days = np.arange(END + 1)
    _table(
        con,
        "cny_rate",
        pd.DataFrame(
            {
                "currency_code": np.repeat(CURRENCIES, len(days)),
                "day": np.tile(days, len(CURRENCIES)),
                "cny": cny[:, : END + 1].ravel(),
            }
        ),
    )
    company, currency, day = np.indices(market.rate_millionths[:, :, : END + 1].shape)
    _table(
        con,
        "rate",
        pd.DataFrame(
            {
                "company": company.ravel(),
                "currency": currency.ravel(),
                "day": day.ravel(),
                "rate": market.rate_millionths[:, :, : END + 1].ravel(),
            }
        ),
    )


def _chart(world: World, bank_accounts: pd.DataFrame) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for company, erp in enumerate(world.companies["erp"]):
        chart, bank = (erp_china.ACCOUNTS, ("资产", "银行")) if erp == "cn" else (erp_global.ACCOUNTS, ("A", "BANK"))
        rows += [(company, account, *described) for account, described in chart.items()]
        for b in bank_accounts[bank_accounts["company"] == company].itertuples():
            title = "银行存款 " if erp == "cn" else "Bank "
            rows.append((company, f"bank:{b.account}", b.ledger_code, f"{title}{b.bank} {b.currency_code}", *bank))
    frame = pd.DataFrame(rows, columns=["company", "account", "code", "name", "type", "control"])
    frame = frame.sort_values(["company", "code"]).reset_index(drop=True)
    return frame.assign(account_id=np.arange(len(frame)) + 1)


def _purchase_orders(con: duckdb.DuckDBPyConnection, planted_faults: bool) -> None:
    """``purchase_order``: with total, requester and approver; a few have no supplier or an impossible date."""
    con.execute(
        f"""
        create table odd_order as
        (select order_id, company, 'orphan_purchase_order' as kind from purchase
            where order_id = reference_of and not is_intercompany and order_day between {END - 300}
                and {END - 60} and company in (0, 3) and style between 500 and 700
            qualify row_number() over (partition by company order by order_id) = 1)
        union all
        (select order_id, company, 'purchase_order_date_in_future' from purchase
            where order_id = reference_of and not is_intercompany and order_day between {END - 300}
                and {END - 60} and company in (1, 4) and style between 500 and 700
            qualify row_number() over (partition by company order by order_id) = 1)
        """
    )
    if not planted_faults:
        con.execute("delete from odd_order")
    con.execute(
        f"""
        create table purchase_order as
        with total as (
            select order_id, sum(quantity * order_price)::bigint as net,
                sum(net_base)::bigint as total_net_base, sum(tax_base)::bigint as total_tax_base
            from purchase_line group by order_id
        )
        select p.*, 'PO' || c.code || lpad(p.order_id::varchar, 8, '0') as order_number,
            t.net * (10000 + p.vat) // 10000 as total, t.total_net_base + t.total_tax_base as total_base,
            case when o.kind = 'orphan_purchase_order' then null else s.code end as supplier_code,
            case when o.kind = 'purchase_order_date_in_future' then date '2066-01-31'
                else d(p.order_day + 20) end as expected_on,
            lower(c.code) || '.buyer' || (p.requester + 1) as requester_name,
            case when t.total_net_base + t.total_tax_base >= c.approval_limit * 100 then lower(c.code)
                || '.director' else lower(c.code) || '.manager' end as approver_name
        from purchase p join total t using (order_id) join company c using (company) join supplier s using (supplier)
        left join odd_order o on o.order_id = p.order_id
        where p.order_id = p.reference_of and p.order_day <= {END} order by p.order_id
        """
    )
    _odd_approvals(con, planted_faults)


def _odd_approvals(con: duckdb.DuckDBPyConnection, planted_faults: bool) -> None:
    """A few orders were approved by nobody, by who asked for them, or by a manager although a director must."""
    con.execute(
        f"""
        create table odd_approval as
        select order_id, company,
            case when total_net >= approval_limit * 100 then 'order_approved_beyond_limit'
                when company in (0, 2) then 'order_approved_by_requester' else 'order_not_approved' end as kind
        from (
            select p.order_id, p.company, c.approval_limit,
                (select sum(net_base) from purchase_line l where l.order_id = p.order_id) as total_net
            from purchase_order p join company c using (company)
            where p.order_day between {END - 300} and {END - 60} and not p.is_intercompany
                and p.order_id not in (select order_id from odd_order)
        )
        where {planted_faults} and company <= 3
        qualify row_number() over (partition by company, kind order by order_id) = 1
        """
    )
    con.execute(
        """
        update purchase_order set approver_name = case kind
            when 'order_approved_by_requester' then requester_name
            when 'order_approved_beyond_limit' then replace(approver_name, '.director', '.manager') end
        from odd_approval where odd_approval.order_id = purchase_order.order_id
        """
    )
