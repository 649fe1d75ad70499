with account as (
    select * from {{ source('erp_global', 'accounts') }}
)

select
    _source || ':' || id::varchar as account_id,
    _source || ':' || company_id::varchar as company_id,
    account_number::varchar as code,
    title::varchar as name,
    case account_class
        when 'A' then 'asset'
        when 'L' then 'liability'
        when 'Q' then 'equity'
        when 'R' then 'income'
        when 'X' then 'expense'
    end::varchar as type,
    case subledger
        when 'AR' then 'receivable'
        when 'AP' then 'payable'
        when 'BANK' then 'bank'
        when 'FX' then 'realised_exchange'
        when 'FXU' then 'unrealised_exchange'
    end::varchar as control,
    -- Ranges of this system's chart: 1 assets, 2 liabilities, 3 equity, 4 sales, 5 to 8 expenses.
    case
        when subledger = 'BANK' or account_number between '10000' and '10999' then 'cash'
        when subledger = 'AR' then 'receivable'
        when subledger = 'AP' then 'payable'
        when account_number between '13000' and '13999' then 'inventory'
        when account_number between '15000' and '16999' then 'fixed_asset'
        when account_number between '22000' and '22999' then 'tax'
        when account_number between '25000' and '25999' then 'loan'
        when account_number between '39000' and '39999' then 'retained_earnings'
        when account_class = 'Q' then 'equity'
        when account_class = 'R' then 'revenue'
        when account_number between '50000' and '59999' then 'cost_of_sales'
        when account_number between '65000' and '65999' then 'depreciation'
        when account_number between '70000' and '70999' then 'interest'
        when account_number between '71000' and '71999' then 'exchange_difference'
        when account_number between '80000' and '89999' then 'income_tax'
        when account_class = 'X' then 'operating_expense'
        else 'other'
    end::varchar as purpose,
    _source::varchar as source_system,
    id::varchar as source_key
from account
