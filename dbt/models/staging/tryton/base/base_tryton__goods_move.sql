-- What came in from a supplier, or went back to one, is worth its price; anything else, and whatever has a fixed cost,
-- is worth its cost. The difference of a fixed cost and the price is expense.
with rate as (
    select
        currency,
        _source,
        rate,
        coalesce(date, '1970-01-01'::date) as valid_from,
        coalesce(
            lead(date) over (partition by _source, currency order by coalesce(date, '1970-01-01'::date), id),
            '9999-12-31'::date
        ) as valid_to
    from {{ source('tryton', 'currency_currency_rate') }}
    where rate > 0
),

moved as (
    select
        move._source,
        move.id,
        move.company,
        move.product,
        move.origin,
        move.internal_quantity,
        move.quantity,
        move.unit_price,
        move.cost_price,
        coalesce(move.currency, company.currency) as currency,
        company.currency as company_currency,
        currency.rounding,
        coalesce(move.effective_date, move.write_date::date, move.create_date::date) as moved_date,
        case when place_to.type = 'storage' then 1 else -1 end as direction,
        'supplier' in (place_from.type, place_to.type) as is_bought
    from {{ source('tryton', 'stock_move') }} as move
    inner join {{ source('tryton', 'stock_location') }} as place_from
        on move.from_location = place_from.id and move._source = place_from._source
    inner join {{ source('tryton', 'stock_location') }} as place_to
        on move.to_location = place_to.id and move._source = place_to._source
    inner join {{ source('tryton', 'company_company') }} as company
        on move.company = company.id and move._source = company._source
    inner join {{ source('tryton', 'currency_currency') }} as currency
        on company.currency = currency.id and company._source = currency._source
    where
        move.state = 'done'
        and 'storage' in (place_from.type, place_to.type)
        and place_from.type <> place_to.type
        and (
            place_from.type in ('supplier', 'customer', 'production', 'lost_found')
            or place_to.type in ('supplier', 'customer', 'production', 'lost_found')
        )
),

valued as (
    select
        moved.*,
        year.account_stock_method,
        account.account_expense,
        account.account_stock,
        account.account_cogs,
        case when moved.direction = 1 then account.account_stock_in else account.account_stock_out end as account_other,
        moved.internal_quantity::decimal(16, 4) * moved.cost_price::decimal(18, 8) as cost,
        case
            when moved.currency = moved.company_currency
                then moved.quantity::decimal(16, 4) * moved.unit_price::decimal(18, 8)
            else (moved.quantity * moved.unit_price::double * own.rate::double / document.rate::double)::decimal(34, 12)
        end as price,
        account.cost_price_method = 'fixed' as is_fixed
    from moved
    inner join {{ ref('base_tryton__goods_account') }} as account
        on moved.product = account.product and moved.company = account.company and moved._source = account._source
    -- Without a way of keeping stock in the books of the year nothing is posted.
    inner join {{ source('tryton', 'account_fiscalyear') }} as year
        on
            moved.company = year.company
            and moved._source = year._source
            and moved.moved_date >= year.start_date
            and moved.moved_date <= year.end_date
            and year.account_stock_method is not null
    left join rate as document
        on
            moved.currency = document.currency
            and moved._source = document._source
            and moved.moved_date >= document.valid_from
            and moved.moved_date < document.valid_to
    left join rate as own
        on
            moved.company_currency = own.currency
            and moved._source = own._source
            and moved.moved_date >= own.valid_from
            and moved.moved_date < own.valid_to
)

select
    _source,
    id,
    company,
    product,
    origin,
    moved_date,
    direction,
    internal_quantity,
    account_stock_method,
    account_stock,
    account_other,
    account_expense,
    -- The ERP rounds halves to the even digit.
    (direction * {{ half_even('case when is_bought and not is_fixed then price else cost end', 'rounding') }})
    ::decimal(18, 4) as goods_amount,
    (direction * {{ half_even('case when is_bought then price else cost end', 'rounding') }})::decimal(18, 4)
        as other_amount,
    case when is_bought then price else cost end as exact_other_amount
from valued
