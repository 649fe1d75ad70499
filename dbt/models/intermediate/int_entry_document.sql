{#- Ways in which an entry and a document are each other's, the surest first: name, key. -#}
{%- set passes = [
    ('same_entry', 'company_id, posting_date, signature'),
    ('same_month', "company_id, posting_month, signature"),
    ('same_accounts', 'company_id, posting_date, accounts'),
] -%}
with

-- Entries of the ERP that name no document on any line.
entry_account as (
    select
        line.company_id,
        line.journal_entry_id,
        min(line.posting_date) as posting_date,
        line.account_id,
        sum(line.debit_company_currency - line.credit_company_currency) as amount
    from {{ ref('int_journal_line') }} as line
    where
        line.posting_date <= {{ as_of() }}
        and {{ not_quarantined('journal_line', 'line.journal_line_id') }}
        and not exists (
            select 1
            from {{ ref('int_journal_line') }} as named
            where named.journal_entry_id = line.journal_entry_id and named.document_id is not null
        )
    group by line.company_id, line.journal_entry_id, line.account_id
    having sum(line.debit_company_currency - line.credit_company_currency) <> 0
),

-- Documents that are posted by the rules and that no entry names.
document_account as (
    select
        line.company_id,
        line.document_type,
        line.document_id,
        line.posting_date,
        line.account_id,
        sum(line.amount_company_currency) as amount
    from {{ ref('int_derived_journal_line') }} as line
    where
        line.exception is null
        and line.posting_date <= {{ as_of() }}
        and not exists (
            select 1
            from {{ ref('int_journal_line') }} as named
            where
                named.company_id = line.company_id
                and named.document_type = line.document_type
                and named.document_id = line.document_id
        )
    group by line.company_id, line.document_type, line.document_id, line.posting_date, line.account_id
    having sum(line.amount_company_currency) <> 0
),

entry as (
    select
        company_id,
        journal_entry_id,
        min(posting_date) as posting_date,
        {{ first_of('month', 'min(posting_date)') }} as posting_month,
        {{ entry_signature() }} as signature,
        {{ entry_accounts() }} as accounts,
        sum(abs(amount)) as turnover
    from entry_account
    group by company_id, journal_entry_id
),

document as (
    select
        company_id,
        document_type,
        document_id,
        posting_date,
        concat(company_id, ':', document_type, ':', document_id, ':', cast(posting_date as varchar)) as document_key,
        {{ first_of('month', 'posting_date') }} as posting_month,
        {{ entry_signature() }} as signature,
        {{ entry_accounts() }} as accounts,
        sum(abs(amount)) as turnover
    from document_account
    group by company_id, document_type, document_id, posting_date
),
{% for name, key in passes %}
-- Where several are alike, the first goes with the first.
{{ name }} as (
    select
        entry.company_id,
        entry.journal_entry_id,
        document.document_type,
        document.document_id,
        document.posting_date,
        document.document_key
    from (
        select
            *,
            row_number() over (partition by {{ key }} order by posting_date, turnover, journal_entry_id) as place
        from entry
        where {{ not_yet('journal_entry_id', passes[:loop.index0]) }}
    ) as entry
    inner join (
        select
            *,
            row_number() over (
                partition by {{ key }} order by posting_date, turnover, document_type, document_id
            ) as place
        from document
        where {{ not_yet('document_key', passes[:loop.index0]) }}
    ) as document
        on
            entry.place = document.place
            {% for column in key.split(', ') -%}
            and entry.{{ column }} = document.{{ column }}
            {% endfor %}
),
{% endfor %}
matched as (
    {% for name, _ in passes -%}
    select
        *,
        '{{ name }}' as match
    from {{ name }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What an entry that meets no document is, by what it moves.
turned_round as (
    select
        journal_entry_id,
        {{ entry_signature('-amount') }} as opposite
    from entry_account
    group by journal_entry_id
),

-- An entry of the next quarter of a year that takes it back whole.
reversal as (
    select
        accrual.journal_entry_id as accrual_id,
        reversal.journal_entry_id as reversal_id
    from turned_round
    inner join entry as accrual on turned_round.journal_entry_id = accrual.journal_entry_id
    inner join entry as reversal
        on
            accrual.company_id = reversal.company_id
            and turned_round.opposite = reversal.signature
            and accrual.posting_date < reversal.posting_date
            and reversal.posting_date <= {{ add_days('accrual.posting_date', 92) }}
    qualify
        row_number() over (
            partition by accrual.journal_entry_id order by reversal.posting_date, reversal.journal_entry_id
        ) = 1
        and row_number() over (
            partition by reversal.journal_entry_id order by accrual.posting_date desc, accrual.journal_entry_id asc
        ) = 1
),

first_posting as (
    select
        company_id,
        min(posting_date) as posting_date
    from {{ ref('int_journal_line') }}
    group by company_id
),

moved as (
    select
        line.journal_entry_id,
        bool_or(account.type = 'equity') as moves_equity,
        bool_or(account.type in ('income', 'expense')) as moves_result,
        bool_and(account.type in ('income', 'expense', 'equity')) as moves_nothing_else,
        bool_or(account.control = 'unrealised_exchange') as is_revaluation,
        bool_or(account.purpose = 'depreciation') as is_depreciation,
        bool_and(account.purpose = 'cash') as is_transfer
    from entry_account as line
    inner join {{ ref('int_account') }} as account on line.account_id = account.account_id
    group by line.journal_entry_id
)

select
    entry.company_id,
    entry.journal_entry_id,
    matched.document_type,
    matched.document_id,
    matched.match,
    case
        when matched.document_id is not null then cast(null as varchar)
        when moved.moves_equity and moved.moves_result and moved.moves_nothing_else then 'closing'
        when
            moved.moves_equity and not moved.moves_result and entry.posting_date = first_posting.posting_date
            then 'opening'
        when moved.is_revaluation then 'revaluation'
        when moved.is_depreciation then 'depreciation'
        when moved.is_transfer then 'transfer'
        when accrued.accrual_id is not null then 'accrual'
        when reversed.reversal_id is not null then 'reversal'
        else 'manual'
    end as kind
from entry
left join matched on entry.journal_entry_id = matched.journal_entry_id
left join moved on entry.journal_entry_id = moved.journal_entry_id
left join first_posting on entry.company_id = first_posting.company_id
left join reversal as accrued on entry.journal_entry_id = accrued.accrual_id
left join reversal as reversed on entry.journal_entry_id = reversed.reversal_id
