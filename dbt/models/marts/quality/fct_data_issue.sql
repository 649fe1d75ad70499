with

-- Money at stake: what the faulty record could make go wrong, in one currency.
open_receivables as (
    select
        'customer' as object,
        customer_id as record_id,
        sum(open_amount_reporting_currency) as amount
    from {{ ref('fct_receivable_aging') }}
    where as_of = {{ as_of() }} and customer_id is not null
    group by customer_id
),

crm_receivables as (
    select
        'crm_account' as object,
        resolved.record_id,
        open_receivables.amount
    from open_receivables
    inner join {{ ref('dim_customer_source') }} as resolved
        on open_receivables.record_id = resolved.customer_id and resolved.object = 'crm_account'
),

open_payables as (
    select
        'supplier' as object,
        supplier_id as record_id,
        sum(open_amount_reporting_currency) as amount
    from {{ ref('fct_payable_aging') }}
    where as_of = {{ as_of() }} and supplier_id is not null
    group by supplier_id
),

sales_of_a_year as (
    select
        'product' as object,
        product_id as record_id,
        sum(net_amount_reporting_currency) as amount
    from {{ ref('fct_sales_invoice_line') }}
    where
        invoice_date > {{ add_days(as_of(), -365) }}
        and invoice_date <= {{ as_of() }}
        and product_id is not null
    group by product_id
),

bank_balance as (
    select
        'bank_account' as object,
        bank_account_id as record_id,
        closing_balance_reporting_currency as amount
    from {{ ref('fct_bank_statement') }}
    where is_newest
),

master_amount as (
    select * from open_receivables
    union all
    select * from crm_receivables
    union all
    select * from open_payables
    union all
    select * from sales_of_a_year
    union all
    select * from bank_balance
),

issue as (
    select * from {{ source('quality', 'data_issue') }}
)

select
    issue.issue_id,
    issue.rule,
    issue.quality_dimension,
    issue.severity,
    issue.object,
    issue.record_id,
    issue.company_id,
    issue.owner,
    issue.status,
    issue.detected_at,
    issue.due_at,
    issue.resolved_at,
    issue.failed_value,
    issue.detail_en,
    issue.detail_zh,
    cast(
        case
            when issue.object in ('customer', 'crm_account', 'supplier', 'product', 'bank_account')
                then coalesce(master_amount.amount, 0)
            else {{ converted('issue.amount_company_currency', 'rate.rate_to_reporting') }}
        end as decimal(18, 4)
    ) as amount_at_stake_reporting_currency,
    issue.source_system,
    issue.source_key
from issue
left join master_amount on issue.object = master_amount.object and issue.record_id = master_amount.record_id
left join {{ ref('dim_company') }} as company on issue.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and rate.date_day = {{ as_of() }}
