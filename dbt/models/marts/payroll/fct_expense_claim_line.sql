-- What happened to a claim after as_of is not known yet.
with known as (
    select
        *,
        case when approved_date <= {{ as_of() }} then approved_date end as known_approved_date,
        case when rejected_date <= {{ as_of() }} then rejected_date end as known_rejected_date,
        case when paid_date <= {{ as_of() }} then paid_date end as known_paid_date
    from {{ ref('int_expense_claim_line') }} as claim
    where {{ not_quarantined('expense_claim_line', 'claim.expense_claim_line_id') }}
)

select
    line.expense_claim_line_id,
    line.claim_number,
    line.company_id,
    line.employee_id,
    line.expense_date,
    line.category,
    line.currency,
    line.amount_company_currency,
    {{ converted('line.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    line.submitted_date,
    line.known_approved_date as approved_date,
    line.known_rejected_date as rejected_date,
    line.known_paid_date as paid_date,
    case
        when line.known_rejected_date is not null then 'rejected'
        when line.known_paid_date is not null then 'paid'
        when line.known_approved_date is not null then 'approved'
        else 'submitted'
    end as status,
    cast(
        case
            when
                line.known_approved_date is not null
                and line.known_paid_date is null
                and line.known_rejected_date is null
                then line.amount_company_currency
            else 0
        end as decimal(18, 4)
    ) as owed_amount_company_currency,
    {{ days_between('line.submitted_date', 'line.known_paid_date') }} as days_to_payment,
    line.source_system,
    line.source_key
from known as line
left join {{ ref('int_company') }} as company on line.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and line.expense_date = rate.date_day
