with

record as (
    {{ union_staging('customer', [
        'customer_id', 'code', 'name', 'tax_identifier', 'country', 'region', 'city', 'email', 'currency',
        'payment_term_days', 'is_active', 'changed_at', 'credit_limit_company_currency', 'channel', 'segment',
        'salesperson_id', 'replaced_by_customer_id', 'source_system', 'source_key'
    ]) }}
),

-- A customer number may stand on several CRM accounts: the oldest key speaks for it.
crm as (
    select *
    from {{ ref('int_crm_account') }}
    where customer_code is not null
    qualify row_number() over (partition by customer_code order by crm_account_id) = 1
)

-- The ERP's own word wins; the CRM fills what it leaves empty.
select
    record.customer_id,
    record.code,
    record.name,
    record.tax_identifier,
    record.country,
    coalesce(record.region, crm.region) as region,
    record.city,
    coalesce(record.email, crm.email) as email,
    record.currency,
    record.payment_term_days,
    record.is_active,
    record.changed_at,
    record.credit_limit_company_currency,
    coalesce(record.channel, crm.channel) as channel,
    coalesce(record.segment, crm.segment) as segment,
    coalesce(record.salesperson_id, crm.salesperson_id) as salesperson_id,
    record.replaced_by_customer_id,
    record.source_system,
    record.source_key,
    crm.salesperson_name,
    crm.crm_account_id
from record
left join crm on record.code = crm.customer_code
