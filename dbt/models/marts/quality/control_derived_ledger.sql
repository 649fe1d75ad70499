with

closed as (
    select
        period.company_id,
        max(period.end_date) as closed_until
    from {{ ref('int_fiscal_period') }} as period
    where period.is_closed
    group by period.company_id
),

rule as (
    {% for seed in ['posting_rule', 'bank_rule'] -%}
    select
        rule_id,
        valid_from,
        entered_on,
        system,
        company_code
    from {{ ref(seed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A rule written down after the close may not say how a day before it is posted.
reaching_back as (
    select
        company.company_id,
        rule.rule_id,
        rule.valid_from <= closed.closed_until and rule.entered_on > closed.closed_until as is_late
    from {{ ref('int_company') }} as company
    inner join closed on company.company_id = closed.company_id
    left join {{ ref('int_source_system') }} as source_system on company.source_system = source_system.source_system
    inner join rule
        on rule.system in ('*', source_system.system) and rule.company_code in ('*', company.code)
)

select
    'derived_ledger' as control,
    company_id,
    period_start as as_of,
    'turnover of the accounts in the ledger' as left_label,
    'entries derived from documents and explained differences' as right_label,
    {{ total('abs(erp_amount_company_currency)') }} as left_total,
    {{ total('abs(derived_amount_company_currency + explained_amount_company_currency)') }} as right_total,
    count(*) filter (where unexplained_amount_company_currency <> 0) as broken,
    concat(
        cast(count(*) as varchar), ' accounts, ',
        cast(count(*) filter (where difference_company_currency = 0) as varchar), ' as derived, ',
        cast(cast(sum(differing_documents) as bigint) as varchar), ' documents explain the others',
        coalesce(', unexplained: ' || min(case when unexplained_amount_company_currency <> 0 then account_id end), '')
    ) as detail,
    true as blocking
from {{ ref('fct_ledger_comparison') }}
group by company_id, period_start

union all

-- Whatever ledger and documents see differently stands there with its number and its cause.
select
    'ledger_difference' as control,
    difference.company_id,
    {{ as_of() }} as as_of,
    'differences between ledger and documents' as left_label,
    'those that a named document or entry explains' as right_label,
    {{ total('difference.amount') }} as left_total,
    {{ total('difference.named_amount') }} as right_total,
    count(*) filter (where difference.named_amount <> difference.amount) as broken,
    {{ text_list(
        "concat(difference.cause, ' ', cast(cast(difference.amount as decimal(18, 2)) as varchar))", "', '",
        'difference.cause'
    ) }} as detail,
    true as blocking
from (
    select
        company_id,
        coalesce(cause, 'without cause') as cause,
        sum(abs(difference_company_currency)) as amount,
        sum(
            case
                when
                    cause is not null
                    and document_id is not null
                    and (document_type <> 'entry' or entry_number is not null)
                    then abs(difference_company_currency)
                else 0
            end
        ) as named_amount
    from {{ ref('fct_ledger_difference') }}
    group by company_id, coalesce(cause, 'without cause')
) as difference
group by difference.company_id

union all

select
    'posting_rules' as control,
    company_id,
    {{ as_of() }} as as_of,
    'rules for the company' as left_label,
    'rules that change no closed period' as right_label,
    cast(count(*) as decimal(38, 4)) as left_total,
    cast(count(*) filter (where not is_late) as decimal(38, 4)) as right_total,
    0 as broken,
    coalesce(
        'reaches into a closed period: ' || min(case when is_late then rule_id end), 'no rule reaches back'
    ) as detail,
    true as blocking
from reaching_back
group by company_id

union all

-- An ERP that keeps no documents of a kind, or posts by accounts no rule knows, leaves events unposted; all are listed.
select
    'posting_exceptions' as control,
    coalesce(posted.company_id, exception.company_id) as company_id,
    {{ as_of() }} as as_of,
    'entries that business events make' as left_label,
    'entries derived from them' as right_label,
    cast(coalesce(posted.entries, 0) + coalesce(exception.entries, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(posted.entries, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    coalesce(exception.first_exception, 'every event is posted') as detail,
    false as blocking
from (
    select
        company_id,
        count(distinct journal_entry_id) as entries
    from {{ ref('fct_journal_line') }}
    where origin = 'derived'
    group by company_id
) as posted
full outer join (
    select
        company_id,
        count(*) as entries,
        min(concat(reason, ' (', event, ' ', document_id, ')')) as first_exception
    from {{ ref('fct_posting_exception') }}
    group by company_id
) as exception on posted.company_id = exception.company_id
