with

erp_record as (
    {% for system in systems_with('customer').split(',') -%}
    select
        'customer' as object,
        customer_id as record_id,
        '{{ system }}' as system,
        code,
        name,
        tax_identifier,
        country,
        region,
        city,
        email,
        currency,
        payment_term_days,
        is_active,
        credit_limit_company_currency,
        channel,
        segment,
        salesperson_id,
        changed_at,
        source_system,
        source_key
    from {{ ref('stg_' ~ system ~ '__customer') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

crm_record as (
    {% for system in systems_with('crm_account').split(',') -%}
    select
        'crm_account' as object,
        crm_account_id as record_id,
        '{{ system }}' as system,
        customer_code as code,
        name,
        tax_identifier,
        country,
        region,
        cast(null as varchar) as city,
        email,
        cast(null as varchar) as currency,
        cast(null as integer) as payment_term_days,
        true as is_active,
        cast(null as decimal(18, 4)) as credit_limit_company_currency,
        channel,
        segment,
        salesperson_id,
        changed_at,
        source_system,
        source_key
    from {{ ref('stg_' ~ system ~ '__crm_account') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

-- A customer number that two ERPs use resolves to the same one of them every time.
customer_by_code as (
    select
        code,
        min(record_id) as record_id
    from erp_record
    group by code
)

select
    erp_record.*,
    cast(null as varchar) as numbered_customer_id
from erp_record
union all
select
    crm_record.*,
    customer_by_code.record_id as numbered_customer_id
from crm_record
left join customer_by_code on crm_record.code = customer_by_code.code
