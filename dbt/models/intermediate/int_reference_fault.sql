-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF03,RF04,ST05
with

period as (
    select
        period.*,
        lag(end_date) over (partition by company_id order by start_date, end_date) as end_before
    from {{ ref('int_fiscal_period') }} as period
)

select
    {{ warning(
        'period_not_adjoining', 'fiscal_period', 'record.fiscal_period_id', 'record.fiscal_period_id',
        "concat('period ', record.fiscal_year, '/', cast(record.fiscal_period as varchar), ' starts on ', "
        ~ "cast(record.start_date as varchar), ', the one before ends on ', cast(record.end_before as varchar))"
    ) }}
from period as record
where
    record.end_date < record.start_date
    or record.end_before is not null and record.start_date <> {{ add_days('record.end_before', 1) }}
