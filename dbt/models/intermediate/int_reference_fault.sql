-- Expressions that are handed to macros know no alias.
-- sqlfluff:exclude_rules:RF03,RF04,ST05
with

rate as (
    select
        rate.*,
        cast(null as varchar) as company_id,
        lag(units_per_base) over (partition by source_system, currency order by rate_date) as units_before,
        lag(rate_date) over (partition by source_system, currency order by rate_date) as date_before,
        lead(rate_date) over (partition by source_system, currency order by rate_date) as date_after
    from {{ ref('int_exchange_rate') }} as rate
),

-- Days on which a source has rates, and the currencies that it has on most of them.
rate_day as (
    select
        source_system,
        rate_date,
        count(distinct currency) as currencies
    from {{ ref('int_exchange_rate') }}
    group by source_system, rate_date
),

rate_expected as (
    select
        currency.source_system,
        currency.currency,
        busy_day.rate_date
    from (
        select
            source_system,
            currency,
            count(distinct rate_date) as days,
            min(rate_date) as first_date
        from {{ ref('int_exchange_rate') }}
        group by source_system, currency
    ) as currency
    inner join (
        select
            source_system,
            count(*) as days
        from rate_day
        where currencies > 1
        group by source_system
    ) as source on currency.source_system = source.source_system and currency.days * 10 >= source.days * 9
    inner join rate_day as busy_day
        on
            currency.source_system = busy_day.source_system
            and currency.first_date <= busy_day.rate_date
            and busy_day.currencies > 1
),

-- What a rate of one source makes of its day, beside what another source makes of it.
cross_rate as (
    select
        rate.*,
        own.rate_to_reporting,
        other.rate_to_reporting as rate_elsewhere,
        other.source_system as elsewhere
    from rate
    inner join {{ ref('int_reporting_rate') }} as own
        on
            rate.source_system = own.source_system
            and rate.currency = own.currency
            and rate.rate_date = own.date_day
    inner join {{ ref('int_reporting_rate') }} as other
        on
            rate.source_system <> other.source_system
            and rate.currency = other.currency
            and rate.rate_date = other.date_day
    where rate.units_per_base > 0 and other.rate_to_reporting > 0
    qualify row_number() over (partition by rate.exchange_rate_id order by other.source_system) = 1
),

account as (
    select
        account.*,
        coalesce(account.type, 'none') as type_told,
        coalesce(account.control, 'none') as control_told,
        count(*) over (partition by source_system, code) as companies,
        count(*) over (partition by source_system, code, coalesce(type, 'none'), coalesce(control, 'none')) as alike
    from {{ ref('int_account') }} as account
),

period as (
    select
        period.*,
        lag(end_date) over (partition by company_id order by start_date, end_date) as end_before
    from {{ ref('int_fiscal_period') }} as period
),

crm as (
    select
        crm.*,
        cast(null as varchar) as company_id,
        customer.customer_id,
        customer.name as customer_name,
        customer.tax_identifier as customer_tax_identifier,
        customer.country as customer_country
    from {{ ref('int_crm_account') }} as crm
    left join {{ ref('int_customer') }} as customer on crm.customer_code = customer.code
    where crm.customer_code is not null
),

product as (
    select
        product.*,
        cast(null as varchar) as company_id,
        cast(cost_price as double) / nullif(cast(list_price as double), 0) as share,
        quantile_cont(cast(cost_price as double) / nullif(cast(list_price as double), 0), 0.5) over (
            partition by source_system
        ) as usual_share,
        count(*) over (partition by source_system) as products
    from {{ ref('int_product') }} as product
    where list_price > 0 and cost_price > 0
)

select
    {{ warning(
        'exchange_rate_jump', 'exchange_rate', 'record.exchange_rate_id', 'record.exchange_rate_id',
        "concat(record.currency, ' on ', cast(record.rate_date as varchar), ': ', "
        ~ "cast(record.units_per_base as varchar), "
        ~ "' after ', cast(record.units_before as varchar), ' on ', cast(record.date_before as varchar))"
    ) }}
from rate as record
where
    {{ days_between('record.date_before', 'record.rate_date') }} <= 31
    and (
        record.units_per_base <= 0
        or cast(record.units_per_base as double) / nullif(cast(record.units_before as double), 0)
        not between 0.85 and 1.18
    )

union all

select
    {{ warning(
        'exchange_rate_missing', 'exchange_rate', "concat(record.source_system, ':', record.currency, ':', "
        ~ "cast(record.rate_date as varchar))", "concat(record.source_system, ':', record.currency)",
        "concat('no rate of ', record.currency, ' on ', cast(record.rate_date as varchar), "
        ~ "', when other currencies have one')"
    ) }}
from (
    select
        expected.*,
        cast(null as varchar) as company_id,
        concat(expected.currency, ':', cast(expected.rate_date as varchar)) as source_key
    from rate_expected as expected
    left join rate
        on
            expected.source_system = rate.source_system
            and expected.currency = rate.currency
            and expected.rate_date = rate.rate_date
    where rate.exchange_rate_id is null
) as record

union all

select
    {{ warning(
        'exchange_rate_differs_between_sources', 'exchange_rate', 'record.exchange_rate_id', 'record.exchange_rate_id',
        "concat(record.currency, ' on ', cast(record.rate_date as varchar), ': ', "
        ~ "cast(record.rate_to_reporting as varchar), ' by this source, ', "
        ~ "cast(record.rate_elsewhere as varchar), ' by ', record.elsewhere)"
    ) }}
from cross_rate as record
where cast(record.rate_to_reporting as double) / cast(record.rate_elsewhere as double) not between 0.99 and 1.01

union all

select
    {{ warning(
        'account_type_unknown', 'account', 'record.account_id', 'record.account_id',
        "concat('account ', record.code, ' has no type')"
    ) }}
from account as record
where record.type is null

union all

select
    {{ warning(
        'account_differs_between_companies', 'account', 'record.account_id', 'record.account_id',
        "concat('account ', record.code, ' is ', record.type_told, ' with sub-ledger ', record.control_told, "
        ~ "', in other companies it is not')"
    ) }}
from account as record
where record.companies > 1 and record.alike * 2 <= record.companies

union all

select
    {{ warning(
        'period_not_adjoining', 'fiscal_period', 'record.fiscal_period_id', 'record.fiscal_period_id',
        "concat('period ', record.fiscal_year, '/', cast(record.fiscal_period as varchar), ' starts on ', "
        ~ "cast(record.start_date as varchar), ', the one before ends on ', cast(record.end_before as varchar))"
    ) }}
from period as record
where
    record.end_date < record.start_date
    or record.end_before is not null and record.start_date <> {{ add_days('record.end_before', 1) }}

union all

select
    {{ warning(
        'crm_customer_unknown', 'crm_account', 'record.crm_account_id', 'record.crm_account_id',
        "concat('customer number ', record.customer_code, ' of ', record.name, ' is in no ERP')"
    ) }}
from crm as record
where record.customer_id is null

union all

select
    {{ warning(
        'crm_differs_from_erp', 'crm_account', 'record.crm_account_id', 'record.crm_account_id',
        "concat('customer ', record.customer_code, ': ', coalesce(record.name, ''), ' ', "
        ~ "coalesce(record.tax_identifier, ''), ' ', coalesce(record.country, ''), ' in the CRM, ', "
        ~ "coalesce(record.customer_name, ''), ' ', coalesce(record.customer_tax_identifier, ''), ' ', "
        ~ "coalesce(record.customer_country, ''), ' in the ERP')"
    ) }}
from crm as record
where
    record.customer_id is not null
    and (
        {{ letters_and_digits('record.name') }} <> {{ letters_and_digits('record.customer_name') }}
        or {{ letters_and_digits('record.tax_identifier') }}
        <> {{ letters_and_digits('record.customer_tax_identifier') }}
        or record.country <> record.customer_country
    )

union all

-- Several CRM accounts of one number, or a number that two customers have: one of them is wrong.
select
    {{ warning(
        'crm_customer_twice', 'crm_account', 'record.crm_account_id', 'record.crm_account_id',
        "concat('customer number ', record.customer_code, ' stands on several CRM accounts')"
    ) }}
from (
    select
        crm.*,
        count(*) over (partition by customer_code) as accounts
    from (
        select distinct
            crm_account_id,
            customer_code,
            company_id,
            source_system,
            source_key
        from crm
    ) as crm
) as record
where record.accounts > 1

union all

select
    {{ warning(
        'crm_owner_unknown', 'crm_account', 'record.crm_account_id', 'record.crm_account_id',
        "concat('salesperson ', record.salesperson_id, ' of ', record.name, ' is unknown')"
    ) }}
from crm as record
where record.salesperson_id is not null and record.salesperson_name is null

union all

select
    {{ warning(
        'product_margin_unusual', 'product', 'record.product_id', 'record.product_id',
        "concat('product ', record.code, ': cost ', cast(record.cost_price as varchar), ', list price ', "
        ~ "cast(record.list_price as varchar))"
    ) }}
from product as record
where record.products >= 20 and record.share < record.usual_share / 4

union all

-- Statements find their account by number and currency: one without any is described wrongly, or nobody reads it.
select
    {{ warning(
        'bank_account_without_statement', 'bank_account', 'record.bank_account_id', 'record.bank_account_id',
        "concat('own bank account ', record.name, ' ', coalesce(record.iban, ''), ' ', record.currency, "
        ~ "' has no statement, the other accounts have')"
    ) }}
from (
    select
        account.*,
        statement.bank_account_id is not null as has_statement,
        count(*) over (partition by account.source_system) as accounts,
        count(statement.bank_account_id) over (partition by account.source_system) as accounts_with_statement
    from {{ ref('int_bank_account') }} as account
    left join (
        select distinct bank_account_id from {{ ref('int_bank_statement') }}
    ) as statement on account.bank_account_id = statement.bank_account_id
) as record
where not record.has_statement and record.accounts_with_statement * 2 >= record.accounts and record.accounts > 1
