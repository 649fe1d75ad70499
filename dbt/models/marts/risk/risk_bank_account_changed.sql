-- Money went out within days of a change of the account it went to: the way of most payment fraud.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'bank_account_changed'
)

select
    pattern.pattern,
    change.supplier_account_change_id as subject,
    payment.company_id,
    payment.supplier_id,
    cast(null as varchar) as customer_id,
    'payment' as document_type,
    payment.payable_settlement_id as document_id,
    item.invoice_number as document_number,
    payment.settlement_date as document_date,
    payment.amount_company_currency,
    payment.amount_company_currency as amount_at_stake_company_currency,
    concat(
        'paid to the account ending in ', right(change.new_account_number, 4), ', changed on ', change.changed_date,
        coalesce(' by ' || change.changed_by, '')
    ) as detail_en,
    concat(
        '付款账户尾号 ', right(change.new_account_number, 4), '，变更于 ', change.changed_date,
        coalesce('，变更人 ' || change.changed_by, '')
    ) as detail_zh,
    payment.source_system,
    payment.source_key
from {{ ref('int_supplier_account_change') }} as change
cross join pattern
inner join {{ ref('fct_payable_settlement') }} as payment on change.supplier_id = payment.supplier_record_id
left join {{ ref('fct_payable') }} as item on payment.payable_id = item.payable_id
where
    payment.kind = 'payment'
    and payment.amount_company_currency > 0
    and payment.settlement_date <= {{ as_of() }}
    and {{ days_between('change.changed_date', 'payment.settlement_date') }} between 0 and pattern.window_days
