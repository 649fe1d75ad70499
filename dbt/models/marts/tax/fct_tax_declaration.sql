with

declared as (
    select declaration.*
    from {{ ref('int_tax_declaration') }} as declaration
    where {{ not_quarantined('tax_declaration', 'declaration.tax_declaration_id') }}
),

-- Periods for which a company filed at all: only there is a missing line a difference.
filed as (
    select distinct
        company_id,
        period_start,
        period_end
    from declared
),

computed as (
    select
        filed.company_id,
        filed.period_start,
        filed.period_end,
        line.direction,
        coalesce(line.tax_rate, 0) as tax_rate,
        sum(line.base_amount_company_currency) as base_amount,
        sum(line.tax_amount_company_currency) as tax_amount
    from filed
    inner join {{ ref('fct_tax_line') }} as line
        on
            filed.company_id = line.company_id
            and filed.period_start <= line.tax_date
            and filed.period_end >= line.tax_date
    group by filed.company_id, filed.period_start, filed.period_end, line.direction, coalesce(line.tax_rate, 0)
),

compared as (
    select
        declared.tax_declaration_id,
        coalesce(declared.company_id, computed.company_id) as company_id,
        coalesce(declared.period_start, computed.period_start) as period_start,
        coalesce(declared.period_end, computed.period_end) as period_end,
        coalesce(declared.direction, computed.direction) as direction,
        coalesce(declared.tax_rate, computed.tax_rate) as tax_rate,
        declared.filed_date,
        coalesce(declared.base_amount_company_currency, 0) as declared_base,
        coalesce(declared.tax_amount_company_currency, 0) as declared_tax,
        coalesce(computed.base_amount, 0) as computed_base,
        coalesce(computed.tax_amount, 0) as computed_tax,
        declared.source_system,
        declared.source_key
    from declared
    full outer join computed
        on
            declared.company_id = computed.company_id
            and declared.period_start = computed.period_start
            and declared.period_end = computed.period_end
            and declared.direction = computed.direction
            and declared.tax_rate = computed.tax_rate
)

select
    compared.tax_declaration_id,
    compared.company_id,
    compared.period_start,
    compared.period_end,
    compared.direction,
    compared.tax_rate,
    company.currency,
    compared.filed_date,
    cast(compared.declared_base as decimal(18, 4)) as declared_base_amount_company_currency,
    cast(compared.computed_base as decimal(18, 4)) as computed_base_amount_company_currency,
    cast(compared.declared_base - compared.computed_base as decimal(18, 4)) as base_difference_company_currency,
    cast(compared.declared_tax as decimal(18, 4)) as declared_tax_amount_company_currency,
    cast(compared.computed_tax as decimal(18, 4)) as computed_tax_amount_company_currency,
    cast(compared.declared_tax - compared.computed_tax as decimal(18, 4)) as tax_difference_company_currency,
    coalesce(compared.source_system, company.source_system) as source_system,
    compared.source_key
from compared
left join {{ ref('dim_company') }} as company on compared.company_id = company.company_id
