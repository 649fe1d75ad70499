with project as (
    select
        *,
        company_code || ':' || project_number as project_key
    from {{ source('planning', 'capital_projects') }}
)

select
    _source || ':' || project_key as capital_project_id,
    project_number::varchar as project_number,
    company_code::varchar as company_code,
    name::varchar as name,
    approved_on::date as approved_date,
    _source::varchar as source_system,
    project_key::varchar as source_key
from project
