with

dated as (
    select min(posting_date) as first_day from {{ ref('int_journal_line') }}
    union all
    select min(posting_date) as first_day from {{ ref('int_receivable') }}
    union all
    select min(posting_date) as first_day from {{ ref('int_payable') }}
    union all
    select min(invoice_date) as first_day from {{ ref('int_sales_invoice') }}
    union all
    select min(invoice_date) as first_day from {{ ref('int_purchase_invoice') }}
    union all
    select min(value_date) as first_day from {{ ref('int_bank_movement') }}
    union all
    select min(signed_date) as first_day from {{ ref('int_contract') }}
),

-- A slip in one date must not make a calendar of two thousand years.
bounds as (
    select
        {{ first_of('year', "greatest(coalesce(min(first_day), " ~ as_of() ~ "), " ~ add_days(as_of(), -7305) ~ ")") }}
            as first_day,
        {{ last_of('year', add_days(as_of(), 731)) }} as last_day
    from dated
),

days as (
    {{ day_spine('(select first_day from bounds)', '(select last_day from bounds)') }}
),

group_year as (
    select
        date_day,
        {{ fiscal_day('date_day') }} as fiscal_day
    from days
)

select
    date_day,
    {{ first_of('week', 'date_day') }} as week_start,
    {{ first_of('month', 'date_day') }} as month_start,
    {{ last_of('month', 'date_day') }} as month_end,
    cast(extract(year from fiscal_day) as varchar) as group_fiscal_year,
    cast(extract(month from fiscal_day) as integer) as group_fiscal_period
from group_year
