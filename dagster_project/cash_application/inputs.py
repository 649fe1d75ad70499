"""What cash application reads out of the warehouse: bank lines, open items, settlements, as ``candidates.TABLES``."""

from __future__ import annotations

from datetime import date

import duckdb

from dagster_project.cash_application.candidates import TABLES

# A line and a booked receipt are one when account and money agree, five days apart at most; a bank charge that the
# receipt names is missing on the line. Rounded in two currencies, two cents are no difference.
_RECEIPT_OF_LINE = """
    create or replace temp table receipt_of_line as
    with receipt as (
        select payment_id, payment_date, account_id, document_currency,
            amount_document_currency - round(case when amount_company_currency = 0 then 0
                else fee_amount_company_currency * amount_document_currency / amount_company_currency end, 2) as amount,
            fee_amount_company_currency <> 0 as has_fee
        from intermediate.int_payment
        where direction = 'received' and payment_date <= $as_of
        qualify row_number() over (partition by payment_id order by source_key) = 1
    ),
    pair as (
        select receipt.payment_id, line.line_id,
            abs(datediff('day', receipt.payment_date, line.day)) as days_apart,
            abs(receipt.amount - line.amount) as money_apart
        from line join line_account using (line_id)
        join receipt on line_account.account_id = receipt.account_id and line.currency = receipt.document_currency
            and receipt.payment_date between line.day - 5 and line.day + 5
            and abs(receipt.amount - line.amount) <= case when receipt.has_fee then 0.02 else 0 end
    ),
    first_pass as (
        select payment_id, line_id from pair
        qualify row_number() over (partition by payment_id order by days_apart, money_apart, line_id) = 1
            and row_number() over (partition by line_id order by days_apart, money_apart, payment_id) = 1
    ),
    second_pass as (
        select payment_id, line_id from pair
        where payment_id not in (select payment_id from first_pass) and line_id not in (select line_id from first_pass)
        qualify row_number() over (partition by payment_id order by days_apart, money_apart, line_id) = 1
            and row_number() over (partition by line_id order by days_apart, money_apart, payment_id) = 1
    )
    from first_pass union all from second_pass
"""


def empty_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of ``candidates.TABLES``, without rows."""
    for table, columns in TABLES.items():
        connection.execute(f"create or replace temp table {table} ({columns})")


def read_marts(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Fill the tables with what the marts knew at the end of ``as_of``; also ``line_account`` and ``receipt_of_line``.

    Settlements of a receipt that a bank line brought are dated by the later of both: what the bank had not yet told was
    not known to be paid.
    """
    empty_tables(connection)
    values = {"as_of": as_of}
    connection.execute(
        """
        insert into line
        select bank_movement_id, company_id, coalesce(booking_date, value_date), currency, amount_bank_currency,
            nullif(trim(counterparty_name), ''), nullif(trim(counterparty_account), ''), nullif(trim(reference), '')
        from marts.fct_bank_movement
        where amount_bank_currency > 0 and coalesce(booking_date, value_date) <= $as_of
        """,
        values,
    )
    connection.execute(
        """
        create or replace temp table line_account as
        select movement.bank_movement_id as line_id, account.account_id
        from marts.fct_bank_movement as movement join marts.dim_bank_account as account using (bank_account_id)
        where movement.amount_bank_currency > 0
        """
    )
    connection.execute(_RECEIPT_OF_LINE, values)
    connection.execute("insert into booked_line select line_id from receipt_of_line")
    connection.execute(
        """
        insert into item
        with order_of as (
            select line.invoice_id, min(sold.order_number) as order_number
            from intermediate.int_sales_invoice_line as line
            join intermediate.int_sales_order_line as sold using (order_line_id) group by 1
        )
        select receivable_id, company_id, coalesce(customer_id, customer_record_id, ''), invoice_number,
            order_of.order_number, document_currency, amount_document_currency, posting_date,
            coalesce(due_date, posting_date)
        from marts.fct_receivable left join order_of using (invoice_id)
        where kind <> 'unapplied_cash' and amount_document_currency > 0 and posting_date <= $as_of
        """,
        values,
    )
    connection.execute(
        """
        insert into settlement
        select settlement.receivable_id, receipt_of_line.line_id,
            greatest(settlement.settlement_date, coalesce(line.day, settlement.settlement_date)), settlement.kind,
            settlement.amount_document_currency
        from marts.fct_receivable_settlement as settlement
        join item on settlement.receivable_id = item.item_id
        left join intermediate.int_receivable_settlement as stated using (receivable_settlement_id)
        left join receipt_of_line on stated.payment_id = receipt_of_line.payment_id
        left join line on receipt_of_line.line_id = line.line_id
        where settlement.settlement_date <= $as_of
        """,
        values,
    )
    connection.execute(
        """
        insert into bank_charge
        select line.currency, greatest(line.day, paid.payment_date), paid.amount_document_currency - line.amount
        from receipt_of_line join line using (line_id)
        join (select distinct payment_id, payment_date, amount_document_currency from intermediate.int_payment) as paid
            using (payment_id)
        where paid.amount_document_currency > line.amount
        """
    )
    connection.execute(
        """
        insert into customer_name
        select distinct coalesce(customer_id, record_id), name from marts.dim_customer_source where name is not null
        union
        select customer_id, name from marts.dim_customer where name is not null
        """
    )
    connection.execute(
        """
        insert into rate
        select rate.currency, line.day, any_value(rate.reporting_currency_per_unit)
        from (select distinct day from line) as line
        join marts.dim_exchange_rate as rate
            on line.day >= rate.valid_from and (rate.valid_to is null or line.day < rate.valid_to)
        group by all
        """
    )
    connection.execute(
        """
        insert into decision
        select decision_id, bank_movement_id, receivable_id, amount, verdict, known_from
        from quality.cash_decision where known_from <= $as_of
        """,
        values,
    )
    _booked_elsewhere(connection, values)


def _booked_elsewhere(connection: duckdb.DuckDBPyConnection, values: dict[str, date]) -> None:
    """``booked_elsewhere``: lines that the ledger shows and that are no receipt: interest, transfers, bills, refunds.

    A line and a debit of the bank's ledger account within five days of the same money, or of money within 3 % at the
    rate of the day where the books are in another currency; as many lines as there are such debits.
    """
    connection.execute(
        """
        create or replace temp table booked_elsewhere as
        with free as (
            select line.*, line_account.account_id, company.currency as book_currency,
                own.per_unit / books.per_unit as book_per_unit
            from line join line_account using (line_id)
            join marts.dim_company as company on line.company_id = company.company_id
            left join rate as own on line.currency = own.currency and line.day = own.day
            left join rate as books on company.currency = books.currency and line.day = books.day
            where line.line_id not in (from booked_line)
        ),
        debit as (
            select entry.journal_line_id, entry.account_id, entry.posting_date,
                entry.debit_company_currency - entry.credit_company_currency as amount
            from marts.fct_journal_line as entry
            where entry.origin = 'erp' and entry.posting_date <= $as_of
                and entry.debit_company_currency > entry.credit_company_currency
                and entry.account_id in (select account_id from free)
        ),
        pair as (
            select free.line_id, debit.journal_line_id, abs(datediff('day', free.day, debit.posting_date)) as days_apart
            from free join debit on free.account_id = debit.account_id
                and debit.posting_date between free.day - 5 and free.day + 5
                and case when free.currency = free.book_currency then debit.amount = free.amount
                    else abs(debit.amount - free.amount * free.book_per_unit) <= 0.03 * debit.amount end
        )
        select line_id from pair
        qualify row_number() over (partition by journal_line_id order by days_apart, line_id) = 1
            and row_number() over (partition by line_id order by days_apart, journal_line_id) = 1
        """,
        values,
    )
