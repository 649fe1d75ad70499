{#- The definitions stand in this model's own meta (_measures.yml). They are known when the model runs, not while dbt
    reads the project or sqlfluff the SQL. -#}
{%- set told = model.config.meta if model is mapping else {} -%}
with

told (
    measure, kind, name_en, name_zh, definition_en, definition_zh, formula, unit, tables, shown_as, controls, rows_page
) as (
    values
    {%- for one in told.get('measures', []) %}
    (
        {{ text_literals([
            one.measure, 'measure', one.name.en, one.name.zh, one.definition.en, one.definition.zh, one.formula,
            one.unit, one.tables | join(','), one.get('shown_as', [one.measure]) | join(','),
            one.get('controls', []) | join(','), one.rows
        ]) }}
    ),
    {%- endfor %}
    {%- for name, meaning in told.get('attributes', {}).items() %}
    ({{ text_literals([name, 'attribute', '', '', meaning[0], meaning[1], '', '', '', name, '', '']) }}),
    {%- endfor %}
    ({{ text_literals(['', '', '', '', '', '', '', '', '', '', '', '']) }})
)

select
    measure,
    kind,
    name_en,
    name_zh,
    definition_en,
    definition_zh,
    formula,
    unit,
    tables,
    shown_as,
    controls,
    rows_page
from told
where measure <> ''
