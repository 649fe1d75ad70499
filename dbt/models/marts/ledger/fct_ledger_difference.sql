with

line as (
    select
        line.origin,
        line.company_id,
        line.account_id,
        line.posting_date,
        case when line.document_id is null then 'entry' else line.document_type end as document_type,
        coalesce(line.document_id, line.journal_entry_id) as document_id,
        line.entry_number,
        line.debit_company_currency - line.credit_company_currency as amount,
        line.source_system
    from {{ ref('fct_journal_line') }} as line
    where line.posting_date <= {{ as_of() }}
),

-- By day first, since few days and many lines meet few periods.
of_day as (
    select
        company_id,
        account_id,
        posting_date,
        document_type,
        document_id,
        min(case when origin = 'erp' then entry_number end) as entry_number,
        sum(case when origin = 'erp' then amount else 0 end) as erp_amount,
        sum(case when origin = 'derived' then amount else 0 end) as derived_amount,
        count(*) filter (where origin = 'erp') as erp_lines,
        count(*) filter (where origin = 'derived') as derived_lines,
        min(source_system) as source_system
    from line
    group by company_id, account_id, posting_date, document_type, document_id
),

differing as (
    select
        of_day.company_id,
        of_day.account_id,
        period.start_date as period_start,
        of_day.document_type,
        of_day.document_id,
        min(of_day.entry_number) as entry_number,
        sum(of_day.erp_amount) as erp_amount,
        sum(of_day.derived_amount) as derived_amount,
        min(of_day.source_system) as source_system
    from of_day
    inner join {{ ref('int_ledger_period') }} as period
        on
            of_day.company_id = period.company_id
            and of_day.posting_date >= period.posted_from
            and of_day.posting_date < period.posted_before
    group by of_day.company_id, of_day.account_id, period.start_date, of_day.document_type, of_day.document_id
    having sum(of_day.erp_amount) <> sum(of_day.derived_amount)
),

document as (
    select
        company_id,
        document_type,
        document_id,
        sum(erp_lines) as erp_lines,
        sum(derived_lines) as derived_lines
    from of_day
    group by company_id, document_type, document_id
),

of_account as (
    select
        company_id,
        account_id,
        document_type,
        document_id,
        sum(erp_amount - derived_amount) as difference
    from differing
    group by company_id, account_id, document_type, document_id
),

exception as (
    select distinct
        company_id,
        document_type,
        document_id
    from {{ ref('fct_posting_exception') }}
)

select
    concat(
        differing.document_type, ':', differing.document_id, ':', differing.account_id, ':',
        cast(differing.period_start as varchar)
    ) as ledger_difference_id,
    differing.company_id,
    differing.account_id,
    differing.period_start,
    differing.document_type,
    differing.document_id,
    differing.entry_number,
    case
        when differing.document_type = 'entry' then coalesce(entry.kind || '_entry', 'manual_entry')
        when document.derived_lines = 0 and exception.document_id is not null then 'no_rule'
        when document.derived_lines = 0 then 'no_business_event'
        when document.erp_lines = 0 then 'not_in_ledger'
        when of_account.difference = 0 then 'period'
        else 'account_or_amount'
    end as cause,
    cast(differing.erp_amount as decimal(18, 4)) as erp_amount_company_currency,
    cast(differing.derived_amount as decimal(18, 4)) as derived_amount_company_currency,
    cast(differing.erp_amount - differing.derived_amount as decimal(18, 4)) as difference_company_currency,
    differing.source_system,
    differing.document_id as source_key
from differing
inner join document
    on
        differing.company_id = document.company_id
        and differing.document_type = document.document_type
        and differing.document_id = document.document_id
inner join of_account
    on
        differing.company_id = of_account.company_id
        and differing.account_id = of_account.account_id
        and differing.document_type = of_account.document_type
        and differing.document_id = of_account.document_id
left join {{ ref('int_entry_document') }} as entry
    on differing.document_type = 'entry' and differing.document_id = entry.journal_entry_id
left join exception
    on
        differing.company_id = exception.company_id
        and differing.document_type = exception.document_type
        and differing.document_id = exception.document_id
