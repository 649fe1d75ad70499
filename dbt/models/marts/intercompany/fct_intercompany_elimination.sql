with

posted as (
    select
        seller_company_id,
        buyer_company_id,
        {{ last_of('month', 'posting_date') }} as period_end,
        case when side = 'seller' then 'sales' else 'purchases' end as account_class,
        -- Debit is positive: an elimination takes a credit (sales, payable) out by a debit.
        case when side = 'seller' then 1 else -1 end * net_amount_reporting_currency as amount
    from {{ ref('int_intercompany_invoice') }}
    where posting_date <= {{ as_of() }}
),

open_item as (
    {% for item, party, account_class, sign in [
        ('receivable', 'customer', 'receivable', '-'), ('payable', 'supplier', 'payable', '')
    ] %}
    select
        {% if item == 'receivable' %}
        aging.company_id as seller_company_id,
        partner.company_id as buyer_company_id,
        {% else %}
        partner.company_id as seller_company_id,
        aging.company_id as buyer_company_id,
        {% endif %}
        aging.as_of as period_end,
        '{{ account_class }}' as account_class,
        {{ sign }}aging.open_amount_reporting_currency as amount
    from {{ ref('fct_' ~ item ~ '_aging') }} as aging
    inner join {{ ref('int_intercompany_party') }} as partner
        on
            partner.party_kind = '{{ party }}'
            and aging.{{ party }}_record_id = partner.party_id
            and aging.company_id <> partner.company_id
    -- Month-ends, and the day of the run itself.
    where aging.as_of = {{ last_of('month', 'aging.as_of') }} or aging.as_of = {{ as_of() }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

amount as (
    select * from posted
    union all
    select * from open_item
),

eliminated as (
    select
        seller_company_id,
        buyer_company_id,
        period_end,
        account_class,
        sum(amount) as amount
    from amount
    group by seller_company_id, buyer_company_id, period_end, account_class
),

-- What the two sides differ by keeps the entry balanced, in an account of its own until the breaks are mended.
difference as (
    select
        seller_company_id,
        buyer_company_id,
        period_end,
        case when account_class in ('sales', 'purchases') then 'profit_difference' else 'balance_difference' end
            as account_class,
        -sum(amount) as amount
    from eliminated
    group by
        seller_company_id, buyer_company_id, period_end,
        case when account_class in ('sales', 'purchases') then 'profit_difference' else 'balance_difference' end
),

entry as (
    select * from eliminated
    union all
    select * from difference
)

select
    concat(seller_company_id, '|', buyer_company_id, '|', cast(period_end as varchar), '|', account_class)
        as intercompany_elimination_id,
    seller_company_id,
    buyer_company_id,
    {{ first_of('month', 'period_end') }} as period_start,
    period_end,
    account_class,
    cast(amount as decimal(18, 4)) as amount_reporting_currency
from entry
