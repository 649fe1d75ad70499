with

budget as (
    {{ union_staging('budget_line', [
        'budget_line_id', 'company_code', 'account_code', 'cost_centre', 'budget_month', 'amount_company_currency',
        'quantity', 'source_system', 'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    budget.*,
    company.company_id,
    account.account_id
from budget
left join company on budget.company_code = company.code
left join {{ ref('int_account') }} as account
    on company.company_id = account.company_id and budget.account_code = account.code
