with

-- The newest look at each table: a run of the models alone extracts nothing.
newest as (
    select *
    from {{ source('raw', 'extraction') }}
    qualify row_number() over (partition by source_name, table_name order by extracted_at desc) = 1
)

select
    'extraction' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    concat('rows of ', table_name, ' at source ', source_name) as left_label,
    'rows in the warehouse' as right_label,
    cast(rows_at_source as decimal(38, 4)) as left_total,
    cast(rows_latest as decimal(38, 4)) as right_total,
    0 as broken,
    concat('extracted ', cast(extracted_at as varchar)) as detail,
    true as blocking
from newest

union all

-- A sum over all currencies is a checksum, not a figure.
select
    'extraction' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    concat('sum of ', added.column_name, ' of ', added.table_name, ' at source ', added.source_name) as left_label,
    'sum in the warehouse' as right_label,
    cast(coalesce(added.sum_at_source, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(added.sum_latest, 0) as decimal(38, 4)) as right_total,
    case when coalesce(added.sum_at_source, 0) <> coalesce(added.sum_latest, 0) then 1 else 0 end as broken,
    case
        when coalesce(added.sum_at_source, 0) <> coalesce(added.sum_latest, 0)
            then 'a row changed without its time of change: run with --full-refresh'
        else concat('extracted ', cast(added.extracted_at as varchar))
    end as detail,
    true as blocking
from {{ source('raw', 'extraction_sum') }} as added
inner join newest
    on
        added.source_name = newest.source_name
        and added.table_name = newest.table_name
        and added.extracted_at = newest.extracted_at
