-- Populations whose first digits do not follow Benford's law, by the mean absolute deviation of the nine shares from
-- log10(1 + 1/d); above 0.015 they do not conform (Nigrini, Benford's Law, 2012). Evidence: the documents that begin
-- with the digit that is most too frequent, the fifty largest. The law is expected only of amounts over two orders
-- of magnitude at least.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'leading_digits'
),

line as (
    select
        'sales_invoice' as document_type,
        company_id,
        cast(null as varchar) as supplier_id,
        customer_id,
        invoice_id,
        invoice_number,
        invoice_date,
        net_amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_sales_invoice_line') }}
    where kind = 'invoice'
    union all
    select
        'purchase_invoice' as document_type,
        company_id,
        supplier_id,
        cast(null as varchar) as customer_id,
        invoice_id,
        invoice_number,
        invoice_date,
        net_amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_purchase_invoice_line') }}
    where kind = 'invoice'
),

document as (
    select
        line.document_type,
        line.company_id,
        line.invoice_id as document_id,
        min(line.supplier_id) as supplier_id,
        min(line.customer_id) as customer_id,
        min(line.invoice_number) as document_number,
        min(line.invoice_date) as document_date,
        cast(sum(line.net_amount_company_currency) as decimal(18, 4)) as amount_company_currency,
        min(line.source_system) as source_system,
        min(line.source_key) as source_key
    from line
    cross join pattern
    where line.invoice_date <= {{ as_of() }} and line.invoice_date > {{ add_days(as_of(), '-pattern.window_days') }}
    group by line.document_type, line.company_id, line.invoice_id
    having sum(line.net_amount_company_currency) >= 1
),

led as (
    select
        *,
        cast(substr(cast(floor(amount_company_currency) as varchar), 1, 1) as integer) as leading_digit
    from document
),

population as (
    select
        document_type,
        company_id,
        count(*) as documents,
        cast(quantile_cont(amount_company_currency, 0.975) as double)
        / quantile_cont(amount_company_currency, 0.025) as spread
    from led
    group by document_type, company_id
),

digit as (
    select
        population.document_type,
        population.company_id,
        population.documents,
        law.leading_digit,
        count(led.document_id) as observed,
        cast(count(led.document_id) as double) / population.documents
        - log10(1 + cast(1 as double) / law.leading_digit) as deviation
    from population
    cross join pattern
    cross join (values (1), (2), (3), (4), (5), (6), (7), (8), (9)) as law (leading_digit)
    left join led
        on
            population.document_type = led.document_type
            and population.company_id = led.company_id
            and law.leading_digit = led.leading_digit
    where population.documents >= pattern.least_documents and population.spread >= 100
    group by population.document_type, population.company_id, population.documents, law.leading_digit
),

departing as (
    select
        document_type,
        company_id,
        min(documents) as documents,
        avg(abs(deviation)) as mean_absolute_deviation,
        max_by(leading_digit, deviation) as leading_digit,
        max_by(observed, deviation) as observed
    from digit
    group by document_type, company_id
)

select
    pattern.pattern,
    concat(departing.company_id, ':', departing.document_type) as subject,
    led.company_id,
    led.supplier_id,
    led.customer_id,
    led.document_type,
    led.document_id,
    led.document_number,
    led.document_date,
    led.amount_company_currency,
    led.amount_company_currency as amount_at_stake_company_currency,
    concat(
        departing.observed, ' of ', departing.documents, ' amounts (', departing.document_type, ') begin with ',
        departing.leading_digit, ', by Benford''s law ',
        cast(round(departing.documents * log10(1 + cast(1 as double) / departing.leading_digit)) as integer)
    ) as detail_en,
    concat(
        departing.documents, ' 个金额（', departing.document_type, '）中 ', departing.observed, ' 个以 ',
        departing.leading_digit, ' 开头，按本福特定律应为 ',
        cast(round(departing.documents * log10(1 + cast(1 as double) / departing.leading_digit)) as integer), ' 个'
    ) as detail_zh,
    led.source_system,
    led.source_key
from departing
cross join pattern
inner join led
    on
        departing.document_type = led.document_type
        and departing.company_id = led.company_id
        and departing.leading_digit = led.leading_digit
where departing.mean_absolute_deviation > pattern.share
qualify row_number() over (
    partition by departing.document_type, departing.company_id
    order by led.amount_company_currency desc, led.document_id asc
) <= 50
