{# Letters and digits alone, in capitals, so that spelling differs no more; NULL where none are left. #}
{% macro letters_and_digits(text) -%}
nullif(regexp_replace(upper({{ text }}), '[^\p{L}\p{N}]', '', 'g'), '')
{%- endmacro %}

{# Condition: the text holds one of the words, in whatever case. #}
{% macro contains_any(text, words) -%}
({% for word in words %}lower({{ text }}) like '%{{ word }}%'{{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro text_literals(texts) -%}
    {# Texts as literals of one row; a quote inside is doubled. #}
    {%- for one in texts -%}
        '{{ one | string | replace("'", "''") }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# A share or rate with twelve decimals as text, all of them. #}
{% macro share_as_text(share) -%}
{{ adapter.dispatch('share_as_text')(share) }}
{%- endmacro %}

{% macro default__share_as_text(share) -%}
cast({{ share }} as varchar)
{%- endmacro %}

{# Spark writes nothing with twelve decimals as 0E-12. #}
{% macro spark__share_as_text(share) -%}
replace(format_number({{ share }}, 12), ',', '')
{%- endmacro %}
