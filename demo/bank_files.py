"""Bank statements as the banks send them: camt.053 from some, MT940 from others, one file per account and month.

Names and references are as messy as real ones: invoice numbers cut off, mistyped or missing, factors and sister
companies that pay for a customer; some banks pass on the numbers of documents in fields of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, FIRST_DAY, START
from demo.identifiers import random_generator
from demo.parties import World
from demo.settle import _month_ends


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    world: World,
    seed: int,
    planted_faults: bool,
    progress: Callable[[str], None],
) -> dict[str, int]:
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if planted_faults:
        _unbooked(con, world, seed)
    _sisters(con, world)
    _entries(con)
    ends = _month_ends()
    balance = {account: 0 for account in world.bank_accounts.index}
    first, total, files = START, 0, 0
    for number, end in enumerate(ends):
        rows = con.execute(
            f"""
            select account, count(*), sum(amount)::bigint,
                string_agg(case when format = 'camt' then camt else mt940 end, '' order by entry_id)
            from bank_entry where day between {first} and {int(end)} group by account
            """
        ).fetchall()
        found = {account: (count, moved, text) for account, count, moved, text in rows}
        for account, row in world.bank_accounts.iterrows():
            count, moved, text = found.get(account, (0, 0, ""))
            opening, closing = balance[account], balance[account] + int(moved)
            content = _statement(row, number, int(first), int(end), opening, closing, text)
            month = (FIRST_DAY + timedelta(days=int(end))).strftime("%Y-%m")
            suffix = "xml" if row["format"] == "camt" else "sta"
            name = f"{row['company_code']}_{row['currency']}_{month}.{suffix}"
            (folder / name).write_bytes(content.encode("utf-8"))
            balance[account] = closing
            total, files = total + count, files + 1
        first = int(end) + 1
    progress(f"system   bank           {total} lines in {files} statement files")
    return {"bank.statement": files, "bank.entry": total}


def _unbooked(con: duckdb.DuckDBPyConnection, world: World, seed: int) -> None:
    """A few lines of the last two days that nobody has booked yet: the ledger differs from the bank by these."""
    rng = random_generator(seed, 60)
    rows = [
        (0, END - 1, int(rng.integers(10, 90)) * 100_00, "未知来款 王伟", "货款"),
        (4, END - 1, -4_250, "Deutsche Bank Hamburg", "Depotgebuehr"),
        (6, END - 1, int(rng.integers(2, 20)) * 100_00, "UNKNOWN REMITTER", "PAYMENT ON ACCOUNT"),
        (7, END - 1, -12_600, "DBS Bank", "Cable charges"),
        (9, END - 1, int(rng.integers(2, 20)) * 100_00, "J SMITH", "deposit refund"),
    ]
    frame = pd.DataFrame(rows, columns=["account", "day", "amount", "name", "reference"])
    frame = frame.assign(origin="unbooked", ref=range(1, len(rows) + 1), name_account=None, in_books=False)
    con.register("chunk", frame)
    con.execute("insert into bank_line by name select * from chunk")
    con.unregister("chunk")
    row: Any
    for row in frame.itertuples():
        world.plant(
            "unbooked_bank_line",
            "bank",
            "entry",
            f"{world.bank_accounts.at[row.account, 'number']}",
            amount=str(row.amount / 100),
            reference=row.reference,
        )


def _sisters(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """``sister``: one row per customer that has a sister company, which pays some of its invoices."""
    stems: dict[str, list[str]] = {}
    for one in world.sisters:
        if one["object"] == "customer":
            stems.setdefault(one["name_stem"], []).append(one["code"])
    pairs = [(code, codes[place - 1]) for codes in stems.values() if len(codes) > 1 for place, code in enumerate(codes)]
    con.execute("create table sister (code varchar, sister_code varchar)")
    if pairs:
        con.executemany("insert into sister values (?, ?)", pairs)


def _entries(con: duckdb.DuckDBPyConnection) -> None:
    """``bank_entry``: bank lines with what the bank prints, as text in both formats."""
    con.execute(
        r"""
        create table receipt_reference as
        select a.receipt_id, string_agg(distinct d.document_number, ',' order by d.document_number) as numbers,
            min(d.order_id) as order_id
        from (select receipt_id, document_id from paid) a join sales_document d using (document_id) group by 1
        """
    )
    con.execute(
        r"""
        create table payment_reference as
        select a.payment_id, string_agg(d.supplier_reference, ',' order by d.document_id) as numbers
        from payment_allocation a join purchase_document d using (document_id) group by 1
        """
    )
    con.execute(
        r"""
        create table bank_entry as
        with bank_ref as (
            select *, case when origin = 'receipt' then ref end as receipt_id,
                case when origin = 'payment' then ref end as payment_id
            from bank_line
        ),
        named as (
            select b.account, b.day, b.amount, b.origin, b.ref, a.format, a.company, a.currency_code,
                case b.origin
                    when 'receipt' then case
                        when r.third_party then case when k.country = 'CN' then '汇通商业保理有限公司'
                            else 'Meridian Factoring Ltd' end
                        when sister.code is not null and r.style % 4 = 2 then payer.name
                        when r.style % 10 = 3 then upper(k.name)
                        when r.style % 10 = 7 then left(k.name, case when k.country = 'CN' then 8 else 22 end)
                        else k.name end
                    when 'payment' then s.name
                    else b.name end as name,
                case b.origin when 'receipt' then case when r.style % 4 <> 1
                    and not r.third_party then case when sister.code is not null and r.style % 4 = 2
                        then payer.account_number else k.account_number end end
                    when 'payment' then p.paid_to else b.name_account end as name_account,
                case b.origin
                    when 'receipt' then case
                        when rr.numbers is null then 'on account'
                        when r.style < 420 then left(replace(rr.numbers, ',', ' '), 110)
                        when r.style < 560 then case when k.country = 'CN' then '货款 ' else 'Inv. ' end
                            || left(regexp_replace(rr.numbers, '[A-Z]+-[A-Z]+-', '', 'g'), 80)
                        when r.style < 640 then 'RG ' || left(regexp_replace(rr.numbers,
                            '[A-Z]+-[A-Z]+-\d{4}-0*', '', 'g'), 60)
                        when r.style < 700 then regexp_replace(left(rr.numbers, 22), '(\d)(\d)(\d{2})$', '\2\1\3')
                        when r.style < 780 then 'PO ' || rr.order_id || ' payment'
                        when r.style < 880 then case when k.country = 'CN' then month(d(b.day)) || '月货款'
                            else 'Payment as per statement ' || strftime(d(b.day), '%m/%Y') end
                        when r.style < 960 then case when k.country = 'CN' then '货款' else 'Invoice payment' end
                        end
                    when 'payment' then left(coalesce(pr.numbers, 'payment'), 130)
                    else b.reference end as reference,
                case when r.style < 420 and r.style % 5 = 2 then rr.numbers end as documents
            from bank_ref b join bank_account a using (account)
            left join receipt r on r.receipt_id = b.receipt_id
                left join customer k on k.customer = r.customer
                left join sister on sister.code = k.code left join customer payer on payer.code = sister.sister_code
            left join receipt_reference rr on rr.receipt_id = r.receipt_id
            left join payment p on p.payment_id = b.payment_id
                left join supplier s on s.supplier = p.supplier
            left join payment_reference pr on pr.payment_id = p.payment_id
        ),
        numbered as (
            select row_number() over (order by day, account, origin, ref, amount) as entry_id, *,
                'B' || lpad(row_number() over (order by day, account, origin, ref, amount)::varchar, 9,
                    '0') as bank_reference,
                (abs(amount) // 100) || '.' || lpad((abs(amount) % 100)::varchar, 2, '0') as shown,
                -- Some banks let money count a day before or after they book it.
                d(day + case when ref % 17 = 3 then 1 when ref % 29 = 5 then -1 else 0 end) as value_date
            from named
        )
        select *,
            '<Ntry><NtryRef>' || entry_id || '</NtryRef><Amt Ccy="' || currency_code || '">' || shown
                || '</Amt><CdtDbtInd>' || case when amount >= 0 then 'CRDT' else 'DBIT' end
            || '</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>' || d(day) || '</Dt></BookgDt><ValDt><Dt>'
                || value_date || '</Dt></ValDt><AcctSvcrRef>' || bank_reference
            || '</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>' || case when amount >= 0 then 'RCDT'
                else 'ICDT' end
                || '</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>'
                || '<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>'
            || case when amount >= 0 then '<Dbtr><Pty><Nm>' || x(name) || '</Nm></Pty></Dbtr>' || case
                when name_account is null then '' else '<DbtrAcct><Id>' || id(name_account) || '</Id></DbtrAcct>' end
                else '<Cdtr><Pty><Nm>' || x(name) || '</Nm></Pty></Cdtr>' || case
                    when name_account is null then '' else '<CdtrAcct><Id>' || id(name_account)
                    || '</Id></CdtrAcct>' end end
            || '</RltdPties>' || case when documents is not null then '<RmtInf><Strd>'
                    || array_to_string(list_transform(string_split(documents, ','), number ->
                        '<RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>' || number
                        || '</Nb></RfrdDocInf>'), '') || '</Strd></RmtInf>'
                when reference is null then '' else '<RmtInf><Ustrd>' || x(reference)
                || '</Ustrd></RmtInf>' end || '</TxDtls></NtryDtls></Ntry>' || chr(10) as camt,
            ':61:' || strftime(value_date, '%y%m%d') || strftime(d(day), '%m%d') || case
                when amount >= 0 then 'C' else 'D' end || replace(shown, '.', ',') || 'NTRFNONREF//'
                || bank_reference || chr(10)
            || ':86:' || rtrim(regexp_replace('/NAME/' || p(name) || case when name_account is null then ''
                else '/IBAN/' || name_account end
                || case when reference is null then '' else '/REMI/' || p(reference) end, '(.{65})', '\1'
                    || chr(10), 'g'), chr(10)) || chr(10) as mt940
        from numbered order by entry_id
        """.replace(" x(name)", " " + _XML.format("name"))
        .replace(" x(reference)", " " + _XML.format("reference"))
        .replace(" id(name_account)", " " + _ACCOUNT)
        .replace(" p(name)", " " + _PLAIN.format("name"))
        .replace(" p(reference)", " " + _PLAIN.format("reference"))
    )


_XML = "replace(replace(replace({}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
_ACCOUNT = (
    "case when regexp_matches(name_account, '^[A-Z]{2}\\d') then '<IBAN>' || name_account || '</IBAN>' "
    "else '<Othr><Id>' || name_account || '</Id></Othr>' end"
)
_PLAIN = "regexp_replace({}, '[:/]', ' ', 'g')"


def _shown(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _statement(account: pd.Series, number: int, first: int, end: int, opening: int, closing: int, entries: str) -> str:
    start, stop = (FIRST_DAY + timedelta(days=day) for day in (first, end))
    if account["format"] == "mt940":

        def balance(tag: str, cents: int, day) -> str:  # type: ignore[no-untyped-def]
            amount = _shown(cents).replace(".", ",")
            return f":{tag}:{'C' if cents >= 0 else 'D'}{day:%y%m%d}{account['currency']}{amount}\n"

        return (
            f":20:STMT{stop:%y%m}\n:25:{account['number']}\n:28C:{number + 1}/1\n"
            + balance("60F", opening, start - timedelta(days=1)) + entries + balance("62F", closing, stop) + "-\n"
        )  # fmt: skip
    country_number = np.char.isalpha(account["number"][:2])
    identification = (
        f"<IBAN>{account['number']}</IBAN>" if country_number else f"<Othr><Id>{account['number']}</Id></Othr>"
    )

    def balance_xml(code: str, cents: int, day) -> str:  # type: ignore[no-untyped-def]
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="{account["currency"]}">{_shown(cents)}</Amt>'
            f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{account['company_code']}-{account['currency']}-{stop:%Y%m}</MsgId><CreDtTm>{stop}T23:30:00</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{stop:%Y%m}</Id><ElctrncSeqNb>{number + 1}</ElctrncSeqNb><CreDtTm>{stop}T23:30:00</CreDtTm>"
        f"<FrToDt><FrDtTm>{start}T00:00:00</FrDtTm><ToDtTm>{stop}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id>{identification}</Id><Ccy>{account['currency']}</Ccy><Svcr><FinInstnId><Nm>{escape(account['bank'])}</Nm></FinInstnId></Svcr></Acct>\n"
        + balance_xml("OPBD", opening, start) + balance_xml("CLBD", closing, stop) + entries
        + "</Stmt></BkToCstmrStmt></Document>\n"
    )  # fmt: skip
