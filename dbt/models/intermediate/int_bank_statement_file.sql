with

statement_file as (
    {{ union_staging('bank_statement_file', [
        'bank_statement_file_id', 'statement_file', 'state', 'statement_count', 'entry_count', 'first_date',
        'last_date', 'line_number', 'reason', 'source_system', 'source_key'
    ]) }}
),

-- A file belongs to a company where all its statements do.
of_company as (
    select
        source_system,
        statement_file,
        min(company_id) as company_id
    from {{ ref('int_bank_statement') }}
    where statement_file is not null
    group by source_system, statement_file
    having count(distinct coalesce(company_id, '')) = 1
)

select
    statement_file.*,
    of_company.company_id
from statement_file
left join of_company
    on
        statement_file.source_system = of_company.source_system
        and statement_file.statement_file = of_company.statement_file
