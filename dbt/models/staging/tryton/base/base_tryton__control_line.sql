{{ config(materialized='table') }}

with move as (
    select * from {{ source('tryton', 'account_move') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

account as (
    select * from {{ source('tryton', 'account_account') }}
),

account_type as (
    select * from {{ source('tryton', 'account_account_type') }}
),

journal as (
    select * from {{ source('tryton', 'account_journal') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

company as (
    select * from {{ source('tryton', 'company_company') }}
),

payment_line as (
    select * from {{ source('tryton', 'account_invoice_account_move_line') }}
),

exchange_account as (
    select
        _source,
        currency_exchange_debit_account as account
    from {{ source('tryton', 'account_configuration_default_account') }}
    union
    select
        _source,
        currency_exchange_credit_account as account
    from {{ source('tryton', 'account_configuration_default_account') }}
),

document as (
    select * from {{ ref('base_tryton__document') }}
),

document_move as (
    select * from {{ ref('base_tryton__document_move') }}
),

control_account as (
    select
        account._source,
        account.id,
        account.company,
        case when account_type.receivable then 'receivable' else 'payable' end as side
    from account
    inner join account_type on account.type = account_type.id and account._source = account_type._source
    where account_type.receivable or account_type.payable
),

-- A draft entry is not in the books; where the ERP already applied its line, the application is known nevertheless.
control_line as (
    select
        move_line._source,
        move_line.id,
        move_line.move,
        move_line.account,
        move_line.party,
        move_line.maturity_date,
        move_line.reconciliation,
        move_line.origin,
        move_line.second_currency,
        control_account.side,
        control_account.company,
        move.state = 'posted' as is_posted,
        move.date as posting_date,
        move.origin as move_origin,
        coalesce(journal.type, '') as journal_type,
        coalesce(move_line.second_currency, company.currency) as currency,
        company.currency as company_currency,
        case
            when move_line.second_currency is null then move_line.debit - move_line.credit
            else coalesce(move_line.amount_second_currency, 0)
        end::decimal(18, 4) as amount,
        (move_line.debit - move_line.credit)::decimal(18, 4) as amount_company_currency,
        payment_line.invoice as pays_invoice
    from move_line
    inner join control_account
        on move_line.account = control_account.id and move_line._source = control_account._source
    inner join move on move_line.move = move.id and move_line._source = move._source
    inner join company on control_account.company = company.id and control_account._source = company._source
    left join journal on move.journal = journal.id and move._source = journal._source
    left join payment_line on move_line.id = payment_line.line and move_line._source = payment_line._source
    where move.state = 'posted' or move_line.reconciliation is not null or payment_line.line is not null
),

own_document as (
    select
        control_line._source,
        control_line.id,
        min(document.document_key) as document_key
    from control_line
    inner join document_move on control_line.move = document_move.move and control_line._source = document_move._source
    inner join document
        on
            document_move.document_key = document.document_key
            and document_move._source = document._source
            and control_line.account = document.account
    where control_line.is_posted
    group by control_line._source, control_line.id
),

reconciled_day as (
    select
        _source,
        reconciliation,
        posting_date,
        sum(amount_company_currency) as amount_company_currency
    from control_line
    where reconciliation is not null
    group by _source, reconciliation, posting_date
),

reconciled_balance as (
    select
        _source,
        reconciliation,
        posting_date,
        sum(amount_company_currency) over (
            partition by _source, reconciliation order by posting_date
            rows between unbounded preceding and current row
        ) as balance
    from reconciled_day
),

-- Lines reconciled with each other are settled on the first day on or after their own that leaves the group at zero.
settled as (
    select
        _source,
        reconciliation,
        posting_date,
        min(case when balance = 0 then posting_date end) over (
            partition by _source, reconciliation order by posting_date
            rows between current row and unbounded following
        ) as settled_date
    from reconciled_balance
),

foreign_group as (
    select distinct
        _source,
        reconciliation
    from control_line
    where reconciliation is not null and second_currency is not null
),

-- Entries between the control account and the accounts of exchange differences, and nothing else.
exchange_move as (
    select
        move_line._source,
        move_line.move
    from move_line
    left join control_account on move_line.account = control_account.id and move_line._source = control_account._source
    left join exchange_account
        on move_line.account = exchange_account.account and move_line._source = exchange_account._source
    where control_account.id is null
    group by move_line._source, move_line.move
    having count(*) = count(exchange_account.account)
)

select
    control_line.*,
    currency.code as currency_code,
    currency.rounding as currency_rounding,
    company_currency.code as company_currency_code,
    company_currency.rounding as company_currency_rounding,
    own_document.document_key,
    settled.settled_date,
    control_line.second_currency is null
    and exchange_move.move is not null
    and foreign_group.reconciliation is not null as is_exchange_difference,
    control_line.journal_type = 'write-off'
    and not (
        control_line.second_currency is null
        and exchange_move.move is not null
        and foreign_group.reconciliation is not null
    ) as is_write_off
from control_line
inner join currency on control_line.currency = currency.id and control_line._source = currency._source
inner join currency as company_currency
    on control_line.company_currency = company_currency.id and control_line._source = company_currency._source
left join own_document on control_line.id = own_document.id and control_line._source = own_document._source
left join settled
    on
        control_line.reconciliation = settled.reconciliation
        and control_line.posting_date = settled.posting_date
        and control_line._source = settled._source
left join foreign_group
    on control_line.reconciliation = foreign_group.reconciliation and control_line._source = foreign_group._source
left join exchange_move on control_line.move = exchange_move.move and control_line._source = exchange_move._source
