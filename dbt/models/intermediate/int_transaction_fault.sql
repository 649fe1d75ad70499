{# object, key, document, reference, parent, key of the parent, severity, must the reference be filled, column of the
   company where it is not company_id #}
{% set references = [
    ('sales_invoice', 'invoice_id', 'invoice_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('sales_invoice', 'invoice_id', 'invoice_id', 'customer_id', 'customer', 'customer_id', 'critical', true),
    ('sales_invoice_line', 'invoice_line_id', 'invoice_id', 'invoice_id', 'sales_invoice', 'invoice_id', 'critical', true),
    ('sales_invoice_line', 'invoice_line_id', 'invoice_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('purchase_invoice', 'invoice_id', 'invoice_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('purchase_invoice', 'invoice_id', 'invoice_id', 'supplier_id', 'supplier', 'supplier_id', 'critical', true),
    ('purchase_invoice_line', 'invoice_line_id', 'invoice_id', 'invoice_id', 'purchase_invoice', 'invoice_id', 'critical', true),
    ('purchase_invoice_line', 'invoice_line_id', 'invoice_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('receivable', 'receivable_id', 'receivable_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('receivable', 'receivable_id', 'receivable_id', 'customer_id', 'customer', 'customer_id', 'warning', false),
    ('receivable', 'receivable_id', 'receivable_id', 'invoice_id', 'sales_invoice', 'invoice_id', 'warning', false),
    ('receivable_settlement', 'receivable_settlement_id', 'receivable_settlement_id', 'receivable_id', 'receivable', 'receivable_id', 'critical', true),
    ('payable', 'payable_id', 'payable_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('payable', 'payable_id', 'payable_id', 'supplier_id', 'supplier', 'supplier_id', 'warning', false),
    ('payable', 'payable_id', 'payable_id', 'invoice_id', 'purchase_invoice', 'invoice_id', 'warning', false),
    ('payable_settlement', 'payable_settlement_id', 'payable_settlement_id', 'payable_id', 'payable', 'payable_id', 'critical', true),
    ('journal_line', 'journal_line_id', 'journal_entry_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('journal_line', 'journal_line_id', 'journal_entry_id', 'account_id', 'account', 'account_id', 'critical', true),
    ('bank_statement', 'bank_statement_id', 'bank_statement_id', 'bank_account_id', 'bank_account', 'bank_account_id', 'critical', true),
    ('bank_movement', 'bank_movement_id', 'bank_statement_id', 'bank_statement_id', 'bank_statement', 'bank_statement_id', 'critical', true),
    ('payroll_line', 'payroll_line_id', 'payroll_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('payroll_line', 'payroll_line_id', 'payroll_line_id', 'employee_id', 'employee', 'employee_id', 'warning', true),
    ('sales_order_line', 'order_line_id', 'order_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('sales_order_line', 'order_line_id', 'order_line_id', 'customer_id', 'customer', 'customer_id', 'warning', false),
    ('sales_order_line', 'order_line_id', 'order_line_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('purchase_order_line', 'order_line_id', 'order_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('purchase_order_line', 'order_line_id', 'order_line_id', 'supplier_id', 'supplier', 'supplier_id', 'warning', false),
    ('purchase_order_line', 'order_line_id', 'order_line_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('shipment_line', 'shipment_line_id', 'shipment_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('shipment_line', 'shipment_line_id', 'shipment_line_id', 'order_line_id', 'sales_order_line', 'order_line_id', 'critical', true),
    ('shipment_line', 'shipment_line_id', 'shipment_line_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line_id', 'order_line_id', 'purchase_order_line', 'order_line_id', 'critical', true),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line_id', 'product_id', 'product', 'product_id', 'warning', false),
    ('contract', 'contract_id', 'contract_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('contract', 'contract_id', 'contract_id', 'customer_id', 'customer', 'customer_id', 'warning', true),
    ('contract_obligation', 'contract_obligation_id', 'contract_obligation_id', 'contract_id', 'contract', 'contract_id', 'critical', true, none),
    ('contract_event', 'contract_event_id', 'contract_event_id', 'contract_id', 'contract', 'contract_id', 'critical', true, none),
    ('work_order', 'work_order_id', 'work_order_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('work_order_cost', 'work_order_cost_id', 'work_order_cost_id', 'work_order_id', 'work_order', 'work_order_id', 'critical', true, none),
    ('budget_line', 'budget_line_id', 'budget_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('capital_project', 'capital_project_id', 'capital_project_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('capital_project_cash_flow', 'capital_project_cash_flow_id', 'capital_project_cash_flow_id', 'capital_project_id', 'capital_project', 'capital_project_id', 'critical', true, none),
    ('note', 'note_id', 'note_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('note_event', 'note_event_id', 'note_event_id', 'note_id', 'note', 'note_id', 'critical', true),
    ('expense_claim_line', 'expense_claim_line_id', 'expense_claim_line_id', 'company_id', 'company', 'company_id', 'critical', true),
    ('expense_claim_line', 'expense_claim_line_id', 'expense_claim_line_id', 'employee_id', 'employee', 'employee_id', 'warning', true),
    ('tax_declaration', 'tax_declaration_id', 'tax_declaration_id', 'company_id', 'company', 'company_id', 'critical', true),
] %}
{# object, key, document, date #}
{% set dates = [
    ('sales_invoice', 'invoice_id', 'invoice_id', 'invoice_date'),
    ('purchase_invoice', 'invoice_id', 'invoice_id', 'invoice_date'),
    ('receivable', 'receivable_id', 'receivable_id', 'posting_date'),
    ('receivable_settlement', 'receivable_settlement_id', 'receivable_settlement_id', 'settlement_date'),
    ('payable', 'payable_id', 'payable_id', 'posting_date'),
    ('payable_settlement', 'payable_settlement_id', 'payable_settlement_id', 'settlement_date'),
    ('journal_line', 'journal_line_id', 'journal_entry_id', 'posting_date'),
    ('bank_movement', 'bank_movement_id', 'bank_statement_id', 'value_date'),
    ('payroll_line', 'payroll_line_id', 'payroll_line_id', 'pay_date'),
    ('sales_order_line', 'order_line_id', 'order_line_id', 'order_date'),
    ('purchase_order_line', 'order_line_id', 'order_line_id', 'order_date'),
    ('shipment_line', 'shipment_line_id', 'shipment_line_id', 'shipment_date'),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line_id', 'receipt_date'),
    ('contract', 'contract_id', 'contract_id', 'signed_date'),
    ('contract_event', 'contract_event_id', 'contract_event_id', 'event_date', none),
    ('work_order', 'work_order_id', 'work_order_id', 'start_date'),
    ('work_order_cost', 'work_order_cost_id', 'work_order_cost_id', 'posting_date', none),
    ('note_event', 'note_event_id', 'note_event_id', 'event_date'),
    ('expense_claim_line', 'expense_claim_line_id', 'expense_claim_line_id', 'submitted_date'),
    ('tax_declaration', 'tax_declaration_id', 'tax_declaration_id', 'period_end'),
] %}
{# object, key, document #}
{% set keys = [
    ('sales_invoice', 'invoice_id', 'invoice_id'),
    ('sales_invoice_line', 'invoice_line_id', 'invoice_id'),
    ('purchase_invoice', 'invoice_id', 'invoice_id'),
    ('purchase_invoice_line', 'invoice_line_id', 'invoice_id'),
    ('receivable', 'receivable_id', 'receivable_id'),
    ('receivable_settlement', 'receivable_settlement_id', 'receivable_settlement_id'),
    ('payable', 'payable_id', 'payable_id'),
    ('payable_settlement', 'payable_settlement_id', 'payable_settlement_id'),
    ('journal_line', 'journal_line_id', 'journal_entry_id'),
    ('bank_statement', 'bank_statement_id', 'bank_statement_id'),
    ('bank_movement', 'bank_movement_id', 'bank_statement_id'),
    ('payroll_line', 'payroll_line_id', 'payroll_line_id'),
    ('sales_order_line', 'order_line_id', 'order_line_id'),
    ('purchase_order_line', 'order_line_id', 'order_line_id'),
    ('shipment_line', 'shipment_line_id', 'shipment_line_id'),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line_id'),
    ('contract', 'contract_id', 'contract_id'),
    ('work_order', 'work_order_id', 'work_order_id'),
    ('budget_line', 'budget_line_id', 'budget_line_id'),
    ('capital_project', 'capital_project_id', 'capital_project_id'),
    ('note', 'note_id', 'note_id'),
    ('note_event', 'note_event_id', 'note_event_id'),
    ('expense_claim_line', 'expense_claim_line_id', 'expense_claim_line_id'),
    ('tax_declaration', 'tax_declaration_id', 'tax_declaration_id'),
    ('contract_obligation', 'contract_obligation_id', 'contract_obligation_id', none),
    ('contract_event', 'contract_event_id', 'contract_event_id', none),
    ('work_order_cost', 'work_order_cost_id', 'work_order_cost_id', none),
    ('capital_project_cash_flow', 'capital_project_cash_flow_id', 'capital_project_cash_flow_id', none),
] %}

with

unbalanced as (
    select
        'entry_unbalanced' as rule,
        'critical' as severity,
        'journal_entry' as object,
        source_system,
        substr(journal_entry_id, length(source_system) + 2) as source_key,
        journal_entry_id as record_id,
        journal_entry_id as document_id,
        min(company_id) as company_id,
        concat(
            'entry ', coalesce(min(entry_number), ''), ': debit ', cast(sum(debit_company_currency) as varchar),
            ', credit ', cast(sum(credit_company_currency) as varchar)
        ) as detail
    from {{ ref('int_journal_line') }}
    -- Entries of several source systems have keys of their own; only the few found are read whole.
    where
        journal_entry_id in (
            select journal_entry_id
            from {{ ref('int_journal_line') }}
            group by journal_entry_id
            having sum(debit_company_currency) <> sum(credit_company_currency)
        )
    group by source_system, journal_entry_id
),

header_differs as (
    {% for side in ['sales', 'purchase'] %}
    select
        'header_differs_from_lines' as rule,
        'critical' as severity,
        '{{ side }}_invoice' as object,
        header.source_system,
        header.source_key,
        header.invoice_id as record_id,
        header.invoice_id as document_id,
        header.company_id,
        concat(
            'invoice ', coalesce(header.invoice_number, ''),
            ': header ', cast(header.net_amount_document_currency as varchar),
            ' + tax ', cast(header.tax_amount_document_currency as varchar), ', lines ',
            coalesce(cast(line.net_amount as varchar) || ' + tax ' || cast(line.tax_amount as varchar), 'missing')
        ) as detail
    from {{ ref('int_' ~ side ~ '_invoice') }} as header
    left join (
        select
            invoice_id,
            sum(net_amount_document_currency) as net_amount,
            sum(tax_amount_document_currency) as tax_amount
        from {{ ref('int_' ~ side ~ '_invoice_line') }}
        group by invoice_id
    ) as line on header.invoice_id = line.invoice_id
    where
        line.invoice_id is null
        or abs(header.net_amount_document_currency - line.net_amount) >= 0.005
        or abs(header.tax_amount_document_currency - line.tax_amount) >= 0.005
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

orphan as (
    {% for arguments in references %}
    {{ orphans(*arguments) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

future as (
    {% for arguments in dates %}
    {{ future_dates(*arguments) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

duplicate as (
    {% for arguments in keys %}
    {{ duplicate_keys(*arguments) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

found as (
    select * from unbalanced
    union all
    select * from header_differs
    union all
    select * from orphan
    union all
    select * from future
    union all
    select * from duplicate
    {% for name in [
        'invoice', 'open_item', 'ledger', 'bank', 'payroll', 'reference', 'order', 'contract', 'cost', 'expense', 'note', 'tax'
    ] %}
    union all
    select * from {{ ref('int_' ~ name ~ '_fault') }}
    {% endfor %}
),

-- A record may break a rule twice (no customer and no company): it is one fault, as bad as the worse of them.
fault as (
    select
        rule,
        object,
        source_system,
        source_key,
        record_id,
        min(severity) as severity,
        case
            when object like 'sales_invoice%' then 'sales_invoice'
            when object like 'purchase_invoice%' then 'purchase_invoice'
            when object like 'journal_%' then 'journal_entry'
            when object like 'bank_%' then 'bank_statement'
            else object
        end as document,
        min(document_id) as document_id,
        min(company_id) as company_id,
        min(detail) as detail
    from found
    group by rule, object, source_system, source_key, record_id
),

document_amount as (
    {% for side in ['sales', 'purchase'] %}
    select
        '{{ side }}_invoice' as document,
        invoice_id as document_id,
        sum(net_amount_company_currency + tax_amount_company_currency) as amount
    from {{ ref('int_' ~ side ~ '_invoice_line') }}
    where invoice_id in (select document_id from fault)
    group by invoice_id
    union all
    {% endfor %}
    {% for object in [
        'receivable', 'receivable_settlement', 'payable', 'payable_settlement', 'payroll_line', 'expense_claim_line',
        'work_order_cost', 'budget_line', 'capital_project_cash_flow', 'note_event'
    ] %}
    select
        '{{ object }}' as document,
        {{ object }}_id as document_id,
        sum(amount_company_currency) as amount
    from {{ ref('int_' ~ object) }}
    where {{ object }}_id in (select document_id from fault)
    group by {{ object }}_id
    union all
    {% endfor %}
    select
        'journal_entry' as document,
        journal_entry_id as document_id,
        greatest(sum(debit_company_currency), sum(credit_company_currency)) as amount
    from {{ ref('int_journal_line') }}
    where journal_entry_id in (select document_id from fault)
    group by journal_entry_id
)

select
    fault.rule,
    fault.severity,
    fault.object,
    fault.source_system,
    fault.source_key,
    fault.record_id,
    fault.document,
    fault.document_id,
    fault.company_id,
    cast(document_amount.amount as decimal(18, 4)) as amount_company_currency,
    fault.detail
from fault
left join document_amount
    on fault.document = document_amount.document and fault.document_id = document_amount.document_id
