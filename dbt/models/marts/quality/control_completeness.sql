{# object at the source, mart that publishes it, its key there, its money #}
{% set objects = [
    ('company', 'dim_company', 'company_id', none),
    ('account', 'dim_account', 'account_id', none),
    ('customer', 'dim_customer_source', "case when object = 'customer' then record_id end", none),
    ('crm_account', 'dim_customer_source', "case when object = 'crm_account' then record_id end", none),
    ('supplier', 'dim_supplier_source', 'record_id', none),
    ('product', 'dim_product', 'product_id', none),
    ('bank_account', 'dim_bank_account', 'bank_account_id', none),
    ('employee', 'dim_employee', 'employee_id', none),
    ('sales_invoice', 'fct_sales_invoice_line', 'distinct invoice_id', 'net_amount_document_currency'),
    ('sales_invoice_line', 'fct_sales_invoice_line', 'invoice_line_id', 'net_amount_company_currency'),
    ('purchase_invoice', 'fct_purchase_invoice_line', 'distinct invoice_id', 'net_amount_document_currency'),
    ('purchase_invoice_line', 'fct_purchase_invoice_line', 'invoice_line_id', 'net_amount_company_currency'),
    ('receivable', 'fct_receivable', 'receivable_id', 'amount_company_currency'),
    ('receivable_settlement', 'fct_receivable_settlement', 'receivable_settlement_id', 'amount_company_currency'),
    ('payable', 'fct_payable', 'payable_id', 'amount_company_currency'),
    ('payable_settlement', 'fct_payable_settlement', 'payable_settlement_id', 'amount_company_currency'),
    ('bank_statement', 'fct_bank_statement', 'bank_statement_id', 'closing_balance_bank_currency'),
    ('bank_movement', 'fct_bank_movement', 'bank_movement_id', 'amount_bank_currency'),
    ('journal_line', 'fct_journal_line', 'journal_line_id', 'debit_company_currency'),
    ('sales_order_line', 'fct_sales_order_line', 'order_line_id', 'net_amount_document_currency'),
    ('shipment_line', 'fct_shipment_line', 'shipment_line_id', none),
    ('purchase_order_line', 'fct_purchase_order_line', 'order_line_id', 'net_amount_document_currency'),
    ('goods_receipt_line', 'fct_goods_receipt_line', 'goods_receipt_line_id', none),
    ('expense_claim_line', 'fct_expense_claim_line', 'expense_claim_line_id', 'amount_company_currency'),
    ('payroll_line', 'fct_payroll_line', 'payroll_line_id', 'amount_company_currency'),
    ('contract', 'fct_contract_obligation', 'distinct contract_id', none),
    ('contract_obligation', 'fct_contract_obligation', 'contract_obligation_id', 'stand_alone_selling_price_document_currency'),
    ('tax_declaration', 'fct_tax_declaration', 'tax_declaration_id', none),
    ('note', 'fct_note', 'note_id', 'amount_document_currency'),
    ('note_event', 'fct_note_event', 'note_event_id', 'amount_company_currency'),
    ('work_order_cost', 'fct_work_order_cost', none, 'amount_company_currency'),
    ('budget_line', 'fct_budget_variance', none, 'amount_company_currency'),
    ('capital_project_cash_flow', 'fct_capital_project_cash_flow', none, 'amount_company_currency'),
] %}
{# Where a mart adds up records, what it says of their number; where it has another name for the money, what it is. #}
{% set counted_as = {
    'work_order_cost': 'sum(cost_count)',
    'budget_line': 'sum(budget_line_count)',
    'capital_project_cash_flow': "sum(flow_count) filter (where version = 'planned' or is_actual)",
} %}
{% set added_up_as = {
    'sales_order_line': 'net_amount_ordered_document_currency',
    'purchase_order_line': 'net_amount_ordered_document_currency',
    'work_order_cost': "case when element <> 'overhead' then planned_amount_company_currency "
        ~ '+ actual_amount_company_currency end',
    'budget_line': 'budget_company_currency',
    'capital_project_cash_flow': "case when version = 'planned' or is_actual then amount_company_currency end",
} %}
{# What a mart shows from its day on. #}
{% set shown_from = {
    'sales_order_line': 'record.order_date',
    'shipment_line': 'record.shipment_date',
    'purchase_order_line': 'record.order_date',
    'goods_receipt_line': 'record.receipt_date',
    'work_order_cost': 'record.posting_date',
    'budget_line': 'case when period.start_date is null then record.budget_month end',
    'capital_project_cash_flow':
        "greatest(project.approved_date, case when record.kind = 'actual' then record.flow_date end)",
} %}
{# Where the intermediate model does more than put all systems' staging rows under each other, what it was given is
   counted; elsewhere it is those rows, and staging need not be worked out a second time. #}
{% set joined_objects = [
    'customer', 'employee', 'bank_statement', 'bank_movement', 'payroll_line', 'expense_claim_line'
] %}

with

at_source as (
    {% for object, mart, key, amount in objects %}
    select
        '{{ object }}' as object,
        {{ 'true' if amount else 'false' }} as has_money,
        count(*) as records,
        {{ total(amount) if amount else 'cast(0 as decimal(38, 4))' }} as amount
    {% if object in joined_objects %}
    from ({{ union_staging(object, [amount if amount else '1 as one']) }}) as source_record
    {% else %}
    from {{ ref('int_' ~ object) }}
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

published as (
    {% for object, mart, key, amount in objects %}
    select
        '{{ object }}' as object,
        {{ 'coalesce(' ~ counted_as[object] ~ ', 0)' if object in counted_as else 'count(' ~ key ~ ')' }} as records,
        {{ total(added_up_as.get(object, amount)) if amount else 'cast(0 as decimal(38, 4))' }} as amount
    from {{ erp_journal_line() if mart == 'fct_journal_line' else ref(mart) }} as kept -- noqa: AL05
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

coming as (
    {% for object, mart, key, amount in objects if object in shown_from %}
    select
        '{{ object }}' as object,
        count(*) as records,
        {{ total('record.' ~ amount) if amount else 'cast(0 as decimal(38, 4))' }} as amount
    from {{ ref('int_' ~ object) }} as record
    {% if object == 'capital_project_cash_flow' %}
    inner join {{ ref('int_capital_project') }} as project on record.capital_project_id = project.capital_project_id
    {% elif object == 'budget_line' %}
    left join {{ ref('int_ledger_period') }} as period
        on
            record.company_id = period.company_id
            and record.budget_month >= period.posted_from
            and record.budget_month < period.posted_before
    {% endif %}
    where
        {{ shown_from[object] }} > {{ as_of() }}
        and {{ not_quarantined(object, 'record.' ~ ('order_line_id' if 'order_line' in object else object ~ '_id')) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

quarantined as (
    select
        object,
        sum(records) as records,
        sum(amount) as amount
    from {{ ref('int_quarantine') }}
    group by object
),

compared as (
    select
        at_source.object,
        at_source.has_money,
        cast(at_source.records as decimal(38, 4)) as source_records,
        cast(published.records + coalesce(quarantined.records, 0) + coalesce(coming.records, 0) as decimal(38, 4))
            as kept_records,
        coalesce(quarantined.records, 0) as quarantined_records,
        coalesce(coming.records, 0) as coming_records,
        at_source.amount as source_amount,
        cast(published.amount + coalesce(quarantined.amount, 0) + coalesce(coming.amount, 0) as decimal(38, 4))
            as kept_amount,
        coalesce(quarantined.amount, 0) as quarantined_amount
    from at_source
    inner join published on at_source.object = published.object
    left join quarantined on at_source.object = quarantined.object
    left join coming on at_source.object = coming.object
)

select
    'completeness' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    concat(object, ' records at the source') as left_label,
    'published and quarantined' as right_label,
    source_records as left_total,
    kept_records as right_total,
    0 as broken,
    concat(
        cast(cast(quarantined_records as bigint) as varchar), ' quarantined',
        case
            when coming_records > 0 then concat(', ', cast(coming_records as varchar), ' dated after as_of')
            else ''
        end
    ) as detail,
    true as blocking
from compared

union all

-- A sum over all currencies is a checksum, not a figure.
select
    'completeness' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    concat(object, ' money at the source') as left_label,
    'published and quarantined' as right_label,
    source_amount as left_total,
    kept_amount as right_total,
    0 as broken,
    concat(cast(quarantined_amount as varchar), ' quarantined') as detail,
    true as blocking
from compared
where has_money
