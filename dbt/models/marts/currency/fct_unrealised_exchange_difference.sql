{#- side, its party's column, sign of an asset -#}
{%- set sides = [('receivable', 'customer_id', ''), ('payable', 'supplier_id', '-')] -%}
with

-- Units of the books' currency for one unit of a foreign one, at the end of each month that is over or ends with as_of.
rate as (
    select
        company.company_id,
        document.currency,
        document.month_end,
        cast(
            cast(document.month_end_rate_to_reporting as double) / own.month_end_rate_to_reporting as decimal(20, 12)
        ) as rate_to_company
    from {{ ref('int_company') }} as company
    inner join {{ ref('int_reporting_rate_monthly') }} as document
        on company.source_system = document.source_system and company.currency <> document.currency
    inner join {{ ref('int_reporting_rate_monthly') }} as own
        on
            company.source_system = own.source_system
            and company.currency = own.currency
            and document.month_start = own.month_start
    where document.month_end <= {{ as_of() }}
),

month as (
    select distinct month_end from rate
),

balance as (
    {% for side, party, sign in sides %}
    select
        '{{ side }}' as kind,
        {{ side }}_id as item_id,
        as_of as month_end,
        company_id,
        {{ party }} as party_id,
        coalesce(invoice_number, source_key) as document_number,
        document_currency as currency,
        {{ sign }}open_amount_document_currency as amount_document_currency,
        {{ sign }}open_amount_company_currency as booked_amount_company_currency,
        cast(0 as decimal(18, 4)) as posted_difference_company_currency,
        source_system,
        source_key
    from {{ ref('fct_' ~ side ~ '_aging') }}
    union all
    {% endfor %}
    select
        'bank_balance' as kind,
        bank.bank_account_id as item_id,
        bank.month_end,
        bank.company_id,
        cast(null as varchar) as party_id,
        account.name as document_number,
        bank.currency,
        bank.closing_balance_bank_currency as amount_document_currency,
        bank.booked_amount_company_currency,
        bank.posted_difference_company_currency,
        bank.source_system,
        bank.source_key
    from {{ ref('int_bank_revaluation') }} as bank
    inner join {{ ref('int_bank_account') }} as account on bank.bank_account_id = account.bank_account_id
),

revalued as (
    select
        balance.*,
        company.currency as company_currency,
        rate.rate_to_company,
        cast(
            round(cast(balance.amount_document_currency as decimal(18, 4)) * rate.rate_to_company, 2) as decimal(18, 4)
        ) as revalued_amount_company_currency
    from balance
    inner join month on balance.month_end = month.month_end
    inner join {{ ref('dim_company') }} as company
        on balance.company_id = company.company_id and balance.currency <> company.currency
    left join rate
        on
            balance.company_id = rate.company_id
            and balance.currency = rate.currency
            and balance.month_end = rate.month_end
)

select
    kind,
    item_id,
    month_end,
    company_id,
    party_id,
    document_number,
    currency as document_currency,
    company_currency,
    amount_document_currency,
    booked_amount_company_currency,
    rate_to_company as month_end_rate,
    revalued_amount_company_currency,
    cast(revalued_amount_company_currency - booked_amount_company_currency as decimal(18, 4))
        as difference_company_currency,
    posted_difference_company_currency,
    {{ add_days('month_end', 1) }} as reversal_date,
    cast(booked_amount_company_currency - revalued_amount_company_currency as decimal(18, 4))
        as reversed_amount_company_currency,
    source_system,
    source_key
from revalued
