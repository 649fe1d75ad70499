with

crm as (
    select
        *,
        {{ letters_and_digits('name') }} as name_compared,
        {{ letters_and_digits('tax_identifier') }} as tax_identifier_compared
    from {{ ref('int_crm_account') }}
    where customer_code is not null
),

customer as (
    select
        *,
        {{ letters_and_digits('name') }} as name_compared,
        {{ letters_and_digits('tax_identifier') }} as tax_identifier_compared
    from {{ ref('int_customer') }}
)

-- A number that several ERPs have must agree with each of them.
select
    crm.crm_account_id,
    count(customer.customer_id) as customers,
    min(customer.name) as erp_name,
    min(customer.tax_identifier) as erp_tax_identifier,
    min(customer.country) as erp_country,
    max(case when crm.name_compared <> customer.name_compared then 1 else 0 end) = 0 as name_agrees,
    max(case when crm.tax_identifier_compared <> customer.tax_identifier_compared then 1 else 0 end) = 0
        as tax_identifier_agrees,
    max(case when crm.country <> customer.country then 1 else 0 end) = 0 as country_agrees
from crm
left join customer on crm.customer_code = customer.code
group by crm.crm_account_id
