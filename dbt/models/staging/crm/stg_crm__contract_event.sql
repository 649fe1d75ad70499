with event as (
    select * from {{ source('crm', 'contract_events') }}
)

select
    _source || ':' || event_id::varchar as contract_event_id,
    _source || ':' || contract_id as contract_id,
    (_source || ':' || contract_id || ':' || item_number::varchar)::varchar as contract_obligation_id,
    case event_type when 'AMENDMENT' then 'modification' else lower(event_type) end::varchar as kind,
    happened_on::date as event_date,
    (percent_complete::double / 100)::decimal(28, 12) as progress_share,
    amount::decimal(18, 4) as amount_document_currency,
    invoice_number::varchar as invoice_number,
    _source::varchar as source_system,
    event_id::varchar as source_key
from event
