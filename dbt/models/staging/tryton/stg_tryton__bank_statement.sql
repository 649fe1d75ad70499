with statement as (
    select * from {{ source('tryton', 'account_statement') }}
),

statement_journal as (
    select * from {{ source('tryton', 'account_statement_journal') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

statement_total as (
    select
        _source,
        statement,
        sum(amount) as amount
    from {{ source('tryton', 'account_statement_line') }}
    group by _source, statement
),

-- Statements that the ERP checks by total or count have no balances of their own: they go on from the ones before.
confirmed as (
    select
        statement.*,
        coalesce(statement_total.amount, 0) as amount,
        coalesce(sum(statement_total.amount) over (
            partition by statement._source, statement.journal order by statement.date, statement.id
            rows between unbounded preceding and 1 preceding
        ), 0) as amount_before
    from statement
    left join statement_total
        on statement.id = statement_total.statement and statement._source = statement_total._source
    where statement.state in ('validated', 'posted')
)

select
    confirmed._source || ':' || confirmed.id::varchar as bank_statement_id,
    confirmed._source || ':' || confirmed.journal::varchar as bank_account_id,
    bank_account.iban::varchar as iban,
    coalesce(confirmed.name, confirmed.id::varchar)::varchar as statement_number,
    confirmed.date::date as statement_date,
    currency.code::varchar as currency,
    coalesce(confirmed.start_balance, confirmed.amount_before)::decimal(18, 4) as opening_balance_bank_currency,
    coalesce(
        confirmed.end_balance, coalesce(confirmed.start_balance, confirmed.amount_before) + confirmed.amount
    )::decimal(18, 4) as closing_balance_bank_currency,
    null::varchar as statement_file,
    confirmed._source::varchar as source_system,
    confirmed.id::varchar as source_key
from confirmed
inner join statement_journal
    on confirmed.journal = statement_journal.id and confirmed._source = statement_journal._source
inner join currency
    on statement_journal.currency = currency.id and statement_journal._source = currency._source
left join {{ ref('stg_tryton__bank_account') }} as bank_account
    on confirmed._source = bank_account.source_system and statement_journal.id::varchar = bank_account.source_key
