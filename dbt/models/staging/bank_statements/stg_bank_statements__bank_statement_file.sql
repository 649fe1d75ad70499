with files as (
    select * from {{ source('bank_statements', 'file') }}
)

select
    _source || ':' || file as bank_statement_file_id,
    file::varchar as statement_file,
    state::varchar as state,
    statement_count::integer as statement_count,
    entry_count::integer as entry_count,
    first_date::date as first_date,
    last_date::date as last_date,
    line::integer as line_number,
    reason::varchar as reason,
    _source::varchar as source_system,
    file::varchar as source_key
from files
