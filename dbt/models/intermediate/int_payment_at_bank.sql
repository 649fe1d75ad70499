{#- Passes over what is left: each pairs a payment and a line that are each other's nearest. -#}
{%- set passes = ['first_pass', 'second_pass'] -%}
with

payment as (
    select
        payment_id,
        company_id,
        direction,
        account_id,
        payment_date,
        case
            when direction = 'received'
                then amount_document_currency - case
                    when amount_document_currency = amount_company_currency then fee_amount_company_currency
                    else 0
                end
            else -amount_document_currency
        end as amount
    from {{ ref('int_payment') }}
    where payment_date <= {{ as_of() }}
    qualify row_number() over (partition by payment_id order by source_key) = 1
),

movement as (
    select
        movement.bank_movement_id,
        account.account_id,
        movement.value_date,
        movement.amount_bank_currency as amount
    from {{ ref('int_bank_movement') }} as movement
    inner join {{ ref('int_bank_account') }} as account on movement.bank_account_id = account.bank_account_id
    where
        account.account_id is not null
        and movement.value_date <= {{ as_of() }}
        and {{ not_quarantined('bank_movement', 'movement.bank_movement_id') }}
),

-- Up to which day an account's statements are read.
read_account as (
    select
        account.account_id,
        max(statement.statement_date) as read_up_to
    from {{ ref('int_bank_statement') }} as statement
    inner join {{ ref('int_bank_account') }} as account on statement.bank_account_id = account.bank_account_id
    where statement.statement_date <= {{ as_of() }} and account.account_id is not null
    group by account.account_id
),

pair as (
    select
        payment.payment_id,
        movement.bank_movement_id,
        movement.value_date,
        abs({{ days_between('payment.payment_date', 'movement.value_date') }}) as days_apart
    from payment
    inner join movement
        on
            payment.account_id = movement.account_id
            and payment.amount = movement.amount
            and movement.value_date >= {{ add_days('payment.payment_date', -5) }}
            and movement.value_date <= {{ add_days('payment.payment_date', 5) }}
),
{% for pass in passes %}
{{ pass }} as (
    select
        payment_id,
        bank_movement_id,
        value_date
    from pair
    {% if not loop.first -%}
    where
        payment_id not in (select payment_id from first_pass)
        and bank_movement_id not in (select bank_movement_id from first_pass)
    {% endif -%}
    qualify
        row_number() over (partition by payment_id order by days_apart, bank_movement_id) = 1
        and row_number() over (partition by bank_movement_id order by days_apart, payment_id) = 1
),
{% endfor %}
found as (
    {% for pass in passes -%}
    select * from {{ pass }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select
    payment.payment_id,
    payment.company_id,
    payment.direction,
    payment.payment_date,
    found.bank_movement_id,
    -- What we send is on its way until its account is read past it; what we have received, the bank has told us of.
    payment.direction = 'paid'
    and found.bank_movement_id is null
    and read_account.read_up_to is not null
    and payment.payment_date > {{ add_days('read_account.read_up_to', -5) }} as is_in_transit,
    coalesce(found.value_date, payment.payment_date) as moved_on
from payment
left join found on payment.payment_id = found.payment_id
left join read_account on payment.account_id = read_account.account_id
