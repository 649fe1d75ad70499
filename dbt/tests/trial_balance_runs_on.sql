-- Opening is the closing before, and opening, debit and credit make the closing.
with

balance as (
    select
        *,
        lag(closing) over (partition by company_id, account_id order by period_start) as closing_before
    from {{ ref('fct_trial_balance_monthly') }}
)

select *
from balance
where opening <> coalesce(closing_before, 0) or opening + debit - credit <> closing
