with

allocation as (
    select * from {{ source('erp_global', 'payment_allocations') }}
),

document as (
    select * from {{ source('erp_global', 'supplier_documents') }}
)

select
    allocation._source || ':' || allocation.id as payable_settlement_id,
    allocation._source || ':' || allocation.document_id as payable_id,
    allocation._source || ':' || document.company_id as company_id,
    'payment' as kind,
    allocation.allocated_on::date as settlement_date,
    allocation.amount::decimal(18, 4) as amount_document_currency,
    allocation.amount_base::decimal(18, 4) as amount_company_currency,
    allocation.exchange_difference_base::decimal(18, 4) as exchange_difference_company_currency,
    allocation._source::varchar as source_system,
    allocation.id::varchar as source_key
from allocation
inner join document on allocation._source = document._source and allocation.document_id = document.id
