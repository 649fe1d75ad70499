-- What the faulty record could make go wrong at each company, in one currency; of records as their sources have them.
with

open_receivables as (
    select
        'customer' as object,
        item.customer_id as record_id,
        aging.company_id,
        sum(aging.open_amount_reporting_currency) as amount
    from {{ ref('fct_receivable_aging') }} as aging
    inner join {{ ref('int_receivable') }} as item on aging.receivable_id = item.receivable_id
    where aging.as_of = {{ as_of() }} and item.customer_id is not null
    group by item.customer_id, aging.company_id
),

crm_receivables as (
    select
        'crm_account' as object,
        crm_account.crm_account_id as record_id,
        open_receivables.company_id,
        sum(open_receivables.amount) as amount
    from {{ ref('int_crm_account') }} as crm_account
    inner join (
        select
            code,
            min(customer_id) as customer_id
        from {{ ref('int_customer') }}
        group by code
    ) as customer on crm_account.customer_code = customer.code
    inner join open_receivables on customer.customer_id = open_receivables.record_id
    group by crm_account.crm_account_id, open_receivables.company_id
),

open_payables as (
    select
        'supplier' as object,
        item.supplier_id as record_id,
        aging.company_id,
        sum(aging.open_amount_reporting_currency) as amount
    from {{ ref('fct_payable_aging') }} as aging
    inner join {{ ref('int_payable') }} as item on aging.payable_id = item.payable_id
    where aging.as_of = {{ as_of() }} and item.supplier_id is not null
    group by item.supplier_id, aging.company_id
),

sales_of_a_year as (
    select
        'product' as object,
        product_id as record_id,
        company_id,
        sum(net_amount_reporting_currency) as amount
    from {{ ref('fct_sales_invoice_line') }}
    where
        invoice_date > {{ add_days(as_of(), -365) }}
        and invoice_date <= {{ as_of() }}
        and product_id is not null
    group by product_id, company_id
),

bank_balance as (
    select
        'bank_account' as object,
        bank_account_id as record_id,
        company_id,
        sum(closing_balance_reporting_currency) as amount
    from {{ ref('fct_bank_statement') }}
    where is_newest
    group by bank_account_id, company_id
)

select * from open_receivables
union all
select * from crm_receivables
union all
select * from open_payables
union all
select * from sales_of_a_year
union all
select * from bank_balance
