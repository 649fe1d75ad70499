with

alert as (
    select
        alert_id,
        pattern,
        case when count(distinct company_id) = 1 then min(company_id) end as company_id,
        case when count(distinct supplier_id) = 1 then min(supplier_id) end as supplier_id,
        case when count(distinct customer_id) = 1 then min(customer_id) end as customer_id,
        count(distinct concat_ws('|', document_type, document_id)) as documents,
        min(document_date) as first_date,
        max(document_date) as last_date,
        {{ total('amount_at_stake_reporting_currency') }} as amount_at_stake_reporting_currency,
        min(detail_en) as detail_en,
        min(detail_zh) as detail_zh,
        min_by(source_system, document_date || document_id) as source_system,
        min_by(source_key, document_date || document_id) as source_key
    from {{ ref('fct_risk_evidence') }}
    group by alert_id, pattern
),

accepted as (
    select
        issue_id,
        max_by(accepted_until, decision_id) as accepted_until
    from {{ source('quality', 'accepted_fault') }}
    group by issue_id
),

assigned as (
    select
        issue_id,
        max_by(owner, decision_id) as owner
    from {{ source('quality', 'assigned_owner') }}
    group by issue_id
)

select
    alert.alert_id,
    alert.pattern,
    pattern.severity,
    alert.company_id,
    alert.supplier_id,
    alert.customer_id,
    alert.documents,
    alert.first_date,
    alert.last_date,
    alert.amount_at_stake_reporting_currency,
    alert.detail_en,
    alert.detail_zh,
    coalesce(assigned.owner, pattern.owner) as owner,
    case when accepted.accepted_until >= {{ as_of() }} then 'accepted' else 'open' end as status,
    accepted.accepted_until,
    alert.source_system,
    alert.source_key
from alert
inner join {{ ref('risk_pattern') }} as pattern on alert.pattern = pattern.pattern
left join accepted on alert.alert_id = accepted.issue_id
left join assigned on alert.alert_id = assigned.issue_id
