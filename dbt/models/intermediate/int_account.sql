with

account as (
    {{ union_staging('account', [
        'account_id', 'company_id', 'code', 'name', 'type', 'control', 'purpose', 'source_system', 'source_key'
    ]) }}
)

select
    account_id,
    company_id,
    code,
    name,
    type,
    control,
    -- Where a source does not tell, the sub-ledger and the type do.
    coalesce(
        purpose,
        case
            when control = 'bank' then 'cash'
            when control in ('receivable', 'payable') then control
            when type = 'equity' then 'equity'
            when type = 'income' then 'revenue'
            when type = 'expense' then 'operating_expense'
            else 'other'
        end
    ) as purpose,
    source_system,
    source_key
from account
