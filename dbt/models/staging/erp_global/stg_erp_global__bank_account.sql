with bank_account as (
    select * from {{ source('erp_global', 'own_bank_accounts') }}
)

select
    _source || ':' || id::varchar as bank_account_id,
    _source || ':' || company_id::varchar as company_id,
    title::varchar as name,
    currency_code::varchar as currency,
    replace(account_number, ' ', '')::varchar as iban,
    (_source || ':' || account_id::varchar)::varchar as account_id,
    _source::varchar as source_system,
    id::varchar as source_key
from bank_account
