{% for measure in ['base', 'tax'] %}
select
    'tax_declaration' as control,
    company_id,
    period_end as as_of,
    concat('declared {{ measure }} of ', direction, ' tax') as left_label,
    concat('{{ measure }} of ', direction, ' tax by invoices') as right_label,
    {{ total('declared_' ~ measure ~ '_amount_company_currency') }} as left_total,
    {{ total('computed_' ~ measure ~ '_amount_company_currency') }} as right_total,
    count(*) filter (where {{ measure }}_difference_company_currency <> 0) as broken,
    concat(
        min(currency), ', ', cast(period_start as varchar), ' to ', cast(period_end as varchar),
        coalesce(', wrong: ' || {{ text_list(
            "case when " ~ measure ~ "_difference_company_currency <> 0 then concat("
            ~ "cast(cast(tax_rate * 100 as decimal(9, 2)) as varchar), ' % by ', "
            ~ "cast(" ~ measure ~ "_difference_company_currency as varchar)) end", "'; '", 'tax_rate'
        ) }}, '')
    ) as detail,
    false as blocking
from {{ ref('fct_tax_declaration') }}
group by company_id, period_start, period_end, direction
{% if not loop.last %}union all{% endif %}
{% endfor %}
