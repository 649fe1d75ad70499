with settlement as (
    select * from {{ ref('base_tryton__settlement') }}
),

item as (
    select * from {{ ref('base_tryton__open_item') }}
    where side = 'receivable'
)

select
    item._source || ':' || item.item_key || ':' || settlement.settled_by as receivable_settlement_id,
    item._source || ':' || item.item_key as receivable_id,
    item._source || ':' || item.company::varchar as company_id,
    settlement.kind::varchar as kind,
    settlement.settlement_date::date as settlement_date,
    (settlement.amount)::decimal(18, 4) as amount_document_currency,
    (settlement.amount_company_currency)::decimal(18, 4) as amount_company_currency,
    settlement.exchange_difference::decimal(18, 4) as exchange_difference_company_currency,
    null::varchar as payment_id,
    item._source::varchar as source_system,
    (item.item_key || ':' || settlement.settled_by)::varchar as source_key
from settlement
inner join item on settlement.item_key = item.item_key and settlement._source = item._source
