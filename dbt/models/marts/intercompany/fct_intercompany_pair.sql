with

seller as (
    select
        *,
        {{ letters_and_digits('invoice_number') }} as number_on_paper,
        {{ first_of('month', 'posting_date') }} as posting_month
    from {{ ref('int_intercompany_invoice') }}
    where side = 'seller' and posting_date <= {{ as_of() }}
),

buyer as (
    select
        *,
        {{ letters_and_digits('reference') }} as number_on_paper,
        {{ first_of('month', 'posting_date') }} as posting_month
    from {{ ref('int_intercompany_invoice') }}
    where side = 'buyer' and posting_date <= {{ as_of() }}
),

-- A number that stands twice on one side is paired with the first of the other side once; the second stays alone.
seller_by_number as (
    select
        *,
        row_number() over (
            partition by seller_company_id, buyer_company_id, number_on_paper order by posting_date, invoice_id
        ) as occurrence
    from seller
    where number_on_paper is not null
),

buyer_by_number as (
    select
        *,
        row_number() over (
            partition by seller_company_id, buyer_company_id, number_on_paper order by posting_date, invoice_id
        ) as occurrence
    from buyer
    where number_on_paper is not null
),

by_number as (
    select
        seller_by_number.invoice_id as seller_invoice_id,
        buyer_by_number.invoice_id as buyer_invoice_id,
        'number' as matched_by
    from seller_by_number
    inner join buyer_by_number
        on
            seller_by_number.seller_company_id = buyer_by_number.seller_company_id
            and seller_by_number.buyer_company_id = buyer_by_number.buyer_company_id
            and seller_by_number.number_on_paper = buyer_by_number.number_on_paper
            and seller_by_number.occurrence = buyer_by_number.occurrence
),

-- Without a common number: same amount and currency within a month, each the other's nearest in time.
candidate as (
    select
        seller.invoice_id as seller_invoice_id,
        buyer.invoice_id as buyer_invoice_id,
        abs({{ days_between('seller.invoice_date', 'buyer.invoice_date') }}) as days_apart
    from seller
    inner join buyer
        on
            seller.seller_company_id = buyer.seller_company_id
            and seller.buyer_company_id = buyer.buyer_company_id
            and seller.document_currency = buyer.document_currency
            and seller.gross_amount_document_currency = buyer.gross_amount_document_currency
    where
        seller.invoice_id not in (select seller_invoice_id from by_number)
        and buyer.invoice_id not in (select buyer_invoice_id from by_number)
),

nearest as (
    select
        *,
        row_number() over (
            partition by seller_invoice_id order by days_apart, buyer_invoice_id
        ) as place_for_seller,
        row_number() over (
            partition by buyer_invoice_id order by days_apart, seller_invoice_id
        ) as place_for_buyer
    from candidate
    where days_apart <= 31
),

matched as (
    select * from by_number
    union all
    select
        seller_invoice_id,
        buyer_invoice_id,
        'amount' as matched_by
    from nearest
    where place_for_seller = 1 and place_for_buyer = 1
),

side_by_side as (
    select
        seller_invoice_id,
        buyer_invoice_id,
        matched_by
    from matched
    union all
    select
        invoice_id as seller_invoice_id,
        cast(null as varchar) as buyer_invoice_id,
        cast(null as varchar) as matched_by
    from seller
    where invoice_id not in (select seller_invoice_id from matched)
    union all
    select
        cast(null as varchar) as seller_invoice_id,
        invoice_id as buyer_invoice_id,
        cast(null as varchar) as matched_by
    from buyer
    where invoice_id not in (select buyer_invoice_id from matched)
),

judged as (
    select
        side_by_side.matched_by,
        seller.invoice_id as seller_invoice_id,
        seller.invoice_number as seller_invoice_number,
        seller.posting_date as seller_posting_date,
        seller.document_currency as seller_document_currency,
        seller.net_amount_document_currency as seller_net_amount,
        seller.gross_amount_document_currency as seller_gross_amount,
        seller.gross_amount_reporting_currency as seller_gross_amount_reporting_currency,
        buyer.invoice_id as buyer_invoice_id,
        buyer.invoice_number as buyer_invoice_number,
        buyer.posting_date as buyer_posting_date,
        buyer.document_currency as buyer_document_currency,
        buyer.net_amount_document_currency as buyer_net_amount,
        buyer.gross_amount_document_currency as buyer_gross_amount,
        buyer.gross_amount_reporting_currency as buyer_gross_amount_reporting_currency,
        coalesce(seller.seller_company_id, buyer.seller_company_id) as seller_company_id,
        coalesce(seller.buyer_company_id, buyer.buyer_company_id) as buyer_company_id,
        least(
            coalesce(seller.posting_date, buyer.posting_date), coalesce(buyer.posting_date, seller.posting_date)
        ) as first_posting_date,
        coalesce(seller.source_system, buyer.source_system) as source_system,
        coalesce(seller.source_key, buyer.source_key) as source_key,
        case
            when buyer.invoice_id is null then 'missing_buyer_side'
            when seller.invoice_id is null then 'missing_seller_side'
            when seller.document_currency <> buyer.document_currency then 'currency'
            when
                seller.gross_amount_document_currency <> buyer.gross_amount_document_currency
                or seller.net_amount_document_currency <> buyer.net_amount_document_currency
                then 'amount'
            when seller.posting_month <> buyer.posting_month then 'timing'
            else 'agreed'
        end as status
    from side_by_side
    left join seller on side_by_side.seller_invoice_id = seller.invoice_id
    left join buyer on side_by_side.buyer_invoice_id = buyer.invoice_id
)

select
    concat(coalesce(seller_invoice_id, ''), '|', coalesce(buyer_invoice_id, '')) as intercompany_pair_id,
    seller_company_id,
    buyer_company_id,
    status,
    status not in ('agreed', 'timing') as is_open,
    matched_by,
    seller_invoice_id,
    seller_invoice_number,
    seller_posting_date,
    seller_document_currency,
    seller_net_amount as seller_net_amount_document_currency,
    seller_gross_amount as seller_gross_amount_document_currency,
    seller_gross_amount_reporting_currency,
    buyer_invoice_id,
    buyer_invoice_number,
    buyer_posting_date,
    buyer_document_currency,
    buyer_net_amount as buyer_net_amount_document_currency,
    buyer_gross_amount as buyer_gross_amount_document_currency,
    buyer_gross_amount_reporting_currency,
    -- Nothing can be subtracted across two currencies.
    case
        when status <> 'currency'
            then cast(coalesce(seller_gross_amount, 0) - coalesce(buyer_gross_amount, 0) as decimal(18, 4))
    end as difference_document_currency,
    -- Empty when a rate is missing: an unknown amount is not zero.
    cast(
        case when seller_invoice_id is null then 0 else seller_gross_amount_reporting_currency end
        - case when buyer_invoice_id is null then 0 else buyer_gross_amount_reporting_currency end
        as decimal(18, 4)
    ) as difference_reporting_currency,
    -- How long a break has lasted; a difference of timing ended with the second posting.
    case
        when status = 'timing'
            then abs({{ days_between('seller_posting_date', 'buyer_posting_date') }})
        when status <> 'agreed'
            then {{ days_between('first_posting_date', as_of()) }}
    end as age_days,
    case when status <> 'agreed' then 'controller' end as owner,
    -- Who has to look at which document: the buyer books what the seller invoices.
    case
        when status = 'missing_seller_side' then seller_company_id
        when status <> 'agreed' then buyer_company_id
    end as owner_company_id,
    case when status <> 'agreed' then coalesce(buyer_invoice_id, seller_invoice_id) end as document_id,
    case when status <> 'agreed' then coalesce(buyer_invoice_number, seller_invoice_number) end as document_number,
    source_system,
    source_key
from judged
