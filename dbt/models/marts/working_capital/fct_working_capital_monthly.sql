with

month as (
    select distinct
        month_start,
        month_end,
        least(month_end, {{ as_of() }}) as closing_day
    from {{ ref('int_date') }}
    where month_start <= {{ as_of() }}
),

{% for side, party in [('receivable', 'customer'), ('payable', 'supplier')] %}
{{ side }}_open as (
    select
        aging.company_id,
        '{{ side }}' as side,
        aging.{{ party }}_id as party_id,
        month.month_start,
        cast(0 as decimal(18, 4)) as credit_company_currency,
        cast(0 as decimal(18, 4)) as credit_reporting_currency,
        sum(aging.open_amount_company_currency) as open_company_currency,
        sum(aging.open_amount_reporting_currency) as open_reporting_currency,
        sum(case when aging.days_overdue <= 0 then aging.open_amount_company_currency else 0 end)
            as current_company_currency,
        sum(case when aging.days_overdue <= 0 then aging.open_amount_reporting_currency else 0 end)
            as current_reporting_currency
    from {{ ref('fct_' ~ side ~ '_aging') }} as aging
    inner join month on aging.as_of = month.closing_day
    group by aging.company_id, aging.{{ party }}_id, month.month_start
),

-- Sold or bought on credit, with tax, as the open items are; less credit notes.
{{ side }}_credit as (
    select
        company_id,
        '{{ side }}' as side,
        {{ party }}_id as party_id,
        {{ first_of('month', 'posting_date') }} as month_start,
        sum(amount_company_currency) as credit_company_currency,
        sum(amount_reporting_currency) as credit_reporting_currency,
        cast(0 as decimal(18, 4)) as open_company_currency,
        cast(0 as decimal(18, 4)) as open_reporting_currency,
        cast(0 as decimal(18, 4)) as current_company_currency,
        cast(0 as decimal(18, 4)) as current_reporting_currency
    from {{ ref('fct_' ~ side) }}
    where kind in ('invoice', 'credit_note') and posting_date <= {{ as_of() }}
    group by company_id, {{ party }}_id, {{ first_of('month', 'posting_date') }}
),
{% endfor %}

component as (
    select * from receivable_open
    union all
    select * from receivable_credit
    union all
    select * from payable_open
    union all
    select * from payable_credit
),

party as (
    select
        company_id,
        side,
        party_id,
        min(month_start) as first_month
    from component
    group by company_id, side, party_id
),

-- Every month from the first on, so that the month before is always the row before.
every_month as (
    select
        party.company_id,
        party.side,
        party.party_id,
        month.month_start,
        month.month_end,
        month.closing_day,
        sum(coalesce(component.credit_company_currency, 0)) as credit_company_currency,
        sum(coalesce(component.credit_reporting_currency, 0)) as credit_reporting_currency,
        sum(coalesce(component.open_company_currency, 0)) as open_company_currency,
        sum(coalesce(component.open_reporting_currency, 0)) as open_reporting_currency,
        sum(coalesce(component.current_company_currency, 0)) as current_company_currency,
        sum(coalesce(component.current_reporting_currency, 0)) as current_reporting_currency
    from party
    inner join month on party.first_month <= month.month_start
    left join component
        on
            party.company_id = component.company_id
            and party.side = component.side
            and party.party_id is not distinct from component.party_id
            and month.month_start = component.month_start
    group by
        party.company_id, party.side, party.party_id, month.month_start, month.month_end, month.closing_day
)

select
    every_month.company_id,
    coalesce(customer.region, supplier.region) as region,
    every_month.side,
    coalesce(every_month.party_id, '') as party_id,
    every_month.month_start,
    every_month.month_end,
    {{ days_between('every_month.month_start', 'every_month.closing_day') }} + 1 as days,
    company.currency,
    {% for currency in ['company', 'reporting'] %}
    cast(every_month.credit_{{ currency }}_currency as decimal(18, 4)) as credit_amount_{{ currency }}_currency,
    cast(
        lag(every_month.open_{{ currency }}_currency, 1, 0) over of_party as decimal(18, 4)
    ) as opening_amount_{{ currency }}_currency,
    cast(every_month.open_{{ currency }}_currency as decimal(18, 4)) as closing_amount_{{ currency }}_currency,
    cast(every_month.current_{{ currency }}_currency as decimal(18, 4))
        as closing_current_amount_{{ currency }}_currency,
    {% endfor %}
    company.source_system,
    company.source_key
from every_month
inner join {{ ref('int_company') }} as company on every_month.company_id = company.company_id
left join {{ ref('dim_customer') }} as customer
    on every_month.side = 'receivable' and every_month.party_id = customer.customer_id
left join {{ ref('dim_supplier') }} as supplier
    on every_month.side = 'payable' and every_month.party_id = supplier.supplier_id
window of_party as (
    partition by every_month.company_id, every_month.side, every_month.party_id order by every_month.month_start
)
