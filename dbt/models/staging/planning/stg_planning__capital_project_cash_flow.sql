with flow as (
    select
        *,
        company_code || ':' || project_number as project_key,
        company_code || ':' || project_number || ':' || kind || ':' || month as flow_key
    from {{ source('planning', 'capital_cash_flows') }}
)

select
    _source || ':' || flow_key as capital_project_cash_flow_id,
    _source || ':' || project_key as capital_project_id,
    kind::varchar as kind,
    month::date as flow_date,
    amount::decimal(18, 4) as amount_company_currency,
    _source::varchar as source_system,
    flow_key::varchar as source_key
from flow
