with entries as (
    select * from {{ source('bank_statements', 'entry') }}
)

select
    _source || ':' || statement_key || ':' || entry_index::varchar as bank_movement_id,
    _source || ':' || statement_key as bank_statement_id,
    value_date::date as value_date,
    booking_date::date as booking_date,
    currency::varchar as currency,
    amount::decimal(18, 4) as amount_bank_currency,
    counterparty_name::varchar as counterparty_name,
    counterparty_account::varchar as counterparty_account,
    reference::varchar as reference,
    null::varchar as matched_status,
    null::varchar as account_id,
    _source::varchar as source_system,
    statement_key || ':' || entry_index::varchar as source_key
from entries
