with

golden as (
    {{ golden_record('supplier') }}
)

select
    supplier_id,
    code,
    name,
    tax_identifier,
    country,
    region,
    city,
    email,
    currency,
    payment_term_days,
    -- No source gives our credit limit at a supplier; the column keeps both parties' dimensions alike.
    cast(null as decimal(18, 4)) as credit_limit_company_currency,
    bank_account_number,
    is_active,
    record_count,
    case when is_held then 'held' else 'active' end as status,
    source_system,
    source_key
from golden
