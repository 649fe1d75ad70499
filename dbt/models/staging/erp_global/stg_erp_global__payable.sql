with document as (
    select * from {{ source('erp_global', 'supplier_documents') }}
    where state = 'posted'
),

payment as (
    select * from {{ source('erp_global', 'payments') }}
),

-- Worth in the books: the invoice's rate less the gain is the payment's own rate.
applied_at_once as (
    select
        payment._source,
        payment.id,
        sum(allocation.amount) as amount,
        sum(allocation.amount_base - coalesce(allocation.exchange_difference_base, 0)) as amount_base
    from {{ source('erp_global', 'payment_allocations') }} as allocation
    inner join payment on allocation.payment_id = payment.id and allocation._source = payment._source
    where allocation.allocated_on <= payment.paid_on
    group by payment._source, payment.id
),

unapplied as (
    select
        payment._source,
        payment.id,
        payment.company_id,
        payment.partner_id,
        payment.paid_on,
        payment.currency_code,
        payment.amount - coalesce(applied_at_once.amount, 0) as amount,
        payment.amount_base - coalesce(applied_at_once.amount_base, 0) as amount_base
    from payment
    left join applied_at_once on payment.id = applied_at_once.id and payment._source = applied_at_once._source
),

item as (
    select
        _source,
        id::varchar as item_key,
        case when net_total + tax_total < 0 then 'credit_note' else 'invoice' end as kind,
        id as document_id,
        document_number,
        company_id,
        partner_id,
        coalesce(posting_date, document_date) as posting_date,
        document_date as invoice_date,
        coalesce(due_date, posting_date, document_date) as due_date,
        currency_code,
        net_total + tax_total as amount,
        net_total_base + tax_total_base as amount_base,
        case when net_total + tax_total > 0 and discount_days is not null then discount_percent end as discount_percent,
        case
            when net_total + tax_total > 0 and discount_percent is not null
                then {{ add_days('document_date', 'discount_days') }}
        end as discount_date
    from document
    union all
    select
        _source,
        'payment-' || id::varchar as item_key,
        'unapplied_cash' as kind,
        null as document_id,
        null as document_number,
        company_id,
        partner_id,
        paid_on as posting_date,
        null as invoice_date,
        paid_on as due_date,
        currency_code,
        -amount as amount,
        -amount_base as amount_base,
        null as discount_percent,
        null as discount_date
    from unapplied
    where amount <> 0 or amount_base <> 0
),

-- Documents do not name it: the company's account with the suppliers' sub-ledger.
control_account as (
    select
        _source,
        company_id,
        min(id) as account_id
    from {{ source('erp_global', 'accounts') }}
    where subledger = 'AP'
    group by _source, company_id
)

select
    item._source || ':' || item.item_key as payable_id,
    item.kind::varchar as kind,
    (item._source || ':' || item.document_id::varchar)::varchar as invoice_id,
    item.document_number::varchar as invoice_number,
    item._source || ':' || item.company_id::varchar as company_id,
    (item._source || ':' || item.partner_id::varchar)::varchar as supplier_id,
    (item._source || ':' || control_account.account_id::varchar)::varchar as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.currency_code::varchar as document_currency,
    item.amount::decimal(18, 4) as amount_document_currency,
    item.amount_base::decimal(18, 4) as amount_company_currency,
    null::boolean as is_disputed,
    item.discount_percent::decimal(18, 4) as discount_percent,
    item.discount_date::date as discount_date,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join control_account
    on item.company_id = control_account.company_id and item._source = control_account._source
