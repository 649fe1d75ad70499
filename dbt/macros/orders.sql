{# Orders are the same on both sides, sales and purchase: each model's body stands here once. #}

{# How one side calls a thing: party, item, movement, number or date of the movement, moved. #}
{% macro order_word(side, thing) -%}
{{ {
    'sales': {
        'party': 'customer', 'item': 'receivable', 'movement': 'shipment', 'number': 'shipment_number',
        'date': 'shipment_date', 'moved': 'shipped',
    },
    'purchase': {
        'party': 'supplier', 'item': 'payable', 'movement': 'goods_receipt', 'number': 'receipt_number',
        'date': 'receipt_date', 'moved': 'received',
    },
}[side][thing] }}
{%- endmacro %}

{# What of a quantity is not done yet: never past nothing, whichever way the goods go. #}
{% macro remaining(quantity, done) -%}
case
    when {{ quantity }} >= 0 then greatest({{ quantity }} - {{ done }}, 0)
    else least({{ quantity }} - {{ done }}, 0)
end
{%- endmacro %}

{# Quantity times price in cents. Each factor is cast narrower: the product of two decimal(18,6) has no room. #}
{% macro priced(quantity, price) -%}
cast(round(cast({{ quantity }} as decimal(16, 4)) * cast({{ price }} as decimal(16, 6)), 2) as decimal(18, 4))
{%- endmacro %}

{# Rate from one currency to another by way of the reporting currency. #}
{% macro cross_rate(from_rate, to_rate) -%}
cast(cast({{ from_rate }} as double) / {{ to_rate }} as decimal(28, 12))
{%- endmacro %}

{# Condition: an invoice line goes against the direction of its order. #}
{% macro takes_back(line, quantity_ordered) -%}
(
    sign({{ line }}.quantity) * sign({{ quantity_ordered }}) < 0
    or ({{ line }}.quantity = 0 and sign({{ line }}.net_amount_company_currency) * sign({{ quantity_ordered }}) < 0)
)
{%- endmacro %}

{# Posted bills and credits of the side up to as_of, with the share of their invoice that is settled. #}
{% macro billed_line(side) -%}
select
    line.invoice_line_id,
    line.invoice_id,
    line.company_id,
    line.order_line_id,
    line.quantity,
    line.net_amount_document_currency,
    line.net_amount_company_currency,
    line.net_amount_reporting_currency,
    line.invoice_date,
    coalesce(item.settled_share, 0) as settled_share
from {{ ref('fct_' ~ side ~ '_invoice_line') }} as line
left join (
    select
        head.invoice_id,
        cast(
            least(
                greatest(
                    1 - cast(sum(balance.open_amount_document_currency) as double)
                    / nullif(cast(sum(head.amount_document_currency) as double), 0), 0
                ), 1
            ) as decimal(9, 6)
        ) as settled_share
    from {{ ref('int_' ~ order_word(side, 'item')) }} as head
    inner join {{ ref('int_' ~ order_word(side, 'item') ~ '_balance') }} as balance
        on
            head.{{ order_word(side, 'item') }}_id = balance.{{ order_word(side, 'item') }}_id
            and balance.valid_from <= {{ as_of() }}
            and balance.valid_to > {{ as_of() }}
    where head.invoice_id is not null
    group by head.invoice_id
) as item on line.invoice_id = item.invoice_id
where line.invoice_date <= {{ as_of() }}
{%- endmacro %}

{# Order lines with what of them is delivered, billed and settled at the end of as_of. #}
{% macro order_line(side) -%}
with

ordered as (
    select ordered.*
    from {{ ref('int_' ~ side ~ '_order_line') }} as ordered
    where
        ordered.order_date <= {{ as_of() }}
        and {{ not_quarantined(side ~ '_order_line', 'ordered.order_line_id') }}
),

moved as (
    select
        order_line_id,
        sum(quantity) as quantity,
        min({{ order_word(side, 'date') }}) as first_date,
        max({{ order_word(side, 'date') }}) as last_date,
        count(*) as movements
    from {{ ref('int_' ~ order_word(side, 'movement') ~ '_line') }} as line
    where
        {{ order_word(side, 'date') }} <= {{ as_of() }}
        and {{ not_quarantined(
            order_word(side, 'movement') ~ '_line', 'line.' ~ order_word(side, 'movement') ~ '_line_id'
        ) }}
    group by order_line_id
),

billed as (
    {{ billed_line(side) }}
),

-- A line that goes the way of its order bills it; one that goes the other way takes back.
bill_of_order as (
    select
        ordered.order_line_id,
        billed.invoice_date,
        billed.settled_share,
        billed.quantity,
        billed.net_amount_document_currency,
        billed.net_amount_company_currency,
        billed.net_amount_reporting_currency,
        {{ takes_back('billed', 'ordered.quantity') }} as is_credit
    from billed
    inner join ordered on billed.order_line_id = ordered.order_line_id and billed.company_id = ordered.company_id
),

invoiced as (
    select
        order_line_id,
        cast(coalesce(sum(quantity) filter (where not is_credit), 0) as decimal(18, 6)) as quantity,
        cast(coalesce(sum(quantity) filter (where is_credit), 0) as decimal(18, 6)) as quantity_credited,
        min(invoice_date) filter (where not is_credit) as first_date,
        max(invoice_date) filter (where not is_credit) as last_date,
        {% for currency in ['document', 'company', 'reporting'] %}
        cast(sum(net_amount_{{ currency }}_currency) as decimal(18, 4)) as net_amount_{{ currency }}_currency,
        {% endfor %}
        cast(sum(round(net_amount_document_currency * settled_share, 2)) as decimal(18, 4))
            as net_amount_settled_document_currency
    from bill_of_order
    group by order_line_id
),

counted as (
    select
        ordered.*,
        coalesce(moved.quantity, 0) as quantity_moved,
        coalesce(invoiced.quantity, 0) as quantity_invoiced,
        coalesce(invoiced.quantity_credited, 0) as quantity_credited,
        -- Nothing moves for a service: it is delivered when it is billed.
        cast(
            case when ordered.is_service then coalesce(invoiced.quantity, 0) else coalesce(moved.quantity, 0) end
            as decimal(18, 6)
        ) as quantity_delivered,
        coalesce(moved.movements, 0) as movements,
        moved.first_date as first_moved_date,
        moved.last_date as last_moved_date,
        invoiced.first_date as first_invoice_date,
        invoiced.last_date as last_invoice_date,
        {% for currency in ['document', 'company', 'reporting'] %}
        coalesce(invoiced.net_amount_{{ currency }}_currency, 0) as net_amount_invoiced_{{ currency }}_currency,
        {% endfor %}
        coalesce(invoiced.net_amount_settled_document_currency, 0) as net_amount_settled_document_currency
    from ordered
    left join moved on ordered.order_line_id = moved.order_line_id
    left join invoiced on ordered.order_line_id = invoiced.order_line_id
),

opened as (
    select
        *,
        cast({{ remaining('quantity', 'quantity_delivered') }} as decimal(18, 6)) as quantity_backlog,
        cast(
            quantity_delivered - quantity + {{ remaining('quantity', 'quantity_delivered') }} as decimal(18, 6)
        ) as quantity_over_delivered,
        cast(
            case
                when quantity >= 0 then greatest(quantity_delivered - quantity_invoiced, 0)
                else least(quantity_delivered - quantity_invoiced, 0)
            end as decimal(18, 6)
        ) as quantity_uninvoiced
    from counted
),

-- The order's money at the rate of its day, what is open at the rate of as_of.
valued as (
    select
        opened.*,
        {{ priced('quantity_backlog', 'unit_price_document_currency') }} as backlog_document,
        {{ priced('quantity_uninvoiced', 'unit_price_document_currency') }} as uninvoiced_document,
        company.currency as company_currency,
        ordered_rate.rate_to_reporting as ordered_rate,
        open_rate.rate_to_reporting as open_rate,
        {{ cross_rate('ordered_rate.rate_to_reporting', 'ordered_company_rate.rate_to_reporting') }} as ordered_cross,
        {{ cross_rate('open_rate.rate_to_reporting', 'open_company_rate.rate_to_reporting') }} as open_cross
    from opened
    left join {{ ref('int_company') }} as company on opened.company_id = company.company_id
    {% for name, currency, day in [
        ('ordered_rate', 'opened.document_currency', 'opened.order_date'),
        ('ordered_company_rate', 'company.currency', 'opened.order_date'),
        ('open_rate', 'opened.document_currency', as_of()),
        ('open_company_rate', 'company.currency', as_of()),
    ] %}
    left join {{ ref('int_reporting_rate') }} as {{ name }}
        on
            opened.source_system = {{ name }}.source_system
            and {{ currency }} = {{ name }}.currency
            and {{ day }} = {{ name }}.date_day
    {% endfor %}
)

select
    order_line_id,
    order_id,
    order_number,
    company_id,
    {{ golden_id(order_word(side, 'party'), order_word(side, 'party') ~ '_id') }} as {{ order_word(side, 'party') }}_id,
    {{ order_word(side, 'party') }}_id as {{ order_word(side, 'party') }}_record_id,
    product_id,
    is_service,
    order_date,
    promised_date,
    {% if side == 'purchase' %}
    requested_by,
    approved_by,
    approved_at,
    {% endif %}
    document_currency,
    unit_price_document_currency,
    quantity as quantity_ordered,
    cast(quantity_moved as decimal(18, 6)) as quantity_{{ order_word(side, 'moved') }},
    quantity_invoiced,
    quantity_credited,
    quantity_backlog,
    quantity_over_delivered,
    quantity_uninvoiced,
    {{ order_word(side, 'movement') }}_count,
    first_{{ order_word(side, 'date') }},
    last_{{ order_word(side, 'date') }},
    first_invoice_date,
    last_invoice_date,
    net_amount_document_currency as net_amount_ordered_document_currency,
    case
        when document_currency = company_currency then net_amount_document_currency
        else {{ converted('net_amount_document_currency', 'ordered_cross') }}
    end as net_amount_ordered_company_currency,
    {{ converted('net_amount_document_currency', 'ordered_rate') }} as net_amount_ordered_reporting_currency,
    backlog_document as backlog_amount_document_currency,
    case
        when document_currency = company_currency then backlog_document
        else {{ converted('backlog_document', 'open_cross') }}
    end as backlog_amount_company_currency,
    {{ converted('backlog_document', 'open_rate') }} as backlog_amount_reporting_currency,
    uninvoiced_document as uninvoiced_amount_document_currency,
    case
        when document_currency = company_currency then uninvoiced_document
        else {{ converted('uninvoiced_document', 'open_cross') }}
    end as uninvoiced_amount_company_currency,
    {{ converted('uninvoiced_document', 'open_rate') }} as uninvoiced_amount_reporting_currency,
    net_amount_invoiced_document_currency,
    net_amount_invoiced_company_currency,
    net_amount_invoiced_reporting_currency,
    net_amount_settled_document_currency,
    cast(net_amount_invoiced_document_currency - net_amount_settled_document_currency as decimal(18, 4))
        as unsettled_amount_document_currency,
    case
        when quantity_backlog <> 0 and quantity_delivered = 0 then 'open'
        when quantity_backlog <> 0 then 'partly_{{ order_word(side, 'moved') }}'
        when quantity_uninvoiced <> 0 then '{{ order_word(side, 'moved') }}_not_invoiced'
        when net_amount_invoiced_document_currency <> net_amount_settled_document_currency then 'invoiced'
        else 'settled'
    end as status,
    source_system,
    source_key
from (
    select
        *,
        movements as {{ order_word(side, 'movement') }}_count,
        first_moved_date as first_{{ order_word(side, 'date') }},
        last_moved_date as last_{{ order_word(side, 'date') }}
    from valued
) as line
{%- endmacro %}

{# Lines of goods moved, each with what of it is billed: bills count against the oldest movement first. #}
{% macro movement_line(side) -%}
with

moved as (
    select
        line.*,
        sum(line.quantity) over (
            partition by line.order_line_id
            order by line.{{ order_word(side, 'date') }}, line.{{ order_word(side, 'movement') }}_line_id
            rows between unbounded preceding and current row
        ) - line.quantity as quantity_before
    from {{ ref('int_' ~ order_word(side, 'movement') ~ '_line') }} as line
    where
        line.{{ order_word(side, 'date') }} <= {{ as_of() }}
        and {{ not_quarantined(
            order_word(side, 'movement') ~ '_line', 'line.' ~ order_word(side, 'movement') ~ '_line_id'
        ) }}
),

billed as (
    select
        moved.*,
        ordered.order_id,
        ordered.order_number,
        ordered.{{ order_word(side, 'party') }}_id,
        ordered.{{ order_word(side, 'party') }}_record_id,
        ordered.document_currency,
        ordered.unit_price_document_currency,
        cast(
            case
                when moved.quantity >= 0
                    then least(greatest(coalesce(ordered.quantity_invoiced, 0) - moved.quantity_before, 0), moved.quantity)
                else greatest(least(coalesce(ordered.quantity_invoiced, 0) - moved.quantity_before, 0), moved.quantity)
            end as decimal(18, 6)
        ) as quantity_invoiced
    from moved
    left join {{ ref('fct_' ~ side ~ '_order_line') }} as ordered on moved.order_line_id = ordered.order_line_id
),

valued as (
    select
        billed.*,
        company.currency as company_currency,
        {{ priced('billed.quantity - billed.quantity_invoiced', 'billed.unit_price_document_currency') }} as uninvoiced,
        rate.rate_to_reporting as open_rate,
        {{ cross_rate('rate.rate_to_reporting', 'company_rate.rate_to_reporting') }} as open_cross
    from billed
    left join {{ ref('int_company') }} as company on billed.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            billed.source_system = rate.source_system
            and billed.document_currency = rate.currency
            and rate.date_day = {{ as_of() }}
    left join {{ ref('int_reporting_rate') }} as company_rate
        on
            billed.source_system = company_rate.source_system
            and company.currency = company_rate.currency
            and company_rate.date_day = {{ as_of() }}
)

select
    {{ order_word(side, 'movement') }}_line_id,
    {{ order_word(side, 'movement') }}_id,
    {{ order_word(side, 'number') }},
    order_line_id,
    order_id,
    order_number,
    company_id,
    {{ order_word(side, 'party') }}_id,
    {{ order_word(side, 'party') }}_record_id,
    product_id,
    {{ order_word(side, 'date') }},
    document_currency,
    quantity,
    quantity_invoiced,
    cast(quantity - quantity_invoiced as decimal(18, 6)) as quantity_uninvoiced,
    uninvoiced as uninvoiced_amount_document_currency,
    case
        when document_currency = company_currency then uninvoiced
        else {{ converted('uninvoiced', 'open_cross') }}
    end as uninvoiced_amount_company_currency,
    {{ converted('uninvoiced', 'open_rate') }} as uninvoiced_amount_reporting_currency,
    case
        when quantity <> quantity_invoiced then {{ days_between(order_word(side, 'date'), as_of()) }}
    end as days_uninvoiced,
    source_system,
    source_key
from valued
{%- endmacro %}
