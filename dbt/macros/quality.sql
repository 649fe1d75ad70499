{# Condition: the record of the object is not kept out of the marts. #}
{% macro not_quarantined(object, record_id) -%}
not exists (
    select 1
    from {{ ref('int_quarantine') }} as quarantine
    where quarantine.object = '{{ object }}' and quarantine.record_id = {{ record_id }}
)
{%- endmacro %}

{# Condition: the gate holds the master record. #}
{% macro is_held(object, record_id) -%}
exists (
    select 1
    from {{ source('quality', 'held_master_record') }} as held
    where held.object = '{{ object }}' and held.record_id = {{ record_id }}
)
{%- endmacro %}

{# Faults: records that name a parent which does not exist. Without `required`, naming none is allowed. `company`: none
   where a record knows its company by its parent alone; so below. #}
{% macro orphans(object, key, document, reference, parent, parent_key, severity, required=false, company='company_id') -%}
select
    'orphan_reference' as rule,
    '{{ severity }}' as severity,
    '{{ object }}' as object,
    child.source_system,
    child.source_key,
    child.{{ key }} as record_id,
    child.{{ document }} as document_id,
    {{ 'child.' ~ company if company else 'cast(null as varchar)' }} as company_id,
    concat('{{ reference }} ', coalesce(child.{{ reference }}, 'is empty and'), ' is not a known {{ parent }}') as detail
from {{ ref('int_' ~ object) }} as child
left join {{ ref('int_' ~ parent) }} as parent on child.{{ reference }} = parent.{{ parent_key }}
where parent.{{ parent_key }} is null{{ '' if required else ' and child.' ~ reference ~ ' is not null' }}
{%- endmacro %}

{# Faults: records dated more than a year after as_of. Nearer dates are only not known yet. #}
{% macro future_dates(object, key, document, date, company='company_id') -%}
select
    'date_in_future' as rule,
    'critical' as severity,
    '{{ object }}' as object,
    record.source_system,
    record.source_key,
    record.{{ key }} as record_id,
    record.{{ document }} as document_id,
    {{ 'record.' ~ company if company else 'cast(null as varchar)' }} as company_id,
    concat('{{ date }} ', cast(record.{{ date }} as varchar), ' is more than a year after as_of') as detail
from {{ ref('int_' ~ object) }} as record
where record.{{ date }} > {{ add_days(as_of(), 366) }}
{%- endmacro %}

{# Faults: keys that stand on more than one record. #}
{% macro duplicate_keys(object, key, document, company='company_id') -%}
select
    'duplicate_key' as rule,
    'critical' as severity,
    '{{ object }}' as object,
    min(record.source_system) as source_system,
    min(record.source_key) as source_key,
    record.{{ key }} as record_id,
    min(record.{{ document }}) as document_id,
    {{ 'min(record.' ~ company ~ ')' if company else 'cast(null as varchar)' }} as company_id,
    concat('key stands on ', cast(count(*) as varchar), ' records') as detail
from {{ ref('int_' ~ object) }} as record
-- Only the few that are not alone are read whole.
where record.{{ key }} in (select {{ key }} from {{ ref('int_' ~ object) }} group by {{ key }} having count(*) > 1)
group by record.{{ key }}
{%- endmacro %}

{# What a run leaves behind for the next: the scores of its day, once. Spark builds from what it is handed and leaves
   nothing but its tables (decision 251). #}
{% macro forget_scores_of_day() -%}
{{ adapter.dispatch('forget_scores_of_day')() }}
{%- endmacro %}

{% macro default__forget_scores_of_day() -%}
delete from {{ source('quality', 'quality_score_day') }} where score_date = {{ as_of() }}
{%- endmacro %}

{% macro spark__forget_scores_of_day() -%}
{%- endmacro %}

{% macro remember_scores_of_day(scores) -%}
{{ adapter.dispatch('remember_scores_of_day')(scores) }}
{%- endmacro %}

{% macro default__remember_scores_of_day(scores) -%}
{%- set kept = "quality_score_id, score_date, object, source_system, company_id, quality_dimension, records, "
    ~ "failing_records, amount_reporting_currency, failing_amount_reporting_currency" -%}
insert into {{ source('quality', 'quality_score_day') }} ({{ kept }})
select {{ kept }} from {{ scores }} where score_date = {{ as_of() }}
{%- endmacro %}

{% macro spark__remember_scores_of_day(scores) -%}
{%- endmacro %}
