with

change as (
    select
        contract_id,
        signed_date as valid_from,
        transaction_price_document_currency as amount
    from {{ ref('int_contract') }}
    union all
    select
        contract_id,
        event_date as valid_from,
        amount_document_currency as amount
    from {{ ref('int_contract_event') }}
    where kind = 'modification' and event_date <= {{ as_of() }}
),

change_of_day as (
    select
        contract_id,
        valid_from,
        sum(amount) as amount
    from change
    group by contract_id, valid_from
),

price as (
    select
        contract_id,
        valid_from,
        lead(valid_from) over (partition by contract_id order by valid_from) as valid_to,
        sum(amount) over (
            partition by contract_id order by valid_from rows between unbounded preceding and current row
        ) as transaction_price
    from change_of_day
),

weighed as (
    select
        price.contract_id,
        price.valid_from,
        price.valid_to,
        cast(price.transaction_price as decimal(18, 4)) as transaction_price,
        obligation.contract_obligation_id,
        {{ cents('abs(price.transaction_price)') }} as price_cents,
        -- Without any stand-alone selling price all obligations weigh the same.
        case
            when sum(obligation.stand_alone_selling_price_document_currency) over of_price = 0 then 1
            else {{ cents('obligation.stand_alone_selling_price_document_currency') }}
        end as weight
    from price
    inner join {{ ref('int_contract_obligation') }} as obligation on price.contract_id = obligation.contract_id
    window of_price as (partition by price.contract_id, price.valid_from)
),

product as (
    select
        *,
        price_cents * cast(weight as decimal(18, 0)) as product,
        cast(sum(weight) over (partition by contract_id, valid_from) as decimal(18, 0)) as weights
    from weighed
),

-- Each gets the whole cents of its share; the cents left over go to the largest remainders.
whole as (
    select
        *,
        {{ whole_quotient('product', 'weights') }} as whole_cents,
        product % weights as remainder
    from product
),

ranked as (
    select
        *,
        price_cents - sum(whole_cents) over (partition by contract_id, valid_from) as cents_left,
        row_number() over (
            partition by contract_id, valid_from order by remainder desc, contract_obligation_id asc
        ) as remainder_rank
    from whole
)

select
    contract_id,
    contract_obligation_id,
    valid_from,
    valid_to,
    transaction_price as transaction_price_document_currency,
    cast(
        case when transaction_price < 0 then -1 else 1 end
        * (whole_cents + case when remainder_rank <= cents_left then 1 else 0 end) * 0.01 as decimal(18, 4)
    ) as allocated_amount_document_currency
from ranked
