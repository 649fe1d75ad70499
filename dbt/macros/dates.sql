{# Calendar arithmetic where DuckDB and Spark differ. #}
{% macro as_of() -%}
cast('{{ var("as_of") }}' as date)
{%- endmacro %}

{% macro add_days(date, days) -%}
cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}

{% macro days_between(first, last) -%}
cast({{ dbt.datediff(first, last, 'day') }} as integer)
{%- endmacro %}

{% macro first_of(part, date) -%}
cast({{ dbt.date_trunc(part, date) }} as date)
{%- endmacro %}

{% macro last_of(part, date) -%}
cast({{ dbt.dateadd('day', -1, dbt.dateadd(part, 1, dbt.date_trunc(part, date))) }} as date)
{%- endmacro %}

{# A query of every day from first to last, both inclusive, as date_day. #}
{% macro day_spine(first, last) -%}
{{ adapter.dispatch('day_spine')(first, last) }}
{%- endmacro %}

{% macro default__day_spine(first, last) -%}
select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
{%- endmacro %}

{% macro spark__day_spine(first, last) -%}
select explode(sequence({{ first }}, {{ last }}, interval 1 day)) as date_day
{%- endmacro %}

{# dbt's own for Spark go by way of seconds since 1970, which Spark refuses to take from days without a zone. #}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
{%- if datepart in ('day', 'week') -%}
{%- set days = 7 if datepart == 'week' else 1 -%}
date_add(cast({{ from_date_or_timestamp }} as date), cast(({{ interval }}) * {{ days }} as int))
{%- else -%}
{%- set months = {'month': 1, 'quarter': 3, 'year': 12}[datepart] -%}
add_months(cast({{ from_date_or_timestamp }} as date), cast(({{ interval }}) * {{ months }} as int))
{%- endif -%}
{%- endmacro %}

{% macro spark__datediff(first_date, second_date, datepart) -%}
{%- if datepart == 'month' -%}
(12 * (year({{ second_date }}) - year({{ first_date }})) + month({{ second_date }}) - month({{ first_date }}))
{%- else -%}
timestampdiff({{ datepart }}, {{ first_date }}, {{ second_date }})
{%- endif -%}
{%- endmacro %}

{# The day as if fiscal years started on 1 January: its year and month are the fiscal year and period of the group.
   A fiscal year is called by the calendar year it starts in. #}
{% macro fiscal_day(date) -%}
{%- set month = var('fiscal_year_start')[:2] | int -%}
{%- set day = var('fiscal_year_start')[3:] | int -%}
cast({{ dbt.dateadd('month', 1 - month, dbt.dateadd('day', 1 - day, date)) }} as date)
{%- endmacro %}

{# Day of the week: Monday is 0, Sunday 6. #}
{% macro weekday(date) -%}
({{ days_between("cast('1900-01-01' as date)", date) }} % 7)
{%- endmacro %}

{# The day, or the Monday after it on a weekend. #}
{% macro working_day(date) -%}
{{ add_days(date, 'case ' ~ weekday(date) ~ ' when 5 then 2 when 6 then 1 else 0 end') }}
{%- endmacro %}

{# A day of a month, or the month's last one where it has fewer. The month is given by its first day. #}
{% macro day_of_month(month, day) -%}
{{ add_days(month, 'least(' ~ day ~ ', cast(extract(day from ' ~ last_of('month', month) ~ ') as integer)) - 1') }}
{%- endmacro %}
