with limits as (
    select
        *,
        concat_ws(':', company_code, document_type, role, valid_from::varchar) as limit_key
    from {{ source('governance', 'approval_limits') }}
)

select
    _source || ':' || limit_key as approval_limit_id,
    company_code::varchar as company_code,
    document_type::varchar as document_type,
    role::varchar as role,
    valid_from::date as valid_from,
    coalesce(valid_to, date '9999-12-31')::date as valid_to,
    amount_limit::decimal(18, 4) as amount_limit_company_currency,
    coalesce(split_share, 0.7)::decimal(18, 6) as split_share,
    coalesce(split_days, 7)::integer as split_days,
    _source::varchar as source_system,
    limit_key::varchar as source_key
from limits
