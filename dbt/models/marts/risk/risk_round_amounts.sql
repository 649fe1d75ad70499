-- A supplier most of whose invoices are round (one or two figures, then zeros): prices and quantities seldom make such.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'round_amounts'
),

document as (
    select
        line.company_id,
        line.supplier_id,
        line.invoice_id,
        min(line.invoice_number) as invoice_number,
        min(line.invoice_date) as invoice_date,
        cast(sum(line.net_amount_document_currency) as decimal(18, 4)) as net_amount,
        cast(sum(line.net_amount_document_currency + line.tax_amount_document_currency) as decimal(18, 4))
            as gross_amount,
        cast(sum(line.net_amount_company_currency + line.tax_amount_company_currency) as decimal(18, 4))
            as amount_company_currency,
        min(line.source_system) as source_system,
        min(line.source_key) as source_key
    from {{ ref('fct_purchase_invoice_line') }} as line
    cross join pattern
    where
        line.kind = 'invoice'
        and line.supplier_id is not null
        and line.invoice_date <= {{ as_of() }}
        and line.invoice_date > {{ add_days(as_of(), '-pattern.window_days') }}
    group by line.company_id, line.supplier_id, line.invoice_id
),

judged as (
    select
        *,
        gross_amount >= 100 and (
            net_amount % {{ second_figure('net_amount') }} = 0
            or gross_amount % {{ second_figure('gross_amount') }} = 0
        ) as is_round
    from document
    where gross_amount > 0 and net_amount > 0
),

-- A rent is the same round amount each month: an amount counts once.
supplier as (
    select
        judged.company_id,
        judged.supplier_id,
        count(distinct judged.gross_amount) as amounts,
        count(distinct case when judged.is_round then judged.gross_amount end) as round_amounts
    from judged
    group by judged.company_id, judged.supplier_id
)

select
    pattern.pattern,
    supplier.supplier_id as subject,
    judged.company_id,
    judged.supplier_id,
    cast(null as varchar) as customer_id,
    'purchase_invoice' as document_type,
    judged.invoice_id as document_id,
    judged.invoice_number as document_number,
    judged.invoice_date as document_date,
    judged.amount_company_currency,
    judged.amount_company_currency as amount_at_stake_company_currency,
    concat(supplier.round_amounts, ' of ', supplier.amounts, ' different amounts are round') as detail_en,
    concat(supplier.amounts, ' 个不同金额中 ', supplier.round_amounts, ' 个为整数') as detail_zh,
    judged.source_system,
    judged.source_key
from supplier
cross join pattern
inner join judged on supplier.company_id = judged.company_id and supplier.supplier_id = judged.supplier_id
where
    judged.is_round
    and supplier.round_amounts >= pattern.least_documents
    and supplier.round_amounts >= supplier.amounts * pattern.share
