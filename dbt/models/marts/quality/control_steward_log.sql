-- Entries of the stewards' log against those that follow from the ones before them and from the heads noted elsewhere.
select
    'steward_log' as control,
    cast(null as varchar) as company_id,
    {{ as_of() }} as as_of,
    'entries of the decision log' as left_label,
    'entries that are as they were written' as right_label,
    cast(coalesce(max(entries), 0) as decimal(38, 4)) as left_total,
    cast(coalesce(max(sound_entries), 0) as decimal(38, 4)) as right_total,
    cast(coalesce(max(problems), 0) as integer) as broken,
    coalesce(max(first_problem), '') as detail,
    true as blocking
from {{ source('quality', 'steward_log_check') }}
