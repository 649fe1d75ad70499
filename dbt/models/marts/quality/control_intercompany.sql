with

-- The published invoice lines, a route of their own: a document that the pairs forgot or counted twice shows.
sold as (
    select
        line.company_id as seller_company_id,
        partner.company_id as buyer_company_id,
        line.invoice_id,
        line.document_currency,
        coalesce(min(item.posting_date), min(line.invoice_date)) as posting_date,
        min(line.net_amount) as amount,
        min(line.net_amount_reporting) as amount_reporting
    from (
        select
            invoice_id,
            company_id,
            customer_record_id,
            document_currency,
            invoice_date,
            sum(net_amount_document_currency) as net_amount,
            sum(net_amount_reporting_currency) as net_amount_reporting
        from {{ ref('fct_sales_invoice_line') }}
        group by invoice_id, company_id, customer_record_id, document_currency, invoice_date
    ) as line
    inner join {{ ref('int_intercompany_party') }} as partner
        on
            partner.party_kind = 'customer'
            and line.customer_record_id = partner.party_id
            and line.company_id <> partner.company_id
    left join {{ ref('int_receivable') }} as item on line.invoice_id = item.invoice_id
    group by line.company_id, partner.company_id, line.invoice_id, line.document_currency
),

bought as (
    select
        partner.company_id as seller_company_id,
        line.company_id as buyer_company_id,
        line.invoice_id,
        line.document_currency,
        coalesce(min(item.posting_date), min(line.invoice_date)) as posting_date,
        min(line.net_amount) as amount,
        min(line.net_amount_reporting) as amount_reporting
    from (
        select
            invoice_id,
            company_id,
            supplier_record_id,
            document_currency,
            invoice_date,
            sum(net_amount_document_currency) as net_amount,
            sum(net_amount_reporting_currency) as net_amount_reporting
        from {{ ref('fct_purchase_invoice_line') }}
        group by invoice_id, company_id, supplier_record_id, document_currency, invoice_date
    ) as line
    inner join {{ ref('int_intercompany_party') }} as partner
        on
            partner.party_kind = 'supplier'
            and line.supplier_record_id = partner.party_id
            and line.company_id <> partner.company_id
    left join {{ ref('int_payable') }} as item on line.invoice_id = item.invoice_id
    group by partner.company_id, line.company_id, line.invoice_id, line.document_currency
),

pair as (
    select * from {{ ref('fct_intercompany_pair') }}
),

entry as (
    select
        seller_company_id,
        buyer_company_id,
        document_currency,
        {{ last_of('month', 'posting_date') }} as period_end,
        amount as sales,
        0 as purchases,
        0 as explained
    from sold
    where posting_date <= {{ as_of() }}
    union all
    select
        seller_company_id,
        buyer_company_id,
        document_currency,
        {{ last_of('month', 'posting_date') }} as period_end,
        0 as sales,
        amount as purchases,
        0 as explained
    from bought
    where posting_date <= {{ as_of() }}
    union all
    -- A break explains each side in its own month and currency.
    select
        seller_company_id,
        buyer_company_id,
        seller_document_currency as document_currency,
        {{ last_of('month', 'seller_posting_date') }} as period_end,
        0 as sales,
        0 as purchases,
        seller_net_amount_document_currency as explained
    from pair
    where status <> 'agreed' and seller_invoice_id is not null
    union all
    select
        seller_company_id,
        buyer_company_id,
        buyer_document_currency as document_currency,
        {{ last_of('month', 'buyer_posting_date') }} as period_end,
        0 as sales,
        0 as purchases,
        -buyer_net_amount_document_currency as explained
    from pair
    where status <> 'agreed' and buyer_invoice_id is not null
),

published as (
    select
        seller_company_id,
        buyer_company_id,
        {{ last_of('month', 'posting_date') }} as period_end,
        account_class,
        {{ total('amount_reporting') }} as amount
    from (
        select
            'sales' as account_class,
            *
        from sold
        union all
        select
            'purchases' as account_class,
            *
        from bought
    ) as both_sides
    where posting_date <= {{ as_of() }}
    group by seller_company_id, buyer_company_id, {{ last_of('month', 'posting_date') }}, account_class
),

open_break as (
    select
        seller_company_id,
        buyer_company_id,
        count(*) as breaks,
        count(*) filter (where is_open) as open_breaks,
        min(case when is_open then concat(status, ' ', document_number) end) as first_open
    from pair
    where status <> 'agreed'
    group by seller_company_id, buyer_company_id
)

select
    'intercompany' as control,
    entry.seller_company_id as company_id,
    entry.period_end as as_of,
    concat('sales to ', min(buyer.name)) as left_label,
    'its purchases and explained breaks' as right_label,
    {{ total('entry.sales') }} as left_total,
    cast({{ total('entry.purchases') }} + {{ total('entry.explained') }} as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        entry.document_currency, ' in the month to ', cast(entry.period_end as varchar), ', explained: ',
        cast({{ total('entry.explained') }} as varchar)
    ) as detail,
    false as blocking
from entry
inner join {{ ref('dim_company') }} as buyer on entry.buyer_company_id = buyer.company_id
group by entry.seller_company_id, entry.buyer_company_id, entry.document_currency, entry.period_end

union all

select
    'intercompany_breaks' as control,
    entry.seller_company_id as company_id,
    {{ as_of() }} as as_of,
    concat('sales to ', min(buyer.name)) as left_label,
    'its purchases' as right_label,
    {{ total('entry.sales') }} as left_total,
    {{ total('entry.purchases') }} as right_total,
    coalesce(min(open_break.open_breaks), 0) as broken,
    concat(
        entry.document_currency, ', ', cast(coalesce(min(open_break.breaks), 0) as varchar), ' breaks of which ',
        cast(coalesce(min(open_break.open_breaks), 0) as varchar), ' open',
        coalesce(', first: ' || min(open_break.first_open), '')
    ) as detail,
    false as blocking
from entry
inner join {{ ref('dim_company') }} as buyer on entry.buyer_company_id = buyer.company_id
left join open_break
    on
        entry.seller_company_id = open_break.seller_company_id
        and entry.buyer_company_id = open_break.buyer_company_id
group by entry.seller_company_id, entry.buyer_company_id, entry.document_currency

union all

-- What the consolidation takes out is what the companies published to each other, class by class.
select
    'intercompany_elimination' as control,
    published.seller_company_id as company_id,
    published.period_end as as_of,
    concat(published.account_class, ' with ', buyer.name) as left_label,
    'eliminated' as right_label,
    published.amount as left_total,
    cast(
        case when published.account_class = 'sales' then 1 else -1 end
        * coalesce(elimination.amount_reporting_currency, 0) as decimal(38, 4)
    ) as right_total,
    0 as broken,
    concat('{{ var("reporting_currency") }} in the month to ', cast(published.period_end as varchar)) as detail,
    true as blocking
from published
inner join {{ ref('dim_company') }} as buyer on published.buyer_company_id = buyer.company_id
left join {{ ref('fct_intercompany_elimination') }} as elimination
    on
        published.seller_company_id = elimination.seller_company_id
        and published.buyer_company_id = elimination.buyer_company_id
        and published.period_end = elimination.period_end
        and published.account_class = elimination.account_class
