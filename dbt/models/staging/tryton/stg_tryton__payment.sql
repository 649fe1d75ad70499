with move as (
    select * from {{ source('tryton', 'account_move') }}
    where state = 'posted'
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

-- A payment or direct debit moves money to an account of money on its way, until the bank tells of it.
cleared as (
    select
        payment._source,
        'payment-' || payment.id::varchar as payment_key,
        coalesce(payment.number, payment.id::varchar) as payment_number,
        payment.company,
        payment.party,
        move.date,
        journal.clearing_account as account,
        journal.currency,
        move.id as move
    from {{ source('tryton', 'account_payment') }} as payment
    inner join {{ source('tryton', 'account_payment_journal') }} as journal
        on payment.journal = journal.id and payment._source = journal._source
    inner join move on payment.clearing_move = move.id and payment._source = move._source
),

method as (
    select
        _source,
        debit_account as account
    from {{ source('tryton', 'account_invoice_payment_method') }}
    union distinct
    select
        _source,
        credit_account as account
    from {{ source('tryton', 'account_invoice_payment_method') }}
),

-- Paid on the spot, at the invoice: the entry is all there is of it.
on_the_spot as (
    select
        invoice._source,
        'move-' || move.id::varchar as payment_key,
        coalesce(move.number, move.id::varchar) as payment_number,
        move.company,
        invoice.party,
        move.date,
        min(move_line.account) as account,
        invoice.currency,
        move.id as move
    from {{ source('tryton', 'account_invoice') }} as invoice
    inner join move
        on move.origin = 'account.invoice,' || invoice.id::varchar and invoice._source = move._source
    inner join move_line on move.id = move_line.move and move._source = move_line._source
    inner join method on move_line.account = method.account and move_line._source = method._source
    where move.id is distinct from invoice.move and move.id is distinct from invoice.cancel_move
    group by invoice._source, move.id, move.number, move.company, invoice.party, move.date, invoice.currency
    having count(distinct move_line.account) = 1
),

payment as (
    select * from cleared
    union all
    select * from on_the_spot
),

-- What stands on the account of the money; another currency stands beside it.
money as (
    select
        payment.payment_key,
        payment._source,
        sum(coalesce(move_line.debit, 0) - coalesce(move_line.credit, 0)) as amount_company_currency,
        sum(move_line.amount_second_currency) as amount_second_currency,
        min(second_currency.code) as second_currency
    from payment
    inner join move_line
        on
            payment.move = move_line.move
            and payment.account = move_line.account
            and payment._source = move_line._source
    left join {{ source('tryton', 'currency_currency') }} as second_currency
        on move_line.second_currency = second_currency.id and move_line._source = second_currency._source
    group by payment.payment_key, payment._source
),

-- The open items it pays stand on the other side.
control as (
    select
        payment.payment_key,
        payment._source,
        min(move_line.account) as account
    from payment
    inner join move_line
        on
            payment.move = move_line.move
            and payment.account <> move_line.account
            and payment._source = move_line._source
    group by payment.payment_key, payment._source
)

select
    payment._source || ':' || payment.payment_key as payment_id,
    payment.payment_number::varchar as payment_number,
    case when money.amount_company_currency > 0 then 'received' else 'paid' end::varchar as direction,
    payment._source || ':' || payment.company::varchar as company_id,
    (payment._source || ':' || payment.party::varchar)::varchar as party_id,
    payment.date::date as payment_date,
    (payment._source || ':' || payment.account::varchar)::varchar as account_id,
    (payment._source || ':' || control.account::varchar)::varchar as control_account_id,
    coalesce(money.second_currency, company_currency.code)::varchar as document_currency,
    abs(coalesce(money.amount_second_currency, money.amount_company_currency))::decimal(18, 4)
        as amount_document_currency,
    abs(money.amount_company_currency)::decimal(18, 4) as amount_company_currency,
    0::decimal(18, 4) as fee_amount_company_currency,
    payment._source::varchar as source_system,
    payment.payment_key::varchar as source_key
from payment
inner join money on payment.payment_key = money.payment_key and payment._source = money._source
left join control on payment.payment_key = control.payment_key and payment._source = control._source
inner join {{ source('tryton', 'company_company') }} as company
    on payment.company = company.id and payment._source = company._source
inner join {{ source('tryton', 'currency_currency') }} as company_currency
    on company.currency = company_currency.id and company._source = company_currency._source
where money.amount_company_currency <> 0
