with

-- Both sides are the whole source, quarantined items and entries included: what is kept out of the marts must not make
-- two books differ that agree. How much that is stands in the detail.
published as (
    select
        company_id,
        as_of,
        sum(open_amount_company_currency) as amount
    from {{ ref('fct_payable_aging') }}
    group by company_id, as_of
),

quarantined as (
    select
        record.company_id,
        day.as_of,
        sum(case when record.object = 'payable' then record.amount else -record.amount end) as amount
    from {{ ref('int_quarantine') }} as record
    inner join {{ ref('int_as_of') }} as day on record.record_date <= day.as_of
    where record.object in ('payable', 'payable_settlement')
    group by record.company_id, day.as_of
),

open_item as (
    select
        coalesce(published.company_id, quarantined.company_id) as company_id,
        coalesce(published.as_of, quarantined.as_of) as as_of,
        coalesce(published.amount, 0) + coalesce(quarantined.amount, 0) as amount,
        coalesce(quarantined.amount, 0) as amount_quarantined
    from published
    full outer join quarantined
        on published.company_id = quarantined.company_id and published.as_of = quarantined.as_of
),

posting_of_day as (
    select
        line.company_id,
        line.posting_date,
        sum(line.credit_company_currency - line.debit_company_currency) as amount,
        sum(line.credit_company_currency - line.debit_company_currency) filter (
            where quarantine.record_id is not null
        ) as amount_quarantined
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_account') }} as account on line.account_id = account.account_id
    left join {{ ref('int_quarantine') }} as quarantine
        on quarantine.object = 'journal_line' and line.journal_line_id = quarantine.record_id
    where account.control = 'payable'
    group by line.company_id, line.posting_date
),

control_account as (
    select
        posting_of_day.company_id,
        day.as_of,
        sum(posting_of_day.amount) as amount,
        sum(posting_of_day.amount_quarantined) as amount_quarantined
    from posting_of_day
    inner join {{ ref('int_as_of') }} as day on posting_of_day.posting_date <= day.as_of
    group by posting_of_day.company_id, day.as_of
)

select
    'payable_ledger' as control,
    coalesce(open_item.company_id, control_account.company_id) as company_id,
    coalesce(open_item.as_of, control_account.as_of) as as_of,
    'open payables' as left_label,
    'payable control accounts' as right_label,
    cast(coalesce(open_item.amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(control_account.amount, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        'as of ', cast(coalesce(open_item.as_of, control_account.as_of) as varchar),
        case
            when coalesce(open_item.amount_quarantined, 0) <> 0 or coalesce(control_account.amount_quarantined, 0) <> 0
                then concat(
                    ', of which quarantined: ', cast(coalesce(open_item.amount_quarantined, 0) as varchar), ' and ',
                    cast(coalesce(control_account.amount_quarantined, 0) as varchar)
                )
            else ''
        end
    ) as detail,
    true as blocking
from open_item
full outer join control_account
    on open_item.company_id = control_account.company_id and open_item.as_of = control_account.as_of
-- Companies whose ledger no source gives have nothing to agree with.
where coalesce(open_item.company_id, control_account.company_id) in (
    select company_id from {{ ref('int_journal_line') }}
)
