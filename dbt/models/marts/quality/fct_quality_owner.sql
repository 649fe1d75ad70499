with

issue as (
    select * from {{ ref('fct_data_issue') }}
    where status <> 'resolved'
),

-- A record that breaks several rules of one owner has its money at stake once.
record as (
    select
        owner,
        severity,
        object,
        record_id,
        count(case when status = 'open' then 1 end) as open_issues,
        count(case when status = 'accepted' then 1 end) as accepted_issues,
        count(case when is_overdue then 1 end) as overdue_issues,
        min(case when status = 'open' then due_at end) as next_due_at,
        max(days_overdue) as most_days_overdue,
        max(case when status = 'open' then abs(amount_at_stake_reporting_currency) end) as amount,
        max(case when is_overdue then abs(amount_at_stake_reporting_currency) end) as overdue_amount
    from issue
    group by owner, severity, object, record_id
)

select
    owner,
    severity,
    cast(sum(open_issues) as bigint) as open_issues,
    cast(sum(accepted_issues) as bigint) as accepted_issues,
    cast(sum(overdue_issues) as bigint) as overdue_issues,
    cast(min(next_due_at) as date) as next_due_date,
    cast(max(most_days_overdue) as integer) as most_days_overdue,
    {{ total('amount') }} as amount_at_stake_reporting_currency,
    {{ total('overdue_amount') }} as overdue_amount_reporting_currency
from record
group by owner, severity
