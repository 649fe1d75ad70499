-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06,ST09
{# sub-ledger, its documents' lines, party, what the ledger owes on the control account, sign of the lines' account #}
{% set sides = [
    ('receivable', 'sales', 'customer_id', 'debit_company_currency - credit_company_currency'),
    ('payable', 'purchase', 'supplier_id', 'credit_company_currency - debit_company_currency'),
] %}

with

line as (
    select
        line.*,
        account.code,
        account.type,
        case when account.control in ('receivable', 'payable', 'bank') then account.control end as control,
        account.company_id as company_of_account,
        case
            when account.control in ('receivable', 'payable', 'bank') then account.control
            else account.code
        end as class
    from {{ ref('int_journal_line') }} as line
    left join {{ ref('int_account') }} as account on line.account_id = account.account_id
),

entry as (
    select
        journal_entry_id as record_id,
        min(entry_number) as number,
        min(posting_date) as dated,
        min(company_id) as company_id,
        min(source_system) as source_system,
        substr(journal_entry_id, length(min(source_system)) + 2) as source_key,
        count(*) filter (where control is not null) as control_lines,
        min(description) as description,
        sum(debit_company_currency) as amount,
        {{ text_list("concat(class, ':', cast(debit_company_currency - credit_company_currency as varchar))", "' '",
            "class, debit_company_currency, credit_company_currency") }} as content
    from line
    group by journal_entry_id
),

{{ in_series('entry') }},

{% for side, lines, party, owed in sides %}
-- Movements of a party on a day by both routes.
{{ side }}_moved as (
    select
        company_id,
        party_id,
        posting_date,
        sum(in_subledger) as in_subledger,
        sum(in_ledger) as in_ledger,
        min(record_id) as record_id,
        min(source_system) as source_system,
        min(source_key) as source_key,
        {{ listed('document') }} as documents
    from (
        select
            company_id,
            coalesce({{ party }}, '') as party_id,
            posting_date,
            amount_company_currency as in_subledger,
            0 as in_ledger,
            {{ side }}_id as record_id,
            source_system,
            source_key,
            coalesce(invoice_number, source_key) as document
        from {{ ref('int_' ~ side) }}
        union all
        select
            settlement.company_id,
            coalesce(item.{{ party }}, '') as party_id,
            settlement.settlement_date as posting_date,
            -settlement.amount_company_currency as in_subledger,
            0 as in_ledger,
            item.{{ side }}_id as record_id,
            item.source_system,
            item.source_key,
            coalesce(item.invoice_number, item.source_key) as document
        from {{ ref('int_' ~ side ~ '_settlement') }} as settlement
        left join {{ ref('int_' ~ side) }} as item on settlement.{{ side }}_id = item.{{ side }}_id
        union all
        select
            company_id,
            coalesce(party_id, '') as party_id,
            posting_date,
            0 as in_subledger,
            {{ owed }} as in_ledger,
            null as record_id,
            source_system,
            source_key,
            entry_number as document
        from line
        where control = '{{ side }}'
    ) as movement
    where company_id in (select company_id from {{ ref('int_journal_line') }})
    group by company_id, party_id, posting_date
),

-- Entries that post documents of this side: those with a line on its control account and one on an account that the
-- documents' lines name. Per party and day, since entries do not name their document.
{{ side }}_named_account as (
    select distinct account_id
    from {{ ref('int_' ~ lines ~ '_invoice_line') }}
    where account_id is not null
),

{{ side }}_entry as (
    select
        journal_entry_id,
        min(party_id) filter (where control = '{{ side }}') as party_id
    from line
    group by journal_entry_id
    having
        count(*) filter (where control = '{{ side }}') > 0
        and count(*) filter (where account_id in (select account_id from {{ side }}_named_account)) > 0
),

{{ side }}_entry_of_day as (
    select
        company_id,
        party_id,
        posting_date,
        {{ listed('entry_number') }} as entries
    from line
    where control = '{{ side }}'
    group by company_id, party_id, posting_date
),

{{ side }}_posted as (
    select
        company_id,
        party_id,
        posting_date,
        measure,
        sum(in_documents) as in_documents,
        sum(in_ledger) as in_ledger,
        min(record_id) as record_id,
        min(source_system) as source_system,
        min(source_key) as source_key,
        {{ listed('document') }} as documents
    from (
        {% set measures = [
            ('net', 'line.net_amount_company_currency', "concat('account ', account.code)"),
            ('tax', 'line.tax_amount_company_currency', "'tax'"),
        ] + ([('cost', '-line.cost_amount_company_currency', "'cost'")] if lines == 'sales' else []) %}
        {% for name, amount, measure in measures %}
        select
            line.company_id,
            item.{{ party }} as party_id,
            item.posting_date,
            {{ measure }} as measure,
            {{ amount }} as in_documents,
            0 as in_ledger,
            line.invoice_id as record_id,
            line.source_system,
            item.source_key,
            item.invoice_number as document
        from {{ ref('int_' ~ lines ~ '_invoice_line') }} as line
        inner join (
            select * from {{ ref('int_' ~ side) }}
            qualify row_number() over (partition by invoice_id order by {{ side }}_id) = 1
        ) as item on line.invoice_id = item.invoice_id
        left join {{ ref('int_account') }} as account on line.account_id = account.account_id
        union all
        {% endfor %}
        select
            line.company_id,
            entry.party_id,
            line.posting_date,
            case
                when named.account_id is not null then concat('account ', line.code)
                when line.type = 'expense' then 'cost'
                when line.type = 'liability' then 'tax'
                else 'other'
            end as measure,
            0 as in_documents,
            {{ '-' if side == 'payable' }}(line.credit_company_currency - line.debit_company_currency) as in_ledger,
            null as record_id,
            line.source_system,
            line.source_key,
            line.entry_number as document
        from line
        inner join {{ side }}_entry as entry on line.journal_entry_id = entry.journal_entry_id
        left join {{ side }}_named_account as named on line.account_id = named.account_id
        where line.control is null or line.control <> '{{ side }}'
    ) as both_routes
    where measure is not null
    group by company_id, party_id, posting_date, measure
),
{% endfor %}

manual as (
    select
        entry.*,
        count(*) over same as alike,
        min(number) over same as first_number,
        max(number) over same as last_number,
        count(*) over (partition by company_id, description) as entries,
        quantile_cont(cast(amount as double), 0.5) over (partition by company_id, description) as usual_amount,
        max(amount) over (
            partition by company_id, description
            order by amount, record_id
            rows between unbounded preceding and 1 preceding
        ) as next_amount,
        row_number() over (partition by company_id, description order by amount desc, record_id desc) as from_largest
    from entry
    where control_lines = 0
    window same as (partition by company_id, dated, description, content)
),

-- How often an account stands on one side in entries of one text, over all companies of a source.
pattern as (
    select
        line.*,
        count(*) over (partition by source_system, description, class, debit_company_currency > 0) as used,
        count(*) over (partition by source_system, description) as lines_of_text
    from line
    where description <> ''
)

{% for side, lines, party, owed in sides %}
select
    {{ warning(
        side ~ '_differs_from_ledger', side,
        "coalesce(record.record_id, concat(record.company_id, ' ', record.party_id))",
        "coalesce(record.record_id, '')",
        "concat('party ', record.party_id, ' on ', cast(record.posting_date as varchar), ': sub-ledger ', "
        ~ "cast(record.in_subledger as varchar), ', ledger ', cast(record.in_ledger as varchar), ', documents ', "
        ~ "record.documents)"
    ) }}
from (
    -- One fault a document: of a record named by several days, the first.
    select * from {{ side }}_moved
    where in_subledger <> in_ledger
) as record

union all

select
    {{ warning(
        lines ~ '_invoice_differs_from_ledger', lines ~ '_invoice',
        "coalesce(record.record_id, concat(record.company_id, ' ', record.party_id))", "coalesce(record.record_id, '')",
        "concat(record.measure, ', party ', record.party_id, ' on ', cast(record.posting_date as varchar), "
        ~ "': documents ', cast(record.in_documents as varchar), ', ledger ', cast(record.in_ledger as varchar), "
        ~ "', ', record.documents, ', entries ', coalesce(record.entries, 'none'))"
    ) }}
from (
    select
        posted.*,
        entry.entries,
        -- A measure that a company does not post this way, as a habit, says nothing: taxes on other accounts, cost of
        -- sales booked once a month.
        count(*) over (partition by posted.company_id, left(posted.measure, 4)) as compared,
        sum(case when posted.in_documents <> posted.in_ledger then 1 else 0 end) over (
            partition by posted.company_id, left(posted.measure, 4)
        ) as different
    from {{ side }}_posted as posted
    left join {{ side }}_entry_of_day as entry
        on
            posted.company_id = entry.company_id
            and posted.party_id = entry.party_id
            and posted.posting_date = entry.posting_date
    where
        posted.measure <> 'other'
        and posted.company_id in (select company_id from {{ ref('int_journal_line') }})
) as record
where record.in_documents <> record.in_ledger and record.different <= 3 + record.compared / 50

union all
{% endfor %}

select
    {{ warning(
        'line_on_both_sides', 'journal_line', 'record.journal_line_id', 'record.journal_entry_id',
        "concat('entry ', coalesce(record.entry_number, ''), ': debit ', "
        ~ "cast(record.debit_company_currency as varchar), ', credit ', "
        ~ "cast(record.credit_company_currency as varchar))"
    ) }}
from line as record
where
    record.debit_company_currency < 0 or record.credit_company_currency < 0
    or record.debit_company_currency > 0 and record.credit_company_currency > 0

union all

select
    {{ warning(
        'account_of_other_company', 'journal_line', 'record.journal_line_id', 'record.journal_entry_id',
        "concat('entry ', coalesce(record.entry_number, ''), ': account ', record.account_id, ' is of ', "
        ~ "record.company_of_account)"
    ) }}
from line as record
where record.company_id <> record.company_of_account

union all

select
    {{ warning(
        'entry_outside_periods', 'journal_entry', 'record.record_id', 'record.record_id',
        "concat('entry ', coalesce(record.number, ''), ' is dated ', cast(record.dated as varchar), "
        ~ "', for which no accounting period is open or known')"
    ) }}
from entry as record
where
    record.company_id in (select company_id from {{ ref('int_fiscal_period') }})
    and not exists (
        select 1
        from {{ ref('int_fiscal_period') }} as period
        where
            record.company_id = period.company_id
            and record.dated between period.start_date and period.end_date
    )

union all

select
    {{ warning(
        'account_unusual', 'journal_line', 'record.journal_line_id', 'record.journal_entry_id',
        "concat('entry ', coalesce(record.entry_number, ''), ': no other ', record.description, ' has account ', "
        ~ "coalesce(record.code, record.account_id), ' on this side')"
    ) }}
from pattern as record
where record.used = 1 and record.lines_of_text >= 100

union all

select
    {{ warning(
        'entry_twice', 'journal_entry', 'record.record_id', 'record.record_id',
        "concat('entries ', record.first_number, ' and ', record.last_number, ' are alike')"
    ) }}
from (
    select
        *,
        count(*) over (partition by company_id) as entries_of_company,
        sum(case when alike > 1 then 1 else 0 end) over (partition by company_id) as alike_of_company
    from manual
) as record
where record.alike > 1 and record.alike_of_company <= 4 + record.entries_of_company / 100

union all

select
    {{ warning(
        'entry_amount_unusual', 'journal_entry', 'record.record_id', 'record.record_id',
        "concat('entry ', coalesce(record.number, ''), ' of ', cast(record.amount as varchar), "
        ~ "': others with the text ', "
        ~ "record.description, ' reach ', cast(record.next_amount as varchar))"
    ) }}
from manual as record
where
    record.description <> '' and record.entries >= 12
    -- With several as large or larger it is no outlier, only the least of the large ones.
    and record.from_largest <= 2
    and record.amount > 5 * record.next_amount
    and record.amount > 5 * record.usual_amount

union all

{{ number_faults('journal_entry', 'entry') }}
