{# Sources do lose records: what is published then names something no dimension knows, and is told, not dropped.
   What one master record says of another is a rule of the quality gate. #}
{{ config(severity='warn') }}
{# model, column, dimension, its key #}
{% set references = [
    ('fct_sales_invoice_line', 'product_id', 'dim_product', 'product_id'),
    ('fct_sales_invoice_line', 'account_id', 'dim_account', 'account_id'),
    ('fct_purchase_invoice_line', 'product_id', 'dim_product', 'product_id'),
    ('fct_purchase_invoice_line', 'account_id', 'dim_account', 'account_id'),
    ('fct_receivable', 'customer_id', 'dim_customer', 'customer_id'),
    ('fct_receivable', 'account_id', 'dim_account', 'account_id'),
    ('fct_payable', 'supplier_id', 'dim_supplier', 'supplier_id'),
    ('fct_payable', 'account_id', 'dim_account', 'account_id'),
    ('fct_payroll_line', 'employee_id', 'dim_employee', 'employee_id'),
    ('dim_customer_source', 'customer_id', 'dim_customer', 'customer_id'),
] %}

{% for model, column, dimension, key in references %}
select
    '{{ model }}' as model,
    '{{ column }}' as column_name,
    fact.{{ column }} as missing,
    count(*) as records
from {{ ref(model) }} as fact
left join {{ ref(dimension) }} as dimension on fact.{{ column }} = dimension.{{ key }}
where fact.{{ column }} is not null and dimension.{{ key }} is null
group by fact.{{ column }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
