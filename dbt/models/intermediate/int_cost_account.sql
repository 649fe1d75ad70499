with

assignment as (
    {{ union_staging('cost_account', [
        'cost_account_id', 'company_code', 'account_code', 'valid_from', 'element', 'pool', 'source_system',
        'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    assignment.*,
    coalesce(
        lead(assignment.valid_from) over (
            partition by assignment.company_code, assignment.account_code order by assignment.valid_from
        ),
        cast('9999-12-31' as date)
    ) as valid_before,
    company.company_id,
    account.account_id
from assignment
left join company on assignment.company_code = company.code
left join {{ ref('int_account') }} as account
    on company.company_id = account.company_id and assignment.account_code = account.code
