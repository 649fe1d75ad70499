with line as (
    select * from {{ source('erp_global', 'journal_entry_lines') }}
),

entry as (
    select * from {{ source('erp_global', 'journal_entries') }}
    where state = 'posted'
)

select
    line._source || ':' || line.id::varchar as journal_line_id,
    line._source || ':' || line.entry_id::varchar as journal_entry_id,
    entry.entry_number::varchar as entry_number,
    line._source || ':' || entry.company_id::varchar as company_id,
    line._source || ':' || line.account_id::varchar as account_id,
    entry.posted_on::date as posting_date,
    (line._source || ':' || line.partner_id::varchar)::varchar as party_id,
    coalesce(line.debit, 0)::decimal(18, 4) as debit_company_currency,
    coalesce(line.credit, 0)::decimal(18, 4) as credit_company_currency,
    line.memo::varchar as description,
    case entry.source_document
        when 'CUSTOMER_DOCUMENT' then 'sales_invoice'
        when 'SUPPLIER_DOCUMENT' then 'purchase_invoice'
        when 'RECEIPT' then 'payment'
        when 'PAYMENT' then 'payment'
        when 'RECEIPT_ALLOCATION' then 'receivable_settlement'
        when 'PAYROLL' then 'payroll'
    end::varchar as document_type,
    case entry.source_document
        when 'CUSTOMER_DOCUMENT' then line._source || ':' || entry.source_document_id::varchar
        when 'SUPPLIER_DOCUMENT' then line._source || ':' || entry.source_document_id::varchar
        when 'RECEIPT' then line._source || ':receipt-' || entry.source_document_id::varchar
        when 'PAYMENT' then line._source || ':payment-' || entry.source_document_id::varchar
        when 'RECEIPT_ALLOCATION' then line._source || ':' || entry.source_document_id::varchar
        when 'PAYROLL' then company.code || ':' || entry.posted_on::date::varchar
    end::varchar as document_id,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join entry on line.entry_id = entry.id and line._source = entry._source
left join {{ source('erp_global', 'companies') }} as company
    on entry.company_id = company.id and entry._source = company._source
