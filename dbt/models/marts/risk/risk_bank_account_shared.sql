-- One account of two suppliers that are not one party, or of a supplier and an employee.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'bank_account_shared'
),

holder as (
    select
        'supplier' as holder_type,
        source.supplier_id as holder_id,
        source.record_id,
        source.code,
        upper(replace(source.bank_account_number, ' ', '')) as account_number,
        source.source_system,
        source.source_key
    from {{ ref('dim_supplier_source') }} as source
    where source.object = 'supplier' and source.bank_account_number <> ''
    union all
    select
        'employee' as holder_type,
        employee_id as holder_id,
        employee_id as record_id,
        source_key as code,
        upper(replace(bank_account_number, ' ', '')) as account_number,
        source_system,
        source_key
    from {{ ref('int_employee') }}
    where bank_account_number <> ''
),

shared as (
    select
        account_number,
        count(distinct holder_id) as holders,
        count(distinct case when holder_type = 'employee' then holder_id end) as employees
    from holder
    group by account_number
    -- Two employees who share an account are a household.
    having count(distinct holder_id) > 1 and count(distinct case when holder_type = 'supplier' then holder_id end) > 0
),

paid as (
    select
        settlement.supplier_record_id as record_id,
        settlement.company_id,
        sum(settlement.amount_company_currency) as amount_company_currency,
        max(settlement.settlement_date) as last_date
    from {{ ref('fct_payable_settlement') }} as settlement
    cross join pattern
    where
        settlement.kind = 'payment'
        and settlement.settlement_date <= {{ as_of() }}
        and settlement.settlement_date > {{ add_days(as_of(), '-pattern.window_days') }}
    group by settlement.supplier_record_id, settlement.company_id
)

select
    pattern.pattern,
    shared.account_number as subject,
    paid.company_id,
    case when holder.holder_type = 'supplier' then holder.holder_id end as supplier_id,
    cast(null as varchar) as customer_id,
    holder.holder_type as document_type,
    holder.record_id as document_id,
    holder.code as document_number,
    coalesce(paid.last_date, {{ as_of() }}) as document_date,
    cast(coalesce(paid.amount_company_currency, 0) as decimal(18, 4)) as amount_company_currency,
    cast(coalesce(paid.amount_company_currency, 0) as decimal(18, 4)) as amount_at_stake_company_currency,
    concat(
        'account ending in ', right(shared.account_number, 4), ' of ', shared.holders - shared.employees,
        ' suppliers and ', shared.employees, ' employees'
    ) as detail_en,
    concat(
        '账户尾号 ', right(shared.account_number, 4), '：', shared.holders - shared.employees, ' 个供应商和 ',
        shared.employees, ' 名员工共用'
    ) as detail_zh,
    holder.source_system,
    holder.source_key
from shared
cross join pattern
inner join holder on shared.account_number = holder.account_number
left join paid on holder.record_id = paid.record_id and holder.holder_type = 'supplier'
