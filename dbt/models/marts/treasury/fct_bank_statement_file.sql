select
    bank_statement_file_id,
    company_id,
    statement_file,
    state,
    statement_count,
    entry_count,
    first_date,
    last_date,
    line_number,
    reason,
    source_system,
    source_key
from {{ ref('int_bank_statement_file') }}
