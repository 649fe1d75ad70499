select
    event.issue_id,
    event.run_id,
    event.event,
    event.as_of,
    event.happened_at,
    event.severity,
    event.status,
    event.owner,
    event.failed_value,
    issue.source_system,
    issue.source_key
from {{ source('quality', 'data_issue_event') }} as event
inner join {{ source('quality', 'data_issue') }} as issue on event.issue_id = issue.issue_id
