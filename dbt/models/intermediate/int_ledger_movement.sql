{#- What the other side of money is called, by the purpose of its account. -#}
{%- set flow_of = {
    'receivable': 'receipts_from_customers',
    'revenue': 'receipts_from_customers',
    'payable': 'payments_to_suppliers',
    'inventory': 'payments_to_suppliers',
    'cost_of_sales': 'payments_to_suppliers',
    'operating_expense': 'operating_costs_paid',
    'tax': 'taxes_paid',
    'income_tax': 'income_tax_paid',
    'interest': 'interest_paid',
    'fixed_asset': 'fixed_assets',
    'depreciation': 'fixed_assets',
    'loan': 'loans',
    'equity': 'owners',
    'retained_earnings': 'owners',
    'exchange_difference': 'exchange_effect',
} -%}
with

line as (
    select
        posted.journal_line_id,
        posted.journal_entry_id,
        posted.company_id,
        posted.account_id,
        posted.posting_date,
        posted.debit_company_currency - posted.credit_company_currency as amount,
        account.type,
        account.purpose,
        case
            {% for purpose, flow in flow_of.items() %}
            when account.purpose = '{{ purpose }}' then '{{ flow }}'
            {% endfor %}
            else 'other_operating'
        end as flow
    from {{ ref('int_journal_line') }} as posted
    inner join {{ ref('int_account') }} as account on posted.account_id = account.account_id
    where posted.posting_date <= {{ as_of() }} and {{ not_quarantined('journal_line', 'posted.journal_line_id') }}
),

-- An entry that moves money, and one that carries income and expense over to equity and nothing else.
entry as (
    select
        journal_entry_id,
        bool_or(purpose = 'cash') as moves_money,
        bool_or(type in ('income', 'expense')) and bool_and(type in ('income', 'expense', 'equity'))
        and bool_or(type = 'equity') as is_closing
    from line
    group by journal_entry_id
),

-- What an exchange difference in an entry with money belongs to: the largest of the other amounts, if there is one.
main_flow as (
    select
        journal_entry_id,
        flow
    from (
        select
            line.journal_entry_id,
            line.flow,
            abs(sum(line.amount)) as moved
        from line
        inner join entry on line.journal_entry_id = entry.journal_entry_id
        where entry.moves_money and line.purpose not in ('cash', 'exchange_difference')
        group by line.journal_entry_id, line.flow
    ) as flow_moved
    qualify row_number() over (partition by journal_entry_id order by moved desc, flow asc) = 1
),

described as (
    select
        line.company_id,
        line.account_id,
        line.posting_date,
        line.amount,
        entry.is_closing,
        case
            when line.purpose = 'cash' then 'cash'
            when not entry.moves_money then 'none'
            when line.purpose = 'exchange_difference' then coalesce(main_flow.flow, line.flow)
            else line.flow
        end as cash_flow
    from line
    inner join entry on line.journal_entry_id = entry.journal_entry_id
    left join main_flow on line.journal_entry_id = main_flow.journal_entry_id
),

movement_of_day as (
    select
        company_id,
        account_id,
        posting_date,
        cash_flow,
        is_closing,
        sum(amount) as amount
    from described
    group by company_id, account_id, posting_date, cash_flow, is_closing
)

select
    movement.company_id,
    movement.account_id,
    period.start_date as period_start,
    movement.cash_flow,
    movement.is_closing,
    cast(sum(movement.amount) as decimal(18, 4)) as amount_company_currency,
    {{ translated_total(translated('movement.amount', 'rate.rate_to_reporting')) }} as amount_reporting_currency
from movement_of_day as movement
inner join {{ ref('int_ledger_period') }} as period
    on
        movement.company_id = period.company_id
        and movement.posting_date >= period.posted_from
        and movement.posting_date < period.posted_before
inner join {{ ref('int_company') }} as company on movement.company_id = company.company_id
{{ join_rate_of_day('movement.posting_date') }}
group by movement.company_id, movement.account_id, period.start_date, movement.cash_flow, movement.is_closing
