{# object, its key, the document it is part of, key of the document, what the control completeness adds up, its date #}
{% set records = [
    ('sales_invoice', 'invoice_id', 'sales_invoice', 'invoice_id', 'net_amount_document_currency', 'invoice_date'),
    ('sales_invoice_line', 'invoice_line_id', 'sales_invoice', 'invoice_id', 'net_amount_company_currency', none),
    (
        'purchase_invoice', 'invoice_id', 'purchase_invoice', 'invoice_id',
        'net_amount_document_currency', 'invoice_date',
    ),
    (
        'purchase_invoice_line', 'invoice_line_id', 'purchase_invoice', 'invoice_id',
        'net_amount_company_currency', none,
    ),
    (
        'journal_line', 'journal_line_id', 'journal_entry', 'journal_entry_id',
        'debit_company_currency', 'posting_date',
    ),
    ('receivable', 'receivable_id', 'receivable', 'receivable_id', 'amount_company_currency', 'posting_date'),
    (
        'receivable_settlement', 'receivable_settlement_id', 'receivable_settlement', 'receivable_settlement_id',
        'amount_company_currency', 'settlement_date',
    ),
    ('payable', 'payable_id', 'payable', 'payable_id', 'amount_company_currency', 'posting_date'),
    (
        'payable_settlement', 'payable_settlement_id', 'payable_settlement', 'payable_settlement_id',
        'amount_company_currency', 'settlement_date',
    ),
    (
        'bank_statement', 'bank_statement_id', 'bank_statement', 'bank_statement_id',
        'closing_balance_bank_currency', 'statement_date',
    ),
    (
        'bank_movement', 'bank_movement_id', 'bank_statement', 'bank_statement_id',
        'amount_bank_currency', 'value_date',
    ),
    ('payroll_line', 'payroll_line_id', 'payroll_line', 'payroll_line_id', 'amount_company_currency', 'pay_date'),
    ('sales_order_line', 'order_line_id', 'sales_order_line', 'order_line_id', 'net_amount_document_currency', 'order_date'),
    ('purchase_order_line', 'order_line_id', 'purchase_order_line', 'order_line_id', 'net_amount_document_currency', 'order_date'),
    ('shipment_line', 'shipment_line_id', 'shipment_line', 'shipment_line_id', 'quantity', 'shipment_date'),
    ('goods_receipt_line', 'goods_receipt_line_id', 'goods_receipt_line', 'goods_receipt_line_id', 'quantity', 'receipt_date'),
    ('contract', 'contract_id', 'contract', 'contract_id', 'transaction_price_document_currency', 'signed_date'),
    ('contract_obligation', 'contract_obligation_id', 'contract_obligation', 'contract_obligation_id', 'stand_alone_selling_price_document_currency', 'start_date'),
    ('work_order', 'work_order_id', 'work_order', 'work_order_id', 'quantity_planned', 'start_date'),
    ('work_order_cost', 'work_order_cost_id', 'work_order_cost', 'work_order_cost_id', 'amount_company_currency', 'posting_date'),
    ('budget_line', 'budget_line_id', 'budget_line', 'budget_line_id', 'amount_company_currency', 'budget_month'),
    ('capital_project_cash_flow', 'capital_project_cash_flow_id', 'capital_project_cash_flow', 'capital_project_cash_flow_id', 'amount_company_currency', 'flow_date'),
    ('note', 'note_id', 'note', 'note_id', 'amount_document_currency', 'issue_date'),
    ('note_event', 'note_event_id', 'note_event', 'note_event_id', 'amount_company_currency', 'event_date'),
    ('expense_claim_line', 'expense_claim_line_id', 'expense_claim_line', 'expense_claim_line_id', 'amount_company_currency', 'expense_date'),
    ('tax_declaration', 'tax_declaration_id', 'tax_declaration', 'tax_declaration_id', 'tax_amount_company_currency', 'period_end'),
] %}
{# Objects that know their company by their parent alone. #}
{% set without_company = ['contract_obligation', 'work_order_cost', 'capital_project_cash_flow'] %}
{# what goes with its parent: object, its key, the parent, key of the parent #}
{% set parts = [
    ('shipment_line', 'shipment_line_id', 'sales_order_line', 'order_line_id'),
    ('goods_receipt_line', 'goods_receipt_line_id', 'purchase_order_line', 'order_line_id'),
    ('contract_obligation', 'contract_obligation_id', 'contract', 'contract_id'),
    ('work_order_cost', 'work_order_cost_id', 'work_order', 'work_order_id'),
    ('capital_project_cash_flow', 'capital_project_cash_flow_id', 'capital_project', 'capital_project_id'),
    ('note_event', 'note_event_id', 'note', 'note_id'),
] %}

with

critical_document as (
    select
        document,
        document_id,
        min(rule) as rule
    from {{ ref('int_transaction_fault') }}
    where severity = 'critical'
    group by document, document_id
),

-- Where an open item is a line of an entry, it goes and stays with its entry: ledger and open items keep agreeing.
entry_line as (
    select
        'journal_line' as document,
        line.journal_line_id as document_id,
        critical_document.rule
    from {{ ref('int_journal_line') }} as line
    inner join critical_document
        on critical_document.document = 'journal_entry' and line.journal_entry_id = critical_document.document_id
),

item_of_entry as (
    {% for item in ['receivable', 'payable'] %}
    select
        '{{ item }}' as document,
        item.{{ item }}_id as document_id,
        entry_line.rule
    from {{ ref('int_' ~ item) }} as item
    inner join entry_line on item.{{ item }}_id = entry_line.document_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

item as (
    select * from critical_document
    union all
    select * from item_of_entry
),

-- What was applied to an item goes with it.
settlement_of_item as (
    {% for object in ['receivable', 'payable'] %}
    select
        '{{ object }}_settlement' as document,
        settlement.{{ object }}_settlement_id as document_id,
        item.rule
    from {{ ref('int_' ~ object ~ '_settlement') }} as settlement
    inner join item on item.document = '{{ object }}' and settlement.{{ object }}_id = item.document_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

part_of_document as (
    {% for object, key, parent, parent_key in parts %}
    select
        '{{ object }}' as document,
        part.{{ key }} as document_id,
        critical_document.rule
    from {{ ref('int_' ~ object) }} as part
    inner join critical_document
        on critical_document.document = '{{ parent }}' and part.{{ parent_key }} = critical_document.document_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

kept_out as (
    select
        document,
        document_id,
        min(rule) as rule
    from (
        select * from item
        union all
        select * from settlement_of_item
        union all
        select * from part_of_document
    ) as every
    group by document, document_id
),

record as (
    {% for object, key, document, document_key, amount, date in records %}
    select
        '{{ object }}' as object,
        record.{{ key }} as record_id,
        kept_out.document,
        kept_out.document_id,
        record.source_system,
        record.source_key,
        {{ 'cast(null as varchar)' if object in without_company else 'record.company_id' }} as company_id,
        {{ 'record.' ~ date if date else 'cast(null as date)' }} as record_date,
        record.{{ amount }} as amount,
        kept_out.rule
    from {{ ref('int_' ~ object) }} as record
    inner join kept_out
        on kept_out.document = '{{ document }}' and record.{{ document_key }} = kept_out.document_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

-- A key that stands on several records is one row, which counts and adds up all of them.
select
    object,
    record_id,
    min(document) as document,
    min(document_id) as document_id,
    min(source_system) as source_system,
    min(source_key) as source_key,
    min(company_id) as company_id,
    min(record_date) as record_date,
    min(rule) as rule,
    count(*) as records,
    {{ total('amount') }} as amount
from record
group by object, record_id
