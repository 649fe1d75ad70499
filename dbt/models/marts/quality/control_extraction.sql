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
