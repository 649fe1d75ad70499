select
    movement.bank_movement_id,
    movement.bank_statement_id,
    movement.statement_number,
    movement.company_id,
    movement.bank_account_id,
    movement.value_date,
    movement.booking_date,
    movement.currency,
    movement.amount_bank_currency,
    {{ converted('movement.amount_bank_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    movement.counterparty_name,
    movement.counterparty_account,
    movement.reference,
    coalesce(movement.matched_status, 'unmatched') as matched_status,
    movement.source_system,
    movement.source_key
from {{ ref('int_bank_movement') }} as movement
left join {{ ref('int_company') }} as company on movement.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and movement.currency = rate.currency
        and movement.value_date = rate.date_day
where {{ not_quarantined('bank_movement', 'movement.bank_movement_id') }}
