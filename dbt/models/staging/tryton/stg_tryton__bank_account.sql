with statement_journal as (
    select * from {{ source('tryton', 'account_statement_journal') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

number as (
    select
        _source,
        account,
        coalesce(number_compact, replace(number, ' ', '')) as number
    from {{ source('tryton', 'bank_account_number') }}
    where coalesce(active, true)
    qualify row_number() over (
        partition by _source, account
        order by case when type = 'iban' then 0 else 1 end, sequence nulls last, id
    ) = 1
)

select
    statement_journal._source || ':' || statement_journal.id::varchar as bank_account_id,
    statement_journal._source || ':' || statement_journal.company::varchar as company_id,
    statement_journal.name::varchar as name,
    currency.code::varchar as currency,
    number.number::varchar as iban,
    (statement_journal._source || ':' || statement_journal.account::varchar)::varchar as account_id,
    statement_journal._source::varchar as source_system,
    statement_journal.id::varchar as source_key
from statement_journal
inner join currency
    on statement_journal.currency = currency.id and statement_journal._source = currency._source
left join number
    on statement_journal.bank_account = number.account and statement_journal._source = number._source
