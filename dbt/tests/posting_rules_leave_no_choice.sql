-- Two rules that are as specific as each other would post one line of one event on one day.
select
    one.rule_id,
    other.rule_id as other_rule_id
from {{ ref('posting_rule') }} as one
inner join {{ ref('posting_rule') }} as other
    on
        one.event = other.event
        and one.line = other.line
        and one.rule_id < other.rule_id
        and one.company_code = other.company_code
        and one.system = other.system
        and one.product_category = other.product_category
        and one.tax = other.tax
        and one.valid_from <= coalesce(other.valid_to, cast('9999-12-31' as date))
        and other.valid_from <= coalesce(one.valid_to, cast('9999-12-31' as date))
