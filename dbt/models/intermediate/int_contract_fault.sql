-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06
with

obligation as (
    select
        obligation.*,
        contract.contract_number,
        contract.company_id
    from {{ ref('int_contract_obligation') }} as obligation
    left join {{ ref('int_contract') }} as contract on obligation.contract_id = contract.contract_id
),

contract as (
    select
        contract.*,
        coalesce(promised.obligations, 0) as obligations,
        cast(contract.transaction_price_document_currency as double)
        / nullif(cast(promised.stand_alone_price as double), 0) as price_ratio,
        coalesce(changed.amount, 0) as price_change
    from {{ ref('int_contract') }} as contract
    left join (
        select
            contract_id,
            count(*) as obligations,
            sum(stand_alone_selling_price_document_currency) as stand_alone_price
        from {{ ref('int_contract_obligation') }}
        group by contract_id
    ) as promised on contract.contract_id = promised.contract_id
    left join (
        select
            contract_id,
            sum(amount_document_currency) as amount
        from {{ ref('int_contract_event') }}
        where kind = 'modification'
        group by contract_id
    ) as changed on contract.contract_id = changed.contract_id
),

invoice as (
    select
        company_id,
        invoice_number,
        min(net_amount_document_currency) as net_amount
    from {{ ref('int_sales_invoice') }}
    group by company_id, invoice_number
),

event as (
    select
        event.*,
        contract.contract_number,
        contract.company_id,
        contract.signed_date,
        obligation.contract_id as contract_of_obligation,
        obligation.start_date,
        obligation.end_date,
        invoice.net_amount as net_amount_of_invoice,
        lag(event.progress_share) over (
            partition by event.contract_obligation_id, event.kind order by event.event_date, event.progress_share
        ) as progress_before
    from {{ ref('int_contract_event') }} as event
    left join {{ ref('int_contract') }} as contract on event.contract_id = contract.contract_id
    left join {{ ref('int_contract_obligation') }} as obligation
        on event.contract_obligation_id = obligation.contract_obligation_id
    left join invoice
        on contract.company_id = invoice.company_id and event.invoice_number = invoice.invoice_number
)

-- No mart shows a contract that promises nothing: it is kept out, and counted.
select
    {{ warning(
        'contract_without_obligation', 'contract', 'record.contract_id', 'record.contract_id',
        "concat('contract ', record.contract_number, ' promises nothing')", severity='critical'
    ) }}
from contract as record
where record.obligations = 0

union all

select
    {{ warning(
        'contract_price_implausible', 'contract', 'record.contract_id', 'record.contract_id',
        "concat('contract ', record.contract_number, ': price ', "
        ~ "cast(record.transaction_price_document_currency as varchar), ', changed by ', "
        ~ "cast(record.price_change as varchar), ', is ', "
        ~ "coalesce(cast(cast(record.price_ratio as decimal(18, 2)) as varchar), 'nothing'), "
        ~ "' of the stand-alone prices')"
    ) }}
from {{ rare_cases(
    'contract', 'transaction_price_document_currency <= 0 '
    ~ 'or abs(price_change) > transaction_price_document_currency or price_ratio not between 0.4 and 1.6',
    like='source_system'
) }} as record

union all

select
    {{ warning(
        'obligation_implausible', 'contract_obligation', 'record.contract_obligation_id', 'record.contract_obligation_id',
        "concat('contract ', record.contract_number, ', ', record.name, ': ', cast(record.start_date as varchar), "
        ~ "' to ', cast(record.end_date as varchar), ', stand-alone price ', "
        ~ "cast(record.stand_alone_selling_price_document_currency as varchar))"
    ) }}
from obligation as record
where record.end_date < record.start_date or record.stand_alone_selling_price_document_currency < 0

union all

select
    {{ warning(
        'event_outside_contract', 'contract_event', 'record.contract_event_id', 'record.contract_event_id',
        "concat('contract ', record.contract_number, ' of ', cast(record.signed_date as varchar), ': ', record.kind, "
        ~ "' on ', cast(record.event_date as varchar), coalesce(concat(', performed ', "
        ~ "cast(record.start_date as varchar), ' to ', cast(record.end_date as varchar)), ''))"
    ) }}
from {{ rare_cases(
    'event', "event_date < signed_date or (kind = 'progress' and event_date < start_date) "
    ~ "or (kind in ('delivery', 'progress') and event_date > " ~ add_days('end_date', 92) ~ ')',
    like='source_system, kind'
) }} as record

union all

select
    {{ warning(
        'progress_implausible', 'contract_event', 'record.contract_event_id', 'record.contract_event_id',
        "concat('contract ', record.contract_number, ': ', " ~ share_as_text('record.progress_share')
        ~ ", ' complete on ', cast(record.event_date as varchar), "
        ~ "coalesce(concat(' after ', " ~ share_as_text('record.progress_before') ~ "), ''))"
    ) }}
from event as record
where
    record.progress_share < 0 or record.progress_share > 1
    or (record.kind = 'progress' and record.progress_share < record.progress_before)
    or (record.kind = 'progress' and record.progress_share is null)

union all

select
    {{ warning(
        'event_of_other_obligation', 'contract_event', 'record.contract_event_id', 'record.contract_event_id',
        "concat('contract ', record.contract_number, ': ', record.kind, ' of ', "
        ~ "coalesce(record.contract_obligation_id, 'no obligation'), ', which is none of its obligations')"
    ) }}
from event as record
where
    record.contract_number is not null and record.kind in ('delivery', 'progress')
    and (record.contract_of_obligation is null or record.contract_of_obligation <> record.contract_id)

union all

select
    {{ warning(
        'billing_differs_from_invoice', 'contract_event', 'record.contract_event_id', 'record.contract_event_id',
        "concat('contract ', record.contract_number, ' bills ', coalesce(cast(record.amount_document_currency "
        ~ "as varchar), 'nothing'), ', invoice ', coalesce(record.invoice_number, 'none'), ' is of ', "
        ~ "coalesce(cast(record.net_amount_of_invoice as varchar), 'nothing'))"
    ) }}
from {{ rare_cases(
    'event', "kind = 'billing' and event_date <= " ~ as_of()
    ~ ' and (net_amount_of_invoice is null or amount_document_currency is null '
    ~ 'or abs(net_amount_of_invoice - amount_document_currency) >= 0.01)',
    like='source_system, kind'
) }} as record
