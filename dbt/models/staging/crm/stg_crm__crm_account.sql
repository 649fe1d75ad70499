with account as (
    select * from {{ source('crm', 'accounts') }}
),

salesperson as (
    select * from {{ source('crm', 'users') }}
)

select
    account._source || ':' || account.account_id as crm_account_id,
    account.erp_customer_number::varchar as customer_code,
    account.account_name::varchar as name,
    nullif(account.tax_id, '')::varchar as tax_identifier,
    account.country_code::varchar as country,
    account.territory::varchar as region,
    account.channel::varchar as channel,
    account.segment::varchar as segment,
    (account._source || ':' || account.owner_id)::varchar as salesperson_id,
    salesperson.full_name::varchar as salesperson_name,
    account.email::varchar as email,
    account.modified_at::timestamp as changed_at,
    account._source::varchar as source_system,
    account.account_id::varchar as source_key
from account
left join salesperson on account.owner_id = salesperson.user_id and account._source = salesperson._source
