{% for side, party in [('receivable', 'customer_id'), ('payable', 'supplier_id')] %}
(
    with

    settled as (
        select
            {{ side }}_id,
            sum(amount_document_currency) as amount_document_currency,
            sum(amount_company_currency) as amount_company_currency
        from {{ ref('int_' ~ side ~ '_settlement') }}
        group by {{ side }}_id
    ),

    item as (
        select
            item.*,
            company.currency,
            coalesce(settled.amount_document_currency, 0) as settled_document_currency,
            coalesce(settled.amount_company_currency, 0) as settled_company_currency,
            {{ days_between('item.invoice_date', 'item.due_date') }} as days_allowed
        from {{ ref('int_' ~ side) }} as item
        inner join {{ ref('int_company') }} as company on item.company_id = company.company_id
        left join settled on item.{{ side }}_id = settled.{{ side }}_id
    ),

    -- Parties whose invoices have one term, all but one of them.
    term as (
        select
            company_id,
            {{ party }},
            sum(invoices) as invoices,
            max(case when rank = 1 then days_allowed end) as usual_days
        from (
            select
                company_id,
                {{ party }},
                days_allowed,
                count(*) as invoices,
                row_number() over (partition by company_id, {{ party }} order by count(*) desc, days_allowed) as rank
            from item
            where kind = 'invoice' and {{ party }} is not null
            group by company_id, {{ party }}, days_allowed
        ) as used
        group by company_id, {{ party }}
        having count(*) = 2 and min(invoices) = 1 and sum(invoices) >= 4
    ),

    settlement as (
        select
            settlement.*,
            item.invoice_number,
            item.posting_date,
            item.company_id as company_of_item,
            item.document_currency,
            item.currency,
            item.amount_document_currency as item_document_currency,
            item.amount_company_currency as item_company_currency,
            coalesce(
                abs(
                    cast(settlement.amount_company_currency as double)
                    - cast(settlement.amount_document_currency as double)
                    * cast(item.amount_company_currency as double)
                    / nullif(cast(item.amount_document_currency as double), 0)
                ), 0
            ) as off
        from {{ ref('int_' ~ side ~ '_settlement') }} as settlement
        inner join item on settlement.{{ side }}_id = item.{{ side }}_id
    )

    select
        {{ warning(
            'settled_too_much', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat('document ', coalesce(record.invoice_number, record.source_key), ' of ', "
            ~ "cast(record.amount_document_currency as varchar), ' is settled by ', "
            ~ "cast(record.settled_document_currency as varchar), ' ', record.document_currency)"
        ) }}
    from item as record
    where
        case
            when record.amount_document_currency >= 0
                then
                    record.settled_document_currency >= record.amount_document_currency + 0.005
                    or record.settled_document_currency <= -0.005
            else
                record.settled_document_currency <= record.amount_document_currency - 0.005
                or record.settled_document_currency >= 0.005
        end

    union all

    -- Nothing is left in one currency and something in the other: a rate or a share is wrong.
    select
        {{ warning(
            'cleared_with_residue', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat('document ', coalesce(record.invoice_number, record.source_key), ' has nothing open in ', "
            ~ "record.document_currency, ' but ', "
            ~ "cast(record.amount_company_currency - record.settled_company_currency as varchar), ' in ', "
            ~ "record.currency)"
        ) }}
    from item as record
    where
        record.amount_document_currency = record.settled_document_currency
        and abs(record.amount_company_currency - record.settled_company_currency) >= 0.05

    union all

    -- Money on account is worth what the rate of its day makes of it.
    select
        {{ warning(
            'money_at_implausible_rate', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat(record.kind, ' of party ', coalesce(record." ~ party ~ ", ''), ' on ', "
            ~ "cast(record.posting_date as varchar), ': ', cast(record.amount_document_currency as varchar), ' ', "
            ~ "record.document_currency, ' booked as ', cast(record.amount_company_currency as varchar), ' ', "
            ~ "record.currency)"
        ) }}
    from item as record
    where
        record.kind = 'unapplied_cash'
        and case
            when record.document_currency = record.currency
                then abs(record.amount_document_currency - record.amount_company_currency) >= 0.01
            else
                (record.amount_document_currency = 0) <> (record.amount_company_currency = 0)
                or sign(record.amount_document_currency) <> sign(record.amount_company_currency)
        end

    union all

    -- The very amount of an open document of the party has waited for two months.
    select
        {{ warning(
            'money_not_applied', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat('money of party ', record." ~ party ~ ", ' on ', cast(record.posting_date as varchar), "
            ~ "' has the open amount of document ', record.document, ': ', "
            ~ "cast(record.amount_document_currency - record.settled_document_currency as varchar), ' ', "
            ~ "record.document_currency)"
        ) }}
    from (
        select
            money.*,
            open_item.invoice_number as document
        from item as money
        inner join item as open_item
            on
                money.company_id = open_item.company_id
                and money.{{ party }} = open_item.{{ party }}
                and money.document_currency = open_item.document_currency
                and money.amount_document_currency - money.settled_document_currency
                = open_item.settled_document_currency - open_item.amount_document_currency
                and money.posting_date >= open_item.posting_date
        where
            money.kind = 'unapplied_cash'
            and open_item.kind = 'invoice'
            and money.amount_document_currency <> money.settled_document_currency
            and money.posting_date <= {{ add_days(as_of(), -60) }}
        qualify row_number() over (partition by money.{{ side }}_id order by open_item.{{ side }}_id) = 1
    ) as record

    union all

    select
        {{ warning(
            'due_date_implausible', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat('document ', coalesce(record.invoice_number, record.source_key), ' of ', "
            ~ "cast(record.invoice_date as varchar), ' is due on ', cast(record.due_date as varchar))"
        ) }}
    from item as record
    where record.kind = 'invoice' and (record.days_allowed < 0 or record.days_allowed > 400)

    union all

    select
        {{ warning(
            'due_date_not_by_terms', side, 'record.' ~ side ~ '_id', 'record.' ~ side ~ '_id',
            "concat('document ', coalesce(record.invoice_number, record.source_key), ' is due in ', "
            ~ "cast(record.days_allowed as varchar), ' days, all others of the party in ', "
            ~ "cast(record.usual_days as varchar))"
        ) }}
    from (
        select
            item.*,
            term.invoices,
            term.usual_days
        from item
        inner join term
            on
                item.company_id = term.company_id
                and item.{{ party }} = term.{{ party }}
                and item.days_allowed <> term.usual_days
        where item.kind = 'invoice'
    ) as record

    union all

    select
        {{ warning(
            'settled_before_posting', side ~ '_settlement', 'record.' ~ side ~ '_settlement_id',
            'record.' ~ side ~ '_settlement_id',
            "concat('document ', coalesce(record.invoice_number, record." ~ side ~ "_id), ' is posted on ', "
            ~ "cast(record.posting_date as varchar), ' and settled on ', cast(record.settlement_date as varchar))"
        ) }}
    from settlement as record
    where record.settlement_date < record.posting_date

    union all

    select
        {{ warning(
            'settlement_of_other_company', side ~ '_settlement', 'record.' ~ side ~ '_settlement_id',
            'record.' ~ side ~ '_settlement_id',
            "concat('settles ', coalesce(record.invoice_number, record." ~ side ~ "_id), ' of ', "
            ~ "record.company_of_item)"
        ) }}
    from settlement as record
    where record.company_id <> record.company_of_item

    union all

    -- A share is worth in the books what the item is.
    select
        {{ warning(
            'settlement_rate_differs', side ~ '_settlement', 'record.' ~ side ~ '_settlement_id',
            'record.' ~ side ~ '_settlement_id',
            "concat('document ', coalesce(record.invoice_number, record." ~ side ~ "_id), ': ', "
            ~ "cast(record.amount_document_currency as varchar), ' ', record.document_currency, ' settled as ', "
            ~ "cast(record.amount_company_currency as varchar), ' ', record.currency)"
        ) }}
    from (
        select
            *,
            count(*) over (partition by company_id) as settlements,
            sum(case when off > 0.005 * abs(cast(amount_company_currency as double)) + 0.05 then 1 else 0 end) over (
                partition by company_id
            ) as settlements_off
        from settlement
    ) as record
    where
        record.off > 0.2 * abs(cast(record.amount_company_currency as double)) + 0.05
        or record.off > 0.005 * abs(cast(record.amount_company_currency as double)) + 0.05
        and record.settlements_off <= 3 + record.settlements / 50

    union all

    select
        {{ warning(
            'exchange_difference_implausible', side ~ '_settlement', 'record.' ~ side ~ '_settlement_id',
            'record.' ~ side ~ '_settlement_id',
            "concat('document ', coalesce(record.invoice_number, record." ~ side ~ "_id), ': exchange difference ', "
            ~ "cast(record.exchange_difference_company_currency as varchar), ' on ', "
            ~ "cast(record.amount_company_currency as varchar), ' ', record.currency)"
        ) }}
    from settlement as record
    where
        record.document_currency = record.currency and record.exchange_difference_company_currency <> 0
        or abs(record.exchange_difference_company_currency) > 0.3 * abs(record.amount_company_currency)
)
{{ 'union all' if not loop.last }}
{% endfor %}
