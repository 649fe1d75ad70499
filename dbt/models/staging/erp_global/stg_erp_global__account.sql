with account as (
    select * from {{ source('erp_global', 'accounts') }}
)

select
    _source || ':' || id::varchar as account_id,
    _source || ':' || company_id::varchar as company_id,
    account_number::varchar as code,
    title::varchar as name,
    case account_class
        when 'A' then 'asset'
        when 'L' then 'liability'
        when 'Q' then 'equity'
        when 'R' then 'income'
        when 'X' then 'expense'
    end::varchar as type,
    case subledger
        when 'AR' then 'receivable'
        when 'AP' then 'payable'
        when 'BANK' then 'bank'
        when 'FX' then 'realised_exchange'
        when 'FXU' then 'unrealised_exchange'
    end::varchar as control,
    _source::varchar as source_system,
    id::varchar as source_key
from account
