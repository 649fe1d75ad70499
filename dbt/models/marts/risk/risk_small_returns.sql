-- A customer that gives a little back again and again within weeks: more often than its purchases would have it.
with

pattern as (
    select * from {{ ref('risk_pattern') }}
    where pattern = 'small_returns'
),

document as (
    select
        company_id,
        customer_id,
        invoice_id,
        min(invoice_number) as invoice_number,
        min(kind) as kind,
        min(invoice_date) as invoice_date,
        cast(sum(net_amount_company_currency) as decimal(18, 4)) as net_amount_company_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ ref('fct_sales_invoice_line') }}
    where invoice_date <= {{ as_of() }} and customer_id is not null
    group by company_id, customer_id, invoice_id
),

usual as (
    select
        company_id,
        customer_id,
        avg(cast(net_amount_company_currency as double)) as net_amount_company_currency
    from document
    where kind = 'invoice'
    group by company_id, customer_id
),

traded as (
    select
        company_id,
        customer_id,
        sum(case when kind = 'credit_note' then 1 else 0 end) as returns,
        sum(case when kind = 'invoice' then 1 else 0 end) as invoices
    from document
    group by company_id, customer_id
),

-- Of the company's other customers.
return_rate as (
    select
        company_id,
        customer_id,
        cast(sum(returns) over (partition by company_id) - returns as double)
        / nullif(sum(invoices) over (partition by company_id) - invoices, 0) as returns_per_invoice
    from traded
),

small_return as (
    select document.*
    from document
    cross join pattern
    inner join usual on document.company_id = usual.company_id and document.customer_id = usual.customer_id
    where
        document.kind = 'credit_note'
        and -document.net_amount_company_currency between 0 and usual.net_amount_company_currency * pattern.share
),

-- What happened in the days up to each return.
in_window as (
    select
        one.invoice_id,
        one.company_id,
        one.customer_id,
        one.invoice_date,
        sum(case when other.kind = 'credit_note' then 1 else 0 end) as returns,
        sum(case when other.kind = 'invoice' then 1 else 0 end) as invoices
    from small_return as one
    cross join pattern
    inner join (
        select * from small_return
        union all
        select * from document
        where kind = 'invoice'
    ) as other
        on
            one.company_id = other.company_id
            and one.customer_id = other.customer_id
            and {{ days_between('other.invoice_date', 'one.invoice_date') }} between 0 and pattern.window_days
    group by one.invoice_id, one.company_id, one.customer_id, one.invoice_date
),

-- Three times what other customers return: a large customer has more returns without any pattern.
too_many as (
    select in_window.*
    from in_window
    cross join pattern
    inner join return_rate
        on in_window.company_id = return_rate.company_id and in_window.customer_id = return_rate.customer_id
    where
        in_window.returns >= pattern.least_documents
        and in_window.returns > 3 * in_window.invoices * coalesce(return_rate.returns_per_invoice, 0)
),

-- The returns of all windows of a customer that reach into each other are one cluster.
member as (
    select
        small_return.*,
        lag(small_return.invoice_date) over (
            partition by small_return.company_id, small_return.customer_id
            order by small_return.invoice_date, small_return.invoice_id
        ) as date_before
    from small_return
    cross join pattern
    where exists (
        select 1
        from too_many
        where
            too_many.company_id = small_return.company_id
            and too_many.customer_id = small_return.customer_id
            and {{ days_between('small_return.invoice_date', 'too_many.invoice_date') }}
            between 0 and pattern.window_days
    )
),

cluster as (
    select
        member.*,
        sum(
            case
                when {{ days_between('member.date_before', 'member.invoice_date') }} <= pattern.window_days then 0
                else 1
            end
        ) over (
            partition by member.company_id, member.customer_id order by member.invoice_date, member.invoice_id
        ) as number_of_cluster
    from member
    cross join pattern
),

described as (
    select
        *,
        first_value(invoice_id) over (
            partition by company_id, customer_id, number_of_cluster order by invoice_date, invoice_id
        ) as first_invoice_id,
        count(*) over (partition by company_id, customer_id, number_of_cluster) as returns,
        min(invoice_date) over (partition by company_id, customer_id, number_of_cluster) as first_date,
        max(invoice_date) over (partition by company_id, customer_id, number_of_cluster) as last_date
    from cluster
)

select
    'small_returns' as pattern,
    first_invoice_id as subject,
    company_id,
    cast(null as varchar) as supplier_id,
    customer_id,
    'sales_invoice' as document_type,
    invoice_id as document_id,
    invoice_number as document_number,
    invoice_date as document_date,
    net_amount_company_currency as amount_company_currency,
    -net_amount_company_currency as amount_at_stake_company_currency,
    concat(returns, ' small credit notes from ', first_date, ' to ', last_date) as detail_en,
    concat(first_date, ' 至 ', last_date, ' 共 ', returns, ' 张小额贷项') as detail_zh,
    source_system,
    source_key
from described
