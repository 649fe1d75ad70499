with

claim as (
    {{ union_staging('expense_claim_line', [
        'expense_claim_line_id', 'claim_number', 'company_code', 'employee_id', 'expense_date', 'category', 'currency',
        'amount_company_currency', 'submitted_date', 'approved_date', 'rejected_date', 'paid_date', 'source_system',
        'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    claim.*,
    company.company_id
from claim
left join company on claim.company_code = company.code
