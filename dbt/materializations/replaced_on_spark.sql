{#
    How a model becomes a table or a view on Spark: dropped and made anew. A table of versions is made whole there, as
    Parquet tables take no deletes.
#}

{% materialization table, adapter='spark' %}
    {{ return(replaced_on_spark(this.incorporate(type='table'), 'create table', 'using parquet')) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark' %}
    {{ return(replaced_on_spark(this.incorporate(type='table'), 'create table', 'using parquet')) }}
{% endmaterialization %}

{% materialization view, adapter='spark' %}
    {{ return(replaced_on_spark(this.incorporate(type='view'), 'create or replace view', '')) }}
{% endmaterialization %}

{% macro replaced_on_spark(relation, create, format) %}
    {% if relation.is_table %}
        {% do adapter.drop_relation(relation) %}
    {% endif %}
    {% call statement('main') %}
        {{ create }} {{ relation }} {{ format }} as
        {{ in_words_of_spark(sql) }}
    {% endcall %}
    {% if post_hooks %}
        {{ run_hooks(post_hooks) }}
    {% endif %}
    {{ return({'relations': [relation]}) }}
{% endmacro %}

{#
    The same SQL with Spark's names for the same things, word by word: a type without a length, a concat that leaves
    NULL out, all matches replaced without saying so; a backslash in a text is written twice.
#}
{% macro in_words_of_spark(sql) %}
    {% set words = {
        '\\bvarchar\\b': 'string',
        '\\bconcat\\(': "concat_ws('', ",
        '\\bquantile_cont\\(': 'percentile(',
        '\\* exclude \\(': '* except (',
        ", 'g'\\)": ')',
        '\\\\': '\\\\\\\\',
    } %}
    {% set said = namespace(sql=sql) %}
    {% for word, of_spark in words.items() %}
        {% set said.sql = modules.re.sub(word, of_spark, said.sql) %}
    {% endfor %}
    {{ return(said.sql) }}
{% endmacro %}
