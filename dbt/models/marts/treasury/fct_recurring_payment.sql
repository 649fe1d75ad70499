{%- set recurring = [
    'net_pay', 'payroll_taxes', 'value_added_tax', 'income_tax', 'loan_interest', 'loan_repayment', 'rent'
] -%}
with

payment as (
    select
        company_id,
        currency,
        flow,
        component,
        moved_on,
        sum(amount_company_currency) as amount
    from {{ ref('fct_cash_flow_daily') }}
    where
        component in (
            {% for name in recurring -%}
            '{{ name }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
        and moved_on > {{ add_days(as_of(), -800) }}
    group by company_id, currency, flow, component, moved_on
),

day_count as (
    select
        company_id,
        component,
        cast(extract(day from moved_on) as integer) as month_day,
        count(*) as payments
    from payment
    where moved_on > {{ add_days(as_of(), -400) }}
    group by company_id, component, cast(extract(day from moved_on) as integer)
),

-- The day it falls on most often; the earliest of several, since weekends and holidays only put it off.
usual_day as (
    select
        company_id,
        component,
        month_day
    from day_count
    qualify row_number() over (partition by company_id, component order by payments desc, month_day asc) = 1
),

-- What falls on the last days of a month may be paid on the first of the next.
of_month as (
    select
        payment.company_id,
        payment.currency,
        payment.flow,
        payment.component,
        usual_day.month_day,
        {{ first_of('month', add_days('payment.moved_on', 'case when usual_day.month_day >= 20 then -7 else 0 end')) }}
            as month_start,
        max(payment.moved_on) as paid_on,
        sum(payment.amount) as amount
    from payment
    inner join usual_day
        on payment.company_id = usual_day.company_id and payment.component = usual_day.component
    group by
        payment.company_id, payment.currency, payment.flow, payment.component, usual_day.month_day,
        {{ first_of('month', add_days('payment.moved_on', 'case when usual_day.month_day >= 20 then -7 else 0 end')) }}
),

in_order as (
    select
        *,
        cast({{ dbt.datediff(
            'lag(month_start) over (partition by company_id, component order by month_start)', 'month_start', 'month'
        ) }} as integer) as months_since_before,
        row_number() over (partition by company_id, component order by month_start desc) as back
    from of_month
),

gap as (
    select
        company_id,
        component,
        months_since_before,
        count(*) as gaps,
        count(*) / sum(count(*)) over (partition by company_id, component) as share
    from in_order
    where months_since_before is not null and paid_on > {{ add_days(as_of(), -400) }}
    group by company_id, component, months_since_before
),

-- It recurs when most gaps are alike.
rhythm as (
    select
        company_id,
        component,
        months_since_before as interval_months
    from gap
    where gaps >= 2 and share >= 0.6
    qualify row_number() over (partition by company_id, component order by gaps desc, months_since_before asc) = 1
),

usual_amount as (
    select
        company_id,
        component,
        {{ quantile('cast(amount as double)', '0.5') }} as amount
    from in_order
    where back <= 3
    group by company_id, component
),

-- Half of the last year's payments were nearer to the usual amount than this; 1.4826 of it is a standard deviation.
spread as (
    select
        in_order.company_id,
        in_order.component,
        {{ quantile('abs(cast(in_order.amount as double) / usual_amount.amount - 1)', '0.5') }} as share
    from in_order
    inner join usual_amount
        on in_order.company_id = usual_amount.company_id and in_order.component = usual_amount.component
    where usual_amount.amount <> 0 and in_order.paid_on > {{ add_days(as_of(), -400) }}
    group by in_order.company_id, in_order.component
)

select
    in_order.company_id,
    in_order.currency,
    in_order.flow,
    in_order.component,
    rhythm.interval_months,
    in_order.month_day,
    in_order.month_start as last_month_start,
    in_order.paid_on as last_paid_on,
    cast(round(usual_amount.amount, 2) as decimal(18, 4)) as usual_amount_company_currency,
    cast(least(1.4826 * spread.share, 1) as decimal(9, 4)) as amount_spread_share,
    company.source_system,
    company.source_key
from in_order
inner join rhythm on in_order.company_id = rhythm.company_id and in_order.component = rhythm.component
inner join usual_amount
    on in_order.company_id = usual_amount.company_id and in_order.component = usual_amount.component
inner join spread on in_order.company_id = spread.company_id and in_order.component = spread.component
inner join {{ ref('dim_company') }} as company on in_order.company_id = company.company_id
where
    in_order.back = 1
    -- What has not come for more than a month beyond its time has stopped.
    and {{ add_days(dbt.dateadd('month', 'rhythm.interval_months', 'in_order.paid_on'), 31) }} >= {{ as_of() }}
