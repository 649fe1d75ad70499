{# Whole numbers divided without a float in between: multiples of the divisor alone are divided, which is exact up to 2^53. #}
{% macro whole_quotient(dividend, divisor) -%}
cast(round(({{ dividend }} - {{ dividend }} % {{ divisor }}) / {{ divisor }}) as decimal(18, 0))
{%- endmacro %}

{# Whole number nearest to dividend / divisor, halves up; neither is negative. #}
{% macro nearest_quotient(dividend, divisor) -%}
{{ whole_quotient('(2 * ' ~ dividend ~ ' + ' ~ divisor ~ ')', '(2 * ' ~ divisor ~ ')') }}
{%- endmacro %}

{# Money in cents, as a whole number; wide, so that products of it don't overflow. #}
{% macro cents(amount) -%}
cast(round({{ amount }} * 100) as decimal(20, 0))
{%- endmacro %}
