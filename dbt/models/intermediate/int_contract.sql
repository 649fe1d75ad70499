with

contract as (
    {{ union_staging('contract', [
        'contract_id', 'contract_number', 'company_code', 'customer_code', 'signed_date', 'document_currency',
        'transaction_price_document_currency', 'source_system', 'source_key'
    ]) }}
),

-- The CRM names companies by code; where two systems have one of that code, the same one always stands for it.
company as (
    select
        company_id,
        source_system,
        code
    from {{ ref('int_company') }}
    where code is not null
    qualify row_number() over (partition by code order by company_id) = 1
),

customer as (
    select
        customer_id,
        source_system,
        code
    from {{ ref('int_customer') }}
    qualify row_number() over (partition by source_system, code order by customer_id) = 1
)

select
    contract.*,
    company.company_id,
    customer.customer_id
from contract
left join company on contract.company_code = company.code
left join customer on contract.customer_code = customer.code and company.source_system = customer.source_system
