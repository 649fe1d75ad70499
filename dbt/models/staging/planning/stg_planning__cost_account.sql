with assignment as (
    select
        *,
        company_code || ':' || account_code || ':' || valid_from as assignment_key
    from {{ source('planning', 'cost_accounts') }}
)

select
    _source || ':' || assignment_key as cost_account_id,
    company_code::varchar as company_code,
    account_code::varchar as account_code,
    valid_from::date as valid_from,
    element::varchar as element,
    pool::varchar as pool,
    _source::varchar as source_system,
    assignment_key::varchar as source_key
from assignment
