{# Amounts that a business event carries, in company currency; rules name one as their measure. #}
{% macro posted_measures() -%}
{{ return([
    'net', 'tax_amount', 'gross', 'cost', 'money', 'fee', 'booked', 'settled', 'exchange_difference', 'withheld'
]) }}
{%- endmacro %}

{# Lines as the ERP posted them, without those derived from documents. #}
{% macro erp_journal_line() -%}
(select * from {{ ref('fct_journal_line') }} where origin = 'erp')
{%- endmacro %}
