{# Golden records: where a source's record becomes the agreed one. Facts call golden_id and nothing else. #}

{# Id of the golden record that a source's record is part of; the record itself before any matching has run. #}
{% macro golden_id(object, record_id) -%}
coalesce(
    (
        select max(golden_{{ object }}.golden_id)
        from {{ source('quality', 'golden_member') }} as golden_{{ object }}
        where golden_{{ object }}.object = '{{ object }}' and golden_{{ object }}.record_id = {{ record_id }}
    ), {{ record_id }}
)
{%- endmacro %}

{# Id of the golden record of a ledger line's party: which kind of party it is, its account tells. #}
{% macro golden_party(account_id, record_id) -%}
case (
    select max(party_account.control)
    from {{ ref('int_account') }} as party_account
    where party_account.account_id = {{ account_id }}
)
    when 'receivable' then {{ golden_id('customer', record_id) }}
    when 'payable' then {{ golden_id('supplier', record_id) }}
    else {{ record_id }}
end
{%- endmacro %}

{# Attributes of a golden record with their types, as text: attribute:type|… The seed survivorship_rule says of each which
   source wins. #}
{% macro golden_attributes(object) -%}
code:varchar|name:varchar|tax_identifier:varchar|country:varchar|region:varchar|city:varchar|email:varchar|
{%- if object == 'customer' -%}
currency:varchar|payment_term_days:integer|credit_limit_company_currency:decimal(18, 4)|channel:varchar|segment:varchar|
{{- 'salesperson_id:varchar' }}
{%- else -%}
currency:varchar|payment_term_days:integer|bank_account_number:varchar
{%- endif -%}
{%- endmacro %}

{# For each attribute of golden records made of several records, or about which a steward decided: which value won, from
   which record, by which criterion. #}
{% macro golden_attribute_winner(object) -%}
with

record as (
    select
        source_record.*,
        {% for item in golden_attributes(object).split('|') -%}{% set attribute = item.split(':')[0] -%}
        case when source_record.{{ attribute }} is null then 0 else 1 end{{ ' +' if not loop.last }}
        {% endfor -%}
        as attributes_filled
    from {{ ref('dim_' ~ object ~ '_source') }} as source_record
),

decision as (
    select
        record.{{ object }}_id,
        decided.attribute,
        decided.value,
        decided.decision_id
    from {{ source('quality', 'steward_decision') }} as decided
    inner join record on decided.record_id = record.record_id
    where decided.object = '{{ object }}' and decided.action = 'set_attribute'
    -- Of several members' decisions on one attribute the last counts.
    qualify row_number() over (
        partition by record.{{ object }}_id, decided.attribute order by decided.decision_id desc
    ) = 1
),

asked as (
    select {{ object }}_id
    from record
    group by {{ object }}_id
    having count(*) > 1
    union distinct
    select {{ object }}_id
    from decision
),

said as (
    {% for item in golden_attributes(object).split('|') -%}{% set attribute = item.split(':')[0] -%}
    select
        {{ object }}_id,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as varchar) as value,
        record_id,
        system,
        source_system,
        source_key,
        changed_at,
        attributes_filled
    from record
    where {{ attribute }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

measured as (
    select
        said.*,
        rule.first_criterion,
        rule.second_criterion,
        rule.third_criterion,
        coalesce(own_rank.source_rank, usual_rank.source_rank, 99) as source_rank,
        coalesce({{ dbt.datediff("cast('1970-01-01 00:00:00' as timestamp)", 'said.changed_at', 'second') }}, 0)
            as changed_at_second
    from said
    inner join asked on said.{{ object }}_id = asked.{{ object }}_id
    inner join {{ ref('survivorship_rule') }} as rule
        on rule.object = '{{ object }}' and said.attribute = rule.attribute
    left join {{ ref('survivorship_source_rank') }} as own_rank
        on own_rank.object = '{{ object }}' and said.attribute = own_rank.attribute and said.system = own_rank.system
    left join {{ ref('survivorship_source_rank') }} as usual_rank
        on usual_rank.object = '{{ object }}' and usual_rank.attribute = 'all' and said.system = usual_rank.system
),

-- The smaller, the better.
judged as (
    select
        measured.*,
        {% for place in ['first', 'second', 'third'] -%}
        case {{ place }}_criterion
            when 'source_rank' then cast(source_rank as bigint)
            when 'recency' then -changed_at_second
            when 'completeness' then -attributes_filled
        end as {{ place }}_key{{ ',' if not loop.last }}
        {% endfor %}
    from measured
),

ranked as (
    select
        judged.*,
        row_number() over (
            partition by {{ object }}_id, attribute
            order by
                first_key nulls last, second_key nulls last, third_key nulls last,
                case when record_id = {{ object }}_id then 0 else 1 end, record_id
        ) as place
    from judged
),

winner as (
    select * from ranked
    where place = 1
),

-- The best of the records that say something else.
rival as (
    select ranked.*
    from ranked
    inner join winner
        on ranked.{{ object }}_id = winner.{{ object }}_id and ranked.attribute = winner.attribute
    where ranked.value <> winner.value
    qualify row_number() over (partition by ranked.{{ object }}_id, ranked.attribute order by ranked.place) = 1
)

select
    coalesce(winner.{{ object }}_id, decision.{{ object }}_id) as {{ object }}_id,
    coalesce(winner.attribute, decision.attribute) as attribute,
    coalesce(decision.value, winner.value) as value,
    case
        when decision.decision_id is not null then 'steward'
        when rival.record_id is null then 'no other value'
        when winner.first_key <> rival.first_key then winner.first_criterion
        when winner.second_key <> rival.second_key then winner.second_criterion
        when winner.third_key <> rival.third_key then winner.third_criterion
        else 'first record'
    end as decided_by,
    decision.decision_id,
    case when decision.decision_id is null then winner.record_id end as record_id,
    winner.value as source_value,
    rival.value as next_best_value,
    rival.record_id as next_best_record_id,
    case when decision.decision_id is null then winner.source_system else 'steward' end as source_system,
    case
        when decision.decision_id is null then winner.source_key else cast(decision.decision_id as varchar)
    end as source_key
from winner
full outer join decision
    on winner.{{ object }}_id = decision.{{ object }}_id and winner.attribute = decision.attribute
left join rival on winner.{{ object }}_id = rival.{{ object }}_id and winner.attribute = rival.attribute
{%- endmacro %}

{# Golden records: the leading record's word where it is alone, else the winners'. #}
{% macro golden_record(object) -%}
with

record as (
    select * from {{ ref('dim_' ~ object ~ '_source') }}
),

won as (
    select
        {{ object }}_id
        {%- for item in golden_attributes(object).split('|') %}{% set attribute, type = item.split(':') %},
        cast(max(case when attribute = '{{ attribute }}' then value end) as {{ type }}) as {{ attribute }}
        {%- endfor %}
    from {{ ref('dim_' ~ object ~ '_attribute') }}
    group by {{ object }}_id
),

whole as (
    select
        {{ object }}_id,
        cast(count(*) as integer) as record_count,
        -- Whether it may be used is the word of the systems that use it; a CRM account says nothing of that.
        coalesce(max(case when object = '{{ object }}' and is_active then 1 else 0 end), 0) = 1
        or max(case when object = '{{ object }}' then 1 else 0 end) = 0 as is_active,
        max(case when object = '{{ object }}' then 1 else 0 end) = 0 as is_prospect,
        max(case when {{ is_held(object, 'record.record_id') }} then 1 else 0 end) = 1 as is_held
    from record
    group by {{ object }}_id
)

select
    leading_record.{{ object }}_id
    {%- for item in golden_attributes(object).split('|') %}{% set attribute = item.split(':')[0] %},
    case when won.{{ object }}_id is null then leading_record.{{ attribute }} else won.{{ attribute }} end
        as {{ attribute }}
    {%- endfor %},
    whole.is_active,
    whole.is_prospect,
    whole.is_held,
    whole.record_count,
    leading_record.source_system,
    leading_record.source_key
from record as leading_record
inner join whole on leading_record.{{ object }}_id = whole.{{ object }}_id
left join won on leading_record.{{ object }}_id = won.{{ object }}_id
where leading_record.record_id = leading_record.{{ object }}_id
{%- endmacro %}

{# The attribute of a record that is a golden record by itself: as a steward set it, else as its source has it. #}
{% macro as_decided(object, attribute, type='varchar') -%}
coalesce(
    (
        select cast(decided.value as {{ type }})
        from {{ source('quality', 'steward_decision') }} as decided
        where
            decided.object = '{{ object }}'
            and decided.action = 'set_attribute'
            and decided.attribute = '{{ attribute }}'
            and decided.record_id = {{ object }}.{{ object }}_id
    ),
    {{ object }}.{{ attribute }}
) as {{ attribute }}
{%- endmacro %}
