with partner as (
    select * from {{ source('erp_global', 'business_partners') }}
    where is_supplier
),

payment_term as (
    select * from {{ source('erp_global', 'payment_terms') }}
),

-- The account in use: not ended, newest.
bank_account as (
    select
        _source,
        partner_id,
        account_number
    from {{ source('erp_global', 'partner_bank_accounts') }}
    where valid_to is null
    qualify row_number() over (
        partition by _source, partner_id order by valid_from desc nulls last, id desc
    ) = 1
)

select
    partner._source || ':' || partner.id::varchar as supplier_id,
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
    replace(bank_account.account_number, ' ', '')::varchar as bank_account_number,
    (partner._source || ':' || partner.merged_into_id::varchar)::varchar as replaced_by_supplier_id,
    partner._source::varchar as source_system,
    partner.id::varchar as source_key
from partner
left join payment_term
    on partner.payment_term_id = payment_term.id and partner._source = payment_term._source
left join bank_account on partner.id = bank_account.partner_id and partner._source = bank_account._source
