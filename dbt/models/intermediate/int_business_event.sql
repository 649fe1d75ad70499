{% set money = 'cast(0 as decimal(18, 4))' %}

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

{{ side }}_event as (
    select
        '{{ side }}_invoice' as event,
        '{{ side }}_invoice' as document_type,
        line.invoice_id as document_id,
        invoice.company_id,
        coalesce(posting.posting_date, invoice.invoice_date) as event_date,
        invoice.{{ party }} as party_id,
        case when line.tax_amount_company_currency <> 0 then 'taxed' else 'untaxed' end as tax,
        product.category as product_category,
        line.account_id as line_account_id,
        line.tax_account_id,
        posting.control_account_id,
        cast(null as varchar) as money_account_id,
        sum(line.net_amount_company_currency) as net,
        sum(line.tax_amount_company_currency) as tax_amount,
        sum(line.net_amount_company_currency + line.tax_amount_company_currency) as gross,
        sum({{ 'coalesce(line.cost_amount_company_currency, 0)' if side == 'sales' else '0' }}) as cost,
        {{ money }} as money,
        {{ money }} as fee,
        {{ money }} as booked,
        {{ money }} as settled,
        {{ money }} as exchange_difference,
        {{ money }} as withheld,
        invoice.source_system,
        invoice.source_key
    from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as invoice on line.invoice_id = invoice.invoice_id
    left join {{ side }}_posting as posting on line.invoice_id = posting.invoice_id
    left join product on line.product_id = product.product_id
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
        case when payment.direction = 'received' then 'customer_receipt' else 'supplier_payment' end as event,
        'payment' as document_type,
        payment.payment_id as document_id,
        payment.company_id,
        payment.payment_date as event_date,
        payment.party_id,
        'untaxed' as tax,
        cast(null as varchar) as product_category,
        cast(null as varchar) as line_account_id,
        cast(null as varchar) as tax_account_id,
        control_account.account_id as control_account_id,
        payment.account_id as money_account_id,
        {{ money }} as net,
        {{ money }} as tax_amount,
        payment.amount_company_currency as gross,
        {{ money }} as cost,
        payment.amount_company_currency - payment.fee_amount_company_currency as money,
        payment.fee_amount_company_currency as fee,
        {{ money }} as booked,
        {{ money }} as settled,
        {{ money }} as exchange_difference,
        {{ money }} as withheld,
        payment.source_system,
        payment.source_key
    from {{ ref('int_payment') }} as payment
    left join control_account
        on
            payment.company_id = control_account.company_id
            and control_account.control = case when payment.direction = 'received' then 'receivable' else 'payable' end
),

{% for item, party, sign in [('receivable', 'customer_id', '+'), ('payable', 'supplier_id', '-')] %}
-- An application stands with the invoice it reduces; the money or note that is used up by it is the same event.
{{ item }}_event as (
    select
        '{{ item }}_' || settlement.kind as event,
        case when settlement.payment_id is null then '{{ item }}_settlement' else 'payment' end as document_type,
        coalesce(settlement.payment_id, settlement.{{ item }}_settlement_id) as document_id,
        settlement.company_id,
        settlement.settlement_date as event_date,
        item.{{ party }} as party_id,
        'untaxed' as tax,
        cast(null as varchar) as product_category,
        cast(null as varchar) as line_account_id,
        cast(null as varchar) as tax_account_id,
        item.account_id as control_account_id,
        cast(null as varchar) as money_account_id,
        {{ money }} as net,
        {{ money }} as tax_amount,
        {{ money }} as gross,
        {{ money }} as cost,
        {{ money }} as money,
        {{ money }} as fee,
        settlement.amount_company_currency as booked,
        settlement.amount_company_currency {{ sign }} settlement.exchange_difference_company_currency as settled,
        settlement.exchange_difference_company_currency as exchange_difference,
        {{ money }} as withheld,
        settlement.source_system,
        settlement.source_key
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
        concat(note.direction, '_note_', event.event) as event,
        'note_event' as document_type,
        event.note_event_id as document_id,
        event.company_id,
        event.event_date,
        event.party_id,
        'untaxed' as tax,
        cast(null as varchar) as product_category,
        cast(null as varchar) as line_account_id,
        cast(null as varchar) as tax_account_id,
        control_account.account_id as control_account_id,
        event.account_id as money_account_id,
        {{ money }} as net,
        {{ money }} as tax_amount,
        event.amount_company_currency as gross,
        {{ money }} as cost,
        event.amount_company_currency - event.fee_amount_company_currency as money,
        event.fee_amount_company_currency as fee,
        {{ money }} as booked,
        {{ money }} as settled,
        {{ money }} as exchange_difference,
        {{ money }} as withheld,
        event.source_system,
        event.source_key
    from {{ ref('int_note_event') }} as event
    inner join {{ ref('int_note') }} as note on event.note_id = note.note_id
    left join control_account
        on
            event.company_id = control_account.company_id
            and control_account.control = case
                when note.direction = 'receivable' and event.event <> 'endorsed' then 'receivable' else 'payable'
            end
),

payroll_event as (
    select
        'payroll' as event,
        'payroll' as document_type,
        company_code || ':' || cast(pay_date as varchar) as document_id,
        company_id,
        pay_date as event_date,
        cast(null as varchar) as party_id,
        'untaxed' as tax,
        cast(null as varchar) as product_category,
        cast(null as varchar) as line_account_id,
        cast(null as varchar) as tax_account_id,
        cast(null as varchar) as control_account_id,
        cast(null as varchar) as money_account_id,
        {{ money }} as net,
        {{ money }} as tax_amount,
        sum(case when element in ('gross', 'employer_contribution') then amount_company_currency else 0 end) as gross,
        {{ money }} as cost,
        sum(case when element = 'net' then amount_company_currency else 0 end) as money,
        {{ money }} as fee,
        {{ money }} as booked,
        {{ money }} as settled,
        {{ money }} as exchange_difference,
        sum(
            case
                when element in ('gross', 'employer_contribution') then amount_company_currency
                when element = 'net' then -amount_company_currency
                else 0
            end
        ) as withheld,
        min(source_system) as source_system,
        company_code || ':' || cast(pay_date as varchar) as source_key
    from {{ ref('int_payroll_line') }} as line
    where company_id is not null and {{ not_quarantined('payroll_line', 'line.payroll_line_id') }}
    group by company_code, company_id, pay_date
),

event as (
    select * from sales_event
    union all
    select * from purchase_event
    union all
    select * from payment_event
    union all
    select * from receivable_event
    union all
    select * from payable_event
    union all
    select * from note_event
    union all
    select * from payroll_event
)

select
    concat(event, ':', document_id, ':', cast(row_number() over (
        partition by event, document_id
        order by line_account_id, tax_account_id, product_category, tax, control_account_id, source_key
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
    {% for measure in posted_measures() -%}
    cast({{ measure }} as decimal(18, 4)) as {{ measure }},
    {% endfor -%}
    source_system,
    source_key
from event
