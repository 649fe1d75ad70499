with own_account as (
    select
        _source,
        id,
        account_id
    from {{ source('erp_global', 'own_bank_accounts') }}
),

payment as (
    select
        _source,
        'receipt-' || id::varchar as payment_key,
        receipt_number as payment_number,
        'received' as direction,
        company_id,
        partner_id,
        received_on as payment_date,
        own_bank_account_id,
        currency_code,
        amount,
        amount_base,
        -- Charges are kept in the currency of the receipt; the books take them at its rate.
        round(coalesce(bank_charges, 0) * exchange_rate, 2) as fee_base
    from {{ source('erp_global', 'receipts') }}
    union all
    select
        _source,
        'payment-' || id::varchar as payment_key,
        payment_number,
        'paid' as direction,
        company_id,
        partner_id,
        paid_on as payment_date,
        own_bank_account_id,
        currency_code,
        amount,
        amount_base,
        0 as fee_base
    from {{ source('erp_global', 'payments') }}
)

select
    payment._source || ':' || payment.payment_key as payment_id,
    payment.payment_number::varchar as payment_number,
    payment.direction::varchar as direction,
    payment._source || ':' || payment.company_id::varchar as company_id,
    (payment._source || ':' || payment.partner_id::varchar)::varchar as party_id,
    payment.payment_date::date as payment_date,
    (payment._source || ':' || own_account.account_id::varchar)::varchar as account_id,
    null::varchar as control_account_id,
    payment.currency_code::varchar as document_currency,
    payment.amount::decimal(18, 4) as amount_document_currency,
    payment.amount_base::decimal(18, 4) as amount_company_currency,
    payment.fee_base::decimal(18, 4) as fee_amount_company_currency,
    payment._source::varchar as source_system,
    payment.payment_key::varchar as source_key
from payment
left join own_account on payment.own_bank_account_id = own_account.id and payment._source = own_account._source
