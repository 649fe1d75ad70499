with

company as (
    select
        company_id,
        {{ letters_and_digits('tax_identifier') }} as tax_identifier,
        {{ letters_and_digits('name') }} as name
    from {{ ref('int_company') }}
),

party as (
    {% for kind in ['customer', 'supplier'] %}
    select
        '{{ kind }}' as party_kind,
        {{ kind }}_id as party_id,
        {{ letters_and_digits('tax_identifier') }} as tax_identifier,
        {{ letters_and_digits('name') }} as name,
        source_system,
        source_key
    from {{ ref('int_' ~ kind) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Companies of a tax group share an identifier; then the name decides between them.
by_tax_identifier as (
    select
        party.*,
        company.company_id,
        'tax_identifier' as matched_by,
        case when party.name = company.name then 0 else 1 end as rank_of_match
    from party
    inner join company on party.tax_identifier = company.tax_identifier
),

by_name as (
    select
        party.*,
        company.company_id,
        'name' as matched_by,
        2 as rank_of_match
    from party
    inner join company on party.name = company.name
),

matched as (
    select * from by_tax_identifier
    union all
    select * from by_name
)

select
    party_kind,
    party_id,
    company_id,
    matched_by,
    source_system,
    source_key
from matched
qualify row_number() over (partition by party_kind, party_id order by rank_of_match, company_id) = 1
