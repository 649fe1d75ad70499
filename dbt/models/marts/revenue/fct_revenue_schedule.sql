select
    contract_obligation_id,
    contract_id,
    contract_number,
    company_id,
    {{ golden_id('customer', 'schedule.customer_id') }} as customer_id,
    obligation_name,
    pattern,
    period_start,
    period_end,
    is_planned,
    document_currency,
    allocated_amount_document_currency,
    recognised_amount_document_currency,
    cumulative_amount_document_currency,
    remaining_amount_document_currency,
    source_system,
    source_key
from {{ ref('int_revenue_schedule') }} as schedule
