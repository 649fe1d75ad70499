{# dbt-spark writes an empty field of a seed as the text None, and a backslash as the beginning of an escape. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statement -%}
insert into {{ this }} values
        {%- for row in agate_table.rows %}
({% for name in agate_table.column_names -%}
    {%- set value = row[name] -%}
cast(
    {%- if value is none %}null{% else %}'{{ value | string | replace('\\', '\\\\') | replace("'", "''") }}'{% endif %} as
    {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}){{ ', ' if not loop.last }}
{%- endfor %}){{ ', ' if not loop.last }}
        {%- endfor -%}
    {%- endset -%}
    {%- if agate_table.rows | length > 0 -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(statement) }}
{% endmacro %}
