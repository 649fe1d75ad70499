with party as (
    select * from {{ source('tryton', 'party_party') }}
),

country as (
    select * from {{ source('tryton', 'country_country') }}
),

subdivision as (
    select * from {{ source('tryton', 'country_subdivision') }}
),

-- The address for invoices first, then in the ERP's own order.
address as (
    select * from {{ source('tryton', 'party_address') }}
    where coalesce(active, true)
    qualify row_number() over (
        partition by _source, party
        order by case when invoice then 0 else 1 end, sequence nulls last, id
    ) = 1
),

identifier as (
    select * from {{ source('tryton', 'party_identifier') }}
    where coalesce(active, true)
    qualify row_number() over (
        partition by _source, party
        order by case when type like '%vat%' then 0 else 1 end, sequence nulls last, id
    ) = 1
),

email as (
    select * from {{ source('tryton', 'party_contact_mechanism') }}
    where type = 'email' and coalesce(active, true)
    qualify row_number() over (partition by _source, party order by sequence nulls last, id) = 1
),

bank_account as (
    select
        owner._source,
        owner.owner as party,
        coalesce(number.number_compact, replace(number.number, ' ', '')) as number
    from {{ source('tryton', 'bank_account_party_party') }} as owner
    inner join {{ source('tryton', 'bank_account_number') }} as number
        on owner.account = number.account and owner._source = number._source
    where coalesce(number.active, true)
    qualify row_number() over (
        partition by owner._source, owner.owner
        order by case when number.type = 'iban' then 0 else 1 end, owner.id, number.sequence nulls last, number.id
    ) = 1
),

-- The last instalment of a term; a month counts 30 days.
instalment as (
    select
        line._source,
        line.payment as payment_term,
        line.id,
        sum(
            coalesce(delta.months, 0) * 30 + coalesce(delta.weeks, 0) * 7 + coalesce(delta.days, 0)
        ) as days
    from {{ source('tryton', 'account_invoice_payment_term_line') }} as line
    left join {{ source('tryton', 'account_invoice_payment_term_line_delta') }} as delta
        on line.id = delta.line and line._source = delta._source
    group by line._source, line.payment, line.id
),

term as (
    select
        _source,
        payment_term,
        max(days) as days
    from instalment
    group by _source, payment_term
),

party_term as (
    select
        chosen._source,
        chosen.party,
        max(customer_term.days) as customer_payment_term_days,
        max(supplier_term.days) as supplier_payment_term_days
    from {{ source('tryton', 'party_party_payment_term') }} as chosen
    left join term as customer_term
        on chosen.customer_payment_term = customer_term.payment_term and chosen._source = customer_term._source
    left join term as supplier_term
        on chosen.supplier_payment_term = supplier_term.payment_term and chosen._source = supplier_term._source
    group by chosen._source, chosen.party
)

select
    party._source,
    party.id as party,
    identifier.code as tax_identifier,
    country.code as country,
    subdivision.name as region,
    address.city,
    email.value as email,
    bank_account.number as bank_account_number,
    party_term.customer_payment_term_days,
    party_term.supplier_payment_term_days
from party
left join address on party.id = address.party and party._source = address._source
left join country on address.country = country.id and address._source = country._source
left join subdivision on address.subdivision = subdivision.id and address._source = subdivision._source
left join identifier on party.id = identifier.party and party._source = identifier._source
left join email on party.id = email.party and party._source = email._source
left join bank_account on party.id = bank_account.party and party._source = bank_account._source
left join party_term on party.id = party_term.party and party._source = party_term._source
