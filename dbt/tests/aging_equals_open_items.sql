-- Aging follows the changes of an item; here its open amount is reached the other way, by what was applied up to as_of.
{% for item in ['receivable', 'payable'] %}
(
    with

    applied as (
        select
            settlement.{{ item }}_id,
            sum(settlement.amount_document_currency) as amount_document_currency,
            sum(settlement.amount_company_currency) as amount_company_currency
        from {{ ref('fct_' ~ item ~ '_settlement') }} as settlement
        where settlement.settlement_date <= {{ as_of() }}
        group by settlement.{{ item }}_id
    ),

    expected as (
        select
            item.{{ item }}_id,
            item.amount_document_currency - coalesce(applied.amount_document_currency, 0) as open_document,
            item.amount_company_currency - coalesce(applied.amount_company_currency, 0) as open_company
        from {{ ref('fct_' ~ item) }} as item
        left join applied on item.{{ item }}_id = applied.{{ item }}_id
        where item.posting_date <= {{ as_of() }}
    ),

    aging as (
        select *
        from {{ ref('fct_' ~ item ~ '_aging') }}
        where as_of = {{ as_of() }}
    )

    select
        expected.{{ item }}_id as item_id,
        expected.open_document,
        aging.open_amount_document_currency,
        expected.open_company,
        aging.open_amount_company_currency
    from expected
    full outer join aging on expected.{{ item }}_id = aging.{{ item }}_id
    where
        coalesce(expected.open_document, 0) <> coalesce(aging.open_amount_document_currency, 0)
        or coalesce(expected.open_company, 0) <> coalesce(aging.open_amount_company_currency, 0)
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
