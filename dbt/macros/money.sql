{# An amount in another currency, rounded to cents; NULL when the rate is not known. #}
{% macro converted(amount, rate) -%}
cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 4))
{%- endmacro %}

{# A rate rounded to a number of decimals that differs from row to row. #}
{% macro rounded_rate(rate, decimals) -%}
round({{ rate }} * power(10, {{ decimals }})) / power(10, {{ decimals }})
{%- endmacro %}

{# Sums of money have room for ten million rows. #}
{% macro total(amount) -%}
cast(coalesce(sum({{ amount }}), 0) as decimal(38, 4))
{%- endmacro %}

{# An amount in whole steps of a rounding, halves to the even one: as an ERP does that reckons so. #}
{% macro half_even(amount, rounding) -%}
(
    case
        when abs(({{ amount }}) % {{ rounding }}) * 2 = {{ rounding }}
            then round(({{ amount }}) / {{ rounding }} / 2) * 2
        else round(({{ amount }}) / {{ rounding }})
    end::decimal(18, 0) * {{ rounding }}
)
{%- endmacro %}
