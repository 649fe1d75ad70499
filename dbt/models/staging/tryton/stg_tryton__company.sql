with company as (
    select * from {{ source('tryton', 'company_company') }}
),

party as (
    select * from {{ source('tryton', 'party_party') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

profile as (
    select * from {{ ref('base_tryton__party') }}
)

select
    company._source || ':' || company.id::varchar as company_id,
    party.code::varchar as code,
    party.name::varchar as name,
    currency.code::varchar as currency,
    profile.country::varchar as country,
    profile.tax_identifier::varchar as tax_identifier,
    null::integer as rate_decimals,
    company._source::varchar as source_system,
    company.id::varchar as source_key
from company
inner join party on company.party = party.id and company._source = party._source
inner join currency on company.currency = currency.id and company._source = currency._source
left join profile on party.id = profile.party and party._source = profile._source
