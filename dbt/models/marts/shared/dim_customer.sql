with

customer as (
    select
        customer_id,
        code,
        name,
        tax_identifier,
        country,
        region,
        city,
        email,
        currency,
        payment_term_days,
        credit_limit_company_currency,
        channel,
        segment,
        salesperson_id,
        salesperson_name,
        is_active,
        false as is_prospect,
        source_system,
        source_key
    from {{ ref('int_customer') }}
),

-- Known to the CRM alone: no ERP has sold to them yet.
prospect as (
    select
        crm_account.crm_account_id as customer_id,
        crm_account.customer_code as code,
        crm_account.name,
        crm_account.tax_identifier,
        crm_account.country,
        crm_account.region,
        cast(null as varchar) as city,
        crm_account.email,
        cast(null as varchar) as currency,
        cast(null as integer) as payment_term_days,
        cast(null as decimal(18, 4)) as credit_limit_company_currency,
        crm_account.channel,
        crm_account.segment,
        crm_account.salesperson_id,
        crm_account.salesperson_name,
        true as is_active,
        true as is_prospect,
        crm_account.source_system,
        crm_account.source_key
    from {{ ref('int_crm_account') }} as crm_account
    where not exists (
        select 1
        from {{ ref('int_customer') }} as known
        where known.code = crm_account.customer_code
    )
),

every as (
    select * from customer
    union all
    select * from prospect
)

select
    every.*,
    case when {{ is_held('customer', 'every.customer_id') }} then 'held' else 'active' end as status
from every
