-- A supplier invoice that seems to stand in the books twice, beside the one it repeats.
with

pair as (
    select * from {{ ref('fct_duplicate_supplier_invoice') }}
),

invoice as (
    select
        invoice_id,
        cast(sum(net_amount_company_currency + tax_amount_company_currency) as decimal(18, 4))
            as amount_company_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ ref('fct_purchase_invoice_line') }}
    group by invoice_id
),

side as (
    select
        pair.*,
        pair.invoice_id as document_id,
        pair.invoice_number as document_number,
        pair.invoice_date as document_date,
        true as is_copy
    from pair
    union all
    select
        pair.*,
        pair.original_invoice_id as document_id,
        pair.original_invoice_number as document_number,
        pair.original_invoice_date as document_date,
        false as is_copy
    from pair
)

select
    'duplicate_invoice' as pattern,
    side.invoice_id as subject,
    side.company_id,
    side.supplier_id,
    cast(null as varchar) as customer_id,
    'purchase_invoice' as document_type,
    side.document_id,
    side.document_number,
    side.document_date,
    invoice.amount_company_currency,
    case when side.is_copy then invoice.amount_company_currency else 0 end as amount_at_stake_company_currency,
    concat(
        'supplier''s number ', coalesce(side.reference, '-'), ' beside ', coalesce(side.original_reference, '-'),
        ', same amount, ', side.days_apart, ' days apart'
    ) as detail_en,
    concat(
        '供应商发票号 ', coalesce(side.reference, '-'), ' 与 ', coalesce(side.original_reference, '-'),
        '，金额相同，相隔 ', side.days_apart, ' 天'
    ) as detail_zh,
    invoice.source_system,
    invoice.source_key
from side
inner join invoice on side.document_id = invoice.invoice_id
