with

following as (
    select
        company_id,
        bank_account_id,
        statement_number,
        opening_balance_bank_currency as opening,
        lag(closing_balance_bank_currency) over (
            partition by bank_account_id order by statement_date, statement_number, bank_statement_id
        ) as closing_before
    from {{ ref('fct_bank_statement') }}
)

-- A missing or overlapping statement does not make the others wrong: it is told, and nothing is held back.
select
    'bank_statement_chain' as control,
    following.company_id,
    cast(null as date) as as_of,
    'closing balances of the statements before' as left_label,
    'opening balances of the next ones' as right_label,
    {{ total('following.closing_before') }} as left_total,
    {{ total('following.opening') }} as right_total,
    count(*) filter (where following.opening <> following.closing_before) as broken,
    concat(
        min(account.name), ' ', min(account.currency),
        coalesce(
            ', does not open where the one before closed: '
            || min(case when following.opening <> following.closing_before then following.statement_number end),
            ''
        )
    ) as detail,
    false as blocking
from following
inner join {{ ref('dim_bank_account') }} as account on following.bank_account_id = account.bank_account_id
where following.closing_before is not null
group by following.company_id, following.bank_account_id
