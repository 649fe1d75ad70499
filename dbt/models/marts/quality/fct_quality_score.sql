{{ config(post_hook=["{{ forget_scores_of_day() }}", "{{ remember_scores_of_day(this) }}"]) }}
{# object, its key, its company where it has one of its own #}
{% set masters = [
    ('customer', 'customer_id', none),
    ('crm_account', 'crm_account_id', none),
    ('supplier', 'supplier_id', none),
    ('product', 'product_id', none),
    ('bank_account', 'bank_account_id', 'company_id'),
    ('employee', 'employee_id', 'company_id'),
    ('company', 'company_id', 'company_id'),
    ('account', 'account_id', 'company_id'),
    ('exchange_rate', 'exchange_rate_id', none),
] %}
{# object, its key, its money, the currency of that money where it is not its company's #}
{% set documents = [
    ('sales_invoice', 'invoice_id', 'net_amount_document_currency + tax_amount_document_currency', 'document_currency'),
    ('sales_invoice_line', 'invoice_line_id', 'net_amount_company_currency + tax_amount_company_currency', none),
    ('purchase_invoice', 'invoice_id', 'net_amount_document_currency + tax_amount_document_currency', 'document_currency'),
    ('purchase_invoice_line', 'invoice_line_id', 'net_amount_company_currency + tax_amount_company_currency', none),
    ('receivable', 'receivable_id', 'amount_company_currency', none),
    ('receivable_settlement', 'receivable_settlement_id', 'amount_company_currency', none),
    ('payable', 'payable_id', 'amount_company_currency', none),
    ('payable_settlement', 'payable_settlement_id', 'amount_company_currency', none),
    ('journal_line', 'journal_line_id', 'debit_company_currency + credit_company_currency', none),
    ('bank_statement', 'bank_statement_id', 'closing_balance_bank_currency', 'currency'),
    ('bank_movement', 'bank_movement_id', 'amount_bank_currency', 'currency'),
    ('payroll_line', 'payroll_line_id', 'amount_company_currency', none),
] %}

with

-- A record that several companies deal with has its money at each, and is counted at the one with most.
at_stake as (
    select
        *,
        row_number() over (partition by object, record_id order by abs(amount) desc, company_id) as place
    from {{ ref('record_at_stake') }}
),

-- Every record that rules look at, with the money that hangs on it: what a score of its object is a share of.
record as (
    {% for object, key, company in masters %}
    select
        '{{ object }}' as object,
        master.{{ key }} as record_id,
        master.source_system,
        {{ 'master.company_id' if company else 'at_stake.company_id' }} as company_id,
        '{{ var("reporting_currency") }}' as currency,
        abs(coalesce(at_stake.amount, 0)) as amount,
        case when coalesce(at_stake.place, 1) = 1 then 1 else 0 end as counted
    from {{ ref('int_' ~ object) }} as master
    left join at_stake
        on at_stake.object = '{{ object }}' and master.{{ key }} = at_stake.record_id
    union all
    {% endfor %}
    {% for object, key, amount, currency in documents %}
    select
        '{{ object }}' as object,
        {{ key }} as record_id,
        source_system,
        company_id,
        {{ currency if currency else 'cast(null as varchar)' }} as currency,
        abs(coalesce({{ amount }}, 0)) as amount,
        1 as counted
    from {{ ref('int_' ~ object) }}
    union all
    {% endfor %}
    select
        'journal_entry' as object,
        journal_entry_id as record_id,
        min(source_system) as source_system,
        min(company_id) as company_id,
        cast(null as varchar) as currency,
        sum(debit_company_currency) as amount,
        1 as counted
    from {{ ref('int_journal_line') }}
    group by journal_entry_id
),

-- An accepted fault is still a fault: accepting moves deadlines, not the score.
failing as (
    select
        object,
        record_id,
        quality_dimension,
        min(source_system) as source_system,
        min(company_id) as company_id
    from {{ source('quality', 'data_issue') }}
    where status <> 'resolved'
    group by object, record_id, quality_dimension
),

looked_at as (
    select
        object,
        quality_dimension
    from {{ source('quality', 'rule') }}
    union distinct
    select
        object,
        quality_dimension
    from {{ source('quality', 'data_issue') }}
),

total as (
    select
        object,
        source_system,
        company_id,
        currency,
        sum(counted) as records,
        {{ total('amount') }} as amount
    from record
    group by object, source_system, company_id, currency
),

total_failing as (
    select
        failing.object,
        coalesce(record.source_system, failing.source_system) as source_system,
        case when record.record_id is null then failing.company_id else record.company_id end as company_id,
        record.currency,
        failing.quality_dimension,
        sum(coalesce(record.counted, 1)) as failing_records,
        {{ total('record.amount') }} as failing_amount
    from failing
    left join record on failing.object = record.object and failing.record_id = record.record_id
    group by all
),

measured as (
    select
        total.object,
        total.source_system,
        total.company_id,
        total.currency,
        looked_at.quality_dimension,
        total.records,
        total.amount,
        0 as failing_records,
        cast(0 as decimal(38, 4)) as failing_amount
    from total
    inner join looked_at on total.object = looked_at.object
    union all
    select
        object,
        source_system,
        company_id,
        currency,
        quality_dimension,
        0 as records,
        cast(0 as decimal(38, 4)) as amount,
        failing_records,
        failing_amount
    from total_failing
),

converted as (
    select
        measured.*,
        case
            when coalesce(measured.currency, company.currency) = '{{ var("reporting_currency") }}' then 1
            else rate.rate_to_reporting
        end as to_reporting
    from measured
    left join {{ ref('dim_company') }} as company on measured.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and coalesce(measured.currency, company.currency) = rate.currency
            and rate.date_day = {{ as_of() }}
),

today as (
    select
        {{ as_of() }} as score_date,
        object,
        source_system,
        company_id,
        quality_dimension,
        cast(sum(records) as bigint) as records,
        cast(sum(failing_records) as bigint) as failing_records,
        cast(coalesce(sum(round(cast(amount as decimal(24, 4)) * to_reporting, 2)), 0) as decimal(38, 4))
            as amount_reporting_currency,
        cast(coalesce(sum(round(cast(failing_amount as decimal(24, 4)) * to_reporting, 2)), 0) as decimal(38, 4))
            as failing_amount_reporting_currency
    from converted
    group by object, source_system, company_id, quality_dimension
),

every as (
    select
        concat_ws(
            '|', cast(score_date as varchar), object, source_system, coalesce(company_id, ''), quality_dimension
        ) as quality_score_id,
        *
    from today
    union all
    -- The days of earlier runs, as they were measured.
    select
        quality_score_id,
        score_date,
        object,
        source_system,
        company_id,
        quality_dimension,
        records,
        failing_records,
        amount_reporting_currency,
        failing_amount_reporting_currency
    from {{ source('quality', 'quality_score_day') }}
    where score_date < {{ as_of() }}
)

select
    quality_score_id,
    score_date,
    object,
    source_system,
    company_id,
    quality_dimension,
    records,
    failing_records,
    amount_reporting_currency,
    failing_amount_reporting_currency,
    -- Where no money hangs on any record, every record counts alike. A float's 15 digits are enough for a share.
    cast(
        case
            when records = 0 and amount_reporting_currency = 0 then null
            when amount_reporting_currency = 0 then 100 - cast(100 * failing_records as double) / records
            else
                100
                - 100.0
                * cast(failing_amount_reporting_currency as double)
                / cast(amount_reporting_currency as double)
        end as decimal(7, 4)
    ) as score_percent,
    cast(
        case when records > 0 then 100 - cast(100 * failing_records as double) / records end as decimal(7, 4)
    ) as record_score_percent,
    quality_score_id as source_key
from every
