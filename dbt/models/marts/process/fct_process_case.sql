-- Milestones of each case: days of a leg are known when both of its ends are final, so legs of a finished case add up
-- to its total. Reasons for rework are every sign that somebody had to step in.
with

event as (
    select * from {{ ref('fct_process_event') }}
),

happened as (
    select
        process,
        case_type,
        case_id,
        min(company_id) as company_id,
        min(case when activity in ('order_placed', 'submitted', 'pay_due') then event_date end) as start_date,
        max(event_date) as last_event_date,
        max(case when activity = 'approved' then event_date end) as approved_date,
        min(case when activity in ('shipped', 'received') then event_date end) as first_delivery_date,
        max(case when activity in ('shipped', 'received') then event_date end) as delivered_date,
        min(case when activity = 'invoiced' then event_date end) as first_invoice_date,
        max(case when activity = 'invoiced' then event_date end) as invoiced_date,
        max(case when activity = 'paid' then event_date end) as paid_date,
        {% for activity in [
            'invoiced', 'returned', 'credited', 'credit_applied', 'paid', 'refunded', 'settled_otherwise', 'written_off',
            'rejected'
        ] %}
        count(case when activity = '{{ activity }}' then 1 end) as {{ activity }}_count,
        {% endfor %}
        count(case when activity in ('shipped', 'received') then 1 end) as delivery_count,
        count(*) as event_count,
        {{ text_list('activity', "' > '", 'event_number') }} as variant,
        max(case when activity in ('order_placed', 'submitted', 'pay_due') then source_system end) as source_system,
        max(case when activity in ('order_placed', 'submitted', 'pay_due') then source_key end) as source_key,
        max(case when activity in ('order_placed', 'submitted', 'pay_due') then amount_reporting_currency end)
            as amount_reporting_currency
    from event
    group by process, case_type, case_id
),

-- How far each case has come, and what only its lines and documents know.
{% for side in ['sales', 'purchase'] %}
{%- set date = order_word(side, 'date') %}
{{ side }}_document as (
    select
        line.order_id,
        invoice.invoice_id
    from {{ ref('fct_' ~ side ~ '_order_line') }} as line
    inner join {{ ref('fct_' ~ side ~ '_invoice_line') }} as invoice
        on line.order_line_id = invoice.order_line_id and line.company_id = invoice.company_id
    where invoice.invoice_date <= {{ as_of() }}
    group by line.order_id, invoice.invoice_id
),

{{ side }}_item as (
    select
        document.order_id,
        count(case when item.kind = 'invoice' then 1 end) as instalment_count,
        max(case when item.is_disputed then 1 else 0 end) as is_disputed
    from {{ side }}_document as document
    inner join {{ ref('fct_' ~ order_word(side, 'item')) }} as item on document.invoice_id = item.invoice_id
    group by document.order_id
),

{{ side }}_progress as (
    select
        line.order_id,
        max(case when line.quantity_backlog <> 0 then 1 else 0 end) = 0 as is_delivered,
        max(case when line.quantity_backlog <> 0 or line.quantity_uninvoiced <> 0 then 1 else 0 end) = 0 as is_invoiced,
        max(case when line.status <> 'settled' then 1 else 0 end) = 0 as is_settled,
        max(case when line.quantity_ordered < 0 then 1 else 0 end) as is_return,
        -- Goods that never came are later than their bill, too.
        max(
            case
                when
                    not line.is_service
                    and line.first_invoice_date < coalesce(line.first_{{ date }}, cast('9999-12-31' as date))
                    then 1
                else 0
            end
        ) as is_billed_early,
        {% if side == 'purchase' %}
        max(case when match.price_fails then 1 else 0 end) as price_fails,
        max(case when match.quantity_fails then 1 else 0 end) as quantity_fails
        {% else %}
        0 as price_fails,
        0 as quantity_fails
        {% endif %}
    from {{ ref('fct_' ~ side ~ '_order_line') }} as line
    {% if side == 'purchase' %}
    left join (
        select
            order_line_id,
            max(price_fails) as price_fails,
            max(quantity_fails) as quantity_fails
        from {{ ref('fct_three_way_match') }}
        where order_id is not null
        group by order_line_id
    ) as match on line.order_line_id = match.order_line_id
    {% endif %}
    group by line.order_id
),
{% endfor %}

progress as (
    {% for side in ['sales', 'purchase'] %}
    select
        '{{ side }}_order' as case_type,
        progress.order_id as case_id,
        progress.is_delivered,
        progress.is_invoiced,
        progress.is_settled,
        progress.is_return,
        progress.is_billed_early,
        progress.price_fails,
        progress.quantity_fails,
        coalesce(item.instalment_count, 0) as instalment_count,
        coalesce(item.is_disputed, 0) as is_disputed
    from {{ side }}_progress as progress
    left join {{ side }}_item as item on progress.order_id = item.order_id
    union all
    {% endfor %}
    select
        'expense_claim' as case_type,
        {{ claim_case() }} as case_id,
        -- Approved: nothing waits for a decision. Settled: nothing waits for its money either.
        max(case when status = 'submitted' then 1 else 0 end) = 0 as is_delivered,
        false as is_invoiced,
        max(case when status in ('submitted', 'approved') then 1 else 0 end) = 0 as is_settled,
        0 as is_return,
        0 as is_billed_early,
        0 as price_fails,
        0 as quantity_fails,
        1 as instalment_count,
        0 as is_disputed
    from {{ ref('fct_expense_claim_line') }}
    where submitted_date <= {{ as_of() }}
    group by source_system, company_id, claim_number
),

judged as (
    select
        happened.*,
        coalesce(progress.is_delivered, false) as is_delivered,
        coalesce(progress.is_invoiced, false) as is_invoiced,
        case
            when happened.case_type = 'pay_run' then happened.paid_count > 0
            when happened.case_type = 'expense_claim' then progress.is_settled
            else progress.is_settled and happened.invoiced_count + happened.credited_count > 0
        end as is_complete,
        nullif(
            concat_ws(
                ', ',
                case
                    when
                        happened.approved_date > least(
                            coalesce(happened.first_delivery_date, happened.first_invoice_date),
                            coalesce(happened.first_invoice_date, happened.first_delivery_date)
                        )
                        then 'late_approval'
                end,
                case
                    when
                        happened.case_type in ('sales_order', 'purchase_order') and happened.delivery_count > 1
                        then 'split_delivery'
                end,
                case
                    when
                        happened.case_type in ('sales_order', 'purchase_order') and happened.invoiced_count > 1
                        then 'split_invoice'
                end,
                case
                    when
                        happened.case_type <> 'pay_run' and happened.paid_count > progress.instalment_count
                        then 'split_payment'
                end,
                case when progress.is_billed_early = 1 then 'invoice_before_delivery' end,
                case when progress.price_fails = 1 then 'price_mismatch' end,
                case when progress.quantity_fails = 1 then 'quantity_mismatch' end,
                case when progress.is_disputed = 1 then 'dispute' end,
                case when progress.is_return = 1 or happened.returned_count > 0 then 'return' end,
                case
                    when
                        happened.credited_count + happened.credit_applied_count + happened.refunded_count > 0
                        then 'credit_note'
                end,
                case when happened.settled_otherwise_count > 0 then 'manual_settlement' end,
                case when happened.written_off_count > 0 then 'write_off' end,
                case when happened.rejected_count > 0 then 'rejected_claim' end,
                case
                    when
                        happened.case_type = 'pay_run' and happened.paid_count = 0
                        and {{ add_days('happened.start_date', 5) }} < {{ as_of() }}
                        then 'not_paid_as_due'
                end
            ), ''
        ) as rework_reason
    from happened
    left join progress on happened.case_type = progress.case_type and happened.case_id = progress.case_id
)

select
    process,
    case_type,
    case_id,
    company_id,
    start_date,
    case when is_complete then last_event_date end as end_date,
    variant,
    cast(event_count as integer) as event_count,
    is_complete,
    is_complete and rework_reason is null as is_touchless,
    rework_reason,
    {% for name, case_type, first, last, ends_known in [
        ('order_to_shipment', 'sales_order', 'start_date', 'delivered_date', 'is_delivered'),
        ('shipment_to_invoice', 'sales_order', 'delivered_date', 'invoiced_date', 'is_invoiced'),
        ('invoice_to_cash', 'sales_order', 'invoiced_date', 'last_event_date', 'is_complete'),
        ('order_to_receipt', 'purchase_order', 'start_date', 'delivered_date', 'is_delivered'),
        ('receipt_to_invoice', 'purchase_order', 'delivered_date', 'invoiced_date', 'is_invoiced'),
        ('invoice_to_payment', 'purchase_order', 'invoiced_date', 'last_event_date', 'is_complete'),
        ('submission_to_approval', 'expense_claim', 'start_date', 'approved_date', 'is_delivered'),
        ('approval_to_payment', 'expense_claim', 'approved_date', 'paid_date', 'is_complete'),
    ] %}
    case when case_type = '{{ case_type }}' and {{ ends_known }} then {{ days_between(first, last) }} end
        as days_{{ name }},
    {% endfor %}
    case when is_complete then {{ days_between('start_date', 'last_event_date') }} end as days_total,
    amount_reporting_currency,
    source_system,
    source_key
from judged
