with

-- What happened by the end of as_of; a note that comes and goes on one day has gone.
event as (
    select
        note_id,
        event,
        event_date,
        open_change_document_currency,
        open_change_company_currency,
        fee_amount_company_currency,
        row_number() over (
            partition by note_id
            order by
                event_date desc,
                case event when 'received' then 3 when 'issued' then 3 when 'dishonoured' then 1 else 2 end,
                note_event_id desc
        ) as newest
    from {{ ref('fct_note_event') }}
    where event_date <= {{ as_of() }}
),

known as (
    select
        note_id,
        max(case when newest = 1 then event end) as last_event,
        max(event_date) as last_event_date,
        sum(open_change_document_currency) as open_document,
        sum(open_change_company_currency) as open_company,
        sum(fee_amount_company_currency) as fee
    from event
    group by note_id
)

select
    note.note_id,
    note.note_number,
    note.kind,
    note.direction,
    note.company_id,
    case note.direction
        when 'receivable' then {{ golden_id('customer', 'note.party_id') }}
        else {{ golden_id('supplier', 'note.party_id') }}
    end as party_id,
    note.party_id as party_record_id,
    note.drawer,
    case
        when known.note_id is null then 'pending'
        when known.open_document <> 0 or known.last_event in ('received', 'issued') then 'open'
        else known.last_event
    end as status,
    known.last_event_date,
    note.issue_date,
    note.maturity_date,
    {{ days_between(as_of(), 'note.maturity_date') }} as days_to_maturity,
    note.document_currency,
    note.amount_document_currency,
    cast(coalesce(known.open_document, 0) as decimal(18, 4)) as open_amount_document_currency,
    cast(coalesce(known.open_company, 0) as decimal(18, 4)) as open_amount_company_currency,
    {{ converted('cast(coalesce(known.open_company, 0) as decimal(18, 4))', 'rate.rate_to_reporting') }}
        as open_amount_reporting_currency,
    cast(coalesce(known.fee, 0) as decimal(18, 4)) as fee_amount_company_currency,
    {{ as_of() }} as as_of,
    note.source_system,
    note.source_key
from {{ ref('int_note') }} as note
left join known on note.note_id = known.note_id
left join {{ ref('dim_company') }} as company on note.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and {{ as_of() }} = rate.date_day
where {{ not_quarantined('note', 'note.note_id') }}
