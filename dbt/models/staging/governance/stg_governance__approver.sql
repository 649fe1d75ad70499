with approvers as (
    select
        *,
        concat_ws(':', company_code, user_name, role, valid_from::varchar) as approver_key
    from {{ source('governance', 'approvers') }}
)

select
    _source || ':' || approver_key as approver_id,
    company_code::varchar as company_code,
    user_name::varchar as user_name,
    role::varchar as role,
    valid_from::date as valid_from,
    coalesce(valid_to, date '9999-12-31')::date as valid_to,
    _source::varchar as source_system,
    approver_key::varchar as source_key
from approvers
