select
    schedule.contract_obligation_id,
    schedule.contract_id,
    schedule.contract_number,
    schedule.company_id,
    {{ golden_id('customer', 'schedule.customer_id') }} as customer_id,
    schedule.obligation_name,
    schedule.pattern,
    schedule.period_start,
    schedule.period_end,
    schedule.is_planned,
    schedule.document_currency,
    schedule.allocated_amount_document_currency,
    schedule.recognised_amount_document_currency,
    schedule.cumulative_amount_document_currency,
    schedule.remaining_amount_document_currency,
    schedule.source_system,
    schedule.source_key
from {{ ref('int_revenue_schedule') }} as schedule
