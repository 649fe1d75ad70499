-- A missing or overlapping statement does not make the others wrong: it is told, and nothing is held back.
select
    'bank_statement_chain' as control,
    statement.company_id,
    cast(null as date) as as_of,
    'closing balances of the statements before' as left_label,
    'opening balances of the next ones' as right_label,
    {{ total('statement.previous_closing_balance_bank_currency') }} as left_total,
    {{ total('statement.opening_balance_bank_currency') }} as right_total,
    count(*) filter (where statement.sequence_state in ('balance_gap', 'number_gap')) as broken,
    concat(
        min(account.name), ' ', min(account.currency),
        coalesce(
            ', does not open where the one before closed: '
            || min(case when statement.sequence_state = 'balance_gap' then statement.statement_number end),
            ''
        ),
        coalesce(
            ', numbers are left out before: '
            || min(case when statement.sequence_state = 'number_gap' then statement.statement_number end),
            ''
        )
    ) as detail,
    false as blocking
from {{ ref('fct_bank_statement') }} as statement
inner join {{ ref('dim_bank_account') }} as account on statement.bank_account_id = account.bank_account_id
where statement.previous_closing_balance_bank_currency is not null
group by statement.company_id, statement.bank_account_id
