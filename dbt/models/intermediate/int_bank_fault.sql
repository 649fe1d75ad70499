-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF02,RF03,RF04,ST05,ST06,ST09
{# Days between the bank's and the book's day that are nothing unusual. #}
{% set grace_days = 5 %}

with

account as (
    select
        account.bank_account_id,
        account.account_id,
        account.company_id,
        account.name,
        account.currency,
        company.currency as currency_of_books,
        min(statement.statement_date) as first_statement,
        max(statement.statement_date) as last_statement
    from {{ ref('int_bank_account') }} as account
    inner join {{ ref('int_company') }} as company on account.company_id = company.company_id
    inner join {{ ref('int_bank_statement') }} as statement on account.bank_account_id = statement.bank_account_id
    where account.account_id is not null
    group by
        account.bank_account_id, account.account_id, account.company_id, account.name, account.currency,
        company.currency
),

movement as (
    select
        movement.bank_movement_id,
        movement.bank_statement_id,
        movement.source_system,
        movement.source_key,
        movement.booking_date,
        movement.counterparty_name,
        movement.reference,
        movement.amount_bank_currency,
        movement.currency as currency_of_movement,
        movement.statement_number,
        account.*
    from {{ ref('int_bank_movement') }} as movement
    inner join account on movement.bank_account_id = account.bank_account_id
),

ledger as (
    select
        line.journal_line_id,
        line.journal_entry_id,
        line.entry_number,
        line.source_system,
        line.source_key,
        line.posting_date,
        line.debit_company_currency - line.credit_company_currency as amount,
        account.bank_account_id,
        account.company_id,
        account.name,
        account.currency,
        account.currency_of_books,
        account.first_statement,
        account.last_statement
    from {{ ref('int_journal_line') }} as line
    inner join account on line.account_id = account.account_id
    where line.debit_company_currency <> line.credit_company_currency
),

-- Accounts in the currency of the books: one line of the bank is one of the ledger, on the same day or near it.
movement_ranked as (
    select
        *,
        row_number() over (
            partition by bank_account_id, amount_bank_currency, booking_date order by bank_movement_id
        ) as place
    from movement
    where currency = currency_of_books
),

ledger_ranked as (
    select
        *,
        row_number() over (partition by bank_account_id, amount, posting_date order by journal_line_id) as place
    from ledger
    where currency = currency_of_books
),

movement_alone as (
    select movement.*
    from movement_ranked as movement
    left join ledger_ranked as ledger
        on
            movement.bank_account_id = ledger.bank_account_id
            and movement.amount_bank_currency = ledger.amount
            and movement.booking_date = ledger.posting_date
            and movement.place = ledger.place
    where ledger.journal_line_id is null
),

ledger_alone as (
    select ledger.*
    from ledger_ranked as ledger
    left join movement_ranked as movement
        on
            movement.bank_account_id = ledger.bank_account_id
            and movement.amount_bank_currency = ledger.amount
            and movement.booking_date = ledger.posting_date
            and movement.place = ledger.place
    where movement.bank_movement_id is null
),

-- Accounts in foreign money: the ledger has the amount at about the day's rate.
foreign_movement as (
    select
        movement.*,
        cast(movement.amount_bank_currency as double) * cast(bank_rate.rate_to_reporting as double)
        / cast(books_rate.rate_to_reporting as double) as expected
    from movement
    inner join {{ ref('int_company') }} as company on movement.company_id = company.company_id
    inner join {{ ref('int_reporting_rate') }} as bank_rate
        on
            company.source_system = bank_rate.source_system
            and movement.currency = bank_rate.currency
            and movement.booking_date = bank_rate.date_day
    inner join {{ ref('int_reporting_rate') }} as books_rate
        on
            company.source_system = books_rate.source_system
            and movement.currency_of_books = books_rate.currency
            and movement.booking_date = books_rate.date_day
    where movement.currency <> movement.currency_of_books
),

-- Day by day, because a join on equal days stays quick where one on a span of days does not.
foreign_pair as (
    select
        bank.bank_movement_id,
        ledger.journal_line_id
    from (
        {% for days in range(-grace_days, grace_days + 1) %}
        select
            bank_movement_id,
            bank_account_id,
            expected,
            {{ add_days('booking_date', days) }} as near_date
        from foreign_movement
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as bank
    inner join ledger
        on
            bank.bank_account_id = ledger.bank_account_id
            and bank.near_date = ledger.posting_date
            and abs(cast(ledger.amount as double) - bank.expected) <= 0.01 + 0.03 * abs(bank.expected)
),

not_booked as (
    select movement.*
    from movement_alone as movement
    where
        not exists (
            select 1
            from ledger_alone as ledger
            where
                movement.bank_account_id = ledger.bank_account_id
                and movement.amount_bank_currency = ledger.amount
                and abs({{ days_between('movement.booking_date', 'ledger.posting_date') }}) <= {{ grace_days }}
        )
    union all
    select movement.*
    from (
        select
            bank_movement_id,
            bank_statement_id,
            source_system,
            source_key,
            booking_date,
            counterparty_name,
            reference,
            amount_bank_currency,
            currency_of_movement,
            statement_number,
            bank_account_id,
            account_id,
            company_id,
            name,
            currency,
            currency_of_books,
            first_statement,
            last_statement,
            1 as place
        from foreign_movement as bank
        where bank.bank_movement_id not in (select bank_movement_id from foreign_pair)
    ) as movement
),

not_at_bank as (
    select ledger.*
    from ledger_alone as ledger
    where
        ledger.posting_date between ledger.first_statement and ledger.last_statement
        and not exists (
            select 1
            from movement_alone as movement
            where
                movement.bank_account_id = ledger.bank_account_id
                and movement.amount_bank_currency = ledger.amount
                and abs({{ days_between('movement.booking_date', 'ledger.posting_date') }}) <= {{ grace_days }}
        )
),

-- Foreign money stands in the books at a new rate now and then, without a movement: only entries of customers and
-- suppliers must be at the bank.
foreign_not_at_bank as (
    select
        ledger.*,
        1 as place
    from ledger
    where
        ledger.currency <> ledger.currency_of_books
        and ledger.posting_date between ledger.first_statement and ledger.last_statement
        and ledger.journal_entry_id in (
            select line.journal_entry_id
            from {{ ref('int_journal_line') }} as line
            inner join {{ ref('int_account') }} as control
                on line.account_id = control.account_id and control.control in ('receivable', 'payable')
        )
        and ledger.journal_line_id not in (select journal_line_id from foreign_pair)
),

entry_of_day as (
    select
        bank_account_id,
        posting_date,
        sum(amount) as amount,
        {{ listed('entry_number') }} as entries
    from ledger
    where currency <> currency_of_books
    group by bank_account_id, posting_date
),

-- The ledger's balance on the day of each statement: one running sum over days and statements.
booked as (
    select
        bank_statement_id,
        balance
    from (
        select
            bank_statement_id,
            sum(amount) over (
                partition by bank_account_id order by day range between unbounded preceding and current row
            ) as balance
        from (
            select
                cast(null as varchar) as bank_statement_id,
                bank_account_id,
                posting_date as day,
                amount
            from entry_of_day
            union all
            select
                bank_statement_id,
                bank_account_id,
                statement_date as day,
                0 as amount
            from {{ ref('int_bank_statement') }}
        ) as every_day
    ) as running
    where bank_statement_id is not null
),

-- Accounts in foreign money that are valued at each statement: the ledger stands where the rate of the day puts it, and
-- a wrong entry moves it away. A company that values once a year moves away with every rate, which says nothing.
foreign_balance as (
    select
        difference.*,
        cast(round(
            difference.off - lag(difference.off, 1, 0) over (
                partition by difference.bank_account_id order by difference.statement_date
            ), 2
        ) as decimal(18, 2)) as moved
    from (
        select
            statement.bank_statement_id,
            statement.statement_date,
            statement.source_system,
            statement.source_key,
            account.bank_account_id,
            account.company_id,
            account.name,
            account.currency_of_books,
            cast(statement.closing_balance_bank_currency as double) * cast(bank_rate.rate_to_reporting as double)
            / cast(books_rate.rate_to_reporting as double) - cast(booked.balance as double) as off,
            entry_of_day.entries
        from {{ ref('int_bank_statement') }} as statement
        inner join account on statement.bank_account_id = account.bank_account_id
        inner join {{ ref('int_company') }} as company on account.company_id = company.company_id
        inner join {{ ref('int_reporting_rate') }} as bank_rate
            on
                company.source_system = bank_rate.source_system
                and account.currency = bank_rate.currency
                and statement.statement_date = bank_rate.date_day
        inner join {{ ref('int_reporting_rate') }} as books_rate
            on
                company.source_system = books_rate.source_system
                and account.currency_of_books = books_rate.currency
                and statement.statement_date = books_rate.date_day
        inner join booked on statement.bank_statement_id = booked.bank_statement_id
        left join entry_of_day
            on
                account.bank_account_id = entry_of_day.bank_account_id
                and statement.statement_date = entry_of_day.posting_date
        where account.currency <> account.currency_of_books
    ) as difference
),

-- Where statements and ledger rarely meet line by line, single lines say nothing.
line_by_line as (
    select movement.bank_account_id
    from (
        select
            bank_account_id,
            count(*) as lines
        from movement
        group by bank_account_id
    ) as movement
    left join (
        select
            bank_account_id,
            count(*) as lines
        from not_booked
        group by bank_account_id
    ) as missing on movement.bank_account_id = missing.bank_account_id
    where coalesce(missing.lines, 0) <= 5 + movement.lines / 20
)

select
    {{ warning(
        'foreign_balance_differs', 'bank_statement', 'record.bank_statement_id', 'record.bank_statement_id',
        "concat(record.name, ' on ', cast(record.statement_date as varchar), ': the ledger moved away from the balance "
        ~ "at the rate of the day by ', cast(record.moved as varchar), ' ', record.currency_of_books, ', entries ', "
        ~ "coalesce(record.entries, 'none'))"
    ) }}
from (
    select
        *,
        count(*) over (partition by bank_account_id) as statements,
        sum(case when abs(moved) >= 1 then 1 else 0 end) over (partition by bank_account_id) as statements_off
    from foreign_balance
) as record
where abs(record.moved) >= 1 and record.statements_off <= 2 + record.statements / 10

union all

select
    {{ warning(
        'bank_movement_not_booked', 'bank_movement', 'record.bank_movement_id', 'record.bank_statement_id',
        "concat(record.name, ' on ', cast(record.booking_date as varchar), ': ', "
        ~ "cast(record.amount_bank_currency as varchar), ' ', coalesce(record.counterparty_name, ''), ' ', "
        ~ "coalesce(record.reference, ''), ' is not in the ledger')"
    ) }}
from not_booked as record
where
    record.bank_account_id in (select bank_account_id from line_by_line)
    and record.booking_date <= {{ add_days('record.last_statement', -grace_days) }}

union all

select
    {{ warning(
        'ledger_line_not_at_bank', 'journal_line', 'record.journal_line_id', 'record.journal_entry_id',
        "concat('entry ', coalesce(record.entry_number, ''), ' of ', cast(record.posting_date as varchar), ': ', "
        ~ "cast(record.amount as varchar), ' ', record.currency_of_books, ' is on no statement of ', record.name)"
    ) }}
from (
    select * from not_at_bank
    union all
    select * from foreign_not_at_bank
) as record
where
    record.bank_account_id in (select bank_account_id from line_by_line)
    and record.posting_date <= {{ add_days('record.last_statement', -grace_days) }}

union all

select
    {{ warning(
        'movement_outside_statement', 'bank_movement', 'record.bank_movement_id', 'record.bank_statement_id',
        "concat(record.name, ', statement ', record.statement_number, ': movement of ', "
        ~ "cast(record.booking_date as varchar), ' ', coalesce(record.reference, ''))"
    ) }}
from (
    select
        movement.*,
        statement.statement_date,
        statement.date_before
    from movement
    inner join (
        select
            bank_statement_id,
            statement_date,
            lag(statement_date) over (partition by bank_account_id order by statement_date) as date_before
        from {{ ref('int_bank_statement') }}
    ) as statement on movement.bank_statement_id = statement.bank_statement_id
) as record
where record.booking_date > record.statement_date or record.booking_date <= record.date_before
