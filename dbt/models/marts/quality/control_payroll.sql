with

hr as (
    select
        company_id,
        'payroll' as measure,
        {{ first_of('month', 'pay_date') }} as month_start,
        amount_company_currency as amount
    from {{ ref('fct_payroll_line') }}
    where element in ('gross', 'employer_contribution') and pay_date <= {{ as_of() }}
    union all
    select
        company_id,
        'claims_approved' as measure,
        {{ first_of('month', 'approved_date') }} as month_start,
        amount_company_currency as amount
    from {{ ref('fct_expense_claim_line') }}
    where approved_date is not null
    union all
    select
        company_id,
        'claims_paid' as measure,
        {{ first_of('month', 'paid_date') }} as month_start,
        amount_company_currency as amount
    from {{ ref('fct_expense_claim_line') }}
    where paid_date is not null
),

-- The whole ledger, quarantined entries included: keeping an entry out must not make two books differ that agree.
posting as (
    select
        line.company_id,
        account.element,
        {{ first_of('month', 'line.posting_date') }} as month_start,
        line.debit_company_currency as debit,
        line.credit_company_currency as credit
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_cost_account') }} as account
        on
            line.account_id = account.account_id
            and line.posting_date >= account.valid_from
            and line.posting_date < account.valid_before
    where account.element in ('payroll', 'expense_claim') and line.posting_date <= {{ as_of() }}
),

ledger as (
    select
        company_id,
        'payroll' as measure,
        month_start,
        debit - credit as amount
    from posting
    where element = 'payroll'
    union all
    select
        company_id,
        'claims_approved' as measure,
        month_start,
        credit as amount
    from posting
    where element = 'expense_claim' and credit <> 0
    union all
    select
        company_id,
        'claims_paid' as measure,
        month_start,
        debit as amount
    from posting
    where element = 'expense_claim' and debit <> 0
),

pay_run as (
    {{ pay_run_at_bank() }}
),

side as (
    select
        company_id,
        measure,
        month_start,
        amount as left_amount,
        0 as right_amount
    from hr
    union all
    select
        company_id,
        measure,
        month_start,
        0 as left_amount,
        amount as right_amount
    from ledger
    union all
    select
        company_id,
        'net_pay' as measure,
        {{ first_of('month', 'pay_date') }} as month_start,
        net_amount_company_currency as left_amount,
        0 as right_amount
    from pay_run
    union all
    select
        company_id,
        'net_pay' as measure,
        {{ first_of('month', 'pay_date') }} as month_start,
        0 as left_amount,
        net_amount_company_currency as right_amount
    from pay_run
    where bank_movement_id is not null
),

month as (
    select
        company_id,
        measure,
        month_start,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount
    from side
    group by company_id, measure, month_start
)

select
    'payroll' as control,
    company_id,
    {{ as_of() }} as as_of,
    case measure
        when 'payroll' then 'gross pay and employer contributions'
        when 'net_pay' then 'net pay'
        when 'claims_approved' then 'expense claims approved'
        else 'expense claims paid'
    end as left_label,
    case measure
        when 'payroll' then 'payroll expense in the ledger'
        when 'net_pay' then 'bank movements of that amount within 5 days of the pay date'
        when 'claims_approved' then 'credits of the account of expenses owed'
        else 'debits of the account of expenses owed'
    end as right_label,
    {{ total('left_amount') }} as left_total,
    {{ total('right_amount') }} as right_total,
    count(*) filter (where left_amount <> right_amount) as broken,
    concat(
        cast(count(*) as varchar), ' months',
        coalesce(', wrong: ' || min(case when left_amount <> right_amount then cast(month_start as varchar) end), '')
    ) as detail,
    false as blocking
from month
-- Without an assignment of ledger accounts, or without statements of a bank, there is no other side.
where
    company_id in (
        select company_id
        from {{ ref('int_cost_account') }}
        where
            (measure = 'payroll' and element = 'payroll')
            or (measure in ('claims_approved', 'claims_paid') and element = 'expense_claim')
    )
    or (measure = 'net_pay' and company_id in (select company_id from {{ ref('fct_bank_movement') }}))
group by company_id, measure
