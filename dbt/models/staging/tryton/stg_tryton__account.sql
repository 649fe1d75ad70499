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
    end::varchar as control,
    account._source::varchar as source_system,
    account.id::varchar as source_key
from account
left join account_type on account.type = account_type.id and account._source = account_type._source
left join classified on account.type = classified.account_type and account._source = classified._source
left join posted_to on account.id = posted_to.account and account._source = posted_to._source
left join bank on account.id = bank.account and account._source = bank._source
where account.type is not null or posted_to.account is not null
