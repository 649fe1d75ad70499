select
    record.source_system,
    record.source_key,
    record.object,
    record.record_id,
    coalesce(member.golden_id, record.numbered_customer_id, record.record_id) as customer_id,
    coalesce(
        member.resolved_by, case when record.numbered_customer_id is null then 'own record' else 'customer number' end
    ) as resolved_by,
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
    record.credit_limit_company_currency,
    record.channel,
    record.segment,
    record.salesperson_id,
    record.changed_at
from {{ ref('int_customer_record') }} as record
left join {{ source('quality', 'golden_member') }} as member
    on member.object = 'customer' and record.record_id = member.record_id
