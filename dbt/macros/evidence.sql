{# What a year of documents says of a customer or supplier. `item` its open items, `invoice` its invoices, `order_line`
   its orders. Companies of the group among themselves have terms of their own, which say nothing of the record. #}
{% macro party_evidence(party, item, invoice, order_line) -%}
document as (
    select
        {{ party }}_id,
        invoice_date as document_date
    from {{ ref(invoice) }}
    union all
    select
        {{ party }}_id,
        order_date as document_date
    from {{ ref(order_line) }}
    union all
    select
        party_id as {{ party }}_id,
        payment_date as document_date
    from {{ ref('int_payment') }}
    where direction = '{{ 'received' if party == 'customer' else 'paid' }}'
),

newest_document as (
    select
        {{ party }}_id,
        max(document_date) as last_document_date
    from document
    where document_date <= {{ as_of() }}
    group by {{ party }}_id
),

currency_of_invoices as (
    select
        {{ party }}_id,
        min(document_currency) as invoiced_currency
    from {{ ref(invoice) }}
    where invoice_date > {{ add_days(as_of(), -365) }}
    group by {{ party }}_id
    having count(*) >= 3 and count(distinct document_currency) = 1
),

term_used as (
    select
        item.{{ party }}_id,
        {{ days_between('item.invoice_date', 'item.due_date') }} as term_days,
        count(*) as invoices
    from {{ ref(item) }} as item
    left join {{ ref('int_intercompany_party') }} as of_group
        on item.{{ party }}_id = of_group.party_id and of_group.party_kind = '{{ party }}'
    where
        item.kind = 'invoice'
        and item.invoice_date > {{ add_days(as_of(), -365) }}
        and of_group.party_id is null
    group by item.{{ party }}_id, term_days
),

term_of_invoices as (
    select
        {{ party }}_id,
        max(case when place = 1 then term_days end) as invoiced_term_days
    from (
        select
            *,
            row_number() over (partition by {{ party }}_id order by invoices desc, term_days) as place
        from term_used
    ) as ranked
    group by {{ party }}_id
    having sum(invoices) >= 5 and max(invoices) * 10 >= sum(invoices) * 9
)
{%- endmacro %}
