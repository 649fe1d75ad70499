with item as (
    select * from {{ source('crm', 'contract_obligations') }}
)

select
    _source || ':' || contract_id || ':' || item_number::varchar as contract_obligation_id,
    _source || ':' || contract_id as contract_id,
    title::varchar as name,
    case recognition
        when 'DELIVERY' then 'point_in_time'
        when 'RATABLE' then 'straight_line'
        when 'MILESTONE' then 'progress'
    end::varchar as pattern,
    stand_alone_price::decimal(18, 4) as stand_alone_selling_price_document_currency,
    starts_on::date as start_date,
    ends_on::date as end_date,
    _source::varchar as source_system,
    (contract_id || ':' || item_number::varchar)::varchar as source_key
from item
