-- The ERP notes accounts with the day they hold from; all but a partner's first are changes.
with account as (
    select
        account._source,
        account.id,
        account.partner_id,
        account.valid_from,
        account.changed_by,
        replace(account.account_number, ' ', '') as account_number,
        lag(replace(account.account_number, ' ', '')) over (
            partition by account._source, account.partner_id order by account.valid_from nulls first, account.id
        ) as old_account_number
    from {{ source('erp_global', 'partner_bank_accounts') }} as account
    inner join {{ source('erp_global', 'business_partners') }} as partner
        on account.partner_id = partner.id and account._source = partner._source
    where partner.is_supplier
)

select
    _source || ':' || id::varchar as supplier_account_change_id,
    (_source || ':' || partner_id::varchar)::varchar as supplier_id,
    valid_from::date as changed_date,
    old_account_number::varchar as old_account_number,
    account_number::varchar as new_account_number,
    changed_by::varchar as changed_by,
    _source::varchar as source_system,
    id::varchar as source_key
from account
where old_account_number <> account_number and valid_from is not null
