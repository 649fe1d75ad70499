-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06
with

work_order as (
    select * from {{ ref('int_work_order') }}
),

numbered_work_order as (
    select
        work_order_id as record_id,
        work_order_number as number,
        start_date as dated,
        company_id,
        source_system,
        source_key
    from work_order
),

-- One series of numbers may serve all companies of a source.
work_order_in_series as (
    select
        *,
        lead(serial) over (partition by source_system, prefix order by serial) as next_serial
    from (
        select
            *,
            regexp_replace(number, '[0-9]+$', '') as prefix,
            cast(nullif(regexp_extract(number, '[0-9]+$', 0), '') as bigint) as serial
        from numbered_work_order
        where length(regexp_extract(number, '[0-9]+$', 0)) between 1 and 17
    ) as split
),

cost as (
    select
        booked.*,
        work_order.work_order_number,
        work_order.company_id,
        work_order.start_date,
        work_order.finished_date,
        cast(booked.amount_company_currency as double) / nullif(cast(booked.quantity as double), 0) as unit_cost,
        coalesce(booked.item_code, booked.element) as what
    from {{ ref('int_work_order_cost') }} as booked
    left join {{ ref('int_work_order') }} as work_order on booked.work_order_id = work_order.work_order_id
),

priced_cost as (
    select
        cost.*,
        usual_cost.unit_cost as usual_unit_cost
    from cost
    inner join (
        select
            alike.company_id,
            alike.element,
            alike.what,
            quantile_cont(alike.unit_cost, 0.5) as unit_cost
        from cost as alike
        where alike.unit_cost > 0
        group by alike.company_id, alike.element, alike.what
    ) as usual_cost
        on cost.company_id = usual_cost.company_id and cost.element = usual_cost.element and cost.what = usual_cost.what
),

-- What a finished work order took of a thing, beside what was planned for it.
taken as (
    select
        cost.work_order_id,
        cost.element,
        cost.what,
        min(cost.work_order_number) as work_order_number,
        min(cost.company_id) as company_id,
        min(cost.source_system) as source_system,
        min(work_order.source_key) as source_key,
        cast(sum(case when cost.kind = 'planned' then cost.quantity else 0 end) as double)
        * cast(min(work_order.quantity_finished) as double)
        / nullif(cast(min(work_order.quantity_planned) as double), 0) as planned,
        cast(sum(case when cost.kind = 'actual' then cost.quantity else 0 end) as double) as actual
    from cost
    inner join {{ ref('int_work_order') }} as work_order on cost.work_order_id = work_order.work_order_id
    where work_order.finished_date is not null and work_order.finished_date <= {{ as_of() }}
    group by cost.work_order_id, cost.element, cost.what
),

posted as (
    select
        account_id,
        {{ first_of('month', 'posting_date') }} as posting_month,
        abs(cast(sum(debit_company_currency - credit_company_currency) as double)) as amount
    from {{ ref('int_journal_line') }}
    group by account_id, {{ first_of('month', 'posting_date') }}
),

budget as (
    select
        line.*,
        coalesce(posted.amount, 0) as amount_posted,
        row_number() over (
            partition by line.company_id, line.account_code, line.cost_centre
            order by abs(line.amount_company_currency) desc
        ) as place,
        lead(abs(cast(line.amount_company_currency as double))) over (
            partition by line.company_id, line.account_code, line.cost_centre
            order by abs(line.amount_company_currency) desc
        ) as high,
        count(*) over (partition by line.company_id, line.account_code, line.cost_centre) as months
    from {{ ref('int_budget_line') }} as line
    left join posted
        on
            line.account_id = posted.account_id
            and {{ first_of('month', 'line.budget_month') }} = posted.posting_month
),

budget_period as (
    select
        budget.*,
        period.start_date as period_start
    from budget
    left join {{ ref('int_ledger_period') }} as period
        on
            budget.company_id = period.company_id
            and budget.budget_month >= period.posted_from
            and budget.budget_month < period.posted_before
),

project_flow as (
    select
        flow.*,
        project.project_number,
        project.company_id,
        project.approved_date
    from {{ ref('int_capital_project_cash_flow') }} as flow
    left join {{ ref('int_capital_project') }} as project on flow.capital_project_id = project.capital_project_id
),

-- Planned and actual money of a project in a month.
project_month as (
    select
        capital_project_id,
        {{ first_of('month', 'flow_date') }} as flow_month,
        min(project_number) as project_number,
        min(company_id) as company_id,
        min(source_system) as source_system,
        min(source_key) as source_key,
        cast(sum(case when kind = 'planned' then amount_company_currency else 0 end) as double) as planned,
        cast(sum(case when kind = 'actual' then amount_company_currency else 0 end) as double) as actual,
        min(case when kind = 'actual' then capital_project_cash_flow_id end) as actual_id
    from project_flow
    group by capital_project_id, {{ first_of('month', 'flow_date') }}
)

select
    {{ warning(
        'work_order_implausible', 'work_order', 'record.work_order_id', 'record.work_order_id',
        "concat('work order ', record.work_order_number, ', ', record.status, ': ', "
        ~ "cast(record.quantity_finished as varchar), ' of ', cast(record.quantity_planned as varchar), ' pieces, ', "
        ~ "cast(record.start_date as varchar), ' to ', coalesce(cast(record.finished_date as varchar), 'now'))"
    ) }}
from {{ rare_cases(
    'work_order', 'quantity_planned <= 0 or quantity_finished < 0 or quantity_finished > quantity_planned * 1.2 '
    ~ "or finished_date < start_date or (status <> 'released' and finished_date is null) "
    ~ 'or (product_code is not null and product_id is null)'
) }} as record

union all

select
    {{ warning(
        'number_missing', 'work_order', 'record.record_id', 'record.record_id',
        "concat('after work order ', record.number, ' the series goes on with ', record.prefix, "
        ~ "cast(record.next_serial as varchar))"
    ) }}
from {{ rare_cases('work_order_in_series', 'next_serial between serial + 2 and serial + 10', 'source_system, prefix') }}
    as record

union all

select
    {{ warning(
        'cost_outside_work_order', 'work_order_cost', 'record.work_order_cost_id', 'record.work_order_cost_id',
        "concat('work order ', record.work_order_number, ' from ', cast(record.start_date as varchar), ' to ', "
        ~ "coalesce(cast(record.finished_date as varchar), 'now'), ': ', record.what, ' on ', "
        ~ "cast(record.posting_date as varchar))"
    ) }}
from {{ rare_cases(
    'cost', "kind = 'actual' and (posting_date < start_date or posting_date > " ~ add_days('finished_date', 31) ~ ')'
) }} as record

union all

select
    {{ warning(
        'cost_price_unusual', 'work_order_cost', 'record.work_order_cost_id', 'record.work_order_cost_id',
        "concat('work order ', record.work_order_number, ': ', record.what, ' at ', "
        ~ "cast(cast(record.unit_cost as decimal(18, 4)) as varchar), ', elsewhere ', "
        ~ "cast(cast(record.usual_unit_cost as decimal(18, 4)) as varchar))"
    ) }}
from {{ rare_cases(
    'priced_cost', "element <> 'machine' and (unit_cost not between usual_unit_cost / 3 and usual_unit_cost * 3 "
    ~ 'or (quantity = 0 and amount_company_currency <> 0))'
) }} as record

union all

select
    {{ warning(
        'cost_far_from_plan', 'work_order', 'record.work_order_id', 'record.work_order_id',
        "concat('work order ', record.work_order_number, ': ', cast(record.actual as varchar), ' of ', record.what, "
        ~ "', planned for what was made ', cast(cast(record.planned as decimal(18, 2)) as varchar))"
    ) }}
from {{ rare_cases('taken', 'planned > 0 and actual not between planned / 2.5 and planned * 2.5') }} as record

union all

-- The variances of a month find no place for it.
select
    {{ warning(
        'budget_without_account_or_period', 'budget_line', 'record.budget_line_id', 'record.budget_line_id',
        "concat('account ', record.account_code, ' of ', record.company_code, ', ', "
        ~ "cast(record.budget_month as varchar), ': ', cast(record.amount_company_currency as varchar))",
        severity='critical'
    ) }}
from budget_period as record
where
    record.company_id is not null
    -- Next year may be planned before its periods are opened.
    and (record.account_id is null or (record.period_start is null and record.budget_month <= {{ as_of() }}))

union all

-- Far above every other month, and the ledger of that month does not bear it out.
select
    {{ warning(
        'budget_unusual', 'budget_line', 'record.budget_line_id', 'record.budget_line_id',
        "concat('account ', record.account_code, ', ', cast(record.budget_month as varchar), ': ', "
        ~ "cast(record.amount_company_currency as varchar), ', the next highest month ', "
        ~ "cast(cast(record.high as decimal(18, 2)) as varchar))"
    ) }}
from {{ rare_cases(
    'budget', 'months >= 6 and place = 1 and high > 0 and abs(cast(amount_company_currency as double)) > 8 * high '
    ~ 'and abs(cast(amount_company_currency as double)) > 3 * amount_posted'
) }} as record

union all

select
    {{ warning(
        'flow_outside_project', 'capital_project_cash_flow', 'record.capital_project_cash_flow_id',
        'record.capital_project_cash_flow_id',
        "concat('project ', record.project_number, ' of ', cast(record.approved_date as varchar), ': ', record.kind, ' ', "
        ~ "cast(record.amount_company_currency as varchar), ' on ', cast(record.flow_date as varchar))"
    ) }}
from {{ rare_cases(
    'project_flow', "flow_date < " ~ first_of('month', 'approved_date') ~ " or (kind = 'actual' and flow_date > "
    ~ add_days(as_of(), 31) ~ ')', like='source_system'
) }} as record

union all

select
    {{ warning(
        'flow_far_from_plan', 'capital_project_cash_flow', 'record.actual_id', 'record.actual_id',
        "concat('project ', record.project_number, ', ', cast(record.flow_month as varchar), ': ', "
        ~ "cast(record.actual as varchar), ' when ', cast(record.planned as varchar), ' was planned')"
    ) }}
from {{ rare_cases(
    'project_month', 'planned <> 0 and actual <> 0 '
    ~ 'and (sign(planned) <> sign(actual) or abs(actual) not between abs(planned) / 4 and abs(planned) * 4)',
    like='source_system'
) }} as record

union all

select
    {{ warning(
        'project_without_plan', 'capital_project', 'record.capital_project_id', 'record.capital_project_id',
        "concat('project ', record.project_number, ' ', record.name, ' has no planned cash flow')"
    ) }}
from {{ ref('int_capital_project') }} as record
where record.capital_project_id not in (
    select capital_project_id
    from project_flow
    where kind = 'planned' and capital_project_id is not null
)
