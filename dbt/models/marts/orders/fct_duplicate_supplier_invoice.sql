-- Two invoices of one supplier, of the same amount and currency, whose numbers are alike when typing is put aside.
-- One that was cancelled or credited in full asks for no money any more: it is no duplicate, and has none.
with

line as (
    select * from {{ ref('fct_purchase_invoice_line') }}
    where invoice_date <= {{ as_of() }}
),

document as (
    select
        invoice_id,
        min(invoice_number) as invoice_number,
        min(reference) as reference,
        -- Letters and digits only, in capitals, without leading zeros.
        regexp_replace(regexp_replace(upper(coalesce(min(reference), '')), '[^A-Z0-9]', '', 'g'), '^0+', '')
            as plain_reference,
        regexp_replace(coalesce(min(reference), ''), '[^0-9]', '', 'g') as digits,
        min(company_id) as company_id,
        min(supplier_id) as supplier_id,
        min(invoice_date) as invoice_date,
        min(document_currency) as document_currency,
        cast(sum(net_amount_document_currency + tax_amount_document_currency) as decimal(18, 4))
            as gross_amount_document_currency,
        cast(sum(net_amount_company_currency + tax_amount_company_currency) as decimal(18, 4))
            as gross_amount_company_currency,
        cast(sum(net_amount_reporting_currency + tax_amount_reporting_currency) as decimal(18, 4))
            as gross_amount_reporting_currency,
        sum(case when order_line_id is null then 0 else 1 end) as lines_with_order,
        min(kind) as kind,
        min(source_system) as source_system,
        min(source_key) as source_key
    from line
    group by invoice_id
),

credited as (
    select item.invoice_id
    from {{ ref('int_payable') }} as item
    left join (
        select
            payable_id,
            sum(amount_document_currency) as amount
        from {{ ref('int_payable_settlement') }}
        where kind = 'credit_note' and settlement_date <= {{ as_of() }}
        group by payable_id
    ) as applied on item.payable_id = applied.payable_id
    where item.invoice_id is not null
    group by item.invoice_id
    having
        sum(item.amount_document_currency) > 0
        and sum(item.amount_document_currency) <= sum(coalesce(applied.amount, 0))
),

-- Credit notes of the number and amount of an invoice that nobody has applied: each cancels one invoice.
credit_to_apply as (
    select
        note.company_id,
        note.supplier_id,
        note.document_currency,
        note.plain_reference,
        note.gross_amount_document_currency,
        count(*) as notes
    from document as note
    inner join {{ ref('int_payable') }} as item on note.invoice_id = item.invoice_id
    where
        note.kind = 'credit_note'
        and note.plain_reference <> ''
        and item.payable_id not in (
            select payable_id
            from {{ ref('int_payable_settlement') }}
            where settlement_date <= {{ as_of() }}
        )
    group by
        note.company_id, note.supplier_id, note.document_currency, note.plain_reference,
        note.gross_amount_document_currency
),

invoice as (
    select document.*
    from document
    left join credit_to_apply as credit
        on
            document.company_id = credit.company_id
            and document.supplier_id = credit.supplier_id
            and document.document_currency = credit.document_currency
            and document.plain_reference = credit.plain_reference
            and document.gross_amount_document_currency = -credit.gross_amount_document_currency
    where document.kind = 'invoice' and document.invoice_id not in (select invoice_id from credited)
    qualify row_number() over (
        partition by
            document.company_id, document.supplier_id, document.document_currency, document.plain_reference,
            document.gross_amount_document_currency
        order by document.invoice_date, document.invoice_number, document.invoice_id
    ) > coalesce(credit.notes, 0)
),

pair as (
    select
        original.invoice_id as original_invoice_id,
        original.invoice_number as original_invoice_number,
        original.reference as original_reference,
        original.invoice_date as original_invoice_date,
        later.*,
        {{ days_between('original.invoice_date', 'later.invoice_date') }} as days_apart,
        case
            when later.plain_reference = '' or original.plain_reference = ''
                then case when later.invoice_date = original.invoice_date then 'same_date' end
            when later.plain_reference = original.plain_reference then 'same_number'
            when
                later.digits <> '' and later.digits = original.digits
                and abs({{ days_between('original.invoice_date', 'later.invoice_date') }}) <= 90
                then 'same_digits'
            when
                levenshtein(later.plain_reference, original.plain_reference) <= 1
                and length(later.plain_reference) >= 4
                and abs({{ days_between('original.invoice_date', 'later.invoice_date') }}) <= 45
                then 'similar_number'
        end as similarity
    from invoice as original
    inner join invoice as later
        on
            original.company_id = later.company_id
            and original.supplier_id = later.supplier_id
            and original.document_currency = later.document_currency
            and original.gross_amount_document_currency = later.gross_amount_document_currency
            and original.invoice_id <> later.invoice_id
    where
        original.gross_amount_document_currency > 0
        -- The copy is the one that bills no order, else the later, else the one with the greater number.
        and (
            case when original.lines_with_order > 0 then 0 else 1 end, original.invoice_date, original.invoice_number,
            original.invoice_id
        ) < (
            case when later.lines_with_order > 0 then 0 else 1 end, later.invoice_date, later.invoice_number,
            later.invoice_id
        )
)

select
    invoice_id,
    invoice_number,
    reference,
    original_invoice_id,
    original_invoice_number,
    original_reference,
    company_id,
    supplier_id,
    invoice_date,
    original_invoice_date,
    days_apart,
    document_currency,
    gross_amount_document_currency,
    gross_amount_company_currency,
    gross_amount_reporting_currency,
    similarity,
    source_system,
    source_key
from pair
where similarity is not null
qualify row_number() over (
    partition by invoice_id order by original_invoice_date, original_invoice_number, original_invoice_id
) = 1
