{#- The document in the words of the ledger's own references; decision 60. -#}
with

product as (
    select
        product_id,
        category
    from {{ ref('int_product') }}
),

{% for side, item, party in [('sales', 'receivable', 'customer_id'), ('purchase', 'payable', 'supplier_id')] %}
-- What opens the item tells the day in the books and the control account.
{{ side }}_posting as (
    select
        invoice_id,
        min(posting_date) as posting_date,
        min(account_id) as control_account_id
    from {{ ref('int_' ~ item) }}
    where invoice_id is not null and {{ not_quarantined(item, item ~ '_id') }}
    group by invoice_id
),

-- Of a document in foreign money the open items and the lines are rounded each by itself: a cent or two, no more than
-- two for a line and its tax, are a difference of exchange.
{{ side }}_rounding as (
    select
        opened.invoice_id,
        opened.amount - billed.amount as difference
    from (
        select
            invoice_id,
            sum(amount_company_currency) as amount
        from {{ ref('int_' ~ item) }}
        where
            invoice_id is not null
            and kind in ('invoice', 'credit_note')
            and {{ not_quarantined(item, item ~ '_id') }}
        group by invoice_id
    ) as opened
    inner join (
        select
            invoice_id,
            sum(net_amount_company_currency + tax_amount_company_currency) as amount,
            count(*) as lines
        from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
        where {{ not_quarantined(side ~ '_invoice_line', 'line.invoice_line_id') }}
        group by invoice_id
    ) as billed
        on opened.invoice_id = billed.invoice_id
    where opened.amount <> billed.amount and abs(opened.amount - billed.amount) <= 0.02 * (billed.lines + 1)
),

{{ side }}_rounding_event as (
    select
    {{ event_columns({
        'event': "'" ~ side ~ "_invoice_rounding'",
        'document_type': "'" ~ side ~ "_invoice'",
        'document_id': 'invoice.invoice_id',
        'company_id': 'invoice.company_id',
        'event_date': 'coalesce(posting.posting_date, invoice.invoice_date)',
        'party_id': 'invoice.' ~ party,
        'control_account_id': 'posting.control_account_id',
        'gross': 'rounding.difference',
        'exchange_gain': 'greatest(' ~ ('' if side == 'sales' else '-') ~ 'rounding.difference, 0)',
        'exchange_loss': 'greatest(' ~ ('-' if side == 'sales' else '') ~ 'rounding.difference, 0)',
        'source_system': 'invoice.source_system',
        'source_key': 'invoice.source_key'
    }) }}
    from {{ side }}_rounding as rounding
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as invoice on rounding.invoice_id = invoice.invoice_id
    inner join {{ ref('int_company') }} as company on invoice.company_id = company.company_id
    left join {{ side }}_posting as posting on rounding.invoice_id = posting.invoice_id
    where
        invoice.document_currency <> company.currency
        and {{ not_quarantined(side ~ '_invoice', 'rounding.invoice_id') }}
),

{{ side }}_event as (
    select
    {{ event_columns({
        'event': "'" ~ side ~ "_invoice'",
        'document_type': "'" ~ side ~ "_invoice'",
        'document_id': 'line.invoice_id',
        'company_id': 'invoice.company_id',
        'event_date': 'coalesce(posting.posting_date, invoice.invoice_date)',
        'party_id': 'invoice.' ~ party,
        'tax': "case when line.tax_amount_company_currency <> 0 then 'taxed' else 'untaxed' end",
        'product_category': 'product.category',
        'line_account_id': 'line.account_id',
        'tax_account_id': 'line.tax_account_id',
        'control_account_id': 'posting.control_account_id',
        'net': 'sum(line.net_amount_company_currency)',
        'tax_amount': 'sum(line.tax_amount_company_currency)',
        'gross': 'sum(line.net_amount_company_currency + line.tax_amount_company_currency)',
        'cost': 'sum(coalesce(line.cost_amount_company_currency, 0))' if side == 'sales' else 'cast(0 as decimal(18, 4))',
        'source_system': 'invoice.source_system',
        'source_key': 'invoice.source_key'
    }) }}
    from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as invoice on line.invoice_id = invoice.invoice_id
    left join {{ side }}_posting as posting on line.invoice_id = posting.invoice_id
    left join product on line.product_id = product.product_id -- noqa: ST11
    where
        {{ not_quarantined(side ~ '_invoice_line', 'line.invoice_line_id') }}
        and {{ not_quarantined(side ~ '_invoice', 'line.invoice_id') }}
    group by all
),
{% endfor %}
control_account as (
    select
        company_id,
        control,
        min(account_id) as account_id
    from {{ ref('int_account') }}
    where control in ('receivable', 'payable')
    group by company_id, control
),

payment_event as (
    select
    {{ event_columns({
        'event': "case when payment.direction = 'received' then 'customer_receipt' else 'supplier_payment' end",
        'document_type': "'payment'",
        'document_id': 'payment.payment_id',
        'company_id': 'payment.company_id',
        'event_date': 'payment.payment_date',
        'party_id': 'payment.party_id',
        'control_account_id': 'coalesce(payment.control_account_id, control_account.account_id)',
        'money_account_id': 'payment.account_id',
        'gross': 'payment.amount_company_currency',
        'money': 'payment.amount_company_currency - payment.fee_amount_company_currency',
        'fee': 'payment.fee_amount_company_currency',
        'source_system': 'payment.source_system',
        'source_key': 'payment.source_key'
    }) }}
    from {{ ref('int_payment') }} as payment
    left join control_account -- noqa: ST11
        on
            payment.company_id = control_account.company_id
            and control_account.control = case when payment.direction = 'received' then 'receivable' else 'payable' end
),

{% for item, party, sign in [('receivable', 'customer_id', '+'), ('payable', 'supplier_id', '-')] %}
-- An application stands with the invoice it reduces; the money or note that is used up by it is the same event.
{{ item }}_event as (
    select
    {{ event_columns({
        'event': "'" ~ item ~ "_' || settlement.kind",
        'document_type': "case when settlement.payment_id is null then '" ~ item ~ "_settlement' else 'payment' end",
        'document_id': 'coalesce(settlement.payment_id, settlement.' ~ item ~ '_settlement_id)',
        'company_id': 'settlement.company_id',
        'event_date': 'settlement.settlement_date',
        'party_id': 'item.' ~ party,
        'control_account_id': 'item.account_id',
        'booked': 'settlement.amount_company_currency',
        'settled': 'settlement.amount_company_currency ' ~ sign ~ ' settlement.exchange_difference_company_currency',
        'exchange_gain': 'greatest(settlement.exchange_difference_company_currency, 0)',
        'exchange_loss': 'greatest(-settlement.exchange_difference_company_currency, 0)',
        'source_system': 'settlement.source_system',
        'source_key': 'settlement.source_key'
    }) }}
    from {{ ref('int_' ~ item ~ '_settlement') }} as settlement
    inner join {{ ref('int_' ~ item) }} as item on settlement.{{ item }}_id = item.{{ item }}_id
    where
        item.kind = 'invoice'
        and settlement.kind <> 'note'
        and {{ not_quarantined(item ~ '_settlement', 'settlement.' ~ item ~ '_settlement_id') }}
),
{% endfor %}
-- A bill posts by its own events; that it is applied to an invoice moves nothing more.
note_event as (
    select
    {{ event_columns({
        'event': "concat(note.direction, '_note_', event.event)",
        'document_type': "'note_event'",
        'document_id': 'event.note_event_id',
        'company_id': 'event.company_id',
        'event_date': 'event.event_date',
        'party_id': 'event.party_id',
        'control_account_id': 'control_account.account_id',
        'money_account_id': 'event.account_id',
        'gross': 'event.amount_company_currency',
        'money': 'event.amount_company_currency - event.fee_amount_company_currency',
        'fee': 'event.fee_amount_company_currency',
        'source_system': 'event.source_system',
        'source_key': 'event.source_key'
    }) }}
    from {{ ref('int_note_event') }} as event
    inner join {{ ref('int_note') }} as note on event.note_id = note.note_id
    left join control_account -- noqa: ST11
        on
            event.company_id = control_account.company_id
            and control_account.control = case
                when note.direction = 'receivable' and event.event <> 'endorsed' then 'receivable' else 'payable'
            end
),

payroll_event as (
    select
    {{ event_columns({
        'event': "'payroll'",
        'document_type': "'payroll'",
        'document_id': "company_code || ':' || cast(pay_date as varchar)",
        'company_id': 'company_id',
        'event_date': 'pay_date',
        'gross': "sum(case when element in ('gross', 'employer_contribution') then amount_company_currency else 0 end)",
        'money': "sum(case when element = 'net' then amount_company_currency else 0 end)",
        'withheld': "sum(
            case
                when element in ('gross', 'employer_contribution') then amount_company_currency
                when element = 'net' then -amount_company_currency
                else 0
            end
        )",
        'source_system': 'min(source_system)',
        'source_key': "company_code || ':' || cast(pay_date as varchar)"
    }) }}
    from {{ ref('int_payroll_line') }} as line
    where company_id is not null and {{ not_quarantined('payroll_line', 'line.payroll_line_id') }}
    group by company_code, company_id, pay_date
),

{% for event, day in [('expense_claim', 'approved_date'), ('expense_claim_paid', 'paid_date')] %}
-- Owed to the employee once approved, whatever was claimed for; one entry a claim and day.
{{ event }}_event as (
    select
    {{ event_columns({
        'event': "'" ~ event ~ "'",
        'document_type': "'" ~ event ~ "'",
        'document_id': "concat(company_code, ':', claim_number)",
        'company_id': 'company_id',
        'event_date': day,
        'product_category': 'category' if event == 'expense_claim' else 'cast(null as varchar)',
        'gross': 'sum(amount_company_currency)',
        'source_system': 'min(source_system)',
        'source_key': "concat(company_code, ':', claim_number)"
    }) }}
    from {{ ref('int_expense_claim_line') }} as line
    where
        company_id is not null
        and approved_date is not null
        and rejected_date is null
        and {{ day }} is not null
        and {{ not_quarantined('expense_claim_line', 'line.expense_claim_line_id') }}
    group by company_code, company_id, claim_number, {{ day }}{{ ', category' if event == 'expense_claim' }}
),
{% endfor %}
-- A line of a bank statement that nothing else posts; positive is paid.
bank_event as (
    select
    {{ event_columns({
        'event': 'event',
        'document_type': "'bank_movement'",
        'document_id': 'bank_movement_id',
        'company_id': 'company_id',
        'event_date': 'booking_date',
        'line_account_id': 'other_account_id',
        'money_account_id': 'account_id',
        'gross': '-amount_company_currency'
    }) }}
    from {{ ref('int_bank_posting') }}
),

-- What the books of contracts release: the revenue of all obligations of a contract, month by month.
contract_event as (
    select
    {{ event_columns({
        'event': "'contract_revenue'",
        'document_type': "'contract'",
        'document_id': "concat(schedule.contract_id, ':', cast(schedule.period_end as varchar))",
        'company_id': 'schedule.company_id',
        'event_date': 'schedule.period_end',
        'party_id': 'schedule.customer_id',
        'gross': 'sum(schedule.recognised_amount_document_currency)',
        'source_system': 'min(schedule.source_system)',
        'source_key': "concat(schedule.contract_id, ':', cast(schedule.period_end as varchar))"
    }) }}
    from {{ ref('int_revenue_schedule') }} as schedule
    inner join {{ ref('int_company') }} as company on schedule.company_id = company.company_id
    -- Contracts in another currency are not in the books at the document's amount.
    where not schedule.is_planned and schedule.document_currency = company.currency
    group by schedule.contract_id, schedule.company_id, schedule.customer_id, schedule.period_end
),

-- Work in process is booked by company and month: what orders took, and what the finished ones had taken.
production_cost as (
    select
        work_order.company_id,
        work_order.company_code,
        cost.element,
        cost.amount_company_currency as amount,
        cost.posting_date,
        work_order.finished_date,
        cost.source_system
    from {{ ref('int_work_order_cost') }} as cost
    inner join {{ ref('int_work_order') }} as work_order on cost.work_order_id = work_order.work_order_id
    where
        cost.kind = 'actual'
        and cost.element in ('material', 'labour')
        and work_order.company_id is not null
        and {{ not_quarantined('work_order_cost', 'cost.work_order_cost_id') }}
        and {{ not_quarantined('work_order', 'work_order.work_order_id') }}
),

production_event as (
    {% for event, day in [('issued', 'posting_date'), ('finished', 'finished_date')] %}
    select
    {{ event_columns({
        'event': "concat(element, '_" ~ event ~ "')",
        'document_type': "'production'",
        'document_id': "concat(company_code, ':', cast(" ~ last_of('month', day) ~ " as varchar))",
        'company_id': 'company_id',
        'event_date': last_of('month', day),
        'gross': 'sum(amount)',
        'source_system': 'min(source_system)',
        'source_key': "concat(company_code, ':', cast(" ~ last_of('month', day) ~ " as varchar))"
    }) }}
    from production_cost
    where {{ day }} is not null and {{ day }} <= {{ as_of() }}
    group by company_code, company_id, element, {{ last_of('month', day) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

revaluation_event as (
    select
    {{ event_columns({
        'event': "'revaluation'",
        'document_type': "'revaluation'",
        'document_id': "concat(bank_account_id, ':', cast(month_end as varchar))",
        'company_id': 'company_id',
        'event_date': 'month_end',
        'money_account_id': 'account_id',
        'exchange_gain': 'greatest(change_company_currency, 0)',
        'exchange_loss': 'greatest(-change_company_currency, 0)',
        'source_key': "concat(bank_account_id, ':', cast(month_end as varchar))"
    }) }}
    from {{ ref('int_bank_revaluation') }}
    -- A chart without an account for it is of books that do not revalue.
    where company_id in (select company_id from {{ ref('int_account') }} where control = 'unrealised_exchange')
),

-- Goods moved or billed, as the source's stock keeping values them.
goods_event as (
    select
    {{ event_columns({
        'event': "'goods_valued'",
        'document_type': 'posting.document_type',
        'document_id': 'posting.document_id',
        'company_id': 'posting.company_id',
        'event_date': 'posting.posting_date',
        'product_category': 'product.category',
        'line_account_id': 'posting.other_account_id',
        'goods_account_id': 'posting.goods_account_id',
        'variance_account_id': 'posting.variance_account_id',
        'goods': 'posting.goods_amount_company_currency',
        'goods_other': 'posting.other_amount_company_currency',
        'goods_variance': 'posting.other_amount_company_currency - posting.goods_amount_company_currency',
        'source_system': 'posting.source_system',
        'source_key': 'posting.source_key'
    }) }}
    from {{ ref('int_goods_posting') }} as posting
    left join product on posting.product_id = product.product_id -- noqa: ST11
),

event as (
    {% for kind in [
        'sales', 'sales_rounding', 'purchase', 'purchase_rounding', 'payment', 'receivable', 'payable', 'note', 'payroll', 'expense_claim',
        'expense_claim_paid', 'bank', 'contract', 'production', 'revaluation', 'goods'
    ] -%}
    select * from {{ kind }}_event
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    concat(event, ':', document_id, ':', cast(row_number() over (
        partition by event, document_id
        order by
            line_account_id asc nulls last,
            tax_account_id asc nulls last,
            goods_account_id asc nulls last,
            product_category asc nulls last,
            tax asc nulls last,
            control_account_id asc nulls last,
            source_key asc nulls last
    ) as varchar)) as business_event_id,
    event,
    document_type,
    document_id,
    company_id,
    event_date,
    party_id,
    tax,
    product_category,
    line_account_id,
    tax_account_id,
    control_account_id,
    money_account_id,
    goods_account_id,
    variance_account_id,
    {% for measure in posted_measures() -%}
    cast({{ measure }} as decimal(18, 4)) as {{ measure }},
    {% endfor -%}
    source_system,
    source_key
from event
