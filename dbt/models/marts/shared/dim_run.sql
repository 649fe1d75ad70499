select
    '{{ var("run_id") }}' as run_id,
    {{ as_of() }} as as_of,
    cast('{{ var("started_at", (run_started_at | string)[:19]) }}' as timestamp) as started_at,
    -- Filled in when the run is published.
    cast(null as timestamp) as finished_at,
    '{{ var("group_name", "Settlehouse") | replace("'", "''") }}' as group_name,
    '{{ var("reporting_currency") }}' as reporting_currency,
    cast({{ var("cash_floor", 0) }} as decimal(18, 4)) as cash_floor_reporting_currency,
    '{{ var("product_version", "0.1.0") }}' as product_version,
    -- Head of the stewards' log, so that a log cut off later contradicts this run.
    coalesce((select max(entries) from {{ source('quality', 'steward_log_check') }}), 0) as decision_entries,
    (select max(head_hash) from {{ source('quality', 'steward_log_check') }}) as decision_head_hash
