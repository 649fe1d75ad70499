with

movement as (
    select
        bank_statement_id,
        sum(amount_bank_currency) as amount
    from {{ ref('fct_bank_movement') }}
    group by bank_statement_id
),

statement as (
    select
        statement.company_id,
        statement.bank_account_id,
        statement.statement_number,
        statement.opening_balance_bank_currency + coalesce(movement.amount, 0) as computed,
        statement.closing_balance_bank_currency as closing
    from {{ ref('fct_bank_statement') }} as statement
    left join movement on statement.bank_statement_id = movement.bank_statement_id
)

select
    'bank_statement' as control,
    statement.company_id,
    cast(null as date) as as_of,
    'opening balances and movements' as left_label,
    'closing balances' as right_label,
    {{ total('statement.computed') }} as left_total,
    {{ total('statement.closing') }} as right_total,
    count(*) filter (where statement.computed <> statement.closing) as broken,
    concat(
        min(account.name), ' ', min(account.currency), ', ', cast(count(*) as varchar), ' statements',
        coalesce(
            ', wrong: '
            || min(case when statement.computed <> statement.closing then statement.statement_number end),
            ''
        )
    ) as detail,
    true as blocking
from statement
inner join {{ ref('dim_bank_account') }} as account on statement.bank_account_id = account.bank_account_id
group by statement.company_id, statement.bank_account_id
