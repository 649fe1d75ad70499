with

partner as (
    select * from {{ source('erp_global', 'business_partners') }}
),

term as (
    select * from {{ source('erp_global', 'payment_terms') }}
),

setting as (
    select * from {{ source('erp_global', 'customer_settings') }}
)

-- Channel, segment and salesperson are the CRM's.
select
    partner._source || ':' || partner.id as customer_id,
    partner.partner_number::varchar as code,
    partner.legal_name::varchar as name,
    nullif(partner.tax_number, '')::varchar as tax_identifier,
    partner.country_code::varchar as country,
    partner.region::varchar as region,
    partner.city::varchar as city,
    partner.email::varchar as email,
    partner.currency_code::varchar as currency,
    term.net_days::integer as payment_term_days,
    coalesce(partner.status = 'active', false) as is_active,
    setting.credit_limit::decimal(18, 4) as credit_limit_company_currency,
    cast(null as varchar) as channel,
    cast(null as varchar) as segment,
    cast(null as varchar) as salesperson_id,
    partner._source || ':' || partner.merged_into_id as replaced_by_customer_id,
    partner._source::varchar as source_system,
    partner.id::varchar as source_key
from partner
left join term on partner._source = term._source and partner.payment_term_id = term.id
left join setting on partner._source = setting._source and partner.id = setting.partner_id
where partner.is_customer
