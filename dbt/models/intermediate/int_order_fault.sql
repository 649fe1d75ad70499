-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06
with

{% for side, party in [('sales', 'customer_id'), ('purchase', 'supplier_id')] %}
{% set movement, date, number = order_word(side, 'movement'), order_word(side, 'date'), order_word(side, 'number') %}
{{ side }}_moved as (
    select
        line.{{ movement }}_line_id as line_id,
        line.{{ movement }}_id as movement_id,
        line.{{ number }} as number,
        line.order_line_id,
        -- What moves for an order is of the company that ordered.
        coalesce(ordered.company_id, line.company_id) as company_id,
        line.company_id as moved_by_company_id,
        line.product_id,
        line.{{ date }} as dated,
        line.quantity,
        line.source_system,
        line.source_key,
        ordered.order_number,
        ordered.order_date,
        ordered.product_id as order_product_id
    from {{ ref('int_' ~ movement ~ '_line') }} as line
    left join {{ ref('int_' ~ side ~ '_order_line') }} as ordered on line.order_line_id = ordered.order_line_id
),

{{ side }}_billed as (
    select
        line.invoice_line_id,
        line.invoice_id,
        line.company_id,
        line.order_line_id,
        line.quantity,
        line.source_system,
        line.source_key,
        header.invoice_number,
        header.document_currency,
        header.{{ party }} as party_id,
        ordered.order_number,
        ordered.company_id as order_company_id,
        ordered.{{ party }} as order_party_id,
        ordered.document_currency as order_currency,
        cast(ordered.unit_price_document_currency as double) as order_price,
        cast(line.net_amount_document_currency as double) / nullif(cast(line.quantity as double), 0) as billed_price
    from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as header on line.invoice_id = header.invoice_id
    inner join {{ ref('int_' ~ side ~ '_order_line') }} as ordered on line.order_line_id = ordered.order_line_id
    where header.kind = 'invoice'
),

{{ side }}_tolerance as (
    select
        company.company_id,
        cast(rule.quantity_tolerance_percent as double) as percent
    from {{ ref('int_company') }} as company
    inner join {{ ref('match_tolerance') }} as rule
        on
            rule.company_code in (company.code, 'all')
            and rule.valid_from <= {{ as_of() }}
            and rule.valid_to >= {{ as_of() }}
    -- A company's own rule before the one for all.
    qualify row_number() over (
        partition by company.company_id
        order by case when rule.company_code = 'all' then 1 else 0 end, rule.valid_from desc
    ) = 1
),

{{ side }}_line as (
    select
        line.*,
        line.{{ party }} as party_id,
        coalesce(cast(moved.quantity as double), 0) as quantity_moved,
        moved.numbers,
        coalesce(cast(billed.quantity as double), 0) as quantity_billed,
        billed.invoices,
        1 + cast(coalesce(tolerance.percent, 0) as double) / 100 as allowed
    from {{ ref('int_' ~ side ~ '_order_line') }} as line
    left join (
        select
            order_line_id,
            sum(quantity) as quantity,
            {{ listed('number') }} as numbers
        from {{ side }}_moved
        group by order_line_id
    ) as moved on line.order_line_id = moved.order_line_id
    left join (
        select
            order_line_id,
            sum(quantity) as quantity,
            {{ listed('invoice_number') }} as invoices
        from {{ side }}_billed
        group by order_line_id
    ) as billed on line.order_line_id = billed.order_line_id
    left join {{ side }}_tolerance as tolerance on line.company_id = tolerance.company_id
),

{{ side }}_order as (
    select
        order_id as record_id,
        min(order_number) as number,
        min(order_date) as dated,
        min(company_id) as company_id,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ ref('int_' ~ side ~ '_order_line') }}
    group by order_id
),

{{ in_series(side ~ '_order') }},

{{ side }}_movement as (
    select
        movement_id as record_id,
        min(number) as number,
        min(dated) as dated,
        min(company_id) as company_id,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ side }}_moved
    group by movement_id
),

{{ in_series(side ~ '_movement') }}{{ ',' if not loop.last }}
{% endfor %}

{% for side in ['sales', 'purchase'] %}
{% set movement = order_word(side, 'movement') %}
select
    {{ warning(
        'order_line_arithmetic', side ~ '_order_line', 'record.order_line_id', 'record.order_line_id',
        "concat('order ', record.order_number, ': ', cast(record.quantity as varchar), ' at ', "
        ~ "cast(record.unit_price_document_currency as varchar), ' is not ', "
        ~ "cast(record.net_amount_document_currency as varchar))"
    ) }}
from {{ rare_cases(
    side ~ '_line', "abs(cast(quantity as double) * cast(unit_price_document_currency as double) "
    ~ "- cast(net_amount_document_currency as double)) "
    ~ "> 0.02 + 0.00001 * abs(cast(net_amount_document_currency as double))"
) }} as record

union all

select
    {{ warning(
        'moved_more_than_ordered', side ~ '_order_line', 'record.order_line_id', 'record.order_line_id',
        "concat('order ', record.order_number, ': ', cast(record.quantity as varchar), ' ordered, ', "
        ~ "cast(record.quantity_moved as varchar), ' moved by ', record.numbers)"
    ) }}
from {{ rare_cases(
    side ~ '_line', 'abs(quantity_moved) > abs(cast(quantity as double)) * allowed '
    ~ 'and sign(quantity_moved) = sign(quantity)'
) }} as record

union all

select
    {{ warning(
        'billed_more_than_moved', side ~ '_order_line', 'record.order_line_id', 'record.order_line_id',
        "concat('order ', record.order_number, ': ', cast(record.quantity_billed as varchar), ' billed by ', "
        ~ "record.invoices, ', ', cast(record.quantity_moved as varchar), ' moved by ', "
        ~ "coalesce(record.numbers, 'nothing'))"
    ) }}
from {{ rare_cases(
    side ~ '_line', 'not is_service and quantity > 0 and quantity_billed > quantity_moved * allowed'
) }} as record

union all

select
    {{ warning(
        'promised_before_ordered', side ~ '_order_line', 'record.order_line_id', 'record.order_line_id',
        "concat('order ', record.order_number, ' of ', cast(record.order_date as varchar), ' is promised for ', "
        ~ "cast(record.promised_date as varchar))"
    ) }}
from {{ rare_cases(side ~ '_line', 'promised_date < order_date') }} as record

union all

select
    {{ warning(
        'moved_before_ordered', movement ~ '_line', 'record.line_id', 'record.line_id',
        "concat(coalesce(record.number, ''), ' of ', cast(record.dated as varchar), ', order ', record.order_number, "
        ~ "' of ', cast(record.order_date as varchar))"
    ) }}
from {{ rare_cases(side ~ '_moved', 'dated < order_date') }} as record

union all

select
    {{ warning(
        'movement_differs_from_order', movement ~ '_line', 'record.line_id', 'record.line_id',
        "concat(coalesce(record.number, ''), ': ', coalesce(record.product_id, 'nothing'), ' of ', "
        ~ "record.moved_by_company_id, ', order ', record.order_number, ': ', "
        ~ "coalesce(record.order_product_id, 'nothing'), ' of ', record.company_id)"
    ) }}
from {{ rare_cases(side ~ '_moved', 'moved_by_company_id <> company_id or product_id <> order_product_id') }}
    as record

union all

select
    {{ warning(
        'billed_to_other_party', side ~ '_invoice_line', 'record.invoice_line_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ' is of ', coalesce(record.party_id, 'nobody'), ' and ', "
        ~ "record.company_id, ', order ', record.order_number, ' of ', coalesce(record.order_party_id, 'nobody'), "
        ~ "' and ', record.order_company_id)"
    ) }}
from {{ rare_cases(side ~ '_billed', 'company_id <> order_company_id or party_id <> order_party_id') }} as record

union all

select
    {{ warning(
        'billed_at_other_price', side ~ '_invoice_line', 'record.invoice_line_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ' bills at ', "
        ~ "cast(cast(record.billed_price as decimal(18, 4)) as varchar), ' ', record.document_currency, ', order ', "
        ~ "record.order_number, ' says ', cast(cast(record.order_price as decimal(18, 4)) as varchar), ' ', "
        ~ "record.order_currency)"
    ) }}
from {{ rare_cases(
    side ~ '_billed', 'document_currency <> order_currency '
    ~ 'or abs(billed_price - order_price) > 0.01 + 0.005 * abs(order_price) + 0.02 / abs(cast(quantity as double))'
) }} as record

union all

{{ number_faults(side ~ '_order', side ~ '_order') }}

union all

{{ number_faults(movement, side ~ '_movement', is_dated=false) }}
{{ 'union all' if not loop.last }}
{% endfor %}
