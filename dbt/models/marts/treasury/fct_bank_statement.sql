with

published as (
    select *
    from {{ ref('int_bank_statement') }} as statement
    where {{ not_quarantined('bank_statement', 'statement.bank_statement_id') }}
),

-- The newest statement of each account by as_of tells the cash.
newest as (
    select bank_statement_id
    from published
    where statement_date <= {{ as_of() }}
    qualify row_number() over (
        partition by bank_account_id order by statement_date desc, statement_number desc, bank_statement_id desc
    ) = 1
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
    statement.source_system,
    statement.source_key
from published as statement
left join newest on statement.bank_statement_id = newest.bank_statement_id
left join {{ ref('int_company') }} as company on statement.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and statement.currency = rate.currency
        and statement.statement_date = rate.date_day
