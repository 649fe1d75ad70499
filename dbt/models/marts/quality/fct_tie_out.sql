with

control as (
    {% for name in [
        'entry_balance', 'trial_balance', 'receivable_ledger', 'payable_ledger', 'invoice_lines', 'bank_statement',
        'bank_statement_chain', 'bank_ledger', 'completeness', 'extraction', 'exchange_rate', 'intercompany',
        'order_invoice', 'order_quantity', 'approval', 'balance_sheet', 'cash_flow', 'consolidation',
        'realised_exchange', 'unrealised_exchange', 'translation_reserve',
        'tax_ledger', 'tax_declaration', 'contract_price', 'deferred_revenue',
        'derived_ledger', 'cost_allocation', 'work_order_ledger', 'budget_actual', 'product_margin', 'payroll',
        'process_cases',
        'note_ledger',
        'steward_log',
    ] %}
    select * from {{ ref('control_' ~ name) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    control || ':' || row_number() over (
        partition by control
        order by
            company_id nulls first, as_of nulls first, left_label, right_label, left_total, right_total,
            detail nulls first
    ) as tie_out_id,
    '{{ var("run_id") }}' as run_id,
    control,
    company_id,
    as_of,
    left_label,
    right_label,
    left_total,
    right_total,
    left_total - right_total as difference,
    detail,
    blocking,
    -- Totals may agree by chance while single documents do not.
    left_total = right_total and broken = 0 as passed
from control
