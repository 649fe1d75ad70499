-- The ERP keeps no history: an account linked to a party after its first one is a change; so is a number that was
-- written again on a later day, whose old value is gone.
with number as (
    select
        owner._source,
        owner.owner as party,
        owner.id as link,
        number.id,
        coalesce(number.number_compact, replace(number.number, ' ', '')) as account_number,
        owner.create_date as linked_at,
        number.create_date as entered_at,
        number.write_date as written_at
    from {{ source('tryton', 'bank_account_party_party') }} as owner
    inner join {{ source('tryton', 'bank_account_number') }} as number
        on owner.account = number.account and owner._source = number._source
    inner join {{ ref('stg_tryton__supplier') }} as supplier
        on owner.owner::varchar = supplier.source_key and owner._source = supplier.source_system
    where coalesce(number.active, true)
    qualify row_number() over (
        partition by owner._source, owner.id
        order by case when number.type = 'iban' then 0 else 1 end, number.sequence nulls last, number.id
    ) = 1
),

linked as (
    select
        *,
        lag(account_number) over (partition by _source, party order by linked_at, link) as old_account_number
    from number
)

select
    _source || ':link:' || link::varchar as supplier_account_change_id,
    (_source || ':' || party::varchar)::varchar as supplier_id,
    linked_at::date as changed_date,
    old_account_number::varchar as old_account_number,
    account_number::varchar as new_account_number,
    null::varchar as changed_by,
    _source::varchar as source_system,
    link::varchar as source_key
from linked
where old_account_number <> account_number and linked_at is not null
union all
select
    _source || ':number:' || id::varchar || ':' || party::varchar as supplier_account_change_id,
    (_source || ':' || party::varchar)::varchar as supplier_id,
    written_at::date as changed_date,
    null::varchar as old_account_number,
    account_number::varchar as new_account_number,
    null::varchar as changed_by,
    _source::varchar as source_system,
    id::varchar as source_key
from number
where written_at::date > entered_at::date
