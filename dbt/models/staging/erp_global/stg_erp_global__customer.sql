with partner as (
    select * from {{ source('erp_global', 'business_partners') }}
    where is_customer
),

payment_term as (
    select * from {{ source('erp_global', 'payment_terms') }}
),

settings as (
    select * from {{ source('erp_global', 'customer_settings') }}
)

select
    partner._source || ':' || partner.id::varchar as customer_id,
    partner.partner_number::varchar as code,
    partner.legal_name::varchar as name,
    nullif(partner.tax_number, '')::varchar as tax_identifier,
    partner.country_code::varchar as country,
    partner.region::varchar as region,
    partner.city::varchar as city,
    partner.email::varchar as email,
    partner.currency_code::varchar as currency,
    payment_term.net_days::integer as payment_term_days,
    coalesce(partner.status = 'active', true)::boolean as is_active,
    partner.updated_at::timestamp as changed_at,
    settings.credit_limit::decimal(18, 4) as credit_limit_company_currency,
    null::varchar as channel,
    null::varchar as segment,
    null::varchar as salesperson_id,
    (partner._source || ':' || partner.merged_into_id::varchar)::varchar as replaced_by_customer_id,
    partner._source::varchar as source_system,
    partner.id::varchar as source_key
from partner
left join payment_term
    on partner.payment_term_id = payment_term.id and partner._source = payment_term._source
left join settings on partner.id = settings.partner_id and partner._source = settings._source
