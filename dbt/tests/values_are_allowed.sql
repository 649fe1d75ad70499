{# Of facts; values of master data are rules of the quality gate. Model, column, values: #}
{% set allowed = [
    ('fct_note', 'kind', ['bank_acceptance', 'commercial_acceptance']),
    ('fct_note', 'direction', ['receivable', 'payable']),
    ('fct_note_event', 'event', ['received', 'issued', 'endorsed', 'discounted', 'matured', 'dishonoured']),
    ('fct_receivable', 'kind', ['invoice', 'credit_note', 'unapplied_cash', 'other']),
    ('fct_payable', 'kind', ['invoice', 'credit_note', 'unapplied_cash', 'other']),
    ('fct_receivable_settlement', 'kind', ['payment', 'note', 'credit_note', 'write_off', 'discount', 'other']),
    ('fct_payable_settlement', 'kind', ['payment', 'note', 'credit_note', 'write_off', 'discount', 'other']),
    ('fct_sales_invoice_line', 'kind', ['invoice', 'credit_note']),
    ('fct_purchase_invoice_line', 'kind', ['invoice', 'credit_note']),
    ('fct_bank_movement', 'matched_status', ['matched', 'unmatched']),
] %}

{% for model, column, values in allowed %}
select
    '{{ model }}' as model,
    '{{ column }}' as column_name,
    {{ column }} as found,
    count(*) as records
from {{ ref(model) }}
where {{ column }} not in ('{{ values | join("', '") }}')
group by {{ column }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
