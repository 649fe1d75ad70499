with document as (
    select * from {{ ref('base_tryton__document') }}
),

additional as (
    select distinct
        _source,
        invoice,
        move
    from {{ source('tryton', 'account_invoice_additional_account_move') }}
)

select
    _source,
    document_key,
    move
from document
union
select
    document._source,
    document.document_key,
    additional.move
from document
inner join additional on document.invoice = additional.invoice and document._source = additional._source
where document.factor = 1
