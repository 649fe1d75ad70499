with budget as (
    select
        *,
        company_code || ':' || account_code || ':' || coalesce(cost_centre, '') || ':' || month as line_key
    from {{ source('planning', 'budget') }}
)

select
    _source || ':' || line_key as budget_line_id,
    company_code::varchar as company_code,
    account_code::varchar as account_code,
    cost_centre::varchar as cost_centre,
    month::date as budget_month,
    amount::decimal(18, 4) as amount_company_currency,
    quantity::decimal(18, 6) as quantity,
    _source::varchar as source_system,
    line_key::varchar as source_key
from budget
