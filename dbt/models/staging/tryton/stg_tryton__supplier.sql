with party as (
    select * from {{ source('tryton', 'party_party') }}
),

profile as (
    select * from {{ ref('base_tryton__party') }}
),

-- The ERP has no flag for it: suppliers are those with orders, invoices or open items.
in_role as (
    select
        _source,
        party
    from {{ source('tryton', 'purchase_purchase') }}
    union
    select
        _source,
        party
    from {{ source('tryton', 'account_invoice') }}
    where type = 'in'
    union
    select
        _source,
        party
    from {{ ref('base_tryton__control_line') }}
    where side = 'payable'
),

-- A party that took over another one has its role.
with_successor as (
    select * from in_role
    union
    select
        party._source,
        party.replaced_by as party
    from party
    inner join in_role on party.id = in_role.party and party._source = in_role._source
    where party.replaced_by is not null
)

select
    party._source || ':' || party.id::varchar as supplier_id,
    coalesce(party.code, party.id::varchar)::varchar as code,
    coalesce(party.name, party.code, party.id::varchar)::varchar as name,
    profile.tax_identifier::varchar as tax_identifier,
    profile.country::varchar as country,
    profile.region::varchar as region,
    profile.city::varchar as city,
    profile.email::varchar as email,
    null::varchar as currency,
    profile.supplier_payment_term_days::integer as payment_term_days,
    coalesce(party.active, true)::boolean as is_active,
    coalesce(party.write_date, party.create_date)::timestamp as changed_at,
    profile.bank_account_number::varchar as bank_account_number,
    (party._source || ':' || party.replaced_by::varchar)::varchar as replaced_by_supplier_id,
    party._source::varchar as source_system,
    party.id::varchar as source_key
from party
inner join with_successor on party.id = with_successor.party and party._source = with_successor._source
left join profile on party.id = profile.party and party._source = profile._source
