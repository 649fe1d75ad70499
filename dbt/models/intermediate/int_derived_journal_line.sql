with

event as (
    select
        event.*,
        concat('derived:', event.event, ':', event.document_id, ':', cast(event.event_date as varchar))
            as journal_entry_id,
        company.code as company_code,
        source_system.system
    from {{ ref('int_business_event') }} as event
    left join {{ ref('int_company') }} as company on event.company_id = company.company_id
    left join {{ ref('int_source_system') }} as source_system on company.source_system = source_system.source_system
),

bank as (
    select
        bank_account.company_id,
        bank_account.account_id
    from {{ ref('int_bank_account') }} as bank_account
    inner join {{ ref('int_company') }} as company
        on bank_account.company_id = company.company_id and bank_account.currency = company.currency
    where bank_account.account_id is not null
    qualify row_number() over (partition by bank_account.company_id order by bank_account.bank_account_id) = 1
),

-- Every way in which a rule may name an account of a company; one that leaves a choice names none.
named_account as (
    select
        company_id,
        'code:' || code as account,
        account_id
    from {{ ref('int_account') }}
    union all
    select
        company_id,
        'control:' || control as account,
        account_id
    from {{ ref('int_account') }}
    where control is not null
    -- One account of realised differences takes gains and losses.
    {% for kind in ['gain', 'loss'] -%}
    union all
    select
        company_id,
        'control:realised_exchange_{{ kind }}' as account,
        account_id
    from {{ ref('int_account') }}
    where control = 'realised_exchange'
    {% endfor -%}
    union all
    select distinct
        company_id,
        'element:' || element as account,
        account_id
    from {{ ref('int_cost_account') }}
    where account_id is not null
    union all
    select
        company_id,
        'main_bank' as account,
        account_id
    from bank
),

only_account as (
    select
        company_id,
        account,
        min(account_id) as account_id
    from named_account
    group by company_id, account
    having count(*) = 1
),

-- Of the rules for a line the most specific: it names the company, the system, the category, the tax, in this order.
ruled as (
    select
        event.*,
        rule.rule_id,
        rule.line,
        rule.side,
        rule.account,
        case rule.measure
            {% for measure in posted_measures() -%}
            when '{{ measure }}' then event.{{ measure }}
            {% endfor -%}
        end as amount
    from event
    inner join {{ ref('posting_rule') }} as rule
        on
            event.event = rule.event
            and event.event_date >= rule.valid_from
            and (rule.valid_to is null or event.event_date <= rule.valid_to)
            and rule.system in ('*', event.system)
            and rule.company_code in ('*', event.company_code)
            and rule.product_category in ('*', event.product_category)
            and rule.tax in ('*', event.tax)
    qualify row_number() over (
        partition by event.business_event_id, rule.line
        order by
            case when rule.company_code = '*' then 1 else 0 end asc,
            case when rule.system = '*' then 1 else 0 end asc,
            case when rule.product_category = '*' then 1 else 0 end asc,
            case when rule.tax = '*' then 1 else 0 end asc,
            rule.valid_from desc,
            rule.rule_id asc
    ) = 1
),

posted as (
    select
        ruled.*,
        case ruled.account
            when 'line' then ruled.line_account_id
            when 'tax' then ruled.tax_account_id
            when 'control' then ruled.control_account_id
            when 'money' then ruled.money_account_id
            when 'goods' then ruled.goods_account_id
            when 'variance' then ruled.variance_account_id
            else only_account.account_id
        end as account_id
    from ruled
    left join only_account on ruled.company_id = only_account.company_id and ruled.account = only_account.account
    where ruled.amount <> 0 or ruled.amount is null
),

-- An event that carries money but meets no rule makes an entry too: one that cannot be posted.
unruled as (
    select event.*
    from event
    left join ruled on event.business_event_id = ruled.business_event_id
    where
        ruled.business_event_id is null
        and (
            {% for measure in posted_measures() -%}
            event.{{ measure }} <> 0{{ ' or ' if not loop.last }}
            {%- endfor %}
        )
),

entry as (
    select
        journal_entry_id,
        case
            when min(case when account_id is null then rule_id end) is not null
                then 'no account: ' || min(case when account_id is null then rule_id end)
            when min(case when amount is null then rule_id end) is not null
                then 'unknown measure: ' || min(case when amount is null then rule_id end)
            when sum(case side when 'debit' then amount when 'credit' then -amount end) <> 0
                then 'rules do not balance'
        end as exception
    from posted
    group by journal_entry_id
)

select
    posted.journal_entry_id,
    concat(
        posted.journal_entry_id, ':', posted.line, ':', coalesce(posted.account_id, posted.rule_id)
    ) as journal_line_id,
    posted.event,
    posted.document_type,
    posted.document_id,
    posted.company_id,
    posted.account_id,
    posted.event_date as posting_date,
    min(posted.party_id) as party_id,
    posted.line,
    min(posted.rule_id) as rule_id,
    cast(sum(case when posted.side = 'debit' then posted.amount else -posted.amount end) as decimal(18, 4))
        as amount_company_currency,
    min(entry.exception) as exception,
    min(posted.source_system) as source_system,
    posted.document_id as source_key
from posted
inner join entry on posted.journal_entry_id = entry.journal_entry_id
group by
    posted.journal_entry_id, posted.line, posted.account_id, posted.rule_id, posted.event, posted.document_type,
    posted.document_id, posted.company_id, posted.event_date

union all

select
    journal_entry_id,
    concat(journal_entry_id, ':', business_event_id) as journal_line_id,
    event,
    document_type,
    document_id,
    company_id,
    cast(null as varchar) as account_id,
    event_date as posting_date,
    party_id,
    cast(null as varchar) as line,
    cast(null as varchar) as rule_id,
    cast(0 as decimal(18, 4)) as amount_company_currency,
    'no rule for the event' as exception,
    source_system,
    source_key
from unruled
