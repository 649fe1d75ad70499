-- What each kind of case went through, from the documents that were there anyway, up to as_of.
with

{% for side in ['sales', 'purchase'] %}
{{ side }}_event as (
    {{ order_event(side) }}
),
{% endfor %}

claim as (
    select * from {{ ref('fct_expense_claim_line') }}
    where submitted_date <= {{ as_of() }}
),

-- A claim is what was handed in under one number; its lines may be decided on different days.
claim_event as (
    {% for activity, date in [
        ('submitted', 'submitted_date'), ('approved', 'approved_date'), ('rejected', 'rejected_date'),
        ('paid', 'paid_date'),
    ] %}
    select
        {{ claim_case() }} as case_id,
        company_id,
        '{{ activity }}' as activity,
        {{ date }} as event_date,
        claim_number as document_id,
        cast(sum(amount_reporting_currency) as decimal(18, 4)) as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from claim
    where {{ date }} is not null
    group by source_system, company_id, claim_number, {{ date }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

pay_run as (
    select
        *,
        concat(source_system, ':', coalesce(company_id, ''), ':', cast(pay_date as varchar)) as case_id
    from (
        {{ pay_run_at_bank() }}
    ) as run
),

-- Where no statement of a company's banks is read, payroll's word counts that the money left on its day.
pay_run_event as (
    select
        case_id,
        company_id,
        'pay_due' as activity,
        pay_date as event_date,
        case_id as document_id,
        net_amount_reporting_currency as amount_reporting_currency,
        source_system,
        source_key
    from pay_run
    union all
    select
        case_id,
        company_id,
        'paid' as activity,
        coalesce(booking_date, pay_date) as event_date,
        coalesce(bank_movement_id, case_id) as document_id,
        net_amount_reporting_currency as amount_reporting_currency,
        coalesce(bank_source_system, source_system) as source_system,
        coalesce(bank_source_key, source_key) as source_key
    from pay_run
    where
        booking_date <= {{ as_of() }}
        or company_id is null
        or company_id not in (
            select company_id
            from {{ ref('fct_bank_movement') }}
            where company_id is not null
        )
    union all
    select
        pay_run.case_id,
        pay_run.company_id,
        'posted' as activity,
        line.posting_date as event_date,
        line.journal_entry_id as document_id,
        cast(null as decimal(18, 4)) as amount_reporting_currency,
        min(line.source_system) as source_system,
        min(line.source_key) as source_key
    from pay_run
    inner join {{ ref('int_company') }} as company on pay_run.company_id = company.company_id
    inner join {{ ref('fct_journal_line') }} as line
        on
            line.origin = 'erp'
            and line.document_type = 'payroll'
            and concat(company.code, ':', cast(pay_run.pay_date as varchar)) = line.document_id
            and pay_run.company_id = line.company_id
    where line.posting_date <= {{ as_of() }}
    group by pay_run.case_id, pay_run.company_id, line.posting_date, line.journal_entry_id
),

event as (
    {% for process, case_type, events in [
        ('order_to_cash', 'sales_order', 'sales_event'),
        ('procure_to_pay', 'purchase_order', 'purchase_event'),
        ('employee_to_pay', 'expense_claim', 'claim_event'),
        ('employee_to_pay', 'pay_run', 'pay_run_event'),
    ] %}
    select
        '{{ process }}' as process,
        '{{ case_type }}' as case_type,
        *
    from {{ events }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    process,
    case_type,
    case_id,
    cast(row_number() over (
        partition by process, case_type, case_id
        order by event_date, {{ process_step('activity') }}, document_id
    ) as integer) as event_number,
    activity,
    event_date,
    company_id,
    document_id,
    amount_reporting_currency,
    source_system,
    source_key
from event
