select
    supplier.supplier_id,
    supplier.code,
    supplier.name,
    supplier.tax_identifier,
    supplier.country,
    supplier.region,
    supplier.city,
    supplier.email,
    supplier.currency,
    supplier.payment_term_days,
    -- No source gives our credit limit at a supplier; the column keeps both parties' dimensions alike.
    cast(null as decimal(18, 4)) as credit_limit_company_currency,
    supplier.bank_account_number,
    supplier.is_active,
    case when {{ is_held('supplier', 'supplier.supplier_id') }} then 'held' else 'active' end as status,
    supplier.source_system,
    supplier.source_key
from {{ ref('int_supplier') }} as supplier
