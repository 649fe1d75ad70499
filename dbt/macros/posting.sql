{# Amounts that a business event carries, in company currency; rules name one as their measure. #}
{% macro posted_measures() -%}
{{ return([
    'net', 'tax_amount', 'gross', 'cost', 'money', 'fee', 'booked', 'settled', 'exchange_gain', 'exchange_loss',
    'withheld', 'goods', 'goods_other', 'goods_variance'
]) }}
{%- endmacro %}

{# Lines as the ERP posted them, without those derived from documents. #}
{% macro erp_journal_line() -%}
(select * from {{ ref('fct_journal_line') }} where origin = 'erp')
{%- endmacro %}

{# Select list of one kind of business event: what is stated, and nothing or no money for what is not. #}
{% macro event_columns(stated) -%}
{% for name in [
    'event', 'document_type', 'document_id', 'company_id', 'event_date', 'party_id', 'tax', 'product_category',
    'line_account_id', 'tax_account_id', 'control_account_id', 'money_account_id', 'goods_account_id',
    'variance_account_id'
] -%}
{{ stated.get(name, "'untaxed'" if name == 'tax' else 'cast(null as varchar)') }} as {{ name }},
{% endfor -%}
{% for measure in posted_measures() -%}
{{ stated.get(measure, 'cast(0 as decimal(18, 4))') }} as {{ measure }},
{% endfor -%}
{{ stated.get('source_system', 'source_system') }} as source_system,
{{ stated.get('source_key', 'source_key') }} as source_key
{%- endmacro %}

{# Condition: a text in small letters has what a regular expression looks for. To leave the case to the expression
   would cost six times as much: it is compiled anew for every row then. #}
{% macro meets_pattern(text, pattern) -%}
{{ adapter.dispatch('meets_pattern')(text, pattern) }}
{%- endmacro %}

{% macro default__meets_pattern(text, pattern) -%}
regexp_matches(lower({{ text }}), {{ pattern }})
{%- endmacro %}

{% macro spark__meets_pattern(text, pattern) -%}
lower({{ text }}) rlike {{ pattern }}
{%- endmacro %}

{# What an entry posts, as one text: each account with its amount, and each account with its side alone. #}
{% macro entry_signature(amount='amount') -%}
{{ text_list(
    "concat(account_id, ' ', cast(cast(" ~ amount ~ " as decimal(18, 4)) as varchar))", "', '", 'account_id'
) }}
{%- endmacro %}

{% macro entry_accounts() -%}
{{ text_list("concat(account_id, case when amount > 0 then ' +' else ' -' end)", "', '", 'account_id') }}
{%- endmacro %}

{# Condition: none of the passes before has taken the row that the key names. #}
{% macro not_yet(key, passes) -%}
{% for name, _ in passes -%}
{{ key }} not in (select {{ key }} from {{ name }}){{ ' and ' if not loop.last }}
{%- else -%}
true
{%- endfor %}
{%- endmacro %}
