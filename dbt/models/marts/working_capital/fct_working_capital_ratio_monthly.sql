{#- Level of aggregation, and what names a row of it. All add up in reporting currency: a customer or region may be
    served by companies with books in several currencies. -#}
{%- set levels = {
    'group': "cast('group' as varchar)",
    'company': 'company_id',
    'region': "coalesce(region, '')",
    'party': 'party_id',
} -%}
{#- Ratio, rows, numerator, denominator, factor, why it is empty where the denominator is not positive. -#}
{%- set owed_to_us, owed_by_us = "period where side = 'receivable'", "period where side = 'payable'" -%}
{%- set no_sales, no_purchases = 'no credit sales in the period', 'no credit purchases in the period' -%}
{%- set ratios = [
    ('days_sales_outstanding', owed_to_us, 'closing', 'credit', 'days', no_sales),
    ('best_possible_days_sales_outstanding', owed_to_us, 'closing_current', 'credit', 'days', no_sales),
    ('average_days_delinquent', owed_to_us, 'closing - closing_current', 'credit', 'days', no_sales),
    (
        'collection_effectiveness_index', owed_to_us, 'opening + credit - closing',
        'opening + credit - closing_current', '100', 'nothing was due for collection in the period'
    ),
    ('days_payables_outstanding', owed_by_us, 'closing', 'credit', 'days', no_purchases),
    ('days_inventory_outstanding', 'stock_period', 'stock', 'cost', 'days', 'no cost of sales in the period'),
] -%}
with

component as (
    select *
    from {{ ref('fct_working_capital_monthly') }}
),

level_month as (
    {% for level, entity in levels.items() %}
    select
        {% if level == 'party' %}
        case side when 'receivable' then 'customer' else 'supplier' end as level,
        {% else %}
        '{{ level }}' as level,
        {% endif %}
        {{ entity }} as entity_id,
        side,
        month_start,
        month_end,
        max(days) as days,
        sum(credit_amount_reporting_currency) as credit,
        sum(opening_amount_reporting_currency) as opening,
        sum(closing_amount_reporting_currency) as closing,
        sum(closing_current_amount_reporting_currency) as closing_current
    from component
    group by {{ entity }}, side, month_start, month_end
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The last three months, fewer where there is less history: a single month says little of a business with seasons.
period as (
    select
        level,
        entity_id,
        side,
        month_start,
        month_end,
        sum(days) over last_months as days,
        sum(credit) over last_months as credit,
        first_value(opening) over last_months as opening,
        closing,
        closing_current
    from level_month
    window
        last_months as (
            partition by level, entity_id, side order by month_start rows between 2 preceding and current row
        )
),

-- Stock and cost of sales are known by company.
stock_of_company as (
    select
        sheet.company_id,
        {{ first_of('month', 'sheet.period_end') }} as month_start,
        sum(sheet.amount_reporting_currency) as stock
    from {{ ref('fct_balance_sheet') }} as sheet
    where sheet.line = 'inventory' and sheet.section = 'asset'
    group by sheet.company_id, {{ first_of('month', 'sheet.period_end') }}
),

cost_of_company as (
    select
        company_id,
        {{ first_of('month', 'period_end') }} as month_start,
        -sum(amount_reporting_currency) as cost
    from {{ ref('fct_income_statement') }}
    where line = 'cost_of_sales'
    group by company_id, {{ first_of('month', 'period_end') }}
),

stock_month as (
    {% for level, entity in [('group', "cast('group' as varchar)"), ('company', 'stock.company_id')] %}
    select
        '{{ level }}' as level,
        {{ entity }} as entity_id,
        stock.month_start,
        sum(stock.stock) as stock,
        sum(coalesce(cost.cost, 0)) as cost
    from stock_of_company as stock
    left join cost_of_company as cost
        on stock.company_id = cost.company_id and stock.month_start = cost.month_start
    group by {{ entity }}, stock.month_start
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

stock_period as (
    select
        stock.level,
        stock.entity_id,
        stock.month_start,
        month.month_end,
        stock.stock,
        sum(stock.cost) over last_months as cost,
        sum(month.days) over last_months as days
    from stock_month as stock
    inner join (
        select
            month_start,
            month_end,
            max(days) as days
        from component
        group by month_start, month_end
    ) as month on stock.month_start = month.month_start
    window
        last_months as (
            partition by stock.level, stock.entity_id order by stock.month_start
            rows between 2 preceding and current row
        )
),

-- A denominator that is not positive makes a ratio empty.
ratio as (
    {% for name, rows, numerator, denominator, factor, reason in ratios %}
    select
        level,
        entity_id,
        month_start,
        month_end,
        '{{ name }}' as ratio,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator,
        {{ factor }} as factor,
        '{{ reason }}' as reason
    from {{ rows }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

valued as (
    select
        level,
        entity_id,
        month_start,
        month_end,
        ratio,
        cast(
            case
                when denominator > 0
                    then round(cast(numerator as double) * cast(factor as double) / cast(denominator as double), 4)
            end as decimal(18, 4)
        ) as value,
        cast(numerator as decimal(38, 4)) as numerator,
        cast(denominator as decimal(38, 4)) as denominator,
        case when denominator > 0 then cast(null as varchar) else reason end as empty_reason
    from ratio
),

-- Without stock there is nothing to wait for; without sales or purchases there is no cycle to measure.
cycle as (
    select
        level,
        entity_id,
        month_start,
        month_end,
        'cash_conversion_cycle' as ratio,
        case
            when
                count(*) filter (where ratio = 'days_sales_outstanding' and value is not null) = 1
                and count(*) filter (where ratio = 'days_payables_outstanding' and value is not null) = 1
                and count(*) filter (
                    where ratio = 'days_inventory_outstanding' and value is null and numerator <> 0
                ) = 0
                then cast(
                    sum(
                        case
                            when ratio = 'days_payables_outstanding' then -value
                            when ratio in ('days_sales_outstanding', 'days_inventory_outstanding') then value
                        end
                    ) as decimal(18, 4)
                )
        end as value,
        cast(null as decimal(38, 4)) as numerator,
        cast(null as decimal(38, 4)) as denominator
    from valued
    where level in ('group', 'company')
    group by level, entity_id, month_start, month_end
)

select
    level,
    entity_id,
    month_start,
    month_end,
    ratio,
    value,
    numerator,
    denominator,
    empty_reason
from valued
union all
select
    level,
    entity_id,
    month_start,
    month_end,
    ratio,
    value,
    numerator,
    denominator,
    case when value is null then 'one of its three parts is empty' end as empty_reason
from cycle
