select
    note.company_id,
    note.direction,
    {{ first_of('month', 'note.maturity_date') }} as maturity_month,
    min(company.currency) as currency,
    count(*) as note_count,
    cast(sum(note.open_amount_company_currency) as decimal(18, 4)) as open_amount_company_currency,
    cast(sum(note.open_amount_reporting_currency) as decimal(18, 4)) as open_amount_reporting_currency,
    {{ as_of() }} as as_of,
    min(note.source_system) as source_system,
    concat(
        note.company_id, ':', note.direction, ':', cast({{ first_of('month', 'note.maturity_date') }} as varchar)
    ) as source_key
from {{ ref('fct_note') }} as note
left join {{ ref('dim_company') }} as company on note.company_id = company.company_id
where note.status = 'open'
group by note.company_id, note.direction, {{ first_of('month', 'note.maturity_date') }}
