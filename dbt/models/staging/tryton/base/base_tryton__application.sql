{{ config(materialized='table') }}

with control_line as (
    select * from {{ ref('base_tryton__control_line') }}
),

document as (
    select * from {{ ref('base_tryton__document') }}
    where factor = 1
),

-- What an invoice is made of: instalments that point the same way as their sum, earliest due first.
instalment_line as (
    select
        control_line.*,
        document.currency as document_currency,
        document.currency_rounding as document_currency_rounding,
        sign(sum(control_line.amount) over (partition by control_line._source, control_line.document_key)) as direction,
        -- Company currency for one unit of the document's, for payments that name no amount in it.
        sum(control_line.amount_company_currency) over (
            partition by control_line._source, control_line.document_key
        )::double / nullif(
            sum(control_line.amount) over (partition by control_line._source, control_line.document_key), 0
        )::double as rate
    from control_line
    inner join document
        on control_line.document_key = document.document_key and control_line._source = document._source
    where control_line.currency = document.currency
),

instalment as (
    select
        *,
        direction * amount as size,
        sum(direction * amount) over (
            partition by _source, document_key, reconciliation, settled_date
            order by maturity_date nulls first, id
            rows between unbounded preceding and current row
        ) as upper_bound
    from instalment_line
    where sign(amount) = direction
),

-- A payment meets the instalments it is reconciled with, and those only; unreconciled, it meets the unreconciled ones.
meeting as (
    select
        _source,
        document_key,
        reconciliation,
        settled_date,
        min(posting_date) as posting_date,
        min(direction) as direction,
        min(document_currency) as document_currency,
        min(document_currency_rounding) as document_currency_rounding,
        min(rate) as rate,
        sum(size) as capacity
    from instalment
    group by _source, document_key, reconciliation, settled_date
),

payment_line as (
    select
        control_line._source,
        control_line.id,
        control_line.amount as own_amount,
        control_line.amount_company_currency,
        control_line.currency_rounding,
        control_line.company_currency_rounding,
        control_line.reconciliation,
        control_line.settled_date,
        meeting.document_key,
        meeting.direction,
        meeting.capacity,
        greatest(control_line.posting_date, meeting.posting_date) as applied_date,
        case
            when control_line.currency = meeting.document_currency then control_line.amount
            when control_line.company_currency = meeting.document_currency then control_line.amount_company_currency
            else round(
                control_line.amount_company_currency::double / meeting.rate / meeting.document_currency_rounding::double
            ) * meeting.document_currency_rounding
        end::decimal(18, 4) as amount
    from control_line
    inner join meeting
        on
            control_line.pays_invoice::varchar = meeting.document_key
            and control_line._source = meeting._source
            and coalesce(control_line.reconciliation, -1) = coalesce(meeting.reconciliation, -1)
            and coalesce(control_line.settled_date, '9999-12-31'::date)
            = coalesce(meeting.settled_date, '9999-12-31'::date)
    where coalesce(control_line.document_key, '') <> meeting.document_key
),

-- What is applied on the day that closes the group is settled with the whole of it, at the booked amounts.
payment as (
    select
        *,
        -direction * amount as size,
        sum(-direction * amount) over (
            partition by _source, document_key, reconciliation, settled_date
            order by applied_date, id
            rows between unbounded preceding and current row
        ) as paid_after
    from payment_line
    where amount <> 0 and (settled_date is null or applied_date < settled_date)
),

-- Payments fill the instalments one after the other like a measuring glass: never below empty, never above full.
-- A payment that comes back (a bounced debit) opens again what it filled.
filled as (
    select
        payment.*,
        instalment.id as instalment,
        instalment.upper_bound,
        least(greatest(payment.paid_after, instalment.upper_bound - instalment.size), instalment.upper_bound)
        - least(
            greatest(payment.paid_after - payment.size, instalment.upper_bound - instalment.size),
            instalment.upper_bound
        ) as part
    from payment
    inner join instalment
        on
            payment.document_key = instalment.document_key
            and payment._source = instalment._source
            and coalesce(payment.reconciliation, -1) = coalesce(instalment.reconciliation, -1)
            and coalesce(payment.settled_date, '9999-12-31'::date)
            = coalesce(instalment.settled_date, '9999-12-31'::date)
),

cumulated as (
    select
        *,
        sum(part) over (
            partition by _source, id order by upper_bound, instalment rows between unbounded preceding and current row
        ) as part_so_far
    from filled
    where part <> 0
),

-- The payment's other amounts follow in proportion; rounding the running total makes the parts add up.
converted as (
    select
        *,
        case
            when part_so_far = size then own_amount
            else
                round(own_amount::double * part_so_far::double / size::double / currency_rounding::double)
                * currency_rounding
        end::decimal(18, 4) as own_so_far,
        case
            when part_so_far = size then amount_company_currency
            else round(
                amount_company_currency::double * part_so_far::double / size::double
                / company_currency_rounding::double
            ) * company_currency_rounding
        end::decimal(18, 4) as company_so_far
    from cumulated
)

select
    _source,
    instalment,
    id as payment,
    applied_date,
    (direction * part)::decimal(18, 4) as instalment_amount,
    (own_so_far - coalesce(lag(own_so_far) over of_payment, 0))::decimal(18, 4) as payment_amount,
    (company_so_far - coalesce(lag(company_so_far) over of_payment, 0))::decimal(18, 4)
        as payment_amount_company_currency
from converted
window of_payment as (partition by _source, id order by upper_bound, instalment)
