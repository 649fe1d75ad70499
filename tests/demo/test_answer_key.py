"""Every fault in the answer key is really there, in the source rows it names."""

from __future__ import annotations

from collections import Counter

import duckdb
import pandas as pd
import pytest

from expectations.check_digits import account_number_valid, tax_identifier_valid
from tests.demo.conftest import Group

KINDS = {
    "invalid_tax_identifier", "missing_tax_identifier", "wrong_country", "invalid_email", "implausible_payment_term",
    "missing_name", "negative_credit_limit", "invalid_iban", "missing_category", "cost_above_price", "return_cluster",
    "duplicate_supplier_invoice", "split_purchase_order", "intercompany_currency", "intercompany_amount",
    "intercompany_missing_side", "intercompany_timing", "bank_account_changed_before_payment", "unbalanced_journal",
    "orphan_account", "date_in_future", "orphan_product", "orphan_purchase_order", "purchase_order_date_in_future",
    "unbooked_bank_line", "vat_return_differs", "order_approved_beyond_limit", "order_approved_by_requester",
    "order_not_approved",
}  # fmt: skip


@pytest.fixture(scope="module")
def sources(group: Group) -> duckdb.DuckDBPyConnection:
    """The ERPs' databases, with one view of master records by their number."""
    con = duckdb.connect()
    con.execute("load sqlite_scanner")
    for name in ("erp_china", "erp_global", "crm"):
        con.execute(f"attach '{group.folder / name}.sqlite' as {name} (type sqlite)")
    con.execute(
        """
        create view master as
        select khbm as key, khmc as name, tyshxydm as tax_identifier, guojia as country, youxiang as email,
            zhangqi_ts as term,
            xinyong_ed::double as credit_limit, null as account from erp_china.t_kehu
        union all
        select gysbm, gysmc, tyshxydm, guojia, youxiang, zhangqi_ts, null, yhzh from erp_china.t_gongyingshang
        union all
        select partner_number, legal_name, tax_number, country_code, email, net_days, credit_limit::double,
            account_number
        from erp_global.business_partners p join erp_global.payment_terms t on t.id = p.payment_term_id
        left join erp_global.customer_settings s on s.partner_id = p.id
        left join erp_global.partner_bank_accounts b on b.partner_id = p.id and b.valid_to is null
        """
    )
    return con


def _masters(sources: duckdb.DuckDBPyConnection, group: Group, kind: str) -> pd.DataFrame:
    keys = [fault["key"] for fault in group.faults(kind)]
    frame = sources.execute("select * from master where key in (select unnest(?))", [keys]).df()
    assert len(frame) == len(keys) > 0
    return frame


def test_key_lists_every_kind(group: Group) -> None:
    counted = Counter(fault["kind"] for fault in group.key["faults"])
    assert set(counted) == KINDS
    assert counted == group.key["faults_by_kind"]


def test_master_data_faults(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    frame = _masters(sources, group, "invalid_tax_identifier")
    assert (tax_identifier_valid(frame["tax_identifier"], frame["country"]) == False).all()  # noqa: E712
    assert _masters(sources, group, "missing_tax_identifier")["tax_identifier"].isna().all()
    frame = _masters(sources, group, "wrong_country")
    assert (frame["country"] == "US").all()
    assert not _masters(sources, group, "invalid_email")["email"].str.contains("@").any()
    assert (_masters(sources, group, "implausible_payment_term")["term"] == 999).all()
    assert (_masters(sources, group, "missing_name")["name"] == "").all()
    assert (_masters(sources, group, "negative_credit_limit")["credit_limit"] < 0).all()
    assert (account_number_valid(_masters(sources, group, "invalid_iban")["account"]) == False).all()  # noqa: E712


def test_everybody_else_has_a_right_identifier(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    planted = {f["key"] for f in group.key["faults"] if f["kind"] in ("invalid_tax_identifier", "wrong_country")}
    frame = sources.execute("from master where tax_identifier is not null").df()
    wrong = frame[(tax_identifier_valid(frame["tax_identifier"], frame["country"]) == False)]  # noqa: E712
    assert set(wrong["key"]) - planted == set()
    accounts = sources.execute("from master where account is not null").df()
    bad = accounts[(account_number_valid(accounts["account"]) == False)]  # noqa: E712
    assert set(bad["key"]) == {f["key"] for f in group.faults("invalid_iban")}


def test_products(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    rows = sources.execute(
        """
        select wlbm as key, wllb as category, bzsj::double as price, bzcb::double as cost
            from erp_china.t_wuliao union all
        select sku, category_id::varchar, list_price_eur::double, standard_cost_eur::double from erp_global.products
        """
    ).df()
    assert set(rows[rows["category"].isna()]["key"]) == {f["key"] for f in group.faults("missing_category")}
    assert set(rows[rows["cost"] > rows["price"]]["key"]) == {f["key"] for f in group.faults("cost_above_price")}


def test_duplicate_clusters(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    clusters = duckdb.sql(f"from '{group.folder / 'answer_key' / 'duplicate_cluster.parquet'}'").df()
    assert (clusters.groupby(["object", "cluster"])["code"].nunique() >= 2).all()
    known = sources.execute("select key, name from master").df().set_index("key")["name"]
    assert (known[clusters["code"]].to_numpy() == clusters["name"].to_numpy()).all()
    across = clusters.groupby("cluster")["system"].nunique()
    assert (across == 2).any()
    assert (across == 1).any()
    assert clusters.groupby("cluster")["name"].nunique().gt(1).mean() > 0.8


def test_sister_companies(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    """Another company of the same name stem: another name, no duplicate of anything, and known to a source."""
    sisters = duckdb.sql(f"from '{group.folder / 'answer_key' / 'sister_company.parquet'}'").df()
    clusters = duckdb.sql(f"from '{group.folder / 'answer_key' / 'duplicate_cluster.parquet'}'").df()
    assert set(sisters["object"]) == {"customer", "supplier"}
    assert sisters.groupby("name_stem")["name"].nunique().eq(2).all()
    assert not set(sisters["code"]) & set(clusters["code"])
    known = sources.execute("select key, name from master").df().set_index("key")["name"]
    assert known[sisters["code"]].replace("", None).fillna("").isin([*sisters["name"], ""]).all()


def test_transactions(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    invoices = sources.execute(
        """
        select fpid::varchar as key, gsdm as company, gysbm as supplier, gys_fph as reference,
            jshj::double as amount from erp_china.t_cg_fapiao
        union all
        select id::varchar, company_id::varchar, partner_id::varchar, supplier_reference,
            net_total::double + tax_total::double
        from erp_global.supplier_documents
        """
    ).df().set_index("key")  # fmt: skip
    for fault in group.faults("duplicate_supplier_invoice"):
        copy, original = invoices.loc[fault["key"]], invoices.loc[fault["original"]]
        assert (copy["supplier"], copy["amount"]) == (original["supplier"], original["amount"])
        assert copy["reference"].rstrip("A") == original["reference"]
    orders = sources.execute(
        """
        select ddid as id, gysbm as supplier, ddrq::date as day, sqr as requester, spr as approver,
            bwb_jshj::double as amount, jhrq::date as expected from erp_china.t_cg_dingdan
        union all
        select id, partner_id::varchar, ordered_on::date, requested_by, approved_by, total_amount_base::double,
            expected_on::date from erp_global.purchase_orders
        """
    ).df().set_index("id")  # fmt: skip
    limits = {"hlsh": 200_000, "hlsz": 200_000, "hlde": 25_000, "hlus": 25_000, "hlgb": 20_000}
    for fault in group.faults("split_purchase_order"):
        rows = orders.loc[fault["orders"]]
        limit = limits[rows["approver"].iloc[0].split(".")[0]]
        assert rows["supplier"].nunique() == 1
        assert (rows["amount"] < limit).all()
        assert rows["amount"].sum() > limit
        assert (rows["day"].max() - rows["day"].min()).days <= 7
    for fault in group.faults("order_approved_beyond_limit"):
        order = orders.loc[int(fault["key"])]
        company, role = order["approver"].split(".")
        assert role == "manager"
        assert order["amount"] >= limits[company]
    by_requester = orders.loc[[int(f["key"]) for f in group.faults("order_approved_by_requester")]]
    assert (by_requester["approver"] == by_requester["requester"]).all()
    assert orders.loc[[int(f["key"]) for f in group.faults("order_not_approved")], "approver"].isna().all()
    assert orders.loc[[int(f["key"]) for f in group.faults("orphan_purchase_order")], "supplier"].isna().all()
    future = orders.loc[[int(f["key"]) for f in group.faults("purchase_order_date_in_future")], "expected"]
    assert (pd.to_datetime(future) > "2060-01-01").all()


def test_return_clusters(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    notes = sources.execute(
        """
        select o.fph as invoice from erp_china.t_xs_fapiao n
            join erp_china.t_xs_fapiao o on o.fpid = n.yuan_fpid where n.hongzi = 1
        union all
        select o.document_number from erp_global.customer_documents n
        join erp_global.customer_documents o on o.id = n.original_document_id where n.document_type = 'CRN'
        """
    ).df()
    for fault in group.faults("return_cluster"):
        assert set(fault["invoices"]) <= set(notes["invoice"])


def test_intercompany_pairs(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    sold = sources.execute(
        """
        select fph as number, bizhong as currency, jshj::double as amount, kprq::date as day
            from erp_china.t_xs_fapiao
        union all
        select document_number, currency_code, net_total::double + tax_total::double, document_date::date
            from erp_global.customer_documents
        """
    ).df().dropna(subset=["number"]).set_index("number")  # fmt: skip
    bought = sources.execute(
        """
        select gys_fph as number, bizhong as currency, jshj::double as amount, jzrq::date as day
            from erp_china.t_cg_fapiao
        union all
        select supplier_reference, currency_code, net_total::double + tax_total::double, posting_date::date
            from erp_global.supplier_documents
        """
    ).df().set_index("number")  # fmt: skip
    for fault in group.faults("intercompany_missing_side"):
        assert fault["invoice_number"] in sold.index
        assert fault["invoice_number"] not in bought.index
    for kind, column in (("currency", "currency"), ("amount", "amount"), ("timing", "day")):
        for fault in group.faults(f"intercompany_{kind}"):
            assert sold.loc[fault["invoice_number"], column] != bought.loc[fault["invoice_number"], column]
    touched = {f.get("invoice_number") for f in group.key["faults"]}
    pairs = bought.join(sold, rsuffix="_sold", how="inner")
    agreeing = pairs[~pairs.index.isin(touched)]
    assert len(agreeing) > 100
    assert (agreeing["amount"].round(2) == agreeing["amount_sold"].round(2)).all()


def test_changed_bank_accounts(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    paid_to = sources.execute(
        "select skf_zh as account from erp_china.t_fukuan union all select paid_to_account from erp_global.payments"
    ).df()
    for fault in group.faults("bank_account_changed_before_payment"):
        assert 1 <= fault["payment_day"] - fault["changed_day"] <= 3
        assert fault["new_account"] in set(paid_to["account"])


def test_ledger_faults(sources: duckdb.DuckDBPyConnection, group: Group) -> None:
    unknown = sources.execute(
        """
        select pzid::varchar as entry from erp_china.t_pingzheng_fl l join erp_china.t_pingzheng v using (pzid)
        where not exists (select 1 from erp_china.t_kemu k where k.gsdm = v.gsdm and k.kmdm = l.kmdm)
        union all
        select entry_id::varchar from erp_global.journal_entry_lines
            where account_id not in (select id from erp_global.accounts)
        """
    ).fetchall()
    assert {entry for (entry,) in unknown} == {f["key"] for f in group.faults("orphan_account")}
    future = sources.execute(
        """
        select pzid::varchar from erp_china.t_pingzheng where pzrq::date > date '2027-10-31' union all
        select id::varchar from erp_global.journal_entries where posted_on::date > date '2027-10-31'
        """
    ).fetchall()
    assert {entry for (entry,) in future} == {f["key"] for f in group.faults("date_in_future")}
    orphans = sources.execute(
        """
        select f.fph from erp_china.t_xs_fapiao_mx l join erp_china.t_xs_fapiao f using (fpid)
            where l.wlbm not in (select wlbm from erp_china.t_wuliao)
        union all
        select d.document_number from erp_global.customer_document_lines l
            join erp_global.customer_documents d on d.id = l.document_id
        where l.product_id not in (select id from erp_global.products)
        """
    ).fetchall()
    assert {number for (number,) in orphans} == {f["key"] for f in group.faults("orphan_product")}


def test_bank_lines_name_the_invoices_they_pay(group: Group) -> None:
    mapping = duckdb.sql(f"from '{group.folder / 'answer_key' / 'bank_line_invoice.parquet'}'").df()
    of_line = mapping.groupby("bank_reference").agg(
        amount=("amount", "first"), fee=("bank_fee", "first"),
        applied=("amount_applied", "sum"), invoices=("invoice_number", "count"),
    )  # fmt: skip
    applied = of_line[of_line["invoices"] > 0]
    assert ((applied["amount"] + applied["fee"] - applied["applied"]).abs() < 0.005).all()
    assert (applied["invoices"] > 1).any()
    assert mapping["third_party"].any()
    text = "".join(path.read_text(encoding="utf-8") for path in (group.folder / "bank").iterdir())
    assert all(reference in text for reference in mapping["bank_reference"].unique()[:50])
