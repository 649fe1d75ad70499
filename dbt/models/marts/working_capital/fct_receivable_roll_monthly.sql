with

-- Month-ends and as_of, each with the one before.
day as (
    select
        as_of,
        lag(as_of) over (order by as_of) as as_of_before
    from {{ ref('int_as_of') }}
    where as_of = {{ last_of('month', 'as_of') }} or as_of = {{ as_of() }}
),

rank_of as (
    select
        *,
        case bucket
            when 'not_due' then 0
            when '1-30' then 1
            when '31-60' then 2
            when '61-90' then 3
            else 4
        end as place
    from {{ ref('fct_receivable_aging') }}
    where open_amount_company_currency > 0
),

followed as (
    select
        day.as_of,
        earlier.company_id,
        earlier.bucket,
        earlier.open_amount_company_currency as opening,
        case when later.place > earlier.place then later.open_amount_company_currency else 0 end as rolled,
        case when later.place <= earlier.place then later.open_amount_company_currency else 0 end as stayed
    from day
    inner join rank_of as earlier on day.as_of_before = earlier.as_of
    left join rank_of as later on day.as_of = later.as_of and earlier.receivable_id = later.receivable_id
)

select
    followed.company_id,
    followed.as_of,
    followed.bucket as opening_bucket,
    company.currency,
    cast(sum(followed.opening) as decimal(18, 4)) as opening_amount_company_currency,
    cast(sum(followed.rolled) as decimal(18, 4)) as rolled_amount_company_currency,
    cast(sum(followed.stayed) as decimal(18, 4)) as stayed_amount_company_currency,
    cast(sum(followed.opening - followed.rolled - followed.stayed) as decimal(18, 4))
        as cleared_amount_company_currency,
    -- The opening is never 0: it is a sum of positive amounts.
    cast(
        round(cast(sum(followed.rolled) as double) / cast(sum(followed.opening) as double), 6) as decimal(18, 6)
    ) as roll_rate,
    company.source_system,
    company.source_key
from followed
inner join {{ ref('int_company') }} as company on followed.company_id = company.company_id
group by
    followed.company_id, followed.as_of, followed.bucket, company.currency, company.source_system, company.source_key
