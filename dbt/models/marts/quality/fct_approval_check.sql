-- What was approved against the matrix that held on that day. A document of a type that no rule speaks of is not here.
with

company as (
    select * from {{ ref('int_company') }}
),

document as (
    select
        'purchase_order' as document_type,
        order_id as document_id,
        min(order_number) as document_number,
        company_id,
        min(supplier_id) as supplier_id,
        min(order_date) as document_date,
        min(requested_by) as requested_by,
        min(approved_by) as approved_by,
        min(approved_at) as approved_at,
        cast(sum(net_amount_ordered_company_currency) as decimal(18, 4)) as amount_company_currency,
        cast(sum(net_amount_ordered_reporting_currency) as decimal(18, 4)) as amount_reporting_currency,
        min(source_system) as source_system,
        min(source_key) as source_key
    from {{ ref('fct_purchase_order_line') }}
    where order_date <= {{ as_of() }}
    group by order_id, company_id
),

dated as (
    select
        document.*,
        company.code as company_code,
        coalesce(cast(document.approved_at as date), document.document_date) as decided_on
    from document
    inner join company on document.company_id = company.company_id
),

-- A company's own matrix for a type of document before the one for all.
matrix as (
    select
        dated.document_type,
        dated.document_id,
        dated.company_id,
        dated.company_code,
        dated.decided_on,
        dated.approved_by,
        dated.amount_company_currency,
        rule.role,
        rule.amount_limit_company_currency,
        rule.split_share,
        rule.split_days,
        coalesce(rule.amount_limit_company_currency > dated.amount_company_currency, true) as is_enough
    from dated
    inner join {{ ref('int_approval_limit') }} as rule
        on
            dated.document_type = rule.document_type
            and rule.company_code in (dated.company_code, 'all')
            and dated.decided_on >= rule.valid_from
            and dated.decided_on <= rule.valid_to
    qualify rank() over (
        partition by dated.document_type, dated.document_id
        order by case when rule.company_code = 'all' then 1 else 0 end
    ) = 1
),

-- The lowest role that could have approved it.
required as (
    select
        document_type,
        document_id,
        role as required_role
    from matrix
    where is_enough
    qualify row_number() over (
        partition by document_type, document_id order by amount_limit_company_currency asc nulls last, role asc
    ) = 1
),

-- The highest of the roles that its approver held.
held as (
    select
        matrix.document_type,
        matrix.document_id,
        matrix.role as approver_role,
        matrix.amount_limit_company_currency as limit_company_currency,
        matrix.split_share,
        matrix.split_days,
        matrix.is_enough
    from matrix
    inner join {{ ref('int_approver') }} as approver
        on
            matrix.approved_by = approver.user_name
            and matrix.role = approver.role
            and approver.company_code in (matrix.company_code, 'all')
            and matrix.decided_on >= approver.valid_from
            and matrix.decided_on <= approver.valid_to
    qualify row_number() over (
        partition by matrix.document_type, matrix.document_id
        order by matrix.amount_limit_company_currency desc nulls first, matrix.role asc
    ) = 1
),

covered as (
    select distinct
        document_type,
        document_id
    from matrix
),

judged as (
    select
        dated.*,
        held.approver_role,
        held.limit_company_currency,
        held.split_share,
        held.split_days,
        required.required_role,
        case
            when dated.approved_by is null then 'not_approved'
            when dated.approved_by = dated.requested_by then 'by_requester'
            when held.document_id is null then 'no_role'
            when not held.is_enough then 'beyond_limit'
            else 'within'
        end as verdict
    from dated
    inner join covered
        on dated.document_type = covered.document_type and dated.document_id = covered.document_id
    left join held
        on dated.document_type = held.document_type and dated.document_id = held.document_id
    left join required
        on dated.document_type = required.document_type and dated.document_id = required.document_id
),

-- Just under what its approver may approve: one need in parts shows as several of these within days.
near_limit as (
    select
        judged.*,
        line.product_id
    from judged
    inner join (
        select distinct
            order_id,
            product_id
        from {{ ref('fct_purchase_order_line') }}
        where product_id is not null
    ) as line on judged.document_id = line.order_id
    where
        judged.verdict = 'within'
        and judged.amount_company_currency >= judged.limit_company_currency * judged.split_share
),

other_part as (
    select distinct
        near_limit.document_type,
        near_limit.document_id,
        near_limit.limit_company_currency,
        other.document_id as other_document_id,
        other.amount_company_currency as other_amount_company_currency
    from near_limit
    inner join near_limit as other
        on
            near_limit.document_type = other.document_type
            and near_limit.company_id = other.company_id
            and near_limit.supplier_id = other.supplier_id
            and near_limit.product_id = other.product_id
            and near_limit.requested_by is not distinct from other.requested_by
            and abs({{ days_between('near_limit.document_date', 'other.document_date') }}) <= near_limit.split_days
),

split as (
    select
        document_type,
        document_id,
        count(*) as split_documents,
        cast(sum(other_amount_company_currency) as decimal(18, 4)) as split_amount_company_currency
    from other_part
    group by document_type, document_id, limit_company_currency
    having count(*) > 1 and sum(other_amount_company_currency) >= limit_company_currency
)

select
    judged.document_type || ':' || judged.document_id as approval_check_id,
    judged.document_type,
    judged.document_id,
    judged.document_number,
    judged.company_id,
    judged.supplier_id,
    judged.document_date,
    judged.requested_by,
    judged.approved_by,
    judged.approved_at,
    judged.approver_role,
    judged.limit_company_currency,
    judged.required_role,
    judged.amount_company_currency,
    judged.amount_reporting_currency,
    split.split_documents,
    split.split_amount_company_currency,
    case when split.document_id is not null then 'split' else judged.verdict end as verdict,
    judged.source_system,
    judged.source_key
from judged
left join split on judged.document_type = split.document_type and judged.document_id = split.document_id
