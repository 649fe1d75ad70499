{# An average or transaction rate for what flows, the closing rate for what stands: every translation of the statements
   reads rates here. Joins int_reporting_rate as rate; `company` must be joined before. #}
{% macro join_rate_of_day(day, alias='rate') -%}
left join {{ ref('int_reporting_rate') }} as {{ alias }}
    on
        company.source_system = {{ alias }}.source_system
        and company.currency = {{ alias }}.currency
        and {{ day }} = {{ alias }}.date_day
{%- endmacro %}

{# Sum of amounts translated at rates of their own, to the cent; empty when one has no rate. The amount is unrounded
   before, so that the cents of single postings do not add up to a difference. #}
{% macro translated_total(amount) -%}
cast(
    round(case when count(*) = count({{ amount }}) then sum({{ amount }}) end, 2) as decimal(18, 4)
)
{%- endmacro %}

{# An amount translated, before rounding. #}
{% macro translated(amount, rate) -%}
cast({{ amount }} * {{ rate }} as decimal(38, 10))
{%- endmacro %}
