with

partner as (
    select * from {{ source('erp_global', 'business_partners') }}
),

term as (
    select * from {{ source('erp_global', 'payment_terms') }}
),

bank_account as (
    select * from {{ source('erp_global', 'partner_bank_accounts') }}
),

-- The account that is valid now; its history stays in the source.
current_account as (
    select *
    from bank_account
    where valid_to is null
    qualify row_number() over (partition by _source, partner_id order by valid_from desc nulls last, id desc) = 1
)

select
    partner._source || ':' || partner.id as supplier_id,
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
    current_account.account_number::varchar as bank_account_number,
    partner._source || ':' || partner.merged_into_id as replaced_by_supplier_id,
    partner._source::varchar as source_system,
    partner.id::varchar as source_key
from partner
left join term on partner._source = term._source and partner.payment_term_id = term.id
left join current_account on partner._source = current_account._source and partner.id = current_account.partner_id
where partner.is_supplier
