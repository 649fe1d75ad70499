with

-- Companies that keep a register of notes in a direction; others may keep such accounts by hand.
kept as (
    select distinct
        company_id,
        direction
    from {{ ref('fct_note') }}
),

of_register as (
    select
        event.company_id,
        event.direction,
        event.event_date as date_day,
        sum(event.open_change_company_currency) as amount,
        min(note.note_number) as note_number
    from {{ ref('fct_note_event') }} as event
    left join {{ ref('fct_note') }} as note on event.note_id = note.note_id
    group by event.company_id, event.direction, event.event_date
),

of_ledger as (
    select
        kept.company_id,
        kept.direction,
        line.posting_date as date_day,
        sum(
            case kept.direction when 'receivable' then 1 else -1 end
            * (line.debit_company_currency - line.credit_company_currency)
        ) as amount
    from kept
    inner join {{ ref('dim_account') }} as account
        on kept.company_id = account.company_id and concat('note_', kept.direction) = account.control
    inner join {{ erp_journal_line() }} as line on account.account_id = line.account_id
    group by kept.company_id, kept.direction, line.posting_date
),

movement as (
    select
        coalesce(of_register.company_id, of_ledger.company_id) as company_id,
        coalesce(of_register.direction, of_ledger.direction) as direction,
        coalesce(of_register.date_day, of_ledger.date_day) as date_day,
        of_register.note_number,
        coalesce(of_register.amount, 0) as register_amount,
        coalesce(of_ledger.amount, 0) as ledger_amount
    from of_register
    full outer join of_ledger
        on
            of_register.company_id = of_ledger.company_id
            and of_register.direction = of_ledger.direction
            and of_register.date_day = of_ledger.date_day
),

-- Each month-end from the first movement, and as_of.
day as (
    select date_day
    from {{ ref('int_date') }}
    where (date_day = month_end and date_day < {{ as_of() }}) or date_day = {{ as_of() }}
),

balance as (
    select
        movement.company_id,
        movement.direction,
        day.date_day,
        {{ total('movement.register_amount') }} as register_balance,
        {{ total('movement.ledger_amount') }} as ledger_balance,
        min(case when movement.register_amount <> movement.ledger_amount then movement.date_day end) as first_day,
        min_by(movement.note_number, movement.date_day) filter (
            where movement.register_amount <> movement.ledger_amount and movement.note_number is not null
        ) as first_note
    from movement
    inner join day on movement.date_day <= day.date_day
    group by movement.company_id, movement.direction, day.date_day
)

select
    'note_ledger' as control,
    balance.company_id,
    balance.date_day as as_of,
    concat('open notes ', balance.direction) as left_label,
    concat('ledger accounts of notes ', balance.direction) as right_label,
    balance.register_balance as left_total,
    balance.ledger_balance as right_total,
    0 as broken,
    concat(
        company.currency,
        case
            when balance.register_balance <> balance.ledger_balance
                then concat(
                    ', first on ', cast(balance.first_day as varchar), coalesce(', note ' || balance.first_note, '')
                )
            else ''
        end
    ) as detail,
    false as blocking
from balance
left join {{ ref('dim_company') }} as company on balance.company_id = company.company_id
where balance.direction is not null
