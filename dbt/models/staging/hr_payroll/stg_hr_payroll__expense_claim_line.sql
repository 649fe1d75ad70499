with claim as (
    select
        *,
        company_code || ':' || claim_number || ':' || line_number as line_key
    from {{ source('hr_payroll', 'expense_claims') }}
)

select
    _source || ':' || line_key as expense_claim_line_id,
    claim_number::varchar as claim_number,
    company_code::varchar as company_code,
    _source || ':' || company_code || ':' || employee_number as employee_id,
    expense_date::date as expense_date,
    category::varchar as category,
    currency::varchar as currency,
    amount::decimal(18, 4) as amount_company_currency,
    submitted_date::date as submitted_date,
    approved_date::date as approved_date,
    rejected_date::date as rejected_date,
    paid_date::date as paid_date,
    _source::varchar as source_system,
    line_key::varchar as source_key
from claim
