with

-- Entries of invoices: one that pays tax or corrects a balance names nobody rightly.
posted as (
    select
        account_id,
        count(*) as lines,
        count(party_id) as lines_with_party
    from {{ ref('int_journal_line') }}
    where document_type in ('sales_invoice', 'purchase_invoice')
    group by account_id
),

followed as (
    select
        account_id,
        count(*) as bank_accounts
    from {{ ref('int_bank_account') }}
    where account_id is not null
    group by account_id
)

select
    account.account_id,
    max(coalesce(posted.lines, 0)) as invoice_lines,
    max(coalesce(posted.lines_with_party, 0)) as invoice_lines_with_party,
    max(coalesce(followed.bank_accounts, 0)) as bank_accounts
from {{ ref('int_account') }} as account
left join posted on account.account_id = posted.account_id
left join followed on account.account_id = followed.account_id
group by account.account_id
