{#- Days before as_of from which items that the bank has made actual are kept; days ahead for what recurs. -#}
{%- set days_back, days_ahead = 91, 104 -%}
{#- Days that a bank line may be off, and that something expected may be late before it is no longer expected. -#}
{%- set days_off = 5 -%}
with

company as (
    select
        company_id,
        currency
    from {{ ref('dim_company') }}
),

intercompany as (
    select
        party_kind,
        party_id,
        company_id as counterparty_company_id
    from {{ ref('int_intercompany_party') }}
),

run_day as (
    select
        day.date_day,
        run.company_id,
        min(run.run_day) as next_run_day
    from ({{ day_spine(add_days(as_of(), 1), add_days(as_of(), days_ahead)) }}) as day
    inner join {{ ref('int_payment_run_day') }} as run on day.date_day <= run.run_day
    group by day.date_day, run.company_id
),

-- What is open of documents: the payer's run after the due date pays it; nobody says when long overdue ones go.
open_item as (
    {% for side, party, flow, component, sign in [
        ('receivable', 'customer', 'receipts', 'customer_invoices', 1),
        ('payable', 'supplier', 'supplier_payments', 'supplier_invoices', -1),
    ] %}
    select
        concat('{{ side }}:', item.{{ side }}_id) as planned_cash_item_id,
        item.company_id,
        case when intercompany.party_id is null then '{{ flow }}' else 'intercompany' end as flow,
        case
            when intercompany.party_id is null then '{{ component }}' else 'intercompany_{{ side }}s'
        end as component,
        item.due_date,
        case
            when item.due_date < {{ add_days(as_of(), -90) }} then null
            else coalesce(
                run_day.next_run_day,
                {{ working_day('greatest(item.due_date, ' ~ add_days(as_of(), 1) ~ ')') }}
            )
        end as planned_date,
        'planned' as status,
        cast(null as varchar) as confirmed_by,
        cast(null as varchar) as bank_movement_id,
        cast(null as date) as actual_date,
        '{{ side }}' as document_type,
        item.{{ side }}_id as document_id,
        item.invoice_number as document_number,
        item.{{ party }}_id as party_id,
        intercompany.counterparty_company_id,
        item.document_currency,
        {{ sign }} * item.open_amount_document_currency as amount_document_currency,
        {{ sign }} * item.open_amount_company_currency as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        item.source_system,
        item.source_key
    from {{ ref('fct_' ~ side ~ '_aging') }} as item
    left join intercompany
        on intercompany.party_kind = '{{ party }}' and item.{{ party }}_record_id = intercompany.party_id
    left join run_day
        on
            greatest(item.due_date, {{ add_days(as_of(), 1) }}) = run_day.date_day
            {% if side == 'payable' -%}
            and item.company_id = run_day.company_id
            {%- else -%}
            and intercompany.counterparty_company_id = run_day.company_id
            {%- endif %}
    where item.as_of = {{ as_of() }} and item.kind <> 'unapplied_cash'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The part of a document that is paid: confirmed while the money is on its way, actual once the bank has told of it.
paid_item as (
    {% for side, party, flow, component, sign in [
        ('receivable', 'customer', 'receipts', 'customer_invoices', 1),
        ('payable', 'supplier', 'supplier_payments', 'supplier_invoices', -1),
    ] %}
    select
        concat('{{ side }}_settlement:', settlement.{{ side }}_settlement_id) as planned_cash_item_id,
        settlement.company_id,
        case when intercompany.party_id is null then '{{ flow }}' else 'intercompany' end as flow,
        case
            when intercompany.party_id is null then '{{ component }}' else 'intercompany_{{ side }}s'
        end as component,
        item.due_date,
        case
            when coalesce(at_bank.is_in_transit, false) then {{ add_days(as_of(), 1) }}
            else coalesce(at_bank.moved_on, settlement.settlement_date)
        end as planned_date,
        case when coalesce(at_bank.is_in_transit, false) then 'confirmed' else 'actual' end as status,
        case
            when at_bank.bank_movement_id is null then 'posted_payment' else 'bank_statement'
        end as confirmed_by,
        at_bank.bank_movement_id,
        case
            when not coalesce(at_bank.is_in_transit, false)
                then coalesce(at_bank.moved_on, settlement.settlement_date)
        end as actual_date,
        '{{ side }}' as document_type,
        settlement.{{ side }}_id as document_id,
        item.invoice_number as document_number,
        settlement.{{ party }}_id as party_id,
        intercompany.counterparty_company_id,
        settlement.document_currency,
        {{ sign }} * settlement.amount_document_currency as amount_document_currency,
        settlement.exchange_difference_company_currency + {{ sign }} * settlement.amount_company_currency
            as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        settlement.source_system,
        settlement.source_key
    from {{ ref('fct_' ~ side ~ '_settlement') }} as settlement
    inner join {{ ref('int_' ~ side ~ '_settlement') }} as stated
        on settlement.{{ side }}_settlement_id = stated.{{ side }}_settlement_id
    inner join {{ ref('int_' ~ side) }} as item on settlement.{{ side }}_id = item.{{ side }}_id
    left join {{ ref('int_payment_at_bank') }} as at_bank on stated.payment_id = at_bank.payment_id
    left join intercompany
        on intercompany.party_kind = '{{ party }}' and settlement.{{ party }}_record_id = intercompany.party_id
    where
        settlement.kind = 'payment'
        and settlement.settlement_date <= {{ as_of() }}
        and settlement.settlement_date > {{ add_days(as_of(), -days_back) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

claim as (
    select
        company_id,
        {{ quantile(days_between('approved_date', 'paid_date'), '0.5') }} as days_to_payment
    from {{ ref('fct_expense_claim_line') }}
    where paid_date is not null and approved_date is not null
    group by company_id
),

claim_days as (
    select
        line.*,
        cast(coalesce(claim.days_to_payment, 0) as integer) as usual_days_to_payment
    from {{ ref('fct_expense_claim_line') }} as line
    left join claim on line.company_id = claim.company_id
    where line.owed_amount_company_currency <> 0
),

claim_line as (
    select
        *,
        greatest({{ add_days('approved_date', 'usual_days_to_payment') }}, {{ add_days(as_of(), 1) }}) as pay_date
    from claim_days
),

approved_claim as (
    select
        concat('expense_claim_line:', line.expense_claim_line_id) as planned_cash_item_id,
        line.company_id,
        'other' as flow,
        'expense_claims' as component,
        cast(null as date) as due_date,
        {{ working_day('line.pay_date') }} as planned_date,
        'confirmed' as status,
        'approved_claim' as confirmed_by,
        cast(null as varchar) as bank_movement_id,
        cast(null as date) as actual_date,
        'expense_claim' as document_type,
        line.expense_claim_line_id as document_id,
        line.claim_number as document_number,
        line.employee_id as party_id,
        cast(null as varchar) as counterparty_company_id,
        line.currency as document_currency,
        -line.owed_amount_company_currency as amount_document_currency,
        -line.owed_amount_company_currency as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        line.source_system,
        line.source_key
    from claim_line as line
),

month as (
    select date_day as month_start
    from ({{ day_spine(first_of('month', add_days(as_of(), -days_back)), add_days(as_of(), days_ahead)) }}) as day
    where {{ first_of('month', 'date_day') }} = date_day
),

paid_on_day as (
    select
        company_id,
        component,
        moved_on,
        sum(amount_company_currency) as amount
    from {{ ref('fct_cash_flow_daily') }}
    group by company_id, component, moved_on
),

-- What a month a year ago paid beside the three before it: pay has its thirteenth month and its bonus.
season as (
    select
        paid.company_id,
        paid.component,
        {{ first_of('month', 'paid.moved_on') }} as month_start,
        sum(paid.amount) as amount
    from paid_on_day as paid
    where paid.component in ('net_pay', 'payroll_taxes')
    group by paid.company_id, paid.component, {{ first_of('month', 'paid.moved_on') }}
),

season_share as (
    select
        company_id,
        component,
        cast({{ dbt.dateadd('month', 12, 'month_start') }} as date) as month_start,
        cast(amount as double)
        / nullif(cast(sum(amount) over three_before as double) / nullif(count(*) over three_before, 0), 0) as share
    from season
    window three_before as (
        partition by company_id, component order by month_start rows between 3 preceding and 1 preceding
    )
),

-- Tax of closed months is known to the cent where the last payments were just what the books say.
tax_due as (
    select
        due.company_id,
        due.period_start,
        due.period_end,
        due.payable_company_currency as amount
    from {{ ref('fct_vat_payable_monthly') }} as due
    where due.period_end <= {{ as_of() }}
),

declared as (
    select
        company_id,
        period_end,
        min(filed_date) as filed_date
    from {{ ref('fct_tax_declaration') }}
    where filed_date <= {{ as_of() }}
    group by company_id, period_end
),

-- Withheld and contributed with the pay of a month.
withheld as (
    select
        company_id,
        {{ first_of('month', 'pay_date') }} as period_start,
        sum(case when element = 'employer_contribution' then -amount_company_currency else amount_company_currency end)
            as amount
    from {{ ref('fct_payroll_line') }}
    where element in ('employer_contribution', 'income_tax', 'employee_contribution') and pay_date <= {{ as_of() }}
    group by company_id, {{ first_of('month', 'pay_date') }}
),

expected_month as (
    select
        series.*,
        month.month_start,
        {{ working_day(day_of_month('month.month_start', 'series.month_day')) }} as nominal_date
    from {{ ref('fct_recurring_payment') }} as series
    inner join month
        on
            series.last_month_start < month.month_start
            and cast({{ dbt.datediff('series.last_month_start', 'month.month_start', 'month') }} as integer)
            % series.interval_months = 0
),

recurring as (
    select
        concat(
            'recurring:', expected.company_id, ':', expected.component, ':',
            substr(cast(expected.month_start as varchar), 1, 7)
        ) as planned_cash_item_id,
        expected.company_id,
        expected.flow,
        expected.component,
        expected.nominal_date as due_date,
        greatest(expected.nominal_date, {{ add_days(as_of(), 1) }}) as planned_date,
        case when declared.filed_date is not null then 'confirmed' else 'planned' end as status,
        case when declared.filed_date is not null then 'tax_declaration' end as confirmed_by,
        cast(null as varchar) as bank_movement_id,
        cast(null as date) as actual_date,
        'recurring_payment' as document_type,
        expected.component as document_id,
        substr(cast(expected.month_start as varchar), 1, 7) as document_number,
        cast(null as varchar) as party_id,
        cast(null as varchar) as counterparty_company_id,
        expected.currency as document_currency,
        case
            when expected.component = 'value_added_tax' and tax_due.amount is not null then -tax_due.amount
            when expected.component = 'payroll_taxes' and withheld.amount is not null then withheld.amount
            when abs(season_share.share - 1) > 0.1
                then round(expected.usual_amount_company_currency * season_share.share, 2)
            else expected.usual_amount_company_currency
        end as amount,
        case
            when tax_due.amount is not null or withheld.amount is not null then 0
            else expected.amount_spread_share
        end as amount_spread_share,
        expected.source_system,
        expected.source_key
    from expected_month as expected
    left join tax_due
        on
            expected.component = 'value_added_tax'
            and expected.interval_months = 1
            and expected.company_id = tax_due.company_id
            and expected.month_start = {{ add_days('tax_due.period_end', 1) }}
    left join declared
        on
            expected.component = 'value_added_tax'
            and expected.company_id = declared.company_id
            and expected.month_start = {{ add_days('declared.period_end', 1) }}
    left join withheld
        on
            expected.component = 'payroll_taxes'
            and expected.month_day < 20
            and expected.company_id = withheld.company_id
            and expected.month_start = cast({{ dbt.dateadd('month', 1, 'withheld.period_start') }} as date)
    left join season_share
        on
            expected.company_id = season_share.company_id
            and expected.component = season_share.component
            and expected.month_start = season_share.month_start
    where
        expected.nominal_date > {{ add_days(as_of(), -days_off) }}
        and expected.nominal_date <= {{ add_days(as_of(), days_ahead) }}
),

-- A declaration without a habit of the bank beside it: the tax of its period, at the usual day of filing.
filing_day as (
    select
        company_id,
        cast({{ quantile('cast(extract(day from filed_date) as integer)', '0.5') }} as integer) as month_day
    from {{ ref('fct_tax_declaration') }}
    where filed_date <= {{ as_of() }}
    group by company_id
),

declared_tax as (
    select
        concat('tax:', tax_due.company_id, ':', cast(tax_due.period_end as varchar)) as planned_cash_item_id,
        tax_due.company_id,
        'tax' as flow,
        'value_added_tax' as component,
        {{ day_of_month(add_days('tax_due.period_end', 1), 'coalesce(filing_day.month_day, 15)') }} as due_date,
        -tax_due.amount as amount,
        declared.filed_date is not null as is_declared
    from tax_due
    left join filing_day on tax_due.company_id = filing_day.company_id
    left join declared on tax_due.company_id = declared.company_id and tax_due.period_end = declared.period_end
    left join {{ ref('fct_recurring_payment') }} as series
        on tax_due.company_id = series.company_id and series.component = 'value_added_tax'
    where
        series.company_id is null
        and tax_due.amount <> 0
        and {{ day_of_month(add_days('tax_due.period_end', 1), 'coalesce(filing_day.month_day, 15)') }}
        > {{ add_days(as_of(), -days_off) }}
        -- Where the bank is read and never shows such a payment, none is made so.
        and tax_due.company_id not in (
            select company_id
            from {{ ref('fct_bank_statement') }}
            where company_id is not null
        )
),

-- What the bank shows of what recurs.
came as (
    select
        concat(
            'recurring:', paid.company_id, ':', paid.component, ':',
            substr(cast({{ first_of(
                'month', add_days('paid.moved_on', 'case when series.month_day >= 20 then -7 else 0 end')
            ) }} as varchar), 1, 7)
        ) as planned_cash_item_id,
        paid.company_id,
        series.flow,
        paid.component,
        max(paid.moved_on) as moved_on,
        max(substr(cast({{ first_of(
            'month', add_days('paid.moved_on', 'case when series.month_day >= 20 then -7 else 0 end')
        ) }} as varchar), 1, 7)) as month_name,
        series.currency,
        sum(paid.amount) as amount,
        series.source_system,
        series.source_key
    from paid_on_day as paid
    inner join {{ ref('fct_recurring_payment') }} as series
        on paid.company_id = series.company_id and paid.component = series.component
    where paid.moved_on > {{ add_days(as_of(), -days_back) }}
    group by all
),

note as (
    select
        note.*,
        case note.direction when 'receivable' then 1 else -1 end as sign
    from {{ ref('fct_note') }} as note
    where
        note.status = 'open'
        and note.open_amount_document_currency <> 0
        and note.maturity_date > {{ add_days(as_of(), -days_off) }}
),

note_paid as (
    select
        event.note_event_id,
        event.note_id,
        event.company_id,
        event.direction,
        event.event_date,
        event.document_currency,
        case event.direction
            when 'receivable' then event.amount_document_currency - event.fee_amount_company_currency
            else -event.amount_document_currency
        end as amount_document_currency,
        case event.direction
            when 'receivable' then event.amount_company_currency - event.fee_amount_company_currency
            else -event.amount_company_currency
        end as amount_company_currency,
        note.note_number,
        note.party_id,
        note.maturity_date,
        event.source_system,
        event.source_key
    from {{ ref('fct_note_event') }} as event
    inner join {{ ref('fct_note') }} as note on event.note_id = note.note_id
    where
        event.event in ('discounted', 'matured')
        and event.direction is not null
        and event.event_date <= {{ as_of() }}
        and event.event_date > {{ add_days(as_of(), -days_back) }}
),

-- Outlays alone: what a project earns comes in through customers and costs.
outlay_seen as (
    select
        project.company_id,
        count(*) as outlays,
        (
            select count(*)
            from {{ ref('fct_cash_flow_daily') }} as daily
            where daily.company_id = project.company_id and daily.component = 'capital_outlays'
        ) as outlays_at_bank
    from {{ ref('int_capital_project_cash_flow') }} as flow
    inner join {{ ref('int_capital_project') }} as project on flow.capital_project_id = project.capital_project_id
    where flow.kind = 'actual' and flow.amount_company_currency < 0 and flow.flow_date <= {{ as_of() }}
    group by project.company_id
),

project as (
    select
        flow.capital_project_cash_flow_id,
        project.project_number,
        project.company_id,
        project.currency,
        flow.flow_date,
        flow.amount_company_currency as amount,
        flow.source_system,
        flow.source_key
    from {{ ref('int_capital_project_cash_flow') }} as flow
    inner join {{ ref('int_capital_project') }} as project on flow.capital_project_id = project.capital_project_id
    where
        flow.kind = 'planned'
        and flow.amount_company_currency < 0
        and project.approved_date <= {{ as_of() }}
        and flow.flow_date > {{ add_days(as_of(), -days_back) }}
        and flow.flow_date <= {{ add_days(as_of(), days_ahead) }}
        and {{ not_quarantined('capital_project_cash_flow', 'flow.capital_project_cash_flow_id') }}
),

-- A memo record as it stood at as_of: each change is a version, and the last one known counts.
memo as (
    select *
    from {{ source('quality', 'memo_version') }}
    where known_from <= {{ as_of() }}
    qualify row_number() over (partition by memo_id order by decision_id desc) = 1
),

memo_day as (
    select
        memo.*,
        day.date_day
    from memo
    inner join ({{ day_spine(add_days(as_of(), -days_back), add_days(as_of(), days_ahead)) }}) as day
        on memo.first_date <= day.date_day and memo.end_date >= day.date_day
    where
        not memo.is_withdrawn
        and case memo.recurrence
            when 'once' then memo.first_date = day.date_day
            when 'weekly' then {{ days_between('memo.first_date', 'day.date_day') }} % 7 = 0
            else
                {{ day_of_month(
                    first_of('month', 'day.date_day'), 'cast(extract(day from memo.first_date) as integer)'
                ) }} = day.date_day
                and cast({{ dbt.datediff('memo.first_date', 'day.date_day', 'month') }} as integer)
                % case memo.recurrence when 'quarterly' then 3 when 'yearly' then 12 else 1 end = 0
        end
),

-- What waits for its own line at the bank: no document of the ERP pays it.
waiting as (
    select
        concat('memo:', memo_id, ':', cast(date_day as varchar)) as planned_cash_item_id,
        company_id,
        currency,
        amount,
        date_day as due_date,
        1 as turn
    from memo_day
    union all
    select
        concat('capital_project:', capital_project_cash_flow_id) as planned_cash_item_id,
        company_id,
        currency,
        amount,
        flow_date as due_date,
        2 as turn
    from project
    union all
    select
        concat('note_event:', note_event_id) as planned_cash_item_id,
        company_id,
        document_currency as currency,
        amount_document_currency as amount,
        event_date as due_date,
        3 as turn
    from note_paid
    union all
    select
        planned_cash_item_id,
        company_id,
        currency,
        amount,
        moved_on as due_date,
        4 as turn
    from came
),

free_line as (
    select
        movement.bank_movement_id,
        movement.company_id,
        movement.currency,
        movement.amount_bank_currency,
        movement.value_date
    from {{ ref('fct_bank_movement') }} as movement
    where
        movement.value_date <= {{ as_of() }}
        and movement.value_date > {{ add_days(as_of(), -days_back - days_off) }}
        and not exists (
            select 1
            from {{ ref('int_payment_at_bank') }} as paid
            where paid.bank_movement_id = movement.bank_movement_id
        )
),

-- A line makes one item actual and no other; what the ERP and the bank's own texts tell goes first.
pair as (
    select
        waiting.planned_cash_item_id,
        waiting.turn,
        free_line.bank_movement_id,
        free_line.value_date,
        abs({{ days_between('waiting.due_date', 'free_line.value_date') }}) as days_apart
    from waiting
    inner join free_line
        on
            waiting.company_id = free_line.company_id
            and waiting.currency = free_line.currency
            and waiting.amount = free_line.amount_bank_currency
            and free_line.value_date >= {{ add_days('waiting.due_date', -days_off) }}
            and free_line.value_date <= {{ add_days('waiting.due_date', days_off) }}
),

{% for turn in [4, 3, 2, 1] -%}
matched_{{ turn }} as (
    select
        planned_cash_item_id,
        bank_movement_id,
        value_date
    from pair
    where
        turn = {{ turn }}
        {% for earlier in range(turn + 1, 5) -%}
        and bank_movement_id not in (select bank_movement_id from matched_{{ earlier }})
        {% endfor %}
    qualify
        row_number() over (
            partition by planned_cash_item_id order by days_apart, value_date, bank_movement_id
        ) = 1
        and row_number() over (
            partition by bank_movement_id order by days_apart, planned_cash_item_id
        ) = 1
),

{% endfor -%}
matched as (
    {% for turn in [4, 3, 2, 1] -%}
    select * from matched_{{ turn }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

simple as (
    select
        recurring.planned_cash_item_id,
        recurring.company_id,
        recurring.flow,
        recurring.component,
        recurring.due_date,
        recurring.planned_date,
        recurring.status,
        recurring.confirmed_by,
        recurring.bank_movement_id,
        recurring.actual_date,
        recurring.document_type,
        recurring.document_id,
        recurring.document_number,
        recurring.party_id,
        recurring.counterparty_company_id,
        recurring.document_currency,
        recurring.amount as amount_document_currency,
        recurring.amount as amount_company_currency,
        recurring.amount_spread_share,
        cast(null as varchar) as reason,
        recurring.source_system,
        recurring.source_key
    from recurring
    union all
    select
        declared_tax.planned_cash_item_id,
        declared_tax.company_id,
        declared_tax.flow,
        declared_tax.component,
        declared_tax.due_date,
        greatest({{ working_day('declared_tax.due_date') }}, {{ add_days(as_of(), 1) }}) as planned_date,
        case when declared_tax.is_declared then 'confirmed' else 'planned' end as status,
        case when declared_tax.is_declared then 'tax_declaration' end as confirmed_by,
        cast(null as varchar) as bank_movement_id,
        cast(null as date) as actual_date,
        'tax_declaration' as document_type,
        cast(null as varchar) as document_id,
        substr(cast(declared_tax.due_date as varchar), 1, 7) as document_number,
        cast(null as varchar) as party_id,
        cast(null as varchar) as counterparty_company_id,
        company.currency as document_currency,
        declared_tax.amount as amount_document_currency,
        declared_tax.amount as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        company.source_system,
        company.source_key
    from declared_tax
    inner join {{ ref('dim_company') }} as company on declared_tax.company_id = company.company_id
    union all
    select
        came.planned_cash_item_id,
        came.company_id,
        came.flow,
        came.component,
        came.moved_on as due_date,
        came.moved_on as planned_date,
        'actual' as status,
        case when matched.bank_movement_id is null then 'books' else 'bank_statement' end as confirmed_by,
        matched.bank_movement_id,
        coalesce(matched.value_date, came.moved_on) as actual_date,
        'recurring_payment' as document_type,
        came.component as document_id,
        came.month_name as document_number,
        cast(null as varchar) as party_id,
        cast(null as varchar) as counterparty_company_id,
        came.currency as document_currency,
        came.amount as amount_document_currency,
        came.amount as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        came.source_system,
        came.source_key
    from came
    left join matched on came.planned_cash_item_id = matched.planned_cash_item_id
    union all
    select
        concat('note:', note.note_id) as planned_cash_item_id,
        note.company_id,
        case note.direction when 'receivable' then 'receipts' else 'supplier_payments' end as flow,
        case note.direction when 'receivable' then 'notes_receivable' else 'notes_payable' end as component,
        note.maturity_date as due_date,
        greatest({{ working_day('note.maturity_date') }}, {{ add_days(as_of(), 1) }}) as planned_date,
        case note.kind when 'bank_acceptance' then 'confirmed' else 'planned' end as status,
        case note.kind when 'bank_acceptance' then 'bank_acceptance' end as confirmed_by,
        cast(null as varchar) as bank_movement_id,
        cast(null as date) as actual_date,
        'note' as document_type,
        note.note_id as document_id,
        note.note_number as document_number,
        note.party_id,
        cast(null as varchar) as counterparty_company_id,
        note.document_currency,
        note.sign * note.open_amount_document_currency as amount_document_currency,
        note.sign * note.open_amount_company_currency as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        note.source_system,
        note.source_key
    from note
    union all
    select
        concat('note_event:', note_paid.note_event_id) as planned_cash_item_id,
        note_paid.company_id,
        case note_paid.direction when 'receivable' then 'receipts' else 'supplier_payments' end as flow,
        case note_paid.direction when 'receivable' then 'notes_receivable' else 'notes_payable' end as component,
        note_paid.maturity_date as due_date,
        note_paid.event_date as planned_date,
        'actual' as status,
        case when matched.bank_movement_id is null then 'books' else 'bank_statement' end as confirmed_by,
        matched.bank_movement_id,
        coalesce(matched.value_date, note_paid.event_date) as actual_date,
        'note' as document_type,
        note_paid.note_id as document_id,
        note_paid.note_number as document_number,
        note_paid.party_id,
        cast(null as varchar) as counterparty_company_id,
        note_paid.document_currency,
        note_paid.amount_document_currency,
        note_paid.amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        note_paid.source_system,
        note_paid.source_key
    from note_paid
    left join matched on concat('note_event:', note_paid.note_event_id) = matched.planned_cash_item_id
    union all
    select
        concat('capital_project:', project.capital_project_cash_flow_id) as planned_cash_item_id,
        project.company_id,
        'capital_projects' as flow,
        'capital_outlays' as component,
        project.flow_date as due_date,
        coalesce(
            matched.value_date, greatest({{ working_day('project.flow_date') }}, {{ add_days(as_of(), 1) }})
        ) as planned_date,
        case when matched.bank_movement_id is null then 'planned' else 'actual' end as status,
        case when matched.bank_movement_id is not null then 'bank_statement' end as confirmed_by,
        matched.bank_movement_id,
        matched.value_date as actual_date,
        'capital_project' as document_type,
        project.capital_project_cash_flow_id as document_id,
        project.project_number as document_number,
        cast(null as varchar) as party_id,
        cast(null as varchar) as counterparty_company_id,
        project.currency as document_currency,
        project.amount as amount_document_currency,
        project.amount as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        cast(null as varchar) as reason,
        project.source_system,
        project.source_key
    from project
    left join matched
        on concat('capital_project:', project.capital_project_cash_flow_id) = matched.planned_cash_item_id
    where matched.bank_movement_id is not null or project.flow_date > {{ add_days(as_of(), -days_off) }}
    union all
    select
        concat('memo:', memo.memo_id, ':', cast(memo.date_day as varchar)) as planned_cash_item_id,
        memo.company_id,
        memo.flow,
        'memo_records' as component,
        memo.date_day as due_date,
        coalesce(matched.value_date, greatest(memo.date_day, {{ add_days(as_of(), 1) }})) as planned_date,
        case when matched.bank_movement_id is null then 'confirmed' else 'actual' end as status,
        case when matched.bank_movement_id is null then 'treasurer' else 'bank_statement' end as confirmed_by,
        matched.bank_movement_id,
        matched.value_date as actual_date,
        'memo' as document_type,
        memo.memo_id as document_id,
        memo.memo_id as document_number,
        memo.decided_by as party_id,
        cast(null as varchar) as counterparty_company_id,
        memo.currency as document_currency,
        memo.amount as amount_document_currency,
        case
            when memo.currency = company.currency then memo.amount
            else {{ converted('memo.amount', 'rate.rate_to_company') }}
        end as amount_company_currency,
        cast(0 as decimal(9, 4)) as amount_spread_share,
        memo.reason,
        'stewardship' as source_system,
        cast(memo.decision_id as varchar) as source_key
    from memo_day as memo
    inner join company on memo.company_id = company.company_id
    left join {{ ref('int_company_rate') }} as rate
        on
            memo.company_id = rate.company_id
            and memo.currency = rate.currency
            and rate.date_day = {{ as_of() }}
    left join matched
        on concat('memo:', memo.memo_id, ':', cast(memo.date_day as varchar)) = matched.planned_cash_item_id
    where
        matched.bank_movement_id is not null
        -- Late, it is still expected for some days, but not beyond the memo's end.
        or (memo.date_day > {{ add_days(as_of(), -days_off) }} and memo.end_date > {{ as_of() }})
),

item as (
    select * from open_item
    union all
    select * from paid_item
    union all
    select * from approved_claim
    union all
    select * from simple
)

select
    item.planned_cash_item_id,
    {{ as_of() }} as as_of,
    -- Where no outlay so far had a bank line of its own, suppliers are paid for it: it stands in their flow already.
    item.document_type <> 'capital_project'
    or item.status = 'actual'
    or coalesce(outlay_seen.outlays, 0) = 0
    or outlay_seen.outlays_at_bank > 0 as is_counted,
    item.company_id,
    item.flow,
    item.component,
    case when item.amount_company_currency < 0 then 'out' else 'in' end as direction,
    item.due_date,
    item.planned_date,
    item.status,
    item.confirmed_by,
    item.actual_date,
    item.bank_movement_id,
    item.document_type,
    item.document_id,
    item.document_number,
    item.party_id,
    item.counterparty_company_id,
    item.document_currency,
    cast(item.amount_document_currency as decimal(18, 4)) as amount_document_currency,
    company.currency as company_currency,
    cast(item.amount_company_currency as decimal(18, 4)) as amount_company_currency,
    cast(item.amount_spread_share as decimal(9, 4)) as amount_spread_share,
    item.reason,
    item.source_system,
    item.source_key
from item
inner join company on item.company_id = company.company_id
left join outlay_seen on item.company_id = outlay_seen.company_id
