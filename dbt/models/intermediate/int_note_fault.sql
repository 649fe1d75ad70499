with

note as (
    select
        note.*,
        coalesce(event.put_on, 0) as put_on,
        coalesce(event.taken_off, 0) as taken_off,
        event.first_date
    from {{ ref('int_note') }} as note
    left join (
        select
            note_id,
            sum(case when event in ('received', 'issued') then amount_document_currency else 0 end) as put_on,
            sum(case when event in ('received', 'issued') then 0 else amount_document_currency end) as taken_off,
            min(event_date) as first_date
        from {{ ref('int_note_event') }}
        group by note_id
    ) as event on note.note_id = event.note_id
)

select
    {{ warning(
        'note_implausible', 'note', 'record.note_id', 'record.note_id',
        "concat('note ', record.note_number, ': ', cast(record.amount_document_currency as varchar), ', drawn ', "
        ~ "cast(record.issue_date as varchar), ', due ', cast(record.maturity_date as varchar))"
    ) }}
from note as record
where record.amount_document_currency <= 0 or record.maturity_date < record.issue_date

union all

select
    {{ warning(
        'note_events_differ', 'note', 'record.note_id', 'record.note_id',
        "concat('note ', record.note_number, ' of ', cast(record.amount_document_currency as varchar), ': ', "
        ~ "cast(record.put_on as varchar), ' put on the account, ', cast(record.taken_off as varchar), ' taken off')"
    ) }}
from note as record
where
    record.first_date is not null
    and (
        record.taken_off > record.put_on or record.put_on > record.amount_document_currency
        or record.first_date < record.issue_date
    )
