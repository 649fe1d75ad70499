with

-- Every place where a missing rate left an amount in reporting currency empty: currency, day, document.
unconverted as (
    {% for fact, day, amount, document in [
        ('fct_sales_invoice_line', 'invoice_date', 'net_amount', 'invoice_number'),
        ('fct_purchase_invoice_line', 'invoice_date', 'net_amount', 'invoice_number'),
        ('fct_receivable', 'posting_date', 'amount', 'coalesce(fact.invoice_number, fact.source_key)'),
        ('fct_payable', 'posting_date', 'amount', 'coalesce(fact.invoice_number, fact.source_key)'),
        ('fct_receivable_aging', 'as_of', 'open_amount', 'coalesce(fact.invoice_number, fact.source_key)'),
        ('fct_payable_aging', 'as_of', 'open_amount', 'coalesce(fact.invoice_number, fact.source_key)'),
        ('fct_payroll_line', 'pay_date', 'amount', 'fact.source_key'),
    ] %}
    select
        company.currency,
        fact.{{ day }} as date_day,
        {{ document }} as document
    from {{ ref(fact) }} as fact
    inner join {{ ref('dim_company') }} as company on fact.company_id = company.company_id
    where fact.{{ amount }}_reporting_currency is null
    union all
    {% endfor %}
    select
        currency,
        value_date as date_day,
        statement_number as document
    from {{ ref('fct_bank_movement') }}
    where amount_reporting_currency is null
    union all
    select
        currency,
        statement_date as date_day,
        statement_number as document
    from {{ ref('fct_bank_statement') }}
    where closing_balance_reporting_currency is null
    union all
    select
        case when known.currency is null then difference.document_currency else difference.company_currency end
            as currency,
        difference.month_end as date_day,
        difference.document_number as document
    from {{ ref('fct_unrealised_exchange_difference') }} as difference
    left join {{ ref('int_reporting_rate_monthly') }} as known
        on
            difference.source_system = known.source_system
            and difference.document_currency = known.currency
            and difference.month_end = known.month_end
    where difference.revalued_amount_company_currency is null
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
        ' on ', cast(count(distinct date_day) as varchar), ' days, ', cast(count(distinct document) as varchar),
        ' documents, first: ', coalesce(min_by(document, date_day), '')
    ) as detail,
    true as blocking
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
    true as blocking
where not exists (select 1 from unconverted)
