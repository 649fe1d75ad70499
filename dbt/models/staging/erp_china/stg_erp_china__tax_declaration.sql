with declared as (
    select
        *,
        gsdm || ':' || ksrq::date::varchar || ':' || fangxiang || ':' || shuilv::decimal(9, 4)::varchar as line_key
    from {{ source('erp_china', 't_zzs_shenbao') }}
)

select
    _source || ':' || line_key as tax_declaration_id,
    _source || ':' || gsdm as company_id,
    ksrq::date as period_start,
    jsrq::date as period_end,
    case fangxiang when '销项' then 'output' else 'input' end::varchar as direction,
    shuilv::decimal(28, 12) as tax_rate,
    xse::decimal(18, 4) as base_amount_company_currency,
    shuie::decimal(18, 4) as tax_amount_company_currency,
    sbrq::date as filed_date,
    _source::varchar as source_system,
    line_key::varchar as source_key
from declared
