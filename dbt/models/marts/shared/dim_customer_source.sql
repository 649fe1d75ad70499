with

erp_record as (
    select
        source_system,
        source_key,
        'customer' as object,
        customer_id as record_id,
        customer_id,
        name,
        'own record' as resolved_by
    from {{ ref('int_customer') }}
),

-- A customer number that two ERPs use resolves to the same one of them every time.
customer_by_code as (
    select
        code,
        min(customer_id) as customer_id
    from {{ ref('int_customer') }}
    group by code
),

crm_record as (
    select
        crm_account.source_system,
        crm_account.source_key,
        'crm_account' as object,
        crm_account.crm_account_id as record_id,
        coalesce(customer_by_code.customer_id, crm_account.crm_account_id) as customer_id,
        crm_account.name,
        case when customer_by_code.customer_id is null then 'own record' else 'customer number' end as resolved_by
    from {{ ref('int_crm_account') }} as crm_account
    left join customer_by_code on crm_account.customer_code = customer_by_code.code
)

select * from erp_record
union all
select * from crm_record
