{# Process figures: what happened to a case, on which day. Sales and purchases are the same, so both stand here once. #}

{# Which activity comes first of those on one day: the order of the process. #}
{% macro process_step(activity) -%}
case {{ activity }}
    {% for name in [
        'order_placed', 'submitted', 'pay_due', 'approved', 'rejected', 'shipped', 'received', 'returned', 'invoiced',
        'posted', 'credited', 'credit_applied', 'paid', 'discounted', 'refunded', 'settled_otherwise', 'written_off',
    ] %}
    when '{{ name }}' then {{ loop.index }}
    {% endfor %}
end
{%- endmacro %}

{# Texts of a group, one after the other. #}
{% macro text_list(text, delimiter, order) -%}
{{ adapter.dispatch('text_list')(text, delimiter, order) }}
{%- endmacro %}

{% macro default__text_list(text, delimiter, order) -%}
string_agg({{ text }}, {{ delimiter }} order by {{ order }})
{%- endmacro %}

{% macro spark__text_list(text, delimiter, order) -%}
listagg({{ text }}, {{ delimiter }}) within group (order by {{ order }})
{%- endmacro %}

{# Value below which a share of a group's values lie, interpolated between neighbours; NULLs don't count. #}
{% macro quantile(value, share) -%}
{{ adapter.dispatch('quantile')(value, share) }}
{%- endmacro %}

{% macro default__quantile(value, share) -%}
quantile_cont({{ value }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile(value, share) -%}
percentile({{ value }}, {{ share }})
{%- endmacro %}

{# Events of the orders of one side, up to as_of. An order is a case; each document counts once for an order. #}
{% macro order_event(side) -%}
{%- set item = order_word(side, 'item') -%}
{%- set movement = order_word(side, 'movement') -%}
{%- set date = order_word(side, 'date') -%}
{%- set moved = order_word(side, 'moved') -%}
with

ordered as (
    select * from {{ ref('fct_' ~ side ~ '_order_line') }}
),

placed as (
    select
        order_id,
        company_id,
        'order_placed' as activity,
        min(order_date) as event_date,
        order_id as document_id,
        sum(net_amount_ordered_reporting_currency) as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from ordered
    group by order_id, company_id
),
{% if side == 'purchase' %}

-- Released when the last of its lines is.
approved as (
    select
        order_id,
        company_id,
        'approved' as activity,
        max(cast(approved_at as date)) as event_date,
        order_id as document_id,
        cast(null as decimal(18, 4)) as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from ordered
    group by order_id, company_id
    having count(*) = count(approved_at) and max(cast(approved_at as date)) <= {{ as_of() }}
),
{% endif %}

moved as (
    select
        ordered.order_id,
        ordered.company_id,
        case
            when sign(line.quantity) * sign(ordered.quantity_ordered) < 0 then 'returned' else '{{ moved }}'
        end as activity,
        line.{{ date }} as event_date,
        line.{{ movement }}_id as document_id,
        -- Its share of the quantity ordered.
        cast(
            round(
                cast(ordered.net_amount_ordered_reporting_currency as double)
                * line.quantity / nullif(ordered.quantity_ordered, 0), 2
            ) as decimal(18, 4)
        ) as amount_reporting_currency,
        line.source_system,
        line.source_key
    from {{ ref('fct_' ~ movement ~ '_line') }} as line
    inner join ordered on line.order_line_id = ordered.order_line_id
),

billed as (
    select
        ordered.order_id,
        ordered.company_id,
        line.invoice_id,
        line.invoice_date,
        {{ takes_back('line', 'ordered.quantity_ordered') }} as is_credit,
        line.net_amount_reporting_currency,
        line.source_system,
        line.source_key
    from {{ ref('fct_' ~ side ~ '_invoice_line') }} as line
    inner join ordered on line.order_line_id = ordered.order_line_id and line.company_id = ordered.company_id
    where line.invoice_date <= {{ as_of() }}
),

-- A document that takes back on every line is a credit note, whatever it calls itself.
bill as (
    select
        order_id,
        company_id,
        case when min(case when is_credit then 1 else 0 end) = 1 then 'credited' else 'invoiced' end as activity,
        min(invoice_date) as event_date,
        invoice_id as document_id,
        sum(net_amount_reporting_currency) as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key,
        count(*) over (partition by invoice_id) as orders_of_document
    from billed
    group by order_id, company_id, invoice_id
),

applied as (
    select
        bill.order_id,
        bill.company_id,
        bill.activity as document_activity,
        bill.orders_of_document,
        settlement.{{ item }}_settlement_id as settlement_id,
        settlement.kind,
        settlement.settlement_date,
        settlement.payment_id,
        {{ converted('settlement.amount_company_currency', 'rate.rate_to_reporting') }} as amount,
        settlement.source_system,
        settlement.source_key
    from bill
    inner join {{ ref('fct_' ~ item) }} as item on bill.document_id = item.invoice_id
    inner join {{ ref('int_' ~ item ~ '_settlement') }} as settlement
        on item.{{ item }}_id = settlement.{{ item }}_id
    left join {{ ref('int_company') }} as company on settlement.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and settlement.settlement_date = rate.date_day
    where
        settlement.settlement_date <= {{ as_of() }}
        and {{ not_quarantined(item ~ '_settlement', 'settlement.' ~ item ~ '_settlement_id') }}
),

-- A credit note is applied on both of its sides: one event, at the amount of the bill's side.
settled as (
    select
        order_id,
        company_id,
        case
            when kind = 'credit_note' then 'credit_applied'
            when kind = 'discount' then 'discounted'
            when kind = 'write_off' then 'written_off'
            when kind not in ('payment', 'note') then 'settled_otherwise'
            when document_activity = 'credited' then 'refunded'
            else 'paid'
        end as activity,
        settlement_date as event_date,
        coalesce(payment_id, min(settlement_id)) as document_id,
        case
            when max(orders_of_document) = 1
                then coalesce(sum(case when document_activity = 'invoiced' then amount end), sum(amount))
        end as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from applied
    group by order_id, company_id, activity, settlement_date, payment_id
)

{% for event in ['placed'] + (['approved'] if side == 'purchase' else []) + ['moved', 'bill', 'settled'] %}
select
    order_id as case_id,
    company_id,
    activity,
    event_date,
    document_id,
    {% if event == 'moved' %}
    cast(sum(amount_reporting_currency) as decimal(18, 4)) as amount_reporting_currency,
    min(source_system) as source_system,
    min(source_key) as source_key
    {% else %}
    cast(amount_reporting_currency as decimal(18, 4)) as amount_reporting_currency,
    source_system,
    source_key
    {% endif %}
from {{ event }}
{% if event == 'moved' %}
group by order_id, company_id, activity, event_date, document_id
{% endif %}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
{%- endmacro %}

{# Pay runs up to as_of, one per company and pay date, with the bank movement that paid each: empty where there is none.
   A pay run leaves the bank as one amount, within a few days of its date. #}
{% macro pay_run_at_bank() -%}
select
    pay_run.*,
    movement.bank_movement_id,
    movement.booking_date,
    movement.source_system as bank_source_system,
    movement.source_key as bank_source_key
from (
    select
        company_id,
        pay_date,
        sum(amount_company_currency) as net_amount_company_currency,
        sum(amount_reporting_currency) as net_amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ ref('fct_payroll_line') }}
    where element = 'net' and pay_date <= {{ as_of() }}
    group by company_id, pay_date
) as pay_run
left join {{ ref('dim_company') }} as company on pay_run.company_id = company.company_id
left join {{ ref('fct_bank_movement') }} as movement
    on
        pay_run.company_id = movement.company_id
        and company.currency = movement.currency
        and pay_run.net_amount_company_currency = -movement.amount_bank_currency
        -- Booked, not valued: a bank may let the money count from the day before.
        and movement.booking_date >= pay_run.pay_date
        and movement.booking_date <= {{ add_days('pay_run.pay_date', 5) }}
qualify row_number() over (
    partition by pay_run.company_id, pay_run.pay_date order by movement.booking_date, movement.bank_movement_id
) = 1
{%- endmacro %}

{# Case of an expense claim: numbers are unique within a company. #}
{% macro claim_case() -%}
concat(source_system, ':', coalesce(company_id, ''), ':', claim_number)
{%- endmacro %}
