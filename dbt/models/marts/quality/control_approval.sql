-- Documents that the approval matrix covers, against those approved within it.
select
    'approval' as control,
    company_id,
    cast(null as date) as as_of,
    'documents under the approval matrix: ' || document_type as left_label,
    'approved within it' as right_label,
    cast(count(*) as decimal(38, 4)) as left_total,
    cast(count(*) filter (where verdict = 'within') as decimal(38, 4)) as right_total,
    count(*) filter (where verdict <> 'within') as broken,
    concat(
        cast(count(*) as varchar), ' documents',
        coalesce(', first: ' || min(case when verdict <> 'within' then verdict || ' ' || document_number end), '')
    ) as detail,
    false as blocking
from {{ ref('fct_approval_check') }}
group by company_id, document_type
