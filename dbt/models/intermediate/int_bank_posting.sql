with

movement as (
    select
        movement.bank_movement_id,
        movement.company_id,
        movement.booking_date,
        account.account_id,
        -- What the source books a line to, but for money on its way from one own account to another.
        movement.account_id as stated_account_id,
        movement.currency,
        company.currency as company_currency,
        movement.amount_bank_currency as amount,
        case
            when movement.currency = company.currency then movement.amount_bank_currency
            else {{ converted('movement.amount_bank_currency', 'rate.rate_to_company') }}
        end as amount_company_currency,
        concat_ws(' ', movement.counterparty_name, movement.reference) as text,
        company.code as company_code,
        source_system.system,
        movement.source_system,
        movement.source_key
    from {{ ref('int_bank_movement') }} as movement
    inner join {{ ref('int_bank_account') }} as account on movement.bank_account_id = account.bank_account_id
    inner join {{ ref('int_company') }} as company on movement.company_id = company.company_id
    left join {{ ref('int_source_system') }} as source_system on company.source_system = source_system.source_system
    left join {{ ref('int_company_rate') }} as rate
        on
            movement.company_id = rate.company_id
            and movement.currency = rate.currency
            and movement.booking_date = rate.date_day
    where
        account.account_id is not null
        and movement.booking_date <= {{ as_of() }}
        and {{ not_quarantined('bank_movement', 'movement.bank_movement_id') }}
),

-- A receipt or payment that the ERP keeps posts the money; the bank's line of it posts nothing more.
paid_elsewhere as (
    select distinct movement.bank_movement_id
    from movement
    inner join {{ ref('int_payment') }} as payment
        on
            movement.account_id = payment.account_id
            and movement.amount = case
                when payment.direction = 'received'
                    then payment.amount_document_currency - case
                        when payment.amount_document_currency = payment.amount_company_currency
                            then payment.fee_amount_company_currency
                        else 0
                    end
                else -payment.amount_document_currency
            end
            and movement.booking_date >= {{ add_days('payment.payment_date', -5) }}
            and movement.booking_date <= {{ add_days('payment.payment_date', 5) }}
),

ruled as (
    select
        movement.*,
        rule.event
    from movement
    inner join {{ ref('bank_rule') }} as rule
        on
            movement.booking_date >= rule.valid_from
            and (rule.valid_to is null or movement.booking_date <= rule.valid_to)
            and rule.system in ('*', movement.system)
            and rule.company_code in ('*', movement.company_code)
            and (rule.direction = '*' or rule.direction = case when movement.amount < 0 then 'paid' else 'received' end)
            and {{ meets_pattern('movement.text', 'rule.pattern') }}
    -- Patterns cost the most: they see what nothing else has posted.
    where
        movement.stated_account_id is null
        and not exists (select 1 from paid_elsewhere as paid where paid.bank_movement_id = movement.bank_movement_id)
    qualify row_number() over (
        partition by movement.bank_movement_id
        order by
            case when rule.company_code = '*' then 1 else 0 end asc,
            case when rule.system = '*' then 1 else 0 end asc,
            rule.priority asc,
            rule.valid_from desc,
            rule.rule_id asc
    ) = 1
),

-- Money between own accounts of a company: what arrives on one is what left the other that day, the nearest first.
transfer_pair as (
    select
        arrived.bank_movement_id,
        departed.bank_movement_id as other_movement_id,
        departed.account_id as other_account_id,
        case
            when arrived.currency <> arrived.company_currency and departed.currency = departed.company_currency
                then -departed.amount_company_currency
            else arrived.amount_company_currency
        end as amount_company_currency,
        abs(arrived.amount_company_currency + departed.amount_company_currency) as distance
    from ruled as arrived
    inner join ruled as departed
        on
            arrived.company_id = departed.company_id
            and arrived.booking_date = departed.booking_date
            and arrived.account_id <> departed.account_id
    where
        arrived.event = 'own_transfer'
        and departed.event = 'own_transfer'
        and arrived.amount > 0
        and departed.amount < 0
        -- Rates of two days and two banks differ by less.
        and abs(arrived.amount_company_currency + departed.amount_company_currency)
        <= 0.05 * arrived.amount_company_currency
),

transfer as (
    select *
    from transfer_pair
    qualify
        row_number() over (partition by bank_movement_id order by distance, other_movement_id) = 1
        and row_number() over (partition by other_movement_id order by distance, bank_movement_id) = 1
)

-- What the source itself books by line stands as it says.
select
    bank_movement_id,
    'bank_line' as event,
    company_id,
    booking_date,
    account_id,
    stated_account_id as other_account_id,
    cast(amount_company_currency as decimal(18, 4)) as amount_company_currency,
    source_system,
    source_key
from movement
where stated_account_id is not null

union all

select
    ruled.bank_movement_id,
    ruled.event,
    ruled.company_id,
    ruled.booking_date,
    ruled.account_id,
    transfer.other_account_id,
    cast(coalesce(transfer.amount_company_currency, ruled.amount_company_currency) as decimal(18, 4))
        as amount_company_currency,
    ruled.source_system,
    ruled.source_key
from ruled
left join transfer on ruled.bank_movement_id = transfer.bank_movement_id
where ruled.event <> 'own_transfer' or transfer.bank_movement_id is not null
