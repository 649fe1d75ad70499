with

golden as (
    {{ golden_record('customer') }}
),

salesperson as (
    select
        salesperson_id,
        max(salesperson_name) as salesperson_name
    from {{ ref('int_crm_account') }}
    group by salesperson_id
)

select
    golden.customer_id,
    golden.code,
    golden.name,
    golden.tax_identifier,
    golden.country,
    golden.region,
    golden.city,
    golden.email,
    golden.currency,
    golden.payment_term_days,
    golden.credit_limit_company_currency,
    golden.channel,
    golden.segment,
    golden.salesperson_id,
    salesperson.salesperson_name,
    golden.is_active,
    golden.is_prospect,
    golden.record_count,
    case when golden.is_held then 'held' else 'active' end as status,
    golden.source_system,
    golden.source_key
from golden
left join salesperson on golden.salesperson_id = salesperson.salesperson_id
