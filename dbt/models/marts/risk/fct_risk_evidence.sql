with

{% set patterns = [
    'bank_account_changed', 'bank_account_shared', 'duplicate_invoice', 'split_order', 'small_returns', 'round_amounts',
    'weekend_posting', 'leading_digits'
] -%}
evidence as (
    {% for pattern in patterns -%}
    select * from {{ ref('risk_' ~ pattern) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    md5(concat_ws('|', evidence.pattern, evidence.subject)) as alert_id,
    evidence.pattern,
    evidence.company_id,
    evidence.supplier_id,
    evidence.customer_id,
    evidence.document_type,
    evidence.document_id,
    evidence.document_number,
    evidence.document_date,
    company.currency as company_currency,
    cast(evidence.amount_company_currency as decimal(18, 4)) as amount_company_currency,
    cast(evidence.amount_at_stake_company_currency as decimal(18, 4)) as amount_at_stake_company_currency,
    {{ converted('evidence.amount_at_stake_company_currency', 'rate.rate_to_reporting') }}
        as amount_at_stake_reporting_currency,
    evidence.detail_en,
    evidence.detail_zh,
    evidence.source_system,
    evidence.source_key
from evidence
left join {{ ref('dim_company') }} as company on evidence.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and rate.date_day = {{ as_of() }}
