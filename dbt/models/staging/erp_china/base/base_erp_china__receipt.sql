select
    _source,
    false as is_bill,
    'sk' || skid::varchar as receipt_key,
    gsdm,
    khbm,
    skrq as received_on,
    bizhong,
    je,
    bwb_je
from {{ source('erp_china', 't_shoukuan') }}
union all
select
    event._source,
    true as is_bill,
    'pj' || event.sjid::varchar as receipt_key,
    event.gsdm,
    note.khbm,
    event.sjrq as received_on,
    note.bizhong,
    event.je,
    event.bwb_je
from {{ source('erp_china', 't_piaoju_shijian') }} as event
inner join {{ source('erp_china', 't_piaoju') }} as note on event.pjid = note.pjid and event._source = note._source
where event.sjlx = '收票'
