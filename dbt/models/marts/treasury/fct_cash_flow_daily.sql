{#- What a bank line that a rule knows is of. -#}
{%- set ruled = {
    'payroll_tax_paid': ('payroll', 'payroll_taxes'),
    'value_added_tax_paid': ('tax', 'value_added_tax'),
    'income_tax_paid': ('tax', 'income_tax'),
    'loan_interest_paid': ('debt', 'loan_interest'),
    'loan_repaid': ('debt', 'loan_repayment'),
    'rent_paid': ('other', 'rent'),
} -%}
{#- What a bank line is of that the source books itself, by the purpose of the other account. -#}
{%- set booked = {
    'tax': ('tax', 'value_added_tax'),
    'income_tax': ('tax', 'income_tax'),
    'interest': ('debt', 'loan_interest'),
    'loan': ('debt', 'loan_repayment'),
    'fixed_asset': ('capital_projects', 'fixed_assets'),
} -%}
with

received as (
    select
        company_id,
        case when is_intercompany then 'intercompany' else 'receipts' end as flow,
        case
            when is_intercompany then 'intercompany_receivables'
            when kind = 'payment' then 'customer_invoices'
            when kind = 'unapplied_cash' then 'on_account'
            else 'notes_receivable'
        end as component,
        receipt_date as moved_on,
        known_on,
        amount_company_currency as amount
    from {{ ref('fct_receipt') }}
),

paid as (
    -- Booked amount and exchange difference are the money; it moved on the day that the bank says, where it says so.
    select
        settlement.company_id,
        settlement.supplier_record_id,
        'supplier_invoices' as component,
        coalesce(at_bank.moved_on, settlement.settlement_date) as moved_on,
        item.posting_date as known_on,
        settlement.exchange_difference_company_currency - settlement.amount_company_currency as amount
    from {{ ref('fct_payable_settlement') }} as settlement
    inner join {{ ref('int_payable_settlement') }} as stated
        on settlement.payable_settlement_id = stated.payable_settlement_id
    inner join {{ ref('int_payable') }} as item on settlement.payable_id = item.payable_id
    left join {{ ref('int_payment_at_bank') }} as at_bank on stated.payment_id = at_bank.payment_id
    where settlement.kind = 'payment' and not coalesce(at_bank.is_in_transit, false)
    union all
    select
        company_id,
        supplier_record_id,
        'on_account' as component,
        posting_date as moved_on,
        posting_date as known_on,
        amount_company_currency as amount
    from {{ ref('fct_payable') }}
    where kind = 'unapplied_cash'
),

settled as (
    select
        paid.company_id,
        case when within.party_id is null then 'supplier_payments' else 'intercompany' end as flow,
        case when within.party_id is null then paid.component else 'intercompany_payables' end as component,
        paid.moved_on,
        paid.known_on,
        paid.amount
    from paid
    left join {{ ref('int_intercompany_party') }} as within
        on within.party_kind = 'supplier' and paid.supplier_record_id = within.party_id
),

-- A bill is money when it falls due.
note as (
    select
        event.company_id,
        'supplier_payments' as flow,
        'notes_payable' as component,
        event.event_date as moved_on,
        note.issue_date as known_on,
        -event.amount_company_currency as amount
    from {{ ref('fct_note_event') }} as event
    left join {{ ref('int_note') }} as note on event.note_id = note.note_id
    where event.event in ('discounted', 'matured') and event.direction = 'payable'
    qualify row_number() over (partition by event.note_event_id order by note.source_key) = 1
),

bank_line as (
    select
        posting.bank_movement_id,
        posting.company_id,
        posting.event,
        other_account.purpose,
        movement.value_date as moved_on,
        posting.amount_company_currency as amount
    from {{ ref('int_bank_posting') }} as posting
    inner join {{ ref('int_bank_movement') }} as movement on posting.bank_movement_id = movement.bank_movement_id
    left join {{ ref('int_account') }} as other_account on posting.other_account_id = other_account.account_id
),

at_bank as (
    select
        company_id,
        case
            {% for event, (flow, _) in ruled.items() %}
            when event = '{{ event }}' then '{{ flow }}'
            {% endfor %}
            {% for purpose, (flow, _) in booked.items() %}
            when event = 'bank_line' and purpose = '{{ purpose }}' then '{{ flow }}'
            {% endfor %}
        end as flow,
        case
            {% for event, (_, component) in ruled.items() %}
            when event = '{{ event }}' then '{{ component }}'
            {% endfor %}
            {% for purpose, (_, component) in booked.items() %}
            when event = 'bank_line' and purpose = '{{ purpose }}' then '{{ component }}'
            {% endfor %}
        end as component,
        moved_on,
        cast(null as date) as known_on,
        amount
    from bank_line
),

-- Taxes and contributions leave with the pay, unless the company's bank shows them going by themselves.
pays_taxes_apart as (
    select distinct company_id
    from bank_line
    where event = 'payroll_tax_paid' and moved_on <= {{ as_of() }}
),

pay as (
    select
        line.company_id,
        'payroll' as flow,
        case line.element when 'net' then 'net_pay' else 'payroll_taxes' end as component,
        line.pay_date as moved_on,
        cast(null as date) as known_on,
        case
            when line.element in ('net', 'employer_contribution') then -line.amount_company_currency
            else line.amount_company_currency
        end as amount
    from {{ ref('fct_payroll_line') }} as line
    left join pays_taxes_apart as apart on line.company_id = apart.company_id
    where
        line.element = 'net'
        or (
            line.element in ('employer_contribution', 'income_tax', 'employee_contribution')
            and apart.company_id is null
        )
),

claim as (
    select
        company_id,
        'other' as flow,
        'expense_claims' as component,
        paid_date as moved_on,
        approved_date as known_on,
        -amount_company_currency as amount
    from {{ ref('fct_expense_claim_line') }}
    where paid_date is not null
),

-- An outlay for a project is its own flow where the bank shows just that money; else it is in what suppliers got.
outlay as (
    select
        project.company_id,
        'capital_projects' as flow,
        'capital_outlays' as component,
        movement.value_date as moved_on,
        project.approved_date as known_on,
        flow.amount_company_currency as amount
    from {{ ref('int_capital_project_cash_flow') }} as flow
    inner join {{ ref('int_capital_project') }} as project on flow.capital_project_id = project.capital_project_id
    inner join {{ ref('fct_bank_movement') }} as movement
        on
            project.company_id = movement.company_id
            and project.currency = movement.currency
            and flow.amount_company_currency = movement.amount_bank_currency
            and movement.value_date >= {{ add_days('flow.flow_date', -5) }}
            and movement.value_date <= {{ add_days('flow.flow_date', 5) }}
    where
        flow.kind = 'actual'
        and flow.amount_company_currency < 0
        and not exists (
            select 1
            from {{ ref('int_payment_at_bank') }} as paid
            where paid.bank_movement_id = movement.bank_movement_id
        )
        and {{ not_quarantined('capital_project_cash_flow', 'flow.capital_project_cash_flow_id') }}
    qualify row_number() over (
        partition by flow.capital_project_cash_flow_id order by movement.value_date, movement.bank_movement_id
    ) = 1
),

explained as (
    select
        company_id,
        flow,
        component,
        moved_on,
        coalesce(known_on, moved_on) as known_on,
        sum(amount) as amount
    from (
        select * from received
        union all
        select * from settled
        union all
        select * from note
        union all
        select * from at_bank
        union all
        select * from pay
        union all
        select * from claim
        union all
        select * from outlay
    ) as moved
    where flow is not null and moved_on <= {{ as_of() }}
    group by company_id, flow, component, moved_on, coalesce(known_on, moved_on)
),

bank_day as (
    select
        movement.company_id,
        movement.value_date as moved_on,
        sum({{ converted(
            'movement.amount_bank_currency',
            '(cast(account.rate_to_reporting as double) / books.rate_to_reporting)'
        ) }}) as amount,
        count(*) filter (
            where account.rate_to_reporting is null or books.rate_to_reporting is null
        ) as movements_without_rate
    from {{ ref('fct_bank_movement') }} as movement
    inner join {{ ref('dim_company') }} as company on movement.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as account
        on
            company.source_system = account.source_system
            and movement.currency = account.currency
            and movement.value_date = account.date_day
    left join {{ ref('int_reporting_rate') }} as books
        on
            company.source_system = books.source_system
            and company.currency = books.currency
            and movement.value_date = books.date_day
    where movement.value_date <= {{ as_of() }}
    group by movement.company_id, movement.value_date
),

-- Weeks that the statements tell in full.
bank_week as (
    select
        company_id,
        {{ first_of('week', 'moved_on') }} as week_start
    from bank_day
    group by company_id, {{ first_of('week', 'moved_on') }}
    having sum(movements_without_rate) = 0
),

-- Where statements are read, what the bank moved beyond the flows above: with it a day adds up to the bank.
unexplained as (
    select
        difference.company_id,
        'other' as flow,
        'unexplained' as component,
        difference.moved_on,
        difference.moved_on as known_on,
        sum(difference.amount) as amount
    from (
        select
            company_id,
            moved_on,
            amount
        from bank_day
        union all
        select
            company_id,
            moved_on,
            -amount as amount
        from explained
    ) as difference
    inner join bank_week
        on
            difference.company_id = bank_week.company_id
            and {{ first_of('week', 'difference.moved_on') }} = bank_week.week_start
    group by difference.company_id, difference.moved_on
),

flow as (
    select * from explained
    union all
    select * from unexplained
)

select
    flow.company_id,
    company.currency,
    flow.flow,
    flow.component,
    flow.moved_on,
    flow.known_on,
    cast(flow.amount as decimal(18, 4)) as amount_company_currency,
    company.source_system,
    company.source_key
from flow
inner join {{ ref('dim_company') }} as company on flow.company_id = company.company_id
where flow.amount <> 0
