with

declared as (
    select distinct
        company_id,
        period_start,
        period_end
    from {{ ref('int_tax_declaration') }}
),

line as (
    select
        declaration.*,
        count(*) over (
            partition by declaration.company_id, declaration.period_start, declaration.direction, declaration.tax_rate
        ) as times,
        return_before.end_before
    from {{ ref('int_tax_declaration') }} as declaration
    left join (
        select
            company_id,
            period_start,
            lag(period_end) over (partition by company_id order by period_start, period_end) as end_before
        from declared
        qualify row_number() over (partition by company_id, period_start order by period_end) = 1
    ) as return_before
        on declaration.company_id = return_before.company_id and declaration.period_start = return_before.period_start
)

select
    {{ warning(
        'declaration_arithmetic', 'tax_declaration', 'record.tax_declaration_id', 'record.tax_declaration_id',
        "concat(record.direction, ' tax ', cast(record.period_start as varchar), ' to ', "
        ~ "cast(record.period_end as varchar), ': ', cast(record.tax_amount_company_currency as varchar), ' is not ', "
        ~ "cast(cast(record.tax_rate * 100 as decimal(9, 2)) as varchar), ' % of ', "
        ~ "cast(record.base_amount_company_currency as varchar))"
    ) }}
from line as record
-- Each invoice line is rounded on its own.
where
    abs(
        cast(record.base_amount_company_currency as double) * cast(record.tax_rate as double)
        - cast(record.tax_amount_company_currency as double)
    ) > 5 + 0.001 * abs(cast(record.base_amount_company_currency as double))

union all

select
    {{ warning(
        'declaration_period_implausible', 'tax_declaration', 'record.tax_declaration_id', 'record.tax_declaration_id',
        "concat(record.direction, ' tax ', cast(record.period_start as varchar), ' to ', "
        ~ "cast(record.period_end as varchar), ', filed ', coalesce(cast(record.filed_date as varchar), 'never'), "
        ~ "', the next after the one before starts on ', coalesce(cast(" ~ add_days('record.end_before', 1)
        ~ " as varchar), 'any day'))"
    ) }}
from line as record
where
    record.period_end < record.period_start
    or record.filed_date < record.period_end
    or record.period_start <> {{ add_days('record.end_before', 1) }}

union all

-- Both would agree with what was computed for the rate.
select
    {{ warning(
        'declared_twice', 'tax_declaration', 'record.tax_declaration_id', 'record.tax_declaration_id',
        "concat(record.direction, ' tax at ', cast(cast(record.tax_rate * 100 as decimal(9, 2)) as varchar), ' %, ', "
        ~ "cast(record.period_start as varchar), ' to ', cast(record.period_end as varchar), ' stands ', "
        ~ "cast(record.times as varchar), ' times')"
    ) }}
from line as record
where record.times > 1
