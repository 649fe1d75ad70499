with

roll as (
    select
        roll.company_id,
        roll.period_end,
        sum(roll.closing_amount_document_currency) as closing,
        sum(
            roll.opening_amount_document_currency
            + roll.billed_amount_document_currency
            - roll.recognised_amount_document_currency
        ) as rolled,
        count(*) as contracts
    from {{ ref('fct_deferred_revenue_roll_monthly') }} as roll
    inner join {{ ref('dim_company') }} as company on roll.company_id = company.company_id
    -- Contracts in another currency are not in the books at the document's amount.
    where roll.document_currency = company.currency
    group by roll.company_id, roll.period_end
),

-- Deferred revenue accounts are liabilities that lines of customer invoices are posted on.
deferred_account as (
    select distinct line.account_id
    from {{ ref('fct_sales_invoice_line') }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where account.type = 'liability' and account.control is null
),

ledger as (
    select
        roll.company_id,
        roll.period_end,
        sum(line.credit_company_currency - line.debit_company_currency) as balance
    from roll
    inner join {{ erp_journal_line() }} as line
        on roll.company_id = line.company_id and roll.period_end >= line.posting_date
    inner join deferred_account on line.account_id = deferred_account.account_id
    group by roll.company_id, roll.period_end
)

select
    'deferred_revenue' as control,
    roll.company_id,
    roll.period_end as as_of,
    'contracts: billed and not yet earned' as left_label,
    'deferred revenue accounts' as right_label,
    cast(roll.closing as decimal(38, 4)) as left_total,
    cast(coalesce(ledger.balance, 0) as decimal(38, 4)) as right_total,
    case when roll.closing = roll.rolled then 0 else 1 end as broken,
    concat(
        company.currency, ' on ', cast(roll.period_end as varchar), ', ', cast(roll.contracts as varchar), ' contracts'
    ) as detail,
    false as blocking
from roll
inner join {{ ref('dim_company') }} as company on roll.company_id = company.company_id
left join ledger on roll.company_id = ledger.company_id and roll.period_end = ledger.period_end
