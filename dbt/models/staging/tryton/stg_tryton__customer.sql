with party as (
    select * from {{ source('tryton', 'party_party') }}
),

profile as (
    select * from {{ ref('base_tryton__party') }}
),

credit_limit as (
    select
        _source,
        party,
        max(credit_limit_amount) as amount
    from {{ source('tryton', 'party_party_credit_limit_amount') }}
    group by _source, party
),

-- The ERP has no flag for it: customers are those with orders, invoices or open items.
in_role as (
    select
        _source,
        party
    from {{ source('tryton', 'sale_sale') }}
    union
    select
        _source,
        party
    from {{ source('tryton', 'account_invoice') }}
    where type = 'out'
    union
    select
        _source,
        party
    from {{ ref('base_tryton__control_line') }}
    where side = 'receivable'
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
    party._source || ':' || party.id::varchar as customer_id,
    coalesce(party.code, party.id::varchar)::varchar as code,
    coalesce(party.name, party.code, party.id::varchar)::varchar as name,
    profile.tax_identifier::varchar as tax_identifier,
    profile.country::varchar as country,
    profile.region::varchar as region,
    profile.city::varchar as city,
    profile.email::varchar as email,
    null::varchar as currency,
    profile.customer_payment_term_days::integer as payment_term_days,
    coalesce(party.active, true)::boolean as is_active,
    coalesce(party.write_date, party.create_date)::timestamp as changed_at,
    credit_limit.amount::decimal(18, 4) as credit_limit_company_currency,
    null::varchar as channel,
    null::varchar as segment,
    null::varchar as salesperson_id,
    (party._source || ':' || party.replaced_by::varchar)::varchar as replaced_by_customer_id,
    party._source::varchar as source_system,
    party.id::varchar as source_key
from party
inner join with_successor on party.id = with_successor.party and party._source = with_successor._source
left join profile on party.id = profile.party and party._source = profile._source
left join credit_limit on party.id = credit_limit.party and party._source = credit_limit._source
