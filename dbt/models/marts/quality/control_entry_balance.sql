with

entry as (
    select
        company_id,
        origin,
        journal_entry_id,
        min(entry_number) as entry_number,
        sum(debit_company_currency) as debit,
        sum(credit_company_currency) as credit
    from {{ ref('fct_journal_line') }}
    group by company_id, origin, journal_entry_id
)

select
    'entry_balance' as control,
    company_id,
    cast(null as date) as as_of,
    concat('debit of ', origin, ' entries') as left_label,
    concat('credit of ', origin, ' entries') as right_label,
    {{ total('debit') }} as left_total,
    {{ total('credit') }} as right_total,
    count(*) filter (where debit <> credit) as broken,
    concat(
        cast(count(*) as varchar), ' entries',
        coalesce(', unbalanced: ' || min(case when debit <> credit then entry_number end), '')
    ) as detail,
    true as blocking
from entry
group by company_id, origin
