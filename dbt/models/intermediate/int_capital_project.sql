with

project as (
    {{ union_staging('capital_project', [
        'capital_project_id', 'project_number', 'company_code', 'name', 'approved_date', 'source_system', 'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    project.*,
    company.company_id,
    company.currency
from project
left join company on project.company_code = company.code
