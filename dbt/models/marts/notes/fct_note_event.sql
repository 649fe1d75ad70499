select
    event.note_event_id,
    event.note_id,
    event.company_id,
    note.direction,
    event.event,
    event.event_date,
    case
        when event.event = 'endorsed' or note.direction = 'payable' then {{ golden_id('supplier', 'event.party_id') }}
        else {{ golden_id('customer', 'event.party_id') }}
    end as party_id,
    event.party_id as party_record_id,
    event.account_id,
    note.document_currency,
    event.amount_document_currency,
    event.amount_company_currency,
    event.fee_amount_company_currency,
    cast(
        case when event.event in ('received', 'issued') then 1 else -1 end * event.amount_document_currency
        as decimal(18, 4)
    ) as open_change_document_currency,
    cast(
        case when event.event in ('received', 'issued') then 1 else -1 end * event.amount_company_currency
        as decimal(18, 4)
    ) as open_change_company_currency,
    event.source_system,
    event.source_key
from {{ ref('int_note_event') }} as event
left join {{ ref('int_note') }} as note on event.note_id = note.note_id
where {{ not_quarantined('note_event', 'event.note_event_id') }}
