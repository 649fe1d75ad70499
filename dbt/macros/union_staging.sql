{# The systems that have a business object, comma-separated. A system of one's own is added here, and nowhere else. #}
{% macro systems_with(object) -%}
{{ {
    'crm_account': 'crm',
    'goods_posting': 'tryton',
    'contract': 'crm',
    'contract_obligation': 'crm',
    'contract_event': 'crm',
    'tax_declaration': 'erp_china,erp_global',
    'employee': 'hr_payroll',
    'payroll_line': 'hr_payroll',
    'expense_claim_line': 'hr_payroll',
    'work_order': 'manufacturing',
    'work_order_cost': 'manufacturing',
    'cost_account': 'planning',
    'budget_line': 'planning',
    'capital_project': 'planning',
    'capital_project_cash_flow': 'planning',
    'note': 'erp_china',
    'note_event': 'erp_china',
    'approval_limit': 'governance',
    'approver': 'governance',
    'bank_statement': 'tryton,bank_statements',
    'bank_movement': 'tryton,bank_statements',
    'bank_statement_file': 'bank_statements',
}.get(object, 'tryton,erp_china,erp_global') }}
{%- endmacro %}

{# All systems' rows of a business object; the columns are those of the canonical contract, in its order. #}
{% macro union_staging(object, columns) -%}
{% for system in systems_with(object).split(',') -%}
select
    {{ columns | join(',\n    ') }}
from {{ ref('stg_' ~ system ~ '__' ~ object) }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
{%- endmacro %}
