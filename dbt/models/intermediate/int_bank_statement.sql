with

statement as (
    {{ union_staging('bank_statement', [
        'bank_statement_id', 'bank_account_id', 'iban', 'statement_number', 'statement_date', 'currency',
        'opening_balance_bank_currency', 'closing_balance_bank_currency', 'statement_file', 'source_system',
        'source_key'
    ]) }}
),

own_account as (
    select * from {{ ref('int_bank_account') }}
),

-- Two systems may know the same own account: one of them stands for it, always the same one.
account_by_iban as (
    select
        bank_account_id,
        upper(replace(iban, ' ', '')) as iban,
        currency
    from own_account
    where iban is not null
    qualify row_number() over (
        partition by upper(replace(iban, ' ', '')), currency order by bank_account_id
    ) = 1
),

resolved as (
    select
        statement.*,
        coalesce(statement.bank_account_id, account_by_iban.bank_account_id) as own_bank_account_id
    from statement
    left join account_by_iban
        on
            upper(replace(statement.iban, ' ', '')) = account_by_iban.iban
            and statement.currency = account_by_iban.currency
)

select
    resolved.bank_statement_id,
    resolved.own_bank_account_id as bank_account_id,
    coalesce(resolved.iban, own_account.iban) as iban,
    resolved.statement_number,
    resolved.statement_date,
    resolved.currency,
    resolved.opening_balance_bank_currency,
    resolved.closing_balance_bank_currency,
    resolved.statement_file,
    resolved.source_system,
    resolved.source_key,
    own_account.company_id
from resolved
left join own_account on resolved.own_bank_account_id = own_account.bank_account_id
