with

derived as (
    select
        line.company_id,
        line.account_id,
        period.start_date as period_start,
        sum(line.debit_company_currency - line.credit_company_currency) as amount
    from {{ ref('fct_journal_line') }} as line
    inner join {{ ref('int_ledger_period') }} as period
        on
            line.company_id = period.company_id
            and line.posting_date >= period.posted_from
            and line.posting_date < period.posted_before
    where line.origin = 'derived' and line.posting_date <= {{ as_of() }}
    group by line.company_id, line.account_id, period.start_date
),

posted as (
    select
        company_id,
        account_id,
        period_start,
        debit - credit as amount
    from {{ ref('fct_trial_balance_monthly') }}
    where debit <> 0 or credit <> 0
),

explained as (
    select
        company_id,
        account_id,
        period_start,
        sum(difference_company_currency) as amount,
        count(distinct document_id) as documents
    from {{ ref('fct_ledger_difference') }}
    group by company_id, account_id, period_start
),

compared as (
    select
        coalesce(posted.company_id, derived.company_id) as company_id,
        coalesce(posted.account_id, derived.account_id) as account_id,
        coalesce(posted.period_start, derived.period_start) as period_start,
        coalesce(posted.amount, 0) as erp_amount,
        coalesce(derived.amount, 0) as derived_amount
    from posted
    full outer join derived
        on
            posted.company_id = derived.company_id
            and posted.account_id = derived.account_id
            and posted.period_start = derived.period_start
)

select
    compared.company_id,
    compared.account_id,
    compared.period_start,
    cast(compared.erp_amount as decimal(18, 4)) as erp_amount_company_currency,
    cast(compared.derived_amount as decimal(18, 4)) as derived_amount_company_currency,
    cast(compared.erp_amount - compared.derived_amount as decimal(18, 4)) as difference_company_currency,
    cast(coalesce(explained.amount, 0) as decimal(18, 4)) as explained_amount_company_currency,
    cast(compared.erp_amount - compared.derived_amount - coalesce(explained.amount, 0) as decimal(18, 4))
        as unexplained_amount_company_currency,
    coalesce(explained.documents, 0) as differing_documents,
    account.source_system,
    account.source_key
from compared
left join explained
    on
        compared.company_id = explained.company_id
        and compared.account_id = explained.account_id
        and compared.period_start = explained.period_start
left join {{ ref('int_account') }} as account on compared.account_id = account.account_id
