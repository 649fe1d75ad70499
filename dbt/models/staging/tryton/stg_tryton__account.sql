with account as (
    select * from {{ source('tryton', 'account_account') }}
),

account_type as (
    select * from {{ source('tryton', 'account_account_type') }}
),

statement_journal as (
    select * from {{ source('tryton', 'account_statement_journal') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

classified as (
    select * from {{ ref('base_tryton__account_type') }}
),

posted_to as (
    select distinct
        _source,
        account
    from move_line
),

bank as (
    select distinct
        _source,
        account
    from statement_journal
),

-- Cash in hand and money on its way stand under the same type as the bank accounts.
cash_type as (
    select distinct
        account._source,
        account.type
    from account
    inner join bank on account.id = bank.account and account._source = bank._source
),

tax_account as (
    select
        _source,
        invoice_account as account
    from {{ source('tryton', 'account_tax') }}
    union distinct
    select
        _source,
        credit_note_account as account
    from {{ source('tryton', 'account_tax') }}
),

-- Where losses and gains go when an invoice is settled.
exchange_account as (
    select
        _source,
        account,
        case count(distinct control) when 1 then min(control) else 'realised_exchange' end as control
    from (
        select
            _source,
            currency_exchange_debit_account as account,
            'realised_exchange_loss' as control
        from {{ source('tryton', 'account_configuration_default_account') }}
        union all
        select
            _source,
            currency_exchange_credit_account as account,
            'realised_exchange_gain' as control
        from {{ source('tryton', 'account_configuration_default_account') }}
    ) as configured
    where account is not null
    group by _source, account
)

select
    account._source || ':' || account.id::varchar as account_id,
    account._source || ':' || account.company::varchar as company_id,
    coalesce(account.code, account.id::varchar)::varchar as code,
    account.name::varchar as name,
    coalesce(classified.account_class, 'asset')::varchar as type,
    case
        when account_type.receivable then 'receivable'
        when account_type.payable then 'payable'
        when bank.account is not null then 'bank'
        else exchange_account.control
    end::varchar as control,
    -- Flags of the type and what the configuration uses the account for; names of the usual languages only after these.
    case
        when bank.account is not null or cash_type.type is not null then 'cash'
        when exchange_account.account is not null then 'exchange_difference'
        when tax_account.account is not null and account_type.statement = 'balance' then 'tax'
        when account_type.receivable then 'receivable'
        when account_type.payable then 'payable'
        when account_type.stock and account_type.statement = 'balance' then 'inventory'
        when account_type.stock then 'cost_of_sales'
        when account_type.fixed_asset then 'fixed_asset'
        when classified.account_class in ('income', 'expense')
            then
                case
                    when account_type.revenue then 'revenue'
                    when {{ contains_any('account_type.name', ['depreciation', 'amortis', 'amortiz', 'abschreibung']) }}
                        then 'depreciation'
                    when {{ contains_any('account_type.name', ['income tax', 'impôt', 'ertragsteuer', 'impuesto']) }}
                        then 'income_tax'
                    when {{ contains_any('account_type.name', ['interest', 'finance cost', 'des dettes', 'zins']) }}
                        then 'interest'
                    when
                        {{ contains_any('account_type.name', [
                            'cost of sales', 'cost of goods', 'achats', 'approvisionnement', 'wareneinsatz', 'compras'
                        ]) }}
                        then 'cost_of_sales'
                    when classified.account_class = 'expense' then 'operating_expense'
                    else 'other'
                end
        when {{ contains_any('account_type.name', ['plant and equipment', 'immobilisation', 'sachanlage']) }}
            then 'fixed_asset'
        when classified.account_class = 'equity'
            then
                case
                    when {{ contains_any('account_type.name', ['retained', 'report', 'gewinnvortrag']) }}
                        then 'retained_earnings'
                    else 'equity'
                end
        when
            classified.account_class = 'liability'
            and {{ contains_any('account_type.name', ['loan', 'emprunt', 'de crédit', 'financières', 'darlehen']) }}
            then 'loan'
        else 'other'
    end::varchar as purpose,
    account._source::varchar as source_system,
    account.id::varchar as source_key
from account
left join account_type on account.type = account_type.id and account._source = account_type._source
left join classified on account.type = classified.account_type and account._source = classified._source
left join posted_to on account.id = posted_to.account and account._source = posted_to._source
left join bank on account.id = bank.account and account._source = bank._source
left join cash_type on account.type = cash_type.type and account._source = cash_type._source
left join tax_account on account.id = tax_account.account and account._source = tax_account._source
left join exchange_account on account.id = exchange_account.account and account._source = exchange_account._source
where account.type is not null or posted_to.account is not null
