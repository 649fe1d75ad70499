{# direction of the tax, its invoice lines, control account of its entries, sign of a debit #}
{% set directions = [
    ('output', 'fct_sales_invoice_line', 'receivable', -1),
    ('input', 'fct_purchase_invoice_line', 'payable', 1),
] %}
{% set measures = [('base', 'account_id'), ('tax', 'tax_account_id')] %}

with

-- The accounts that invoice lines name: revenue or expense for the base, tax accounts for the tax.
named_account as (
    {% for direction, line, control, sign in directions %}
    {% for measure, account in measures %}
    select distinct
        '{{ direction }}' as direction,
        '{{ measure }}' as measure,
        {{ account }} as account_id
    from {{ ref(line) }}
    where {{ account }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Entries of invoices touch a customer's or supplier's account and an account that invoice lines name: receipts,
-- payments of tax and manual entries do not.
touched as (
    {% for direction, line, control, sign in directions %}
    select
        '{{ direction }}' as direction,
        line.journal_entry_id
    from {{ erp_journal_line() }} as line
    left join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    left join named_account
        on line.account_id = named_account.account_id and named_account.direction = '{{ direction }}'
    group by line.journal_entry_id
    having
        count(named_account.account_id) > 0
        -- Some charts flag a tax account as a payable one.
        and count(*) filter (where account.control = '{{ control }}' and named_account.account_id is null) > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The base of sales is on the accounts that lines name: what an ERP adds for cost of sales or rounding of currencies
-- is on others. On purchases an ERP may move goods at once from the line's account to one of stock: that is base too.
of_line as (
    select
        touched.direction,
        coalesce(named_account.measure, 'base') as measure,
        line.company_id,
        line.posting_date as date_day,
        case touched.direction when 'output' then -1 else 1 end
        * (line.debit_company_currency - line.credit_company_currency) as amount
    from touched
    inner join {{ erp_journal_line() }} as line on touched.journal_entry_id = line.journal_entry_id
    left join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    left join named_account
        on line.account_id = named_account.account_id and touched.direction = named_account.direction
    where
        named_account.account_id is not null
        or (touched.direction = 'input' and account.type in ('asset', 'expense') and account.control is null)
),

of_ledger as (
    select
        direction,
        measure,
        company_id,
        date_day,
        sum(amount) as amount
    from of_line
    group by direction, measure, company_id, date_day
),

of_documents as (
    {% for measure, account in measures %}
    select
        direction,
        '{{ measure }}' as measure,
        company_id,
        tax_date as date_day,
        min(invoice_number) as invoice_number,
        sum({{ measure }}_amount_company_currency) as amount
    from {{ ref('fct_tax_line') }}
    group by direction, company_id, tax_date
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

day as (
    select
        coalesce(of_documents.direction, of_ledger.direction) as direction,
        coalesce(of_documents.measure, of_ledger.measure) as measure,
        coalesce(of_documents.company_id, of_ledger.company_id) as company_id,
        coalesce(of_documents.date_day, of_ledger.date_day) as date_day,
        of_documents.invoice_number,
        coalesce(of_documents.amount, 0) as document_amount,
        coalesce(of_ledger.amount, 0) as ledger_amount
    from of_documents
    full outer join of_ledger
        on
            of_documents.direction = of_ledger.direction
            and of_documents.measure = of_ledger.measure
            and of_documents.company_id = of_ledger.company_id
            and of_documents.date_day = of_ledger.date_day
)

select
    'tax_ledger' as control,
    day.company_id,
    {{ last_of('month', 'day.date_day') }} as as_of,
    concat(day.measure, ' of ', day.direction, ' tax by invoices') as left_label,
    case
        when day.measure = 'tax' then concat(day.direction, ' tax accounts, entries of invoices')
        when day.direction = 'output' then 'revenue accounts, entries of invoices'
        else 'expense and stock accounts, entries of invoices'
    end as right_label,
    {{ total('day.document_amount') }} as left_total,
    {{ total('day.ledger_amount') }} as right_total,
    count(*) filter (where day.document_amount <> day.ledger_amount) as broken,
    concat(
        min(company.currency), ' in the month of ', cast({{ last_of('month', 'day.date_day') }} as varchar),
        coalesce(', first on ' || cast(
            min(case when day.document_amount <> day.ledger_amount then day.date_day end) as varchar
        ), ''),
        coalesce(
            ', by ' || min(case when day.document_amount <> day.ledger_amount then day.invoice_number end), ''
        )
    ) as detail,
    false as blocking
from day
left join {{ ref('dim_company') }} as company on day.company_id = company.company_id
group by day.company_id, day.direction, day.measure, {{ last_of('month', 'day.date_day') }}
