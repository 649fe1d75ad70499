with

master_amount as (
    select
        object,
        record_id,
        sum(amount) as amount
    from {{ ref('record_at_stake') }}
    group by object, record_id
),

issue as (
    select * from {{ source('quality', 'data_issue') }}
)

select
    issue.issue_id,
    issue.rule,
    issue.quality_dimension,
    issue.severity,
    issue.object,
    issue.record_id,
    issue.company_id,
    issue.owner,
    issue.status,
    issue.detected_at,
    issue.due_at,
    issue.resolved_at,
    issue.accepted_until,
    issue.status = 'open' and cast(issue.due_at as date) < {{ as_of() }} as is_overdue,
    case
        when issue.status = 'open'
            then greatest({{ dbt.datediff('cast(issue.due_at as date)', as_of(), 'day') }}, 0)
        else 0
    end as days_overdue,
    issue.first_run_id,
    issue.last_run_id,
    issue.failed_value,
    issue.detail_en,
    issue.detail_zh,
    cast(
        case
            when issue.object in ('customer', 'crm_account', 'supplier', 'product', 'bank_account')
                then coalesce(master_amount.amount, 0)
            else {{ converted('issue.amount_company_currency', 'rate.rate_to_reporting') }}
        end as decimal(18, 4)
    ) as amount_at_stake_reporting_currency,
    issue.source_system,
    issue.source_key
from issue
left join master_amount on issue.object = master_amount.object and issue.record_id = master_amount.record_id
left join {{ ref('dim_company') }} as company on issue.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and rate.date_day = {{ as_of() }}
