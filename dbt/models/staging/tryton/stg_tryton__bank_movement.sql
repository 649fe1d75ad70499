with line as (
    select * from {{ source('tryton', 'account_statement_line') }}
),

statement as (
    select * from {{ source('tryton', 'account_statement') }}
),

statement_journal as (
    select * from {{ source('tryton', 'account_statement_journal') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

party as (
    select * from {{ source('tryton', 'party_party') }}
),

control_account as (
    select * from {{ ref('stg_tryton__account') }}
    where control in ('receivable', 'payable')
)

-- A line is matched when it names what it pays, or is booked straight to an account that has no open items.
select
    line._source || ':' || line.id::varchar as bank_movement_id,
    line._source || ':' || statement.id::varchar as bank_statement_id,
    coalesce(line.date, statement.date)::date as value_date,
    coalesce(line.date, statement.date)::date as booking_date,
    currency.code::varchar as currency,
    line.amount::decimal(18, 4) as amount_bank_currency,
    party.name::varchar as counterparty_name,
    null::varchar as counterparty_account,
    coalesce(line.description, line.number)::varchar as reference,
    case
        when line.related_to is not null or (line.account is not null and control_account.source_key is null)
            then 'matched'
        else 'unmatched'
    end::varchar as matched_status,
    (line._source || ':' || line.account::varchar)::varchar as account_id,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join statement on line.statement = statement.id and line._source = statement._source
inner join statement_journal
    on statement.journal = statement_journal.id and statement._source = statement_journal._source
inner join currency
    on statement_journal.currency = currency.id and statement_journal._source = currency._source
left join party on line.party = party.id and line._source = party._source
left join control_account
    on line._source = control_account.source_system and line.account::varchar = control_account.source_key
where statement.state in ('validated', 'posted')
