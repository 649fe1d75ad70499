-- Every version of a memo record that the log holds; the last one known by as_of is the current one.
with version as (
    select
        *,
        row_number() over (partition by memo_id order by known_from > {{ as_of() }}, decision_id desc) = 1
        and known_from <= {{ as_of() }} as is_current
    from {{ source('quality', 'memo_version') }}
)

select
    version.memo_id,
    version.decision_id,
    version.company_id,
    version.flow,
    version.currency,
    version.amount,
    version.first_date,
    version.recurrence,
    version.end_date,
    version.known_from,
    case
        when not version.is_current then 'replaced'
        when version.is_withdrawn then 'withdrawn'
        when version.end_date <= {{ as_of() }} then 'ended'
        else 'active'
    end as status,
    version.is_current,
    version.reason,
    version.decided_by,
    version.decided_at,
    'stewardship' as source_system,
    cast(version.decision_id as varchar) as source_key
from version
