with

{{ party_evidence('supplier', 'int_payable', 'int_purchase_invoice', 'int_purchase_order_line') }},

-- Payments that the bank and the books show alike, one to one: where the money went, the bank says.
paid as (
    select
        payment.party_id as supplier_id,
        movement.bank_movement_id,
        movement.booking_date,
        movement.counterparty_account,
        count(*) over (partition by payment.payment_id) as movements,
        count(*) over (partition by movement.bank_movement_id) as payments
    from {{ ref('int_payment') }} as payment
    inner join {{ ref('int_bank_account') }} as account on payment.account_id = account.account_id
    inner join {{ ref('int_bank_movement') }} as movement
        on
            account.bank_account_id = movement.bank_account_id
            and payment.document_currency = movement.currency
            and payment.amount_document_currency = -movement.amount_bank_currency
            and {{ add_days('payment.payment_date', -5) }} <= movement.booking_date
            and {{ add_days('payment.payment_date', 5) }} >= movement.booking_date
    where payment.direction = 'paid'
),

newest_payment as (
    select
        supplier_id,
        counterparty_account as paid_account_number,
        booking_date as paid_date
    from paid
    where movements = 1 and payments = 1 and counterparty_account <> '' and booking_date <= {{ as_of() }}
    qualify row_number() over (partition by supplier_id order by booking_date desc, bank_movement_id asc) = 1
)

select
    newest_document.supplier_id,
    newest_document.last_document_date,
    currency_of_invoices.invoiced_currency,
    term_of_invoices.invoiced_term_days,
    newest_payment.paid_account_number,
    newest_payment.paid_date
from newest_document
left join currency_of_invoices on newest_document.supplier_id = currency_of_invoices.supplier_id
left join term_of_invoices on newest_document.supplier_id = term_of_invoices.supplier_id
left join newest_payment on newest_document.supplier_id = newest_payment.supplier_id
where newest_document.supplier_id is not null
