select
    record.source_system,
    record.source_key,
    record.object,
    record.record_id,
    coalesce(member.golden_id, record.record_id) as supplier_id,
    coalesce(member.resolved_by, 'own record') as resolved_by,
    record.system,
    record.code,
    record.name,
    record.tax_identifier,
    record.country,
    record.region,
    record.city,
    record.email,
    record.currency,
    record.payment_term_days,
    record.is_active,
    record.bank_account_number,
    record.changed_at
from {{ ref('int_supplier_record') }} as record
left join {{ source('quality', 'golden_member') }} as member
    on member.object = 'supplier' and record.record_id = member.record_id
