{# What one of an amount's second figure is worth: 100 in 4,700. #}
{% macro second_figure(amount) -%}
cast(power(10, greatest(length(cast(floor({{ amount }}) as varchar)) - 2, 1)) as decimal(18, 0))
{%- endmacro %}
