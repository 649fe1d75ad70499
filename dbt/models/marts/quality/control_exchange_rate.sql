with

-- Every place where a missing rate left an amount in reporting currency empty.
unconverted as (
    {% for fact, day, amount in [
        ('fct_sales_invoice_line', 'invoice_date', 'net_amount'),
        ('fct_purchase_invoice_line', 'invoice_date', 'net_amount'),
        ('fct_receivable', 'posting_date', 'amount'),
        ('fct_payable', 'posting_date', 'amount'),
        ('fct_receivable_aging', 'as_of', 'open_amount'),
        ('fct_payable_aging', 'as_of', 'open_amount'),
        ('fct_payroll_line', 'pay_date', 'amount'),
    ] %}
    select
        company.currency,
        fact.{{ day }} as date_day
    from {{ ref(fact) }} as fact
    inner join {{ ref('dim_company') }} as company on fact.company_id = company.company_id
    where fact.{{ amount }}_reporting_currency is null
    union all
    {% endfor %}
    select
        currency,
        value_date as date_day
    from {{ ref('fct_bank_movement') }}
    where amount_reporting_currency is null
    union all
    select
        currency,
        statement_date as date_day
    from {{ ref('fct_bank_statement') }}
    where closing_balance_reporting_currency is null
)

select
    'exchange_rate' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    'amounts without a rate to {{ var("reporting_currency") }}' as left_label,
    'none' as right_label,
    cast(count(*) as decimal(38, 4)) as left_total,
    cast(0 as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        currency, ': no rate from ', cast(min(date_day) as varchar), ' to ', cast(max(date_day) as varchar),
        ' on ', cast(count(distinct date_day) as varchar), ' days'
    ) as detail,
    false as blocking
from unconverted
group by currency

union all

select
    'exchange_rate' as control,
    cast(null as varchar) as company_id,
    cast(null as date) as as_of,
    'amounts without a rate to {{ var("reporting_currency") }}' as left_label,
    'none' as right_label,
    cast(0 as decimal(38, 4)) as left_total,
    cast(0 as decimal(38, 4)) as right_total,
    0 as broken,
    'every amount has a rate' as detail,
    false as blocking
where not exists (select 1 from unconverted)
