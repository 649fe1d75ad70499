{# Open items are the same on both sides, receivable and payable: each model's body stands here once. #}

{# Whom an item is open with. #}
{% macro party(side) -%}
{{ {'receivable': 'customer', 'payable': 'supplier'}[side] }}
{%- endmacro %}

{# What is open of an item, from each day on which that changes. #}
{% macro open_item_balance(side) -%}
with

item as (
    select
        {{ side }}_id,
        posting_date,
        amount_document_currency,
        amount_company_currency
    from {{ ref('int_' ~ side) }}
    qualify row_number() over (partition by {{ side }}_id order by source_key) = 1
),

settlement as (
    select *
    from {{ ref('int_' ~ side ~ '_settlement') }}
    where {{ not_quarantined(side ~ '_settlement', side ~ '_settlement_id') }}
),

change as (
    select
        {{ side }}_id,
        posting_date as changed_on,
        amount_document_currency,
        amount_company_currency
    from item
    union all
    -- Nothing is open before it is posted.
    select
        item.{{ side }}_id,
        greatest(settlement.settlement_date, item.posting_date) as changed_on,
        -settlement.amount_document_currency as amount_document_currency,
        -settlement.amount_company_currency as amount_company_currency
    from settlement
    inner join item on settlement.{{ side }}_id = item.{{ side }}_id
),

change_of_day as (
    select
        {{ side }}_id,
        changed_on,
        sum(amount_document_currency) as amount_document_currency,
        sum(amount_company_currency) as amount_company_currency
    from change
    group by {{ side }}_id, changed_on
)

select
    {{ side }}_id,
    changed_on as valid_from,
    coalesce(
        lead(changed_on) over (partition by {{ side }}_id order by changed_on), cast('9999-12-31' as date)
    ) as valid_to,
    cast(
        sum(amount_document_currency) over (
            partition by {{ side }}_id order by changed_on rows between unbounded preceding and current row
        ) as decimal(18, 4)
    ) as open_amount_document_currency,
    cast(
        sum(amount_company_currency) over (
            partition by {{ side }}_id order by changed_on rows between unbounded preceding and current row
        ) as decimal(18, 4)
    ) as open_amount_company_currency
from change_of_day
{%- endmacro %}

{# Items as booked, with the day each was cleared. #}
{% macro open_item(side) -%}
with

-- Cleared on the day from which nothing of the document amount is open any more.
cleared as (
    select
        {{ side }}_id,
        valid_from as cleared_date
    from {{ ref('int_' ~ side ~ '_balance') }}
    where valid_to = cast('9999-12-31' as date) and open_amount_document_currency = 0
)

select
    item.{{ side }}_id,
    item.kind,
    item.invoice_id,
    item.invoice_number,
    item.company_id,
    {{ golden_id(party(side), 'item.' ~ party(side) ~ '_id') }} as {{ party(side) }}_id,
    item.{{ party(side) }}_id as {{ party(side) }}_record_id,
    item.account_id,
    item.posting_date,
    item.invoice_date,
    item.due_date,
    item.document_currency,
    item.amount_document_currency,
    item.amount_company_currency,
    {{ converted('item.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    cleared.cleared_date,
    item.is_disputed,
{%- if side == 'payable' %}
    item.discount_percent,
    item.discount_date,
{%- endif %}
    item.source_system,
    item.source_key
from {{ ref('int_' ~ side) }} as item
left join cleared on item.{{ side }}_id = cleared.{{ side }}_id
left join {{ ref('int_company') }} as company on item.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and item.posting_date = rate.date_day
where {{ not_quarantined(side, 'item.' ~ side ~ '_id') }}
{%- endmacro %}

{# What was applied to items. #}
{% macro open_item_settlement(side) -%}
select
    settlement.{{ side }}_settlement_id,
    settlement.{{ side }}_id,
    settlement.company_id,
    {{ golden_id(party(side), 'item.' ~ party(side) ~ '_id') }} as {{ party(side) }}_id,
    item.{{ party(side) }}_id as {{ party(side) }}_record_id,
    item.invoice_id,
    settlement.kind,
    settlement.settlement_date,
    item.document_currency,
    settlement.amount_document_currency,
    settlement.amount_company_currency,
    settlement.exchange_difference_company_currency,
    settlement.source_system,
    settlement.source_key
from {{ ref('int_' ~ side ~ '_settlement') }} as settlement
inner join {{ ref('int_' ~ side) }} as item on settlement.{{ side }}_id = item.{{ side }}_id
where {{ not_quarantined(side ~ '_settlement', 'settlement.' ~ side ~ '_settlement_id') }}
{%- endmacro %}

{# What runs knew of items that people change without a posting: a version per change, from the day it was known.

   A run of the same day again replaces its own versions; a look back, as of a day before the newest, adds none. #}
{% macro open_item_version(side) -%}
with

item as (
    select
        {{ side }}_id,
        due_date,
        is_disputed
    from {{ ref('int_' ~ side) }}
    qualify row_number() over (partition by {{ side }}_id order by source_key) = 1
)
{% if is_incremental() %},

known as (
    select *
    from {{ this }}
    qualify row_number() over (partition by {{ side }}_id order by known_from desc) = 1
)
{% endif %}
select
    item.{{ side }}_id,
    {{ as_of() }} as known_from,
    item.due_date,
    item.is_disputed
from item
{% if is_incremental() -%}
left join known on item.{{ side }}_id = known.{{ side }}_id
where
    known.{{ side }}_id is null
    or (
        (select max(known_from) from known) < {{ as_of() }}
        and (item.due_date is distinct from known.due_date or item.is_disputed is distinct from known.is_disputed)
    )
{%- endif %}
{%- endmacro %}

{# Items open at the end of each day of aging. #}
{% macro open_item_aging(side) -%}
with

-- Before the first run that knew an item, as that run knew it.
version as (
    select
        {{ side }}_id,
        due_date,
        is_disputed,
        case
            when lag(known_from) over (partition by {{ side }}_id order by known_from) is null
                then cast('0001-01-01' as date)
            else known_from
        end as valid_from,
        coalesce(
            lead(known_from) over (partition by {{ side }}_id order by known_from), cast('9999-12-31' as date)
        ) as valid_to
    from {{ ref('int_' ~ side ~ '_version') }}
),

open_item as (
    select
        day.as_of,
        balance.{{ side }}_id,
        balance.open_amount_document_currency,
        balance.open_amount_company_currency
    from {{ ref('int_' ~ side ~ '_balance') }} as balance
    inner join {{ ref('int_as_of') }} as day
        on balance.valid_from <= day.as_of and balance.valid_to > day.as_of
    where balance.open_amount_document_currency <> 0 or balance.open_amount_company_currency <> 0
),

aged as (
    select
        open_item.as_of,
        item.{{ side }}_id,
        item.kind,
        item.company_id,
        {{ golden_id(party(side), 'item.' ~ party(side) ~ '_id') }} as {{ party(side) }}_id,
        item.{{ party(side) }}_id as {{ party(side) }}_record_id,
        item.invoice_id,
        item.invoice_number,
        item.invoice_date,
        version.due_date,
        item.document_currency,
        open_item.open_amount_document_currency,
        open_item.open_amount_company_currency,
        {{ converted('open_item.open_amount_company_currency', 'rate.rate_to_reporting') }}
            as open_amount_reporting_currency,
        {{ days_between('version.due_date', 'open_item.as_of') }} as days_overdue,
        version.is_disputed,
        item.source_system,
        item.source_key
    from open_item
    inner join {{ ref('int_' ~ side) }} as item on open_item.{{ side }}_id = item.{{ side }}_id
    inner join version
        on
            open_item.{{ side }}_id = version.{{ side }}_id
            and version.valid_from <= open_item.as_of
            and version.valid_to > open_item.as_of
    left join {{ ref('int_company') }} as company on item.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and open_item.as_of = rate.date_day
    where {{ not_quarantined(side, 'item.' ~ side ~ '_id') }}
)

select
    as_of,
    {{ side }}_id,
    kind,
    company_id,
    {{ party(side) }}_id,
    {{ party(side) }}_record_id,
    invoice_id,
    invoice_number,
    invoice_date,
    due_date,
    document_currency,
    open_amount_document_currency,
    open_amount_company_currency,
    open_amount_reporting_currency,
    days_overdue,
    case
        when days_overdue <= 0 then 'not_due'
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 60 then '31-60'
        when days_overdue <= 90 then '61-90'
        else '91+'
    end as bucket,
    is_disputed,
    source_system,
    source_key
from aged
{%- endmacro %}

{# Control: open items against the control accounts in the ledger. #}
{% macro open_item_ledger_control(side) -%}
{%- set owed = {
    'receivable': 'line.debit_company_currency - line.credit_company_currency',
    'payable': 'line.credit_company_currency - line.debit_company_currency',
}[side] -%}
with

-- Both sides are the whole source, quarantined items and entries included: what is kept out of the marts must not make
-- two books differ that agree. How much that is stands in the detail.
published as (
    select
        company_id,
        as_of,
        sum(open_amount_company_currency) as amount
    from {{ ref('fct_' ~ side ~ '_aging') }}
    group by company_id, as_of
),

quarantined as (
    select
        record.company_id,
        day.as_of,
        sum(case when record.object = '{{ side }}' then record.amount else -record.amount end) as amount
    from {{ ref('int_quarantine') }} as record
    inner join {{ ref('int_as_of') }} as day on record.record_date <= day.as_of
    where record.object in ('{{ side }}', '{{ side }}_settlement')
    group by record.company_id, day.as_of
),

open_item as (
    select
        coalesce(published.company_id, quarantined.company_id) as company_id,
        coalesce(published.as_of, quarantined.as_of) as as_of,
        coalesce(published.amount, 0) + coalesce(quarantined.amount, 0) as amount,
        coalesce(quarantined.amount, 0) as amount_quarantined
    from published
    full outer join quarantined
        on published.company_id = quarantined.company_id and published.as_of = quarantined.as_of
),

posting_of_day as (
    select
        line.company_id,
        line.posting_date,
        sum({{ owed }}) as amount,
        sum({{ owed }}) filter (where quarantine.record_id is not null) as amount_quarantined
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_account') }} as account on line.account_id = account.account_id
    left join {{ ref('int_quarantine') }} as quarantine
        on quarantine.object = 'journal_line' and line.journal_line_id = quarantine.record_id
    where account.control = '{{ side }}'
    group by line.company_id, line.posting_date
),

control_account as (
    select
        posting_of_day.company_id,
        day.as_of,
        sum(posting_of_day.amount) as amount,
        sum(posting_of_day.amount_quarantined) as amount_quarantined
    from posting_of_day
    inner join {{ ref('int_as_of') }} as day on posting_of_day.posting_date <= day.as_of
    group by posting_of_day.company_id, day.as_of
)

select
    '{{ side }}_ledger' as control,
    coalesce(open_item.company_id, control_account.company_id) as company_id,
    coalesce(open_item.as_of, control_account.as_of) as as_of,
    'open {{ side }}s' as left_label,
    '{{ side }} control accounts' as right_label,
    cast(coalesce(open_item.amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(control_account.amount, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        'as of ', cast(coalesce(open_item.as_of, control_account.as_of) as varchar),
        case
            when coalesce(open_item.amount_quarantined, 0) <> 0 or coalesce(control_account.amount_quarantined, 0) <> 0
                then concat(
                    ', of which quarantined: ', cast(coalesce(open_item.amount_quarantined, 0) as varchar), ' and ',
                    cast(coalesce(control_account.amount_quarantined, 0) as varchar)
                )
            else ''
        end
    ) as detail,
    true as blocking
from open_item
full outer join control_account
    on open_item.company_id = control_account.company_id and open_item.as_of = control_account.as_of
-- Companies whose ledger no source gives have nothing to agree with.
where coalesce(open_item.company_id, control_account.company_id) in (
    select company_id from {{ ref('int_journal_line') }}
)
{%- endmacro %}
