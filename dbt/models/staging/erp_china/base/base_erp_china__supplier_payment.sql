select
    _source,
    false as is_bill,
    'fk' || fkid::varchar as payment_key,
    gsdm,
    gysbm,
    fkrq as paid_on,
    bizhong,
    je,
    bwb_je
from {{ source('erp_china', 't_fukuan') }}
union all
select
    event._source,
    true as is_bill,
    'pj' || event.sjid::varchar as payment_key,
    event.gsdm,
    case event.sjlx when '背书' then event.gysbm else note.gysbm end as gysbm,
    event.sjrq as paid_on,
    note.bizhong,
    event.je,
    event.bwb_je
from {{ source('erp_china', 't_piaoju_shijian') }} as event
inner join {{ source('erp_china', 't_piaoju') }} as note on event.pjid = note.pjid and event._source = note._source
where event.sjlx in ('开票', '背书')
