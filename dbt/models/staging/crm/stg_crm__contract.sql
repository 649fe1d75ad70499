with contract as (
    select * from {{ source('crm', 'contracts') }}
)

select
    _source || ':' || contract_id as contract_id,
    contract_number::varchar as contract_number,
    company_code::varchar as company_code,
    erp_customer_number::varchar as customer_code,
    signed_on::date as signed_date,
    currency_code::varchar as document_currency,
    transaction_price::decimal(18, 4) as transaction_price_document_currency,
    _source::varchar as source_system,
    contract_id::varchar as source_key
from contract
