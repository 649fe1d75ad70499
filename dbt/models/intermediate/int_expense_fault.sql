-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06
with

claim as (
    select
        claim.*,
        company.currency as currency_of_books,
        count(*) over (
            partition by
                claim.company_id, claim.employee_id, claim.expense_date, claim.category, claim.amount_company_currency
        ) as alike,
        quantile_cont(cast(claim.amount_company_currency as double), 0.5) over (
            partition by claim.company_id, claim.category
        ) as usual,
        count(*) over (partition by claim.company_id, claim.category) as claims
    from {{ ref('int_expense_claim_line') }} as claim
    left join {{ ref('int_company') }} as company on claim.company_id = company.company_id
),

-- What became owed and what was paid on a day, by the claims and by the ledger.
claimed as (
    {% for side in ['approved', 'paid'] %}
    select
        company_id,
        '{{ side }}' as side,
        {{ side }}_date as day,
        sum(amount_company_currency) as amount,
        min(expense_claim_line_id) as record_id,
        min(source_system) as source_system,
        min(source_key) as source_key,
        {{ listed('claim_number') }} as numbers
    from claim
    where {{ side }}_date <= {{ as_of() }}
    group by company_id, {{ side }}_date
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

posted as (
    {% for side, measure in [('approved', 'credit'), ('paid', 'debit')] %}
    select
        line.company_id,
        '{{ side }}' as side,
        line.posting_date as day,
        min(line.source_system) as source_system,
        min(line.source_key) as source_key,
        sum(line.{{ measure }}_company_currency) as amount
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_cost_account') }} as account
        on
            line.account_id = account.account_id
            and line.posting_date >= account.valid_from
            and line.posting_date < account.valid_before
    where
        account.element = 'expense_claim'
        and line.{{ measure }}_company_currency <> 0
        and line.posting_date <= {{ as_of() }}
    group by line.company_id, line.posting_date
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        coalesce(claimed.company_id, posted.company_id) as company_id,
        coalesce(claimed.side, posted.side) as side,
        coalesce(claimed.day, posted.day) as day,
        coalesce(claimed.amount, 0) as amount,
        coalesce(posted.amount, 0) as posted_amount,
        coalesce(
            claimed.record_id, concat(posted.company_id, ':', posted.side, ':', cast(posted.day as varchar))
        ) as record_id,
        coalesce(claimed.source_system, posted.source_system) as source_system,
        coalesce(claimed.source_key, posted.source_key) as source_key,
        coalesce(claimed.numbers, 'none') as numbers
    from claimed
    full outer join posted
        on claimed.company_id = posted.company_id and claimed.side = posted.side and claimed.day = posted.day
    where
        coalesce(claimed.company_id, posted.company_id) in (select books.company_id from posted as books)
        and coalesce(claimed.company_id, posted.company_id) in (select claims.company_id from claimed as claims)
)

select
    {{ warning(
        'expense_dates_out_of_order', 'expense_claim_line', 'record.expense_claim_line_id', 'record.expense_claim_line_id',
        "concat('claim ', record.claim_number, ': spent ', cast(record.expense_date as varchar), ', handed in ', "
        ~ "cast(record.submitted_date as varchar), ', approved ', "
        ~ "coalesce(cast(record.approved_date as varchar), 'never'), ', refused ', "
        ~ "coalesce(cast(record.rejected_date as varchar), 'never'), ', paid ', "
        ~ "coalesce(cast(record.paid_date as varchar), 'never'))"
    ) }}
from {{ rare_cases(
    'claim', 'submitted_date < expense_date or approved_date < submitted_date or paid_date < approved_date '
    ~ 'or (paid_date is not null and (approved_date is null or rejected_date is not null)) '
    ~ 'or (approved_date is not null and rejected_date is not null)'
) }} as record

union all

select
    {{ warning(
        'expense_amount_unusual', 'expense_claim_line', 'record.expense_claim_line_id', 'record.expense_claim_line_id',
        "concat('claim ', record.claim_number, ': ', coalesce(record.category, ''), ' ', "
        ~ "cast(record.amount_company_currency as varchar), ' ', record.currency)"
    ) }}
from {{ rare_cases(
    'claim', 'amount_company_currency <= 0 or (claims >= 10 and amount_company_currency > 20 * usual) '
    ~ 'or currency <> currency_of_books'
) }} as record

union all

select
    {{ warning(
        'expense_twice', 'expense_claim_line', 'record.expense_claim_line_id', 'record.expense_claim_line_id',
        "concat('claim ', record.claim_number, ': ', record.employee_id, ' claims ', coalesce(record.category, ''), "
        ~ "' of ', cast(record.expense_date as varchar), ' for ', cast(record.amount_company_currency as varchar), "
        ~ "' on another line too')"
    ) }}
from {{ rare_cases('claim', 'alike > 1') }} as record

union all

select
    {{ warning(
        'expenses_differ_from_ledger', 'expense_claim_line', 'record.record_id', 'record.record_id',
        "concat('claims ', record.side, ' on ', cast(record.day as varchar), ': ', cast(record.amount as varchar), "
        ~ "', in the ledger ', cast(record.posted_amount as varchar), '; claims ', record.numbers)"
    ) }}
from {{ rare_cases('compared', 'amount <> posted_amount', like='company_id, side') }} as record
