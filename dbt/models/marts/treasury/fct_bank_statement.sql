with

published as (
    select
        statement.*,
        -- Most banks number statements through the year, 17/2 being the second page; some do not number them.
        try_cast(split_part(statement.statement_number, '/', 1) as integer) as number,
        try_cast(split_part(statement.statement_number, '/', 2) as integer) as page
    from {{ ref('int_bank_statement') }} as statement
    where {{ not_quarantined('bank_statement', 'statement.bank_statement_id') }}
),

-- The newest statement of each account by as_of tells the cash.
newest as (
    select bank_statement_id
    from published
    where statement_date <= {{ as_of() }}
    qualify row_number() over (
        partition by bank_account_id
        order by
            statement_date desc, number desc nulls last, page desc nulls last, statement_number desc,
            bank_statement_id desc
    ) = 1
),

before as (
    select
        bank_statement_id,
        lag(statement_date) over own_account as previous_date,
        lag(closing_balance_bank_currency) over own_account as previous_closing,
        lag(number) over own_account as previous_number
    from published
    where bank_account_id is not null
    window own_account as (
        partition by bank_account_id
        order by statement_date, number nulls first, page nulls first, statement_number, bank_statement_id
    )
),

-- Numbers start again in a new year.
compared as (
    select
        published.*,
        before.previous_date,
        before.previous_closing,
        case
            when published.number > before.previous_number and before.previous_number > 0
                then published.number - before.previous_number - 1
            when
                published.number < before.previous_number and published.number > 0
                and year(published.statement_date) > year(before.previous_date)
                then published.number - 1
            else 0
        end as missing
    from published
    left join before on published.bank_statement_id = before.bank_statement_id
)

select
    statement.bank_statement_id,
    statement.company_id,
    statement.bank_account_id,
    statement.iban,
    statement.statement_number,
    statement.statement_date,
    statement.currency,
    statement.opening_balance_bank_currency,
    statement.closing_balance_bank_currency,
    {{ converted('statement.closing_balance_bank_currency', 'rate.rate_to_reporting') }}
        as closing_balance_reporting_currency,
    newest.bank_statement_id is not null as is_newest,
    statement.statement_file,
    statement.previous_date as previous_statement_date,
    statement.previous_closing as previous_closing_balance_bank_currency,
    case
        when statement.bank_account_id is null then 'unknown_account'
        when statement.previous_closing is null then 'first'
        when statement.opening_balance_bank_currency <> statement.previous_closing then 'balance_gap'
        when statement.missing > 0 then 'number_gap'
        else 'follows'
    end as sequence_state,
    cast(statement.missing as integer) as missing_statement_count,
    statement.source_system,
    statement.source_key
from compared as statement
left join newest on statement.bank_statement_id = newest.bank_statement_id
left join {{ ref('int_company') }} as company on statement.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and statement.currency = rate.currency
        and statement.statement_date = rate.date_day
