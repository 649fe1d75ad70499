with

-- Only accounts kept in the currency of the books: a ledger balance says nothing about foreign money.
account as (
    select
        account.bank_account_id,
        account.company_id,
        account.account_id,
        account.name,
        company.currency
    from {{ ref('dim_bank_account') }} as account
    inner join {{ ref('dim_company') }} as company
        on account.company_id = company.company_id and account.currency = company.currency
    where account.account_id is not null
),

-- Bank accounts that share a ledger account are compared together.
bank as (
    select
        account.company_id,
        account.account_id,
        min(account.name) as name,
        max(statement.statement_date) as statement_date,
        sum(statement.closing_balance_bank_currency) as balance
    from account
    inner join {{ ref('fct_bank_statement') }} as statement on account.bank_account_id = statement.bank_account_id
    where statement.is_newest
    group by account.company_id, account.account_id
),

ledger as (
    select
        bank.account_id,
        sum(line.debit_company_currency - line.credit_company_currency) as balance
    from bank
    inner join {{ erp_journal_line() }} as line
        on bank.account_id = line.account_id and bank.statement_date >= line.posting_date
    group by bank.account_id
)

select
    'bank_ledger' as control,
    bank.company_id,
    bank.statement_date as as_of,
    'ledger balance of the bank account' as left_label,
    'closing balance of the newest statement' as right_label,
    cast(coalesce(ledger.balance, 0) as decimal(38, 4)) as left_total,
    cast(bank.balance as decimal(38, 4)) as right_total,
    0 as broken,
    concat(bank.name, ' on ', cast(bank.statement_date as varchar)) as detail,
    false as blocking
from bank
left join ledger on bank.account_id = ledger.account_id
