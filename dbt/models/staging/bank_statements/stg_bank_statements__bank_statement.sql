with statements as (
    select * from {{ source('bank_statements', 'statement') }}
)

select
    _source || ':' || statement_key as bank_statement_id,
    null::varchar as bank_account_id,
    account_number::varchar as iban,
    statement_number::varchar as statement_number,
    statement_date::date as statement_date,
    currency::varchar as currency,
    opening_balance::decimal(18, 4) as opening_balance_bank_currency,
    closing_balance::decimal(18, 4) as closing_balance_bank_currency,
    file::varchar as statement_file,
    _source::varchar as source_system,
    statement_key::varchar as source_key
from statements
