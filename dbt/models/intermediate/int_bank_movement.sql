with

movement as (
    {{ union_staging('bank_movement', [
        'bank_movement_id', 'bank_statement_id', 'value_date', 'booking_date', 'currency',
        'amount_bank_currency', 'counterparty_name', 'counterparty_account', 'reference', 'matched_status',
        'account_id', 'source_system', 'source_key'
    ]) }}
),

-- Should a statement stand there twice, the duplicate_key rule says so; its movements are not doubled by it.
statement as (
    select *
    from {{ ref('int_bank_statement') }}
    qualify row_number() over (partition by bank_statement_id order by source_key) = 1
)

select
    movement.*,
    statement.bank_account_id,
    statement.company_id,
    statement.statement_number
from movement
left join statement on movement.bank_statement_id = statement.bank_statement_id
