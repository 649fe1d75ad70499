{#- side, its party's column, sign of an asset -#}
{%- set sides = [('receivable', 'customer_id', ''), ('payable', 'supplier_id', '-')] -%}
with

-- Units of the books' currency for one unit of a foreign one, at the end of each month that is over or ends with as_of.
rate as (
    select
        company.company_id,
        document.currency,
        document.month_end,
        cast(
            document.month_end_rate_to_reporting / own.month_end_rate_to_reporting as decimal(20, 12)
        ) as rate_to_company
    from {{ ref('int_company') }} as company
    inner join {{ ref('int_reporting_rate_monthly') }} as document
        on company.source_system = document.source_system and company.currency <> document.currency
    inner join {{ ref('int_reporting_rate_monthly') }} as own
        on
            company.source_system = own.source_system
            and company.currency = own.currency
            and document.month_start = own.month_start
    where document.month_end <= {{ as_of() }}
),

month as (
    select distinct month_end from rate
),

bank_account as (
    select
        account.bank_account_id,
        account.company_id,
        account.name,
        account.currency,
        account.account_id,
        account.source_system,
        account.source_key
    from {{ ref('dim_bank_account') }} as account
    inner join {{ ref('dim_company') }} as company on account.company_id = company.company_id
    where
        account.currency <> company.currency
        and account.account_id is not null
        -- A ledger account that follows several bank accounts tells nothing about one of them.
        and not exists (
            select 1
            from {{ ref('dim_bank_account') }} as other
            where other.account_id = account.account_id and other.bank_account_id <> account.bank_account_id
        )
),

revaluation_entry as (
    select distinct line.journal_entry_id
    from {{ ref('fct_journal_line') }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where account.control = 'unrealised_exchange'
),

-- What the books carry without revaluations, and what the ERP revalued so far.
bank_posting as (
    select
        line.account_id,
        line.posting_date,
        sum(line.debit_company_currency - line.credit_company_currency)
            filter (where revaluation_entry.journal_entry_id is null) as booked,
        sum(line.debit_company_currency - line.credit_company_currency)
            filter (where revaluation_entry.journal_entry_id is not null) as revalued
    from {{ ref('fct_journal_line') }} as line
    left join revaluation_entry on line.journal_entry_id = revaluation_entry.journal_entry_id
    where line.account_id in (select account_id from bank_account)
    group by line.account_id, line.posting_date
),

bank_booked as (
    select
        bank_account.bank_account_id,
        month.month_end,
        coalesce(sum(bank_posting.booked), 0) as booked,
        coalesce(sum(bank_posting.revalued), 0) as posted
    from bank_account
    cross join month
    inner join bank_posting
        on bank_account.account_id = bank_posting.account_id and month.month_end >= bank_posting.posting_date
    group by bank_account.bank_account_id, month.month_end
),

bank_statement as (
    select
        statement.bank_account_id,
        month.month_end,
        statement.closing_balance_bank_currency
    from {{ ref('fct_bank_statement') }} as statement
    inner join month on month.month_end >= statement.statement_date
    qualify row_number() over (
        partition by statement.bank_account_id, month.month_end
        order by statement.statement_date desc, statement.statement_number desc, statement.bank_statement_id desc
    ) = 1
),

balance as (
    {% for side, party, sign in sides %}
    select
        '{{ side }}' as kind,
        {{ side }}_id as item_id,
        as_of as month_end,
        company_id,
        {{ party }} as party_id,
        coalesce(invoice_number, source_key) as document_number,
        document_currency as currency,
        {{ sign }}open_amount_document_currency as amount_document_currency,
        {{ sign }}open_amount_company_currency as booked_amount_company_currency,
        cast(0 as decimal(18, 4)) as posted_difference_company_currency,
        source_system,
        source_key
    from {{ ref('fct_' ~ side ~ '_aging') }}
    union all
    {% endfor %}
    select
        'bank_balance' as kind,
        account.bank_account_id as item_id,
        statement.month_end,
        account.company_id,
        cast(null as varchar) as party_id,
        account.name as document_number,
        account.currency,
        statement.closing_balance_bank_currency as amount_document_currency,
        cast(coalesce(bank_booked.booked, 0) as decimal(18, 4)) as booked_amount_company_currency,
        cast(coalesce(bank_booked.posted, 0) as decimal(18, 4)) as posted_difference_company_currency,
        account.source_system,
        account.source_key
    from bank_account as account
    inner join bank_statement as statement on account.bank_account_id = statement.bank_account_id
    left join bank_booked
        on account.bank_account_id = bank_booked.bank_account_id and statement.month_end = bank_booked.month_end
),

revalued as (
    select
        balance.*,
        company.currency as company_currency,
        rate.rate_to_company,
        cast(
            round(cast(balance.amount_document_currency as decimal(18, 4)) * rate.rate_to_company, 2) as decimal(18, 4)
        ) as revalued_amount_company_currency
    from balance
    inner join month on balance.month_end = month.month_end
    inner join {{ ref('dim_company') }} as company
        on balance.company_id = company.company_id and balance.currency <> company.currency
    left join rate
        on
            balance.company_id = rate.company_id
            and balance.currency = rate.currency
            and balance.month_end = rate.month_end
)

select
    kind,
    item_id,
    month_end,
    company_id,
    party_id,
    document_number,
    currency as document_currency,
    company_currency,
    amount_document_currency,
    booked_amount_company_currency,
    rate_to_company as month_end_rate,
    revalued_amount_company_currency,
    cast(revalued_amount_company_currency - booked_amount_company_currency as decimal(18, 4))
        as difference_company_currency,
    posted_difference_company_currency,
    {{ add_days('month_end', 1) }} as reversal_date,
    cast(booked_amount_company_currency - revalued_amount_company_currency as decimal(18, 4))
        as reversed_amount_company_currency,
    source_system,
    source_key
from revalued
