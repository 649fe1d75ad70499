-- Cases counted on the facts of process against the documents that open them, counted where they came from; and what
-- the events say was billed against the orders. An event after as_of, or a case without its opening event, is broken.
with

event as (
    select * from {{ ref('fct_process_event') }}
),

opened as (
    select
        case_type,
        case_id,
        count(case when activity in ('order_placed', 'submitted', 'pay_due') then 1 end) as openings,
        max(event_date) as last_event_date
    from event
    group by case_type, case_id
),

case_count as (
    select
        process_case.company_id,
        process_case.case_type,
        count(*) as amount,
        count(
            case when coalesce(opened.openings, 0) = 0 or opened.last_event_date > {{ as_of() }} then 1 end
        ) as broken,
        min(
            case
                when coalesce(opened.openings, 0) = 0 or opened.last_event_date > {{ as_of() }}
                    then process_case.case_id
            end
        ) as first_broken
    from {{ ref('fct_process_case') }} as process_case
    left join opened on process_case.case_type = opened.case_type and process_case.case_id = opened.case_id
    group by process_case.company_id, process_case.case_type
),

document as (
    {% for side in ['sales', 'purchase'] %}
    select
        company_id,
        '{{ side }}_order' as case_type,
        count(distinct order_id) as amount
    from {{ ref('int_' ~ side ~ '_order_line') }}
    where order_date <= {{ as_of() }}
    group by company_id
    union all
    {% endfor %}
    select
        company_id,
        'expense_claim' as case_type,
        count(distinct concat(source_system, ':', claim_number)) as amount
    from {{ ref('int_expense_claim_line') }}
    where submitted_date <= {{ as_of() }}
    group by company_id
    union all
    select
        company_id,
        'pay_run' as case_type,
        count(distinct pay_date) as amount
    from {{ ref('int_payroll_line') }}
    where element = 'net' and pay_date <= {{ as_of() }} and {{ not_quarantined('payroll_line', 'payroll_line_id') }}
    group by company_id
),

billed as (
    select
        company_id,
        case_type,
        sum(amount_reporting_currency) as amount
    from event
    where case_type in ('sales_order', 'purchase_order') and activity in ('invoiced', 'credited')
    group by company_id, case_type
),

billed_on_order as (
    {% for side in ['sales', 'purchase'] %}
    select
        company_id,
        '{{ side }}_order' as case_type,
        sum(net_amount_invoiced_reporting_currency) as amount
    from {{ ref('fct_' ~ side ~ '_order_line') }}
    group by company_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (
    select
        coalesce(case_count.company_id, document.company_id) as company_id,
        'cases of ' || coalesce(case_count.case_type, document.case_type) as left_label,
        'documents of ' || coalesce(case_count.case_type, document.case_type) as right_label,
        case_count.amount as left_amount,
        document.amount as right_amount,
        coalesce(case_count.broken, 0) as broken,
        case_count.first_broken
    from case_count
    full outer join document
        on
            coalesce(case_count.company_id, '') = coalesce(document.company_id, '')
            and case_count.case_type = document.case_type
    union all
    select
        coalesce(billed.company_id, billed_on_order.company_id) as company_id,
        'billed by events of ' || coalesce(billed.case_type, billed_on_order.case_type) as left_label,
        'billed on lines of ' || coalesce(billed.case_type, billed_on_order.case_type) as right_label,
        billed.amount as left_amount,
        billed_on_order.amount as right_amount,
        0 as broken,
        cast(null as varchar) as first_broken
    from billed
    full outer join billed_on_order
        on billed.company_id = billed_on_order.company_id and billed.case_type = billed_on_order.case_type
)

select
    'process_cases' as control,
    company_id,
    {{ as_of() }} as as_of,
    left_label,
    right_label,
    cast(coalesce(left_amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(right_amount, 0) as decimal(38, 4)) as right_total,
    broken,
    coalesce('event after as_of, or no opening event: ' || first_broken, '') as detail,
    false as blocking
from compared
