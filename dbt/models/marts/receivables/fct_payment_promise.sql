with

-- A promise is known from the day it was given.
promise as (
    select *
    from {{ source('quality', 'payment_promise') }}
    where given_date <= {{ as_of() }}
),

-- Of an invoice, in its currency; of a customer as a whole, in the currency of our company's books.
of_receivable as (
    select
        promise.*,
        receivable.company_id as of_company_id,
        receivable.customer_id,
        receivable.receivable_id,
        case
            when receivable.amount_document_currency <> 0
                then cast(receivable.amount_company_currency as double) / receivable.amount_document_currency
        end as company_per_unit
    from promise
    inner join {{ ref('fct_receivable') }} as receivable on promise.record_id = receivable.receivable_id
    where promise.object = 'receivable'
),

of_customer as (
    select
        promise.*,
        promise.company_id as of_company_id,
        {{ golden_id('customer', 'promise.record_id') }} as customer_id,
        cast(null as varchar) as receivable_id,
        1 as company_per_unit
    from promise
    where promise.object = 'customer'
),

promised as (
    select * from of_receivable
    union all
    select * from of_customer
),

-- Money and bills; a credit note, a discount or a write-off keeps no promise.
money as (
    select
        settlement.*,
        coalesce(settlement.customer_id, '') as payer_id
    from {{ ref('fct_receivable_settlement') }} as settlement
    where settlement.kind in ('payment', 'note') and settlement.settlement_date <= {{ as_of() }}
),

received as (
    select
        promised.promise_id,
        sum(
            case
                when promised.receivable_id is null then money.amount_company_currency
                else money.amount_document_currency
            end
        ) as amount
    from promised
    inner join money
        on
            promised.of_company_id = money.company_id
            and (promised.receivable_id is null or promised.receivable_id = money.receivable_id)
            and (promised.receivable_id is not null or promised.customer_id = money.payer_id)
            and promised.given_date <= money.settlement_date
            and promised.promised_date >= money.settlement_date
    group by promised.promise_id
)

select
    promised.promise_id,
    promised.of_company_id as company_id,
    promised.customer_id,
    promised.receivable_id,
    promised.given_date,
    promised.promised_date,
    promised.currency as document_currency,
    promised.amount as amount_document_currency,
    {{ converted('promised.amount', 'promised.company_per_unit') }} as amount_company_currency,
    {{ converted(converted('promised.amount', 'promised.company_per_unit'), 'rate.rate_to_reporting') }}
        as amount_reporting_currency,
    cast(coalesce(received.amount, 0) as decimal(18, 4)) as received_amount_document_currency,
    -- A bank fee breaks no promise: 99 % of the amount keeps it.
    case
        when coalesce(received.amount, 0) >= 0.99 * promised.amount then 'kept'
        when promised.promised_date <= {{ as_of() }} then 'broken'
        else 'open'
    end as state,
    promised.noted_by,
    promised.noted_at,
    promised.reason,
    'stewardship' as source_system,
    cast(promised.promise_id as varchar) as source_key
from promised
left join received on promised.promise_id = received.promise_id
left join {{ ref('int_company') }} as company on promised.of_company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and {{ as_of() }} = rate.date_day
