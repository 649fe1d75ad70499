with

statement as (
    select
        bank_account_id,
        statement_date,
        {{ days_between(
            'lag(statement_date) over (partition by bank_account_id order by statement_date)', 'statement_date'
        ) }} as days_since_before
    from (
        select distinct
            bank_account_id,
            statement_date
        from {{ ref('int_bank_statement') }}
        where bank_account_id is not null and statement_date <= {{ as_of() }}
    ) as day_of_statement
)

select
    bank_account_id,
    max(statement_date) as last_statement_date,
    cast(quantile_cont(days_since_before, 0.5) as decimal(9, 1)) as usual_days_between
from statement
group by bank_account_id
