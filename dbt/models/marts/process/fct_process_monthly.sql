{% set legs = [
    'order_to_shipment', 'shipment_to_invoice', 'invoice_to_cash', 'order_to_receipt', 'receipt_to_invoice',
    'invoice_to_payment', 'submission_to_approval', 'approval_to_payment', 'total',
] %}
-- Quantiles are taken over the cases that ended in the month; a leg that a case does not have counts in none. Cases
-- of a company that nobody knows are left out.
with

moment as (
    select
        company_id,
        process,
        case_type,
        {{ first_of('month', 'start_date') }} as month_start,
        1 as is_start,
        0 as is_end,
        0 as is_touchless,
        0 as is_rework,
        {% for leg in legs %}
        cast(null as integer) as days_{{ leg }},
        {% endfor %}
        cast(null as varchar) as variant
    from {{ ref('fct_process_case') }}
    where company_id is not null
    union all
    select
        company_id,
        process,
        case_type,
        {{ first_of('month', 'end_date') }} as month_start,
        0 as is_start,
        1 as is_end,
        case when is_touchless then 1 else 0 end as is_touchless,
        case when rework_reason is null then 0 else 1 end as is_rework,
        {% for leg in legs %}
        days_{{ leg }},
        {% endfor %}
        variant
    from {{ ref('fct_process_case') }}
    where is_complete and company_id is not null
),

month as (
    select
        company_id,
        process,
        case_type,
        month_start,
        cast(sum(is_start) as integer) as started_case_count,
        cast(sum(is_end) as integer) as completed_case_count,
        cast(sum(is_touchless) as integer) as touchless_case_count,
        cast(sum(is_rework) as integer) as rework_case_count,
        {% for leg in legs %}
        cast({{ quantile('days_' ~ leg, '0.5') }} as decimal(9, 2)) as median_days_{{ leg }},
        cast({{ quantile('days_' ~ leg, '0.9') }} as decimal(9, 2)) as p90_days_{{ leg }},
        {% endfor %}
        cast(count(distinct variant) as integer) as variant_count
    from moment
    group by company_id, process, case_type, month_start
)

select
    month.company_id,
    month.process,
    month.case_type,
    month.month_start,
    {{ last_of('month', 'month.month_start') }} as month_end,
    month.started_case_count,
    month.completed_case_count,
    month.touchless_case_count,
    month.rework_case_count,
    {% for kind in ['touchless', 'rework'] %}
    cast(cast(month.{{ kind }}_case_count as double) / nullif(month.completed_case_count, 0) as decimal(9, 6))
        as {{ kind }}_share,
    {% endfor %}
    month.variant_count,
    {% for leg in legs %}
    month.median_days_{{ leg }},
    month.p90_days_{{ leg }},
    {% endfor %}
    company.source_system,
    company.source_key
from month
left join {{ ref('dim_company') }} as company on month.company_id = company.company_id
