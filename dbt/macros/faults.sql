{# Columns of a warning: a record that is probably wrong. It stays in the marts and is told to the controller.
   `record` is the alias of what it is found in, with source_system, source_key and company_id. `severity`: critical
   where no mart has a place for the record; then it is quarantined. #}
{% macro warning(rule, object, record_id, document_id, detail, severity='warning') -%}
'{{ rule }}' as rule,
    '{{ severity }}' as severity,
    '{{ object }}' as object,
    record.source_system,
    record.source_key,
    {{ record_id }} as record_id,
    {{ document_id }} as document_id,
    record.company_id,
    {{ detail }} as detail
{%- endmacro %}

{# Values of a group as one text. #}
{% macro listed(value) -%}
coalesce({{ text_list('distinct ' ~ value, "', '", value) }}, 'none')
{%- endmacro %}

{# Faults of numbered documents. `documents` is a CTE with record_id, number, dated, company_id, source_system,
   source_key. A series is what stands before the last digits of its numbers. Series that skip numbers or are not dated
   in order of their numbers as a habit say nothing. Not `is_dated`: documents that get their number before their day,
   as goods do that are picked and leave later. #}
{% macro number_faults(object, documents, is_dated=true) -%}
select
    {{ warning(
        'number_missing', object, 'record.record_id', 'record.record_id',
        "concat('after ', record.number, ' the series goes on with ', record.next_number, ': missing ', record.prefix, "
        ~ "lpad(cast(record.serial + 1 as varchar), record.digits, '0'))"
    ) }}
from (
    select
        *,
        count(*) over (partition by company_id, prefix) as documents,
        sum(case when next_serial > serial + 1 then 1 else 0 end) over (partition by company_id, prefix) as gaps
    from {{ documents }}_in_series
) as record
where
    record.next_serial between record.serial + 2 and record.serial + 10
    and record.documents >= 10 and record.gaps <= 3 + record.documents / 100

{% if is_dated %}
union all

select
    {{ warning(
        'number_out_of_order', object, 'record.record_id', 'record.record_id',
        "concat(record.number, ' is dated ', cast(record.dated as varchar), ', its neighbours ', "
        ~ "coalesce(cast(record.date_before as varchar), 'none'), ' and ', "
        ~ "coalesce(cast(record.date_after as varchar), 'none'))"
    ) }}
from (
    select
        *,
        count(*) over (partition by company_id, prefix) as documents,
        sum(case when is_out_of_order then 1 else 0 end) over (partition by company_id, prefix) as out_of_order
    from {{ documents }}_in_series
) as record
where record.is_out_of_order and record.documents >= 10 and record.out_of_order <= 3 + record.documents / 100
{% endif %}

union all

select
    {{ warning(
        'number_twice', object, 'record.record_id', 'record.record_id',
        "concat('number ', record.number, ' stands on ', cast(record.documents as varchar), ' documents')"
    ) }}
from (
    select
        *,
        count(*) over (partition by company_id, number) as documents
    from {{ documents }}
    where number <> ''
) as record
where record.documents > 1
{%- endmacro %}

{# The CTE that number_faults reads: each document beside its neighbours. #}
{% macro in_series(documents) -%}
{{ documents }}_in_series as (
    select
        *,
        -- Between neighbours that are in order themselves, a date is not.
        dated > date_after and coalesce(date_before <= date_after, true)
        or dated < date_before and coalesce(date_before <= date_after, true) as is_out_of_order
    from (
        select
            *,
            lead(serial) over (partition by company_id, prefix order by serial) as next_serial,
            lead(number) over (partition by company_id, prefix order by serial) as next_number,
            lag(dated) over (partition by company_id, prefix order by serial) as date_before,
            lead(dated) over (partition by company_id, prefix order by serial) as date_after
        from (
            select
                *,
                regexp_replace(number, '[0-9]+$', '') as prefix,
                cast(length(regexp_extract(number, '[0-9]+$', 0)) as integer) as digits,
                cast(nullif(regexp_extract(number, '[0-9]+$', 0), '') as bigint) as serial
            from {{ documents }}
            where length(regexp_extract(number, '[0-9]+$', 0)) between 1 and 17
        ) as split
    ) as beside
)
{%- endmacro %}

{# Rows of `relation` of which `condition` holds, where few of its like are so: a habit of the source says nothing.
   `like`: columns that tell which rows are alike. #}
{% macro rare_cases(relation, condition, like='company_id') -%}
(
    select *
    from (
        select
            *,
            count(*) over (partition by {{ like }}) as looked_at,
            sum(case when {{ condition }} then 1 else 0 end) over (partition by {{ like }}) as found_in
        from {{ relation }}
    ) as counted
    where {{ condition }} and found_in <= 3 + looked_at / 50 and found_in * 3 <= looked_at
)
{%- endmacro %}
