-- Entries of a Saturday or Sunday where the company rests then, of a kind that is hardly ever posted on such days.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'weekend_posting'
),

entry as (
    select
        line.company_id,
        coalesce(line.document_type, 'entry') as posted_as,
        line.journal_entry_id,
        min(line.entry_number) as entry_number,
        min(line.posting_date) as posting_date,
        cast(sum(line.debit_company_currency) as decimal(18, 4)) as amount_company_currency,
        min(line.source_system) as source_system,
        min(line.source_key) as source_key
    from {{ ref('fct_journal_line') }} as line
    cross join pattern
    where
        line.origin = 'erp'
        and line.posting_date <= {{ as_of() }}
        and line.posting_date > {{ add_days(as_of(), '-pattern.window_days') }}
    group by line.company_id, coalesce(line.document_type, 'entry'), line.journal_entry_id
),

by_day as (
    select
        company_id,
        posting_date,
        count(*) as entries
    from entry
    group by company_id, posting_date
),

usual as (
    select
        company_id,
        cast(sum(entries) as double) / count(*) as entries_a_day
    from by_day
    where {{ weekday('posting_date') }} < 5
    group by company_id
),

-- A Saturday on which half of a usual day is posted is worked on, as before a long holiday in China. What closes a
-- month carries its last day, whichever that is.
judged as (
    select
        entry.*,
        {{ weekday('entry.posting_date') }} >= 5
        and entry.posting_date <> {{ last_of('month', 'entry.posting_date') }}
        and by_day.entries < coalesce(usual.entries_a_day, 0) / 2 as is_on_rest_day
    from entry
    inner join by_day on entry.company_id = by_day.company_id and entry.posting_date = by_day.posting_date
    left join usual on entry.company_id = usual.company_id
),

habit as (
    select
        company_id,
        posted_as,
        count(*) as entries,
        sum(case when is_on_rest_day then 1 else 0 end) as on_rest_days
    from judged
    group by company_id, posted_as
)

select
    pattern.pattern,
    concat(judged.company_id, ':', judged.posted_as) as subject,
    judged.company_id,
    cast(null as varchar) as supplier_id,
    cast(null as varchar) as customer_id,
    'journal_entry' as document_type,
    judged.journal_entry_id as document_id,
    judged.entry_number as document_number,
    judged.posting_date as document_date,
    judged.amount_company_currency,
    judged.amount_company_currency as amount_at_stake_company_currency,
    concat(habit.on_rest_days, ' of ', habit.entries, ' entries (', judged.posted_as, ') on weekends') as detail_en,
    concat(habit.entries, ' 张凭证（', judged.posted_as, '）中 ', habit.on_rest_days, ' 张在周末入账') as detail_zh,
    judged.source_system,
    judged.source_key
from judged
cross join pattern
inner join habit on judged.company_id = habit.company_id and judged.posted_as = habit.posted_as
where
    judged.is_on_rest_day
    and habit.on_rest_days >= pattern.least_documents
    and habit.on_rest_days <= habit.entries * pattern.share
