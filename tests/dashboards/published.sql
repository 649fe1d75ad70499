-- A published file small enough to check by eye: two companies, CNY 1 = 1, EUR 1 = CNY 8, as of 2026-10-31.
create schema marts;

create table marts.dim_run (
    run_id varchar, as_of date, started_at timestamp, finished_at timestamp, group_name varchar,
    reporting_currency varchar, cash_floor_reporting_currency decimal(18, 2), product_version varchar,
    decision_entries bigint, decision_head_hash varchar
);
insert into marts.dim_run values
('20261031T0600', date '2026-10-31', timestamp '2026-11-01 06:00:00', timestamp '2026-11-01 06:04:00',
 'Example group', 'CNY', 300000.00, '0.1.0', 0, null);

create table marts.dim_company (company_id varchar, name varchar, currency varchar, country varchar);
insert into marts.dim_company values
('erp:1', '上海示例贸易有限公司', 'CNY', 'CN'),
('erp:2', 'Beispiel GmbH', 'EUR', 'DE');

create table marts.dim_customer (
    customer_id varchar, name varchar, tax_identifier varchar, country varchar, region varchar, status varchar,
    credit_limit_company_currency decimal(18, 4)
);
insert into marts.dim_customer values
('erp:c1', '北京华信电子有限公司', null, 'CN', 'North China', 'active', null),
('erp:c2', 'Müller & Söhne KG', null, 'DE', 'Europe', 'active', 50000),
('erp:c3', '=HYPERLINK("http://example.invalid")', null, 'FR', 'Europe', 'held', null);

create table marts.dim_product (product_id varchar, name varchar, category varchar);
insert into marts.dim_product values
('erp:p1', 'Pump P-100', 'Pumps'),
('erp:p2', 'Valve V-20', 'Valves');

create table marts.dim_date (date_day date, fiscal_year varchar, fiscal_period integer);
insert into marts.dim_date
select day::date, extract(year from day)::varchar, extract(month from day)
from range(date '2025-01-01', date '2027-01-01', interval 1 day) as days (day);

create table marts.dim_bank_account (
    bank_account_id varchar, company_id varchar, name varchar, currency varchar, iban varchar, account_id varchar
);
insert into marts.dim_bank_account values
('erp:b1', 'erp:1', '工商银行 基本户', 'CNY', '6222020200012345678', 'b1'),
('erp:b2', 'erp:2', 'Commerzbank main', 'EUR', 'DE89370400440532013000', 'b2'),
('erp:b3', 'erp:2', 'New account', 'EUR', null, null);

create table marts.fct_bank_statement (
    bank_statement_id varchar, bank_account_id varchar, company_id varchar, statement_number varchar,
    statement_date date, currency varchar, opening_balance_bank_currency decimal(18, 4),
    closing_balance_bank_currency decimal(18, 4), closing_balance_reporting_currency decimal(18, 4),
    is_newest boolean, statement_file varchar, previous_statement_date date,
    previous_closing_balance_bank_currency decimal(18, 4), sequence_state varchar, missing_statement_count integer
);
insert into marts.fct_bank_statement values
('s1', 'erp:b1', 'erp:1', '2026-09', date '2026-09-30', 'CNY', 100000, 150000, 150000, false,
    'icbc_09.xml', null, null, 'first', 0),
('s2', 'erp:b1', 'erp:1', '2026-10', date '2026-10-31', 'CNY', 150000, 250000.50, 250000.50, true,
    'icbc_10.xml', date '2026-09-30', 150000, 'follows', 0),
('s3', 'erp:b2', 'erp:2', '2026-10', date '2026-10-30', 'EUR', 20000, 25000, 200000, true,
    'coba_10.sta', date '2026-08-31', 18000, 'balance_gap', 1),
-- after the as-of day: not yet known
('s4', 'erp:b2', 'erp:2', '2026-11', date '2026-11-02', 'EUR', 25000, 99000, 792000, false,
    'coba_11.sta', date '2026-10-30', 25000, 'follows', 0);

create table marts.fct_bank_statement_file (
    bank_statement_file_id varchar, company_id varchar, statement_file varchar, state varchar, statement_count integer,
    entry_count integer, first_date date, last_date date, line_number integer, reason varchar
);
insert into marts.fct_bank_statement_file values
('bank:icbc_09.xml', 'erp:1', 'icbc_09.xml', 'received', 1, 2, date '2026-09-01', date '2026-09-30', null, null),
('bank:icbc_10.xml', 'erp:1', 'icbc_10.xml', 'received', 1, 3, date '2026-10-01', date '2026-10-31', null, null),
('bank:coba_10.sta', 'erp:2', 'coba_10.sta', 'received', 1, 1, date '2026-10-01', date '2026-10-30', null, null),
('bank:coba_09.sta', null, 'coba_09.sta', 'rejected', 0, 0, null, null, 1,
    'the statement lacks its closing balance (:62F:), so the file breaks off. Ask the bank for the file again');

create table marts.fct_bank_movement (
    bank_movement_id varchar, company_id varchar, bank_account_id varchar, booking_date date, currency varchar,
    amount_bank_currency decimal(18, 4), counterparty_name varchar, reference varchar, statement_number varchar
);
insert into marts.fct_bank_movement values
('m1', 'erp:1', 'erp:b1', date '2026-10-05', 'CNY', 60000, '北京华信电子', '货款', '2026-10'),
('m2', 'erp:1', 'erp:b1', date '2026-10-20', 'CNY', 40000.50, 'Tail GmbH', 'INV-2', '2026-10'),
('m3', 'erp:2', 'erp:b2', date '2026-10-07', 'EUR', -25, 'Commerzbank', 'charges', '2026-10'),
('m4', 'erp:2', 'erp:b2', date '2026-10-08', 'EUR', 5025, 'J SMITH', 'INV-3', '2026-10');

create table marts.fct_journal_line (
    journal_line_id varchar, entry_number varchar, company_id varchar, account_id varchar, posting_date date,
    debit_company_currency decimal(18, 4), credit_company_currency decimal(18, 4), description varchar, origin varchar
);
insert into marts.fct_journal_line values
('j1', 'JE-1', 'erp:1', 'b1', date '2026-10-05', 60000, 0, 'receipt', 'erp'),
('j2', 'JE-2', 'erp:1', 'b1', date '2026-10-20', 40000, 0, 'receipt, typed wrong', 'erp'),
('j2d', 'D-2', 'erp:1', 'b1', date '2026-10-20', 40000, 0, 'derived', 'derived'),
('j3', 'JE-3', 'erp:2', 'b2', date '2026-10-08', 5025, 0, 'receipt', 'erp');

-- 0.50 typed wrong in Shanghai, EUR 25 of charges not booked in Germany at 8, and 1,000 there not applied to items.
create table marts.fct_bank_reconciliation_daily (
    company_id varchar, account_id varchar, date_day date, currency varchar,
    bank_movement_company_currency decimal(18, 4), revaluation_company_currency decimal(18, 4),
    rate_rounding_company_currency decimal(18, 4), open_difference_company_currency decimal(18, 4),
    ledger_movement_company_currency decimal(18, 4), unapplied_amount_company_currency decimal(18, 4),
    break_amount_company_currency decimal(18, 4), break_amount_reporting_currency decimal(18, 4),
    first_document varchar, cause varchar, age_days integer, owner varchar
);
insert into marts.fct_bank_reconciliation_daily values
('erp:1', 'b1', date '2026-10-05', 'CNY', 60000, 0, 0, 0, 60000, 0, 0, 0, '2026-10', null, null, null),
('erp:1', 'b1', date '2026-10-20', 'CNY', 40000.50, 0, 0, -0.50, 40000, 0, -0.50, -0.50, '2026-10', 'amounts_differ',
    11, 'treasury'),
('erp:2', 'b2', date '2026-10-07', 'EUR', -25, 0, 0, 25, 0, 0, 25, 200, '2026-10', 'not_booked', 24, 'treasury'),
('erp:2', 'b2', date '2026-10-08', 'EUR', 5025, 0, 0, 0, 5025, 1000, 1000, 8000, '2026-10', 'not_applied', 23,
    'ar_accountant');

create table marts.dim_exchange_rate (
    currency varchar, valid_from date, valid_to date, reporting_currency_per_unit decimal(28, 12)
);
insert into marts.dim_exchange_rate values
('CNY', date '2020-01-01', null, 1),
('EUR', date '2020-01-01', date '2026-10-01', 7),
('EUR', date '2026-10-01', null, 8);

create table marts.fct_receivable_aging (
    as_of date, receivable_id varchar, company_id varchar, customer_id varchar, invoice_number varchar, due_date date,
    document_currency varchar, open_amount_document_currency decimal(18, 4), open_amount_company_currency decimal(18, 4),
    open_amount_reporting_currency decimal(18, 4), days_overdue integer, bucket varchar
);
insert into marts.fct_receivable_aging values
(date '2026-10-31', 'r1', 'erp:1', 'erp:c1', 'CN-1001', date '2026-11-15', 'CNY', 60000, 60000, 60000, -15, 'not_due'),
(date '2026-10-31', 'r2', 'erp:1', 'erp:c1', 'CN-0990', date '2026-10-10', 'CNY', 25000, 25000, 25000, 21, '1-30'),
(date '2026-10-31', 'r3', 'erp:2', 'erp:c2', 'DE-2001', date '2026-09-01', 'EUR', 5000, 5000, 40000, 60, '31-60'),
(date '2026-10-31', 'r4', 'erp:2', 'erp:c3', '=1+1', date '2026-06-01', 'EUR', 1250, 1250, 10000, 152, '91+'),
(date '2026-10-31', 'r5', 'erp:2', 'erp:c2', null, date '2026-10-20', 'EUR', -125, -125, -1000, 11, '1-30'),
(date '2026-09-30', 'r3', 'erp:2', 'erp:c2', 'DE-2001', date '2026-09-01', 'EUR', 5000, 5000, 35000, 29, '1-30');

create table marts.fct_receivable (
    receivable_id varchar, kind varchar, invoice_number varchar, company_id varchar, customer_id varchar,
    posting_date date, invoice_date date, due_date date, document_currency varchar,
    amount_document_currency decimal(18, 4), amount_company_currency decimal(18, 4),
    amount_reporting_currency decimal(18, 4), cleared_date date, is_disputed boolean
);
-- What the aging of both days is made of, and one invoice of c1 that was paid nine days late.
insert into marts.fct_receivable values
('r1', 'invoice', 'CN-1001', 'erp:1', 'erp:c1', '2026-10-16', '2026-10-16', '2026-11-15', 'CNY', 60000, 60000, 60000, null, false),
('r2', 'invoice', 'CN-0990', 'erp:1', 'erp:c1', '2026-10-05', '2026-10-05', '2026-10-10', 'CNY', 30000, 30000, 30000, null, true),
('r3', 'invoice', 'DE-2001', 'erp:2', 'erp:c2', '2026-08-02', '2026-08-02', '2026-09-01', 'EUR', 5000, 5000, 35000, null, false),
('r4', 'invoice', '=1+1', 'erp:2', 'erp:c3', '2026-10-02', '2026-05-02', '2026-06-01', 'EUR', 1250, 1250, 10000, null, false),
('r5', 'unapplied_cash', null, 'erp:2', 'erp:c2', '2026-10-20', null, '2026-10-20', 'EUR', -125, -125, -1000, null, false),
('r0', 'invoice', 'CN-0900', 'erp:1', 'erp:c1', '2026-07-01', '2026-07-01', '2026-08-01', 'CNY', 700, 700, 700, '2026-08-10', false);

create table marts.fct_receivable_settlement (
    receivable_id varchar, company_id varchar, customer_id varchar, kind varchar, settlement_date date,
    amount_document_currency decimal(18, 4), amount_company_currency decimal(18, 4)
);
insert into marts.fct_receivable_settlement values
('r2', 'erp:1', 'erp:c1', 'payment', '2026-10-12', 5000, 5000),
('r0', 'erp:1', 'erp:c1', 'payment', '2026-08-10', 700, 700);

create table marts.fct_sales_invoice_line (
    invoice_id varchar, invoice_number varchar, invoice_line_id varchar, company_id varchar, customer_id varchar,
    product_id varchar, invoice_date date, quantity decimal(18, 6), document_currency varchar,
    net_amount_document_currency decimal(18, 4), net_amount_reporting_currency decimal(18, 4),
    cost_amount_company_currency decimal(18, 4), cost_amount_reporting_currency decimal(18, 4),
    margin_amount_reporting_currency decimal(18, 4), region varchar, channel varchar
);
insert into marts.fct_sales_invoice_line values
('i1', 'CN-1001', 'l1', 'erp:1', 'erp:c1', 'erp:p1', date '2026-10-16', 10, 'CNY', 60000, 60000, 36000, 36000, 24000,
 'North China', 'Direct'),
('i1', 'CN-1001', 'l2', 'erp:1', 'erp:c1', 'erp:p2', date '2026-10-16', 4, 'CNY', 20000, 20000, 15000, 15000, 5000,
 'North China', 'Direct'),
('i2', 'DE-2001', 'l3', 'erp:2', 'erp:c2', 'erp:p1', date '2026-08-02', 5, 'EUR', 5000, 40000, 2750, 22000, 18000,
 'Europe', 'Online'),
('i3', 'DE-2002', 'l4', 'erp:2', 'erp:c3', 'erp:p1', date '2025-05-02', 1, 'EUR', 1250, 10000, 1000, 8000, 2000,
 'Europe', null),
('i4', 'DE-2003', 'l5', 'erp:2', 'erp:c2', 'erp:p2', date '2026-09-12', -1, 'EUR', -500, -4000, null, null, null,
 'Europe', 'Online');

-- The roll-ups, as the dbt models make them.
create table marts.fct_customer_margin_monthly as
select
    date_trunc('month', line.invoice_date)::date as period_start, line.company_id, line.region, customer.country,
    line.channel, line.customer_id, line.document_currency,
    line.margin_amount_reporting_currency is not null as is_cost_known, count(*)::integer as line_count,
    sum(line.quantity)::decimal(18, 6) as quantity,
    sum(line.net_amount_document_currency)::decimal(18, 4) as net_amount_document_currency,
    sum(line.net_amount_reporting_currency)::decimal(18, 4) as net_amount_reporting_currency,
    sum(line.cost_amount_company_currency)::decimal(18, 4) as cost_amount_company_currency,
    sum(line.cost_amount_reporting_currency)::decimal(18, 4) as cost_amount_reporting_currency,
    sum(line.margin_amount_reporting_currency)::decimal(18, 4) as margin_amount_reporting_currency
from marts.fct_sales_invoice_line as line
left join marts.dim_customer as customer using (customer_id)
group by all;
create table marts.fct_margin_monthly as
select
    date_trunc('month', line.invoice_date)::date as period_start, line.company_id, line.region, customer.country,
    product.category, line.product_id, line.channel, line.document_currency,
    line.margin_amount_reporting_currency is not null as is_cost_known, count(*)::integer as line_count,
    sum(line.quantity)::decimal(18, 6) as quantity,
    sum(line.net_amount_document_currency)::decimal(18, 4) as net_amount_document_currency,
    sum(line.net_amount_reporting_currency)::decimal(18, 4) as net_amount_reporting_currency,
    sum(line.cost_amount_company_currency)::decimal(18, 4) as cost_amount_company_currency,
    sum(line.cost_amount_reporting_currency)::decimal(18, 4) as cost_amount_reporting_currency,
    sum(line.margin_amount_reporting_currency)::decimal(18, 4) as margin_amount_reporting_currency
from marts.fct_sales_invoice_line as line
left join marts.dim_customer as customer using (customer_id)
left join marts.dim_product as product using (product_id)
group by all;

create table marts.fct_cash_forecast (
    forecast_as_of date, company_id varchar, currency varchar, flow varchar, week_start date, mean decimal(18, 2),
    p05 decimal(18, 2), p10 decimal(18, 2), p25 decimal(18, 2), p50 decimal(18, 2), p75 decimal(18, 2),
    p90 decimal(18, 2), p95 decimal(18, 2)
);
insert into marts.fct_cash_forecast
select
    date '2026-10-31', scope.company_id, scope.currency, flow.flow, date '2026-11-02' + (7 * week)::integer,
    flow.mean, flow.mean - 3 * flow.spread, flow.mean - 2 * flow.spread, flow.mean - flow.spread, flow.mean,
    flow.mean + flow.spread, flow.mean + 2 * flow.spread, flow.mean + 3 * flow.spread
from range(13) as weeks (week)
cross join (values ('erp:1', 'CNY'), ('erp:2', 'EUR')) as scope (company_id, currency)
cross join (
    values ('receipts', 10000, 800), ('supplier_payments', -6000, 400), ('payroll', -3000, 50), ('other', -500, 100),
    ('net', 500, 1000)
) as flow (flow, mean, spread);

create table marts.fct_cash_forecast_document (
    forecast_as_of date, company_id varchar, flow varchar, week_start date, document_type varchar, document_id varchar,
    expected_amount_company_currency decimal(28, 6)
);
-- Of the 10,000 that come each week in each company, the first week's documents bring 9,000 and 4,000.
insert into marts.fct_cash_forecast_document values
(date '2026-10-31', 'erp:1', 'receipts', date '2026-11-02', 'receivable', 'r1', 6000),
(date '2026-10-31', 'erp:1', 'receipts', date '2026-11-02', 'note', 'n1', 3000),
(date '2026-10-31', 'erp:2', 'receipts', date '2026-11-02', 'receivable', 'r3', 4000),
(date '2026-10-31', 'erp:1', 'supplier_payments', date '2026-11-02', 'payable', 'p1', -5000),
(date '2026-10-31', 'erp:2', 'payroll', date '2026-11-23', 'planned_item', 'recurring:erp:2:net_pay:2026-11', -3000);

create table marts.fct_note (
    note_id varchar, note_number varchar, company_id varchar, party_id varchar, maturity_date date,
    open_amount_company_currency decimal(18, 4)
);
insert into marts.fct_note values ('n1', 'N-1', 'erp:1', 'erp:c1', date '2026-11-06', 3000);

create table marts.fct_cash_flow_daily (
    company_id varchar, currency varchar, flow varchar, component varchar, moved_on date,
    amount_company_currency decimal(18, 4)
);
insert into marts.fct_cash_flow_daily values
('erp:1', 'CNY', 'receipts', 'customer_invoices', date '2026-10-20', 9000),
('erp:2', 'EUR', 'receipts', 'customer_invoices', date '2026-10-21', 1000);

create table marts.fct_cash_in_path (
    forecast_as_of date, company_id varchar, currency varchar, region varchar, customer_bucket varchar,
    component varchar, path integer, cash_day date, amount_document_currency decimal(18, 2)
);
-- Ten paths alike but for c1, which pays 100 more on each; the euro is worth 8.
insert into marts.fct_cash_in_path
select date '2026-10-31', part.company_id, part.currency, part.region, part.bucket, part.component, path::integer,
    part.cash_day, part.amount + case part.bucket when 'erp:c1' then 100 * path else 0 end
from range(10) as paths (path)
cross join (
    values
    ('erp:1', 'CNY', 'CN North China', 'erp:c1', 'open', date '2026-11-03', 1000),
    ('erp:1', 'CNY', 'CN North China', 'other', 'new', date '2026-12-01', 2000),
    ('erp:1', 'CNY', 'CN North China', 'other', 'notes', date '2026-11-10', 300),
    ('erp:2', 'EUR', 'DE Europe', 'erp:c2', 'open', date '2026-11-20', 500),
    ('erp:2', 'EUR', 'DE Europe', 'other', 'open', date '2027-01-25', 50)
) as part (company_id, currency, region, bucket, component, cash_day, amount);

create table marts.fct_cash_in_forecast as
with cash as (
    select company_id, currency, region, 'Mid-market' as segment, component, path, cash_day,
        amount_document_currency as amount, amount_document_currency * case currency when 'EUR' then 8 else 1 end as rated
    from marts.fct_cash_in_path
),
levelled as (
    select 'leaf' as level, company_id, currency, region, segment, component, path, cash_day, amount, rated from cash
    union all
    select 'company_currency', company_id, currency, null, null, component, path, cash_day, amount, rated from cash
    union all
    select 'company', company_id, 'CNY', null, null, component, path, cash_day, rated, rated from cash
    union all
    select 'region', null, 'CNY', region, null, component, path, cash_day, rated, rated from cash
    union all
    select 'segment', null, 'CNY', null, segment, component, path, cash_day, rated, rated from cash
    union all
    select 'group', null, 'CNY', null, null, component, path, cash_day, rated, rated from cash
),
day as (
    select (date '2026-11-01' + day::integer)::date as period_day from range(92) as days (day)
),
summed as (
    select level, company_id, currency, region, segment, 'to_date' as period, day.period_day, path,
        sum(amount) filter (where cash_day <= day.period_day) as amount,
        sum(rated) filter (where cash_day <= day.period_day) as rated,
        sum(amount) filter (where cash_day <= day.period_day and component = 'open') as amount_open,
        sum(amount) filter (where cash_day <= day.period_day and component = 'new') as amount_new,
        sum(amount) filter (where cash_day <= day.period_day and component = 'notes') as amount_notes
    from levelled
    cross join day
    group by all
    union all
    select level, company_id, currency, region, segment, period.period, case period.period
        when 'day' then cash_day when 'week' then date_trunc('week', cash_day)::date
        else date_trunc('month', cash_day)::date end, path,
        sum(amount), sum(rated), sum(amount) filter (where component = 'open'),
        sum(amount) filter (where component = 'new'), sum(amount) filter (where component = 'notes')
    from levelled
    cross join (values ('day'), ('week'), ('month')) as period (period)
    group by all
)
select date '2026-10-31' as forecast_as_of, level, company_id, currency, region, segment, period, period_day,
    10 as paths, coalesce(sum(amount) / 10, 0)::decimal(28, 6) as mean,
    coalesce(sum(amount_open) / 10, 0)::decimal(28, 6) as mean_open,
    coalesce(sum(amount_new) / 10, 0)::decimal(28, 6) as mean_new,
    coalesce(sum(amount_notes) / 10, 0)::decimal(28, 6) as mean_notes,
    coalesce(sum(rated) / 10, 0)::decimal(28, 6) as mean_reporting_currency,
    quantile_disc(coalesce(amount, 0)::double, 0.025) as p025, quantile_disc(coalesce(amount, 0)::double, 0.05) as p05,
    quantile_disc(coalesce(amount, 0)::double, 0.1) as p10, quantile_disc(coalesce(amount, 0)::double, 0.25) as p25,
    quantile_disc(coalesce(amount, 0)::double, 0.5) as p50, quantile_disc(coalesce(amount, 0)::double, 0.75) as p75,
    quantile_disc(coalesce(amount, 0)::double, 0.9) as p90, quantile_disc(coalesce(amount, 0)::double, 0.95) as p95,
    quantile_disc(coalesce(amount, 0)::double, 0.975) as p975
from summed
group by all;

create table marts.fct_cash_flow_forecast as
select
    cash.forecast_as_of, 'group' as scope, 'CNY' as currency, cash.flow, cash.week_start,
    sum(cash.mean * rate.per_unit) as mean, sum(cash.p05 * rate.per_unit) as p05, sum(cash.p25 * rate.per_unit) as p25,
    sum(cash.p75 * rate.per_unit) as p75, sum(cash.p95 * rate.per_unit) as p95
from marts.fct_cash_forecast as cash
inner join (values ('CNY', 1), ('EUR', 8)) as rate (currency, per_unit) on cash.currency = rate.currency
group by all;

create table marts.fct_cash_position_forecast as
with purse as (
    select * from (
        values
        ('company', 'erp:1', 'CNY', 250000.50, 500, 240000, null),
        ('company', 'erp:2', 'EUR', 25000, 500, null, null),
        ('company', 'erp:3', 'USD', null, null, null, 'no_bank_statement'),
        ('group', null, 'CNY', 450000.50, 4500, 300000, null)
    ) as purse (scope, company_id, currency, opening, net, cash_floor, empty_reason)
)
select
    date '2026-10-31' as forecast_as_of, scope, company_id, currency,
    date '2026-11-02' + (7 * week)::integer as week_start, date '2026-11-08' + (7 * week)::integer as week_end,
    (opening + week * net)::double as opening, (opening + (week + 1) * net)::double as closing_mean,
    (opening + (week + 1) * net - 9000 * (week + 1))::double as p05,
    (opening + (week + 1) * net - 3000 * (week + 1))::double as p25,
    (opening + (week + 1) * net + 3000 * (week + 1))::double as p75,
    (opening + (week + 1) * net + 9000 * (week + 1))::double as p95,
    cash_floor::double as cash_floor,
    case when cash_floor is not null then case scope when 'company' then 0.1 else 0 end end as probability_below_floor,
    case when cash_floor is not null then case scope when 'company' then 0.2 else 0 end end
        as probability_below_floor_so_far,
    0 as companies_without_statement, empty_reason
from purse cross join range(13) as weeks (week);

create table marts.fct_cash_breach_path as
select
    date '2026-10-31' as forecast_as_of, 'company' as scope, 'erp:1' as company_id, 'CNY' as currency,
    date '2026-11-09' as week_start, flow, 0.1 as probability_below_floor, everywhere::double as mean_all_paths,
    there::double as mean_breaching_paths, (there - everywhere)::double as difference
from (
    values ('receipts', 20000, 4000), ('supplier_payments', -12000, -13000), ('payroll', -6000, -6000),
    ('net', 2000, -15000)
) as cause (flow, everywhere, there);

create table marts.fct_receivable_forecast (
    forecast_as_of date, receivable_id varchar, company_id varchar, customer_id varchar, p10_date date, p50_date date,
    p90_date date, probability_paid_30 double, probability_paid_90 double, probability_never double, expected_payment_date date,
    reason_1 varchar, reason_1_days double, reason_1_value double, reason_2 varchar, reason_2_days double,
    reason_2_value double, reason_3 varchar, reason_3_days double, reason_3_value double
);
insert into marts.fct_receivable_forecast values
(date '2026-10-31', 'r1', 'erp:1', 'erp:c1', date '2026-11-05', date '2026-11-11', date '2026-11-20', 0.9, 0.99, 0.001, date '2026-11-12',
 null, null, null, null, null, null, null, null, null),
(date '2026-10-31', 'r2', 'erp:1', 'erp:c1', date '2026-11-02', date '2026-11-09', date '2026-12-01', 0.75, 0.95, 0.01, date '2026-11-10',
 'customer', 12, 20, 'calendar', -2, 1, null, null, null),
(date '2026-10-31', 'r3', 'erp:2', 'erp:c2', date '2026-11-10', date '2026-12-20', date '2027-03-01', 0.25, 0.60, 0.2, date '2026-12-24',
 'no_history', null, 0, null, null, null, null, null, null);

create table marts.fct_planned_cash_item (
    planned_cash_item_id varchar, company_id varchar, flow varchar, component varchar, due_date date, planned_date date,
    status varchar, confirmed_by varchar, document_type varchar, document_id varchar, document_number varchar,
    party_id varchar, counterparty_company_id varchar, document_currency varchar,
    amount_document_currency decimal(18, 4), amount_company_currency decimal(18, 4), reason varchar,
    is_counted boolean default true
);
insert into marts.fct_planned_cash_item by position
select *, true from (values
('receivable:r1', 'erp:1', 'receipts', 'customer_invoices', '2026-11-03', '2026-11-03', 'planned', null, 'receivable',
 'r1', 'INV-1', 'erp:c1', null, 'CNY', 8000, 8000, null),
('payable:p1', 'erp:1', 'supplier_payments', 'supplier_invoices', '2026-11-04', '2026-11-05', 'planned', null,
 'payable', 'p1', 'S-7', 'erp:s1', null, 'CNY', -6000, -6000, null),
('payable_settlement:9', 'erp:1', 'supplier_payments', 'supplier_invoices', '2026-10-20', '2026-10-20', 'actual',
 'bank_statement', 'payable', 'p0', 'S-6', 'erp:s1', null, 'CNY', -700, -700, null),
('recurring:erp:2:net_pay:2026-11', 'erp:2', 'payroll', 'net_pay', '2026-11-25', '2026-11-25', 'planned', null,
 'recurring_payment', 'net_pay', '2026-11', null, null, 'EUR', -3000, -3000, null),
('memo:memo-1:2026-11-10', 'erp:2', 'debt', 'memo_records', '2026-11-10', '2026-11-10', 'confirmed', 'treasurer',
 'memo', 'memo-1', 'memo-1', 'Li Na', null, 'EUR', -2500, -2500, 'early repayment')
);

create table marts.fct_memo_record (
    memo_id varchar, decision_id bigint, company_id varchar, flow varchar, currency varchar, amount decimal(18, 4),
    first_date date, recurrence varchar, end_date date, known_from date, status varchar, is_current boolean,
    reason varchar, decided_by varchar, decided_at timestamp
);
insert into marts.fct_memo_record values
('memo-1', 1, 'erp:2', 'debt', 'EUR', -2500, '2026-11-10', 'once', '2026-11-10', '2026-10-30', 'active', true,
 'early repayment', 'Li Na', '2026-10-30 09:00:00');

create table marts.fct_forecast_score (
    forecast_as_of date, model varchar, baseline varchar, level varchar, horizon varchar, metric varchar, value double,
    baseline_value double, backtest varchar, company_id varchar, origins integer, first_origin date, last_origin date
);
insert into marts.fct_forecast_score (forecast_as_of, model, baseline, level, horizon, metric, value, baseline_value) values
(date '2026-09-30', 'payment_hazard', 'due_date', 'receivable', 'due in the last 6 weeks', 'crps_days', 9.9, 9.9),
(date '2026-10-31', 'payment_hazard', 'due_date', 'receivable', 'due in the last 6 weeks', 'mean_absolute_error_days', 2.8, 4.2),
(date '2026-10-31', 'payment_hazard', 'due_date', 'receivable', 'due in the last 6 weeks', 'share_within_3_days', 0.75, 0.60),
(date '2026-10-31', 'payment_hazard', 'due_date', 'receivable', 'due in the last 6 weeks', 'invoices_scored', 120, 120),
(date '2026-10-31', 'past_weeks', 'mean_of_last_13_weeks', 'flow receipts', 'weeks 1-4', 'coverage_80', 0.79, 'nan');

create table marts.fct_data_issue (
    issue_id varchar, rule varchar, quality_dimension varchar, severity varchar, object varchar, source_system varchar,
    source_key varchar, record_id varchar, company_id varchar, owner varchar, status varchar, detected_at timestamp,
    due_at timestamp, resolved_at timestamp, amount_at_stake_reporting_currency decimal(18, 4), failed_value varchar,
    detail_en varchar, detail_zh varchar
);
insert into marts.fct_data_issue values
('q1', 'customer_tax_identifier_valid', 'validity', 'critical', 'customer', 'erp', 'c1', 'erp:c1', 'erp:1',
 'data_steward', 'open', timestamp '2026-10-01 06:00:00', timestamp '2026-10-08 06:00:00', null, 85000,
 '91310000ABC', 'Check digit of the tax identifier is wrong', '统一社会信用代码校验位错误'),
('q2', 'customer_country_present', 'completeness', 'warning', 'customer', 'erp', 'c1', 'erp:c1', 'erp:1',
 'data_steward', 'open', timestamp '2026-10-30 06:00:00', timestamp '2026-11-30 06:00:00', null, 85000,
 null, 'Country is missing', '缺少国家'),
('q3', 'supplier_bank_account_valid', 'validity', 'critical', 'supplier', 'erp', 's7', 'erp:s7', 'erp:2',
 'treasury', 'open', timestamp '2026-10-30 06:00:00', timestamp '2026-11-02 06:00:00', null, 12000,
 '-DE00', 'IBAN does not pass its check', 'IBAN 校验未通过'),
('q4', 'customer_country_present', 'completeness', 'warning', 'customer', 'erp', 'c2', 'erp:c2', 'erp:2',
 'treasury', 'resolved', timestamp '2026-09-01 06:00:00', timestamp '2026-09-30 06:00:00',
 timestamp '2026-09-20 06:00:00', 77000, null, 'Country is missing', '缺少国家');

alter table marts.fct_data_issue add column accepted_until date;
alter table marts.fct_data_issue add column is_overdue boolean;
alter table marts.fct_data_issue add column days_overdue integer;
alter table marts.fct_data_issue add column first_run_id varchar;
alter table marts.fct_data_issue add column last_run_id varchar;
update marts.fct_data_issue set
    is_overdue = issue_id = 'q1', days_overdue = case issue_id when 'q1' then 23 else 0 end,
    first_run_id = '20261001T0600', last_run_id = '20261031T0600';

create table marts.fct_data_issue_event (
    issue_id varchar, run_id varchar, event varchar, as_of date, happened_at timestamp, severity varchar, status varchar,
    owner varchar, failed_value varchar
);
insert into marts.fct_data_issue_event values
('q1', '20261001T0600', 'opened', date '2026-10-01', timestamp '2026-10-01 06:00:00', 'critical', 'open',
 'data_steward', '91310000XYZ'),
('q1', '20261031T0600', 'value_changed', date '2026-10-31', timestamp '2026-10-31 06:00:00', 'critical', 'open',
 'data_steward', '91310000ABC');

-- Two days: validity of customers got better, from 60 to 70 of 100; completeness of products by count alone.
create table marts.fct_quality_score (
    quality_score_id varchar, score_date date, object varchar, source_system varchar, company_id varchar,
    quality_dimension varchar, records bigint, failing_records bigint, amount_reporting_currency decimal(38, 4),
    failing_amount_reporting_currency decimal(38, 4)
);
insert into marts.fct_quality_score values
('1', date '2026-10-30', 'customer', 'erp', null, 'validity', 4, 2, 100, 40),
('2', date '2026-10-31', 'customer', 'erp', null, 'validity', 4, 1, 100, 30),
('3', date '2026-10-31', 'customer', 'crm', null, 'validity', 4, 0, 100, 0),
('4', date '2026-10-31', 'product', 'erp', null, 'completeness', 8, 2, 0, 0),
('5', date '2026-10-31', 'bank_account', 'erp', 'erp:1', 'timeliness', 2, 0, 300, 0);

create table marts.fct_quality_owner (
    owner varchar, severity varchar, open_issues bigint, accepted_issues bigint, overdue_issues bigint,
    next_due_date date, most_days_overdue integer, amount_at_stake_reporting_currency decimal(38, 4),
    overdue_amount_reporting_currency decimal(38, 4)
);
insert into marts.fct_quality_owner values
('treasury', 'critical', 1, 0, 0, date '2026-11-02', 0, 12000, 0),
('data_steward', 'critical', 1, 0, 1, date '2026-10-08', 23, 85000, 85000),
('data_steward', 'warning', 1, 0, 0, date '2026-11-30', 0, 85000, 0);

create table marts.fct_steward_decision (
    decision_id bigint, decided_at timestamp, decided_by varchar, action varchar, state varchar, object varchar,
    record_id varchar, other_record_id varchar, attribute varchar, value_before varchar, value_after varchar,
    reason varchar, answered_by varchar, issue_id varchar, concerns_decision_id bigint
);

create table marts.dim_customer_source (
    source_system varchar, source_key varchar, object varchar, record_id varchar, customer_id varchar, name varchar,
    tax_identifier varchar
);
insert into marts.dim_customer_source values
('erp', 'c1', 'customer', 'erp:c1', 'erp:c1', '北京华信电子有限公司', '91310000ABC'),
('crm', '77', 'crm_account', 'crm:77', 'erp:c1', '华信电子', null),
('erp', 'c2', 'customer', 'erp:c2', 'erp:c2', 'Müller & Söhne KG', null);
alter table marts.dim_customer_source add column system varchar default 'erp';
alter table marts.dim_customer_source add column code varchar default 'K-7';
alter table marts.dim_customer_source add column city varchar;
alter table marts.dim_customer_source add column email varchar default 'accounts@example.com';
alter table marts.dim_customer_source add column country varchar;
alter table marts.dim_customer_source add column payment_term_days integer default 30;

create table marts.fct_match_candidate (
    object varchar, record_id varchar, other_record_id varchar, probability decimal(9, 6), zone varchar,
    explanation varchar, weight decimal(9, 4), weight_start decimal(9, 4), level_name varchar,
    weight_name decimal(9, 4), level_place varchar, weight_place decimal(9, 4)
);
insert into marts.fct_match_candidate values
('customer', 'erp:c1', 'erp:c2', 0.61, 'review', 'name +2.1, city +1.0', 0.6, -2.5, 'typing_error', 2.1, 'same_city', 1),
('customer', 'erp:c2', 'erp:c3', 0.93, 'review', 'name +6.3', null, null, null, null, null, null);

create table marts.dim_customer_attribute (
    customer_id varchar, attribute varchar, value varchar, decided_by varchar, source_system varchar, source_key varchar
);
insert into marts.dim_customer_attribute values
('erp:c1', 'name', '北京华信电子有限公司', 'source_rank', 'erp', 'c1');

create table marts.fct_tie_out (
    run_id varchar, control varchar, company_id varchar, as_of date, left_label varchar, right_label varchar,
    left_total decimal(38, 4), right_total decimal(38, 4), difference decimal(38, 4), detail varchar, blocking boolean,
    passed boolean
);
insert into marts.fct_tie_out values
('20261031T0600', 'receivable_ledger', 'erp:1', date '2026-10-31', 'open receivables', 'receivable control accounts',
 85000, 85000, 0, '1122', true, true),
('20261031T0600', 'receivable_ledger', 'erp:2', date '2026-10-31', 'open receivables', 'receivable control accounts',
 6125, 6125, 0, '1400', true, true),
('20261031T0600', 'bank_ledger', 'erp:1', date '2026-10-31', 'ledger balance of the bank account',
 'closing balance of the newest statement', 250030.50, 250000.50, 30, '工商银行 基本户 on 2026-10-31', false, false),
('20261031T0600', 'bank_ledger', 'erp:2', date '2026-10-31', 'ledger balance of the bank account',
 'closing balance of the newest statement', 25000, 25000, 0, 'Commerzbank main on 2026-10-30', false, true);

create table marts.fct_intercompany_pair (
    intercompany_pair_id varchar, seller_company_id varchar, buyer_company_id varchar, status varchar, is_open boolean,
    age_days integer, owner varchar, owner_company_id varchar, document_number varchar, seller_invoice_number varchar,
    seller_posting_date date, seller_document_currency varchar, seller_gross_amount_document_currency decimal(18, 4),
    seller_gross_amount_reporting_currency decimal(18, 4), buyer_invoice_number varchar, buyer_posting_date date,
    buyer_document_currency varchar, buyer_gross_amount_document_currency decimal(18, 4),
    buyer_gross_amount_reporting_currency decimal(18, 4), difference_document_currency decimal(18, 4),
    difference_reporting_currency decimal(18, 4)
);
insert into marts.fct_intercompany_pair values
('p1', 'erp:1', 'erp:2', 'agreed', false, null, null, null, null, 'IC-1', date '2026-09-02', 'EUR', 1000, 7000,
 'PI-1', date '2026-09-02', 'EUR', 1000, 7000, 0, 0),
('p2', 'erp:1', 'erp:2', 'amount', true, 20, 'controller', 'erp:2', 'PI-2', 'IC-2', date '2026-10-11', 'EUR', 500, 4000,
 'PI-2', date '2026-10-11', 'EUR', 490, 3920, 10, 80),
('p3', 'erp:2', 'erp:1', 'missing_buyer_side', true, 45, 'controller', 'erp:1', 'IC-3', 'IC-3', date '2026-09-16', 'EUR',
 200, 1400, null, null, null, null, null, null, 1400),
('p4', 'erp:1', 'erp:2', 'timing', false, 3, 'controller', 'erp:2', 'PI-4', 'IC-4', date '2026-08-31', 'EUR', 100, 700,
 'PI-4', date '2026-09-03', 'EUR', 100, 700, 0, 0);

create table marts.dim_account (account_id varchar, code varchar, name varchar, purpose varchar);
insert into marts.dim_account values
('a1', '1405', '库存商品', 'inventory'), ('a2', '6602', '管理费用', 'operating_expense'),
('a3', '5000', 'Costs', 'cost_of_sales'), ('b1', '1002', '银行存款', 'cash'), ('b2', '1200', 'Bank', 'cash'),
('a5', '6001', '主营业务收入', 'revenue');

create table marts.dim_exchange_rate_monthly (
    currency varchar, month_start date, rate_type varchar, reporting_currency_per_unit decimal(28, 12)
);
insert into marts.dim_exchange_rate_monthly values
('EUR', date '2026-10-01', 'average', 8), ('EUR', date '2026-10-01', 'month_end', 8.1);

create table marts.fct_budget_variance (
    company_id varchar, account_id varchar, period_start date, period_end date, currency varchar,
    budget_company_currency decimal(18, 4), actual_company_currency decimal(18, 4),
    price_variance_company_currency decimal(18, 4), volume_variance_company_currency decimal(18, 4)
);
insert into marts.fct_budget_variance values
('erp:1', 'a5', date '2026-10-01', date '2026-10-31', 'CNY', 75000, 80000, 2000, 3000),
('erp:2', 'a5', date '2026-10-01', date '2026-10-31', 'EUR', 600, 500, null, null),
('erp:2', 'a3', date '2026-10-01', date '2026-10-31', 'EUR', 400, 350, null, null);

create table marts.fct_ledger_comparison (
    company_id varchar, account_id varchar, period_start date, difference_company_currency decimal(18, 4),
    unexplained_amount_company_currency decimal(18, 4)
);
insert into marts.fct_ledger_comparison values
('erp:1', 'a1', date '2026-09-01', 0, 0), ('erp:1', 'a1', date '2026-10-01', -30, 0),
('erp:1', 'a2', date '2026-10-01', 30, 0), ('erp:2', 'a3', date '2026-10-01', 0, 0);

create table marts.fct_ledger_difference (
    ledger_difference_id varchar, company_id varchar, account_id varchar, period_start date, document_type varchar,
    document_id varchar, entry_number varchar, cause varchar, erp_amount_company_currency decimal(18, 4),
    derived_amount_company_currency decimal(18, 4), difference_company_currency decimal(18, 4)
);
insert into marts.fct_ledger_difference values
('d1', 'erp:1', 'a1', date '2026-10-01', 'entry', 'e7', 'JE-7', 'manual_entry', -25, 0, -25),
('d2', 'erp:1', 'a2', date '2026-10-01', 'entry', 'e7', 'JE-7', 'manual_entry', 25, 0, 25),
('d3', 'erp:1', 'a1', date '2026-10-01', 'expense_claim', 'c1', null, 'not_in_ledger', 0, 5, -5),
('d4', 'erp:1', 'a2', date '2026-10-01', 'expense_claim', 'c1', null, 'not_in_ledger', 0, -5, 5);

create table marts.fct_risk_alert (
    alert_id varchar, pattern varchar, severity varchar, company_id varchar, supplier_id varchar, customer_id varchar,
    documents bigint, first_date date, last_date date, amount_at_stake_reporting_currency decimal(38, 4),
    detail_en varchar, detail_zh varchar, owner varchar, status varchar, accepted_until date, source_system varchar,
    source_key varchar
);
insert into marts.fct_risk_alert values
('alert-account', 'bank_account_changed', 'critical', 'erp:1', 'erp:s1', null, 1, date '2026-10-20', date '2026-10-20',
 5000, 'paid to the account ending in 0130', '付款账户尾号 0130', 'treasury', 'open', null, 'erp', '77'),
('alert-twice', 'duplicate_invoice', 'error', 'erp:1', 'erp:s1', null, 2, date '2026-09-01', date '2026-09-05',
 300, 'same amount, 4 days apart', '金额相同，相隔 4 天', 'ap_accountant', 'accepted', date '2026-12-31', 'erp', '12');

create table marts.fct_risk_evidence (
    alert_id varchar, pattern varchar, company_id varchar, supplier_id varchar, customer_id varchar,
    document_type varchar, document_id varchar, document_number varchar, document_date date, company_currency varchar,
    amount_company_currency decimal(18, 4), amount_at_stake_company_currency decimal(18, 4),
    amount_at_stake_reporting_currency decimal(18, 4), detail_en varchar, detail_zh varchar, source_system varchar,
    source_key varchar
);
insert into marts.fct_risk_evidence values
('alert-account', 'bank_account_changed', 'erp:1', 'erp:s1', null, 'payment', 'p77', 'PI-7', date '2026-10-20', 'CNY',
 5000, 5000, 5000, 'paid to the account ending in 0130', '付款账户尾号 0130', 'erp', '77'),
('alert-twice', 'duplicate_invoice', 'erp:1', 'erp:s1', null, 'purchase_invoice', 'pi1', 'PI-1', date '2026-09-01',
 'CNY', 300, 0, 0, 'same amount, 4 days apart', '金额相同，相隔 4 天', 'erp', '12'),
('alert-twice', 'duplicate_invoice', 'erp:1', 'erp:s1', null, 'purchase_invoice', 'pi2', 'PI-2', date '2026-09-05',
 'CNY', 300, 300, 300, 'same amount, 4 days apart', '金额相同，相隔 4 天', 'erp', '13');

create table marts.fct_approval_check (
    approval_check_id varchar, document_type varchar, document_id varchar, document_number varchar, company_id varchar,
    supplier_id varchar, document_date date, requested_by varchar, approved_by varchar, approver_role varchar,
    limit_company_currency decimal(18, 4), required_role varchar, amount_company_currency decimal(18, 4),
    amount_reporting_currency decimal(18, 4), split_documents bigint, split_amount_company_currency decimal(18, 4),
    verdict varchar
);
insert into marts.fct_approval_check values
('o1', 'purchase_order', 'o1', 'PO-1', 'erp:1', 'erp:s1', date '2026-10-01', 'ann', 'mia', 'manager', 10000, 'manager',
 500, 500, null, null, 'within'),
('o2', 'purchase_order', 'o2', 'PO-2', 'erp:1', 'erp:s1', date '2026-10-02', 'ann', 'mia', 'manager', 10000, 'director',
 12000, 12000, null, null, 'beyond_limit'),
('o3', 'purchase_order', 'o3', 'PO-3', 'erp:1', 'erp:s1', date '2026-10-05', 'ann', 'mia', 'manager', 10000, 'manager',
 8500, 8500, 2, 17500, 'split'),
('o4', 'purchase_order', 'o4', 'PO-4', 'erp:1', 'erp:s1', date '2026-10-07', 'ann', 'mia', 'manager', 10000, 'manager',
 9000, 9000, 2, 17500, 'split');

-- The group in two months; the balance sheet of October is out by 5.
create table marts.fct_consolidation (
    consolidation_id varchar, scope varchar, company_id varchar, counterparty_company_id varchar, period_start date,
    period_end date, statement varchar, section varchar, line varchar, currency varchar,
    amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_consolidation
select
    month || statement || section || line, 'group', null, null, month, last_day(month), statement, section, line, 'CNY',
    amount
from (
    values
    (date '2026-09-01', 'income_statement', 'result', 'revenue', 1000),
    (date '2026-09-01', 'income_statement', 'result', 'cost_of_sales', -600),
    (date '2026-09-01', 'income_statement', 'result', 'operating_expense', -100),
    (date '2026-09-01', 'income_statement', 'result', 'income_tax', -30),
    (date '2026-10-01', 'income_statement', 'result', 'revenue', 500),
    (date '2026-10-01', 'income_statement', 'result', 'cost_of_sales', -300),
    (date '2026-10-01', 'income_statement', 'result', 'operating_expense', -60),
    (date '2026-10-01', 'income_statement', 'result', 'other', 10),
    (date '2026-10-01', 'income_statement', 'result', 'income_tax', -30),
    (date '2026-10-01', 'balance_sheet', 'asset', 'cash', 900),
    (date '2026-10-01', 'balance_sheet', 'asset', 'receivable', 200),
    (date '2026-10-01', 'balance_sheet', 'liability', 'payable', 405),
    (date '2026-10-01', 'balance_sheet', 'equity', 'equity', 300),
    (date '2026-10-01', 'balance_sheet', 'equity', 'result_of_the_year', 390)
) as part (month, statement, section, line, amount);

create table marts.fct_income_statement (
    company_id varchar, account_id varchar, fiscal_year varchar, fiscal_period integer, period_start date,
    period_end date, line varchar, currency varchar, amount_company_currency decimal(18, 4),
    amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_income_statement values
('erp:2', 'a4', '2026', 10, date '2026-10-01', date '2026-10-31', 'revenue', 'EUR', 50, 400);

create table marts.fct_balance_sheet (
    company_id varchar, account_id varchar, fiscal_year varchar, fiscal_period integer, period_start date,
    period_end date, section varchar, line varchar, currency varchar, amount_company_currency decimal(18, 4),
    amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_balance_sheet values
('erp:2', 'a1', '2026', 10, date '2026-10-01', date '2026-10-31', 'asset', 'cash', 'EUR', 130, 1040),
('erp:2', 'a3', '2026', 10, date '2026-10-01', date '2026-10-31', 'equity', 'equity', 'EUR', 130, 1040);

create table marts.fct_cash_flow_statement (
    company_id varchar, method varchar, fiscal_year varchar, fiscal_period integer, period_start date, period_end date,
    section varchar, line varchar, currency varchar, amount_company_currency decimal(18, 4),
    amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_cash_flow_statement
select
    'erp:2', method, '2026', 10, date '2026-10-01', date '2026-10-31', section, line, 'EUR', amount, 8 * amount
from (
    values
    ('direct', 'cash_balance', 'opening_cash', 100),
    ('direct', 'operating', 'receipts_from_customers', 50),
    ('direct', 'operating', 'operating_costs_paid', -20),
    ('direct', 'cash_balance', 'closing_cash', 130)
) as flow (method, section, line, amount);

create table marts.fct_vat_payable_monthly (
    company_id varchar, period_start date, period_end date, currency varchar, output_tax_company_currency decimal(18, 4),
    input_tax_company_currency decimal(18, 4), carried_forward_opening_company_currency decimal(18, 4),
    payable_company_currency decimal(18, 4), carried_forward_closing_company_currency decimal(18, 4)
);
insert into marts.fct_vat_payable_monthly values
('erp:1', date '2026-09-01', date '2026-09-30', 'CNY', 60, 75, 0, 0, 15),
('erp:1', date '2026-10-01', date '2026-10-31', 'CNY', 130, 90, 15, 25, 0);

create table marts.fct_tax_surcharge (
    company_id varchar, period_start date, period_end date, surcharge varchar, currency varchar,
    surcharge_amount_company_currency decimal(18, 4)
);
insert into marts.fct_tax_surcharge values
('erp:1', date '2026-10-01', date '2026-10-31', 'urban_maintenance_construction_tax', 'CNY', 1.75),
('erp:1', date '2026-10-01', date '2026-10-31', 'education_surcharge', 'CNY', 1.25);

create table marts.fct_tax_declaration (
    company_id varchar, period_start date, direction varchar, tax_rate decimal(28, 12), filed_date date,
    declared_tax_amount_company_currency decimal(18, 4), computed_tax_amount_company_currency decimal(18, 4),
    tax_difference_company_currency decimal(18, 4), base_difference_company_currency decimal(18, 4)
);
insert into marts.fct_tax_declaration values
('erp:1', date '2026-10-01', 'output', 0.13, date '2026-11-15', 130, 130, 0, 0),
('erp:1', date '2026-09-01', 'input', 0.13, date '2026-10-15', 68, 75, -7, 0);

create table marts.dim_supplier (supplier_id varchar, name varchar);
insert into marts.dim_supplier values ('erp:s1', 'Lumen Parts'), ('erp:s7', '宁波北方钢材');

create table marts.fct_working_capital_ratio_monthly (
    level varchar, entity_id varchar, month_start date, month_end date, ratio varchar, value decimal(18, 4)
);
insert into marts.fct_working_capital_ratio_monthly values
('group', 'group', date '2026-09-01', date '2026-09-30', 'days_sales_outstanding', 55),
('group', 'group', date '2026-10-01', date '2026-10-31', 'days_sales_outstanding', 59.3),
('group', 'group', date '2026-10-01', date '2026-10-31', 'collection_effectiveness_index', 87.2),
('group', 'group', date '2026-10-01', date '2026-10-31', 'days_payables_outstanding', 40.2),
('group', 'group', date '2026-10-01', date '2026-10-31', 'cash_conversion_cycle', 83.4),
('company', 'erp:1', date '2026-10-01', date '2026-10-31', 'days_sales_outstanding', 50),
('company', 'erp:2', date '2026-10-01', date '2026-10-31', 'days_sales_outstanding', 61),
('customer', 'erp:c2', date '2026-09-01', date '2026-09-30', 'days_sales_outstanding', 70);

create table marts.fct_receivable_roll_monthly (
    company_id varchar, as_of date, opening_bucket varchar, currency varchar,
    opening_amount_company_currency decimal(18, 4), rolled_amount_company_currency decimal(18, 4),
    stayed_amount_company_currency decimal(18, 4), cleared_amount_company_currency decimal(18, 4),
    roll_rate decimal(18, 6)
);
insert into marts.fct_receivable_roll_monthly values
('erp:2', date '2026-10-31', '1-30', 'EUR', 4000, 1000, 2000, 1000, 0.25);

create table marts.fct_expected_credit_loss (
    as_of date, company_id varchar, bucket varchar, currency varchar, exposure_reporting_currency decimal(18, 4),
    loss_rate_percent decimal(9, 4), expected_loss_reporting_currency decimal(18, 4)
);
insert into marts.fct_expected_credit_loss values
(date '2026-10-31', 'erp:2', '91+', 'EUR', 10000, 10.8, 1080),
(date '2026-10-31', 'erp:1', 'not_due', 'CNY', 60000, 0.5, 300),
(date '2026-10-31', 'erp:2', 'not_due', 'EUR', 40000, 0.5, 200);

create table marts.catalogue_column (
    table_name varchar, column_name varchar, data_type varchar, grain varchar, meaning varchar, owner varchar,
    rules varchar, controls varchar, comes_from varchar, is_contract varchar
);
insert into marts.catalogue_column values
('dim_customer', 'name', 'varchar', 'One row per customer.', 'name on the paper', 'data_steward',
 'customer_name_present', null, 'erp: t_kehu (khmc)', 'true'),
('dim_customer', 'status', 'varchar', 'One row per customer.', 'active, or held', 'data_steward', null, null, null, 'true'),
('fct_receivable', 'amount_document_currency', 'decimal(18,4)', 'One row per receivable.', 'original amount',
 'ar_accountant', null, 'completeness, receivable_ledger', 'erp: t_fapiao (je)', 'true');

-- A year of Sundays scored again, for the group and for Shanghai: half the error of every baseline.
insert into marts.fct_forecast_score
select
    date '2026-10-31', 'simulated_receipts', baseline.name, scope.level, scope.horizon, metric.name, metric.value,
    case when metric.name like 'coverage%' and baseline.name <> 'auto_ets' then 'nan'::double else 2.0::double * metric.value end,
    'weekly_origins', company.id, 52, date '2025-08-03', date '2026-07-26'
from (values ('due_date'), ('customer_recent_average'), ('seasonal_naive'), ('auto_ets')) as baseline (name)
cross join (values ('week', 'weeks 1-13'), ('month', 'months 1-3'), ('90_days', '90 days')) as scope (level, horizon)
cross join (
    values ('wape', 0.11), ('bias_share', -0.02), ('crps_share', 0.08), ('coverage_80', 0.79), ('width_80_share', 0.3),
    ('forecasts', 676.0)
) as metric (name, value)
cross join (values (null), ('erp:1')) as company (id);

create table marts.fct_forecast_backtest (
    forecast_as_of date, model varchar, level varchar, company_id varchar, step integer, p025 double, p10 double,
    p25 double, p50 double, p75 double, p90 double, p975 double, actual double
);
insert into marts.fct_forecast_backtest
select origin::date, model.name, 'week', null, 1, 800, 850, 900, 1000, 1100, 1150, 1200, 1020
from range(date '2026-06-28', date '2026-07-27', interval 7 day) as origins (origin)
cross join (values ('simulated_receipts'), ('seasonal_naive')) as model (name);

create table marts.fct_forecast_version (
    forecast_version_id varchar, forecast_as_of date, run_id varchar, model varchar, model_version varchar,
    features_hash varchar, code_version varchar, data_hash varchar, receivables_count bigint,
    open_receivables_count bigint, weekly_flows_count bigint
);
insert into marts.fct_forecast_version values
('v1', date '2026-09-27', '20260927T0600', 'similar_invoices', 'aaaa', 'ffff', '0.1.0', 'd111', 100, 20, 300),
('v2', date '2026-10-31', '20261031T0600', 'similar_invoices', 'bbbb', 'ffff', '0.1.0', 'd222', 120, 25, 330);

-- EUR 1 = CNY 8. Of the first forecast four weeks are known; Shanghai's receipts came a tenth short.
create table marts.fct_forecast_outcome (
    forecast_version_id varchar, forecast_as_of date, company_id varchar, currency varchar, flow varchar,
    week_start date, mean double, p05 double, p25 double, p50 double, p75 double, p95 double, actual decimal(18, 4)
);
insert into marts.fct_forecast_outcome
select
    version.id, version.day, scope.company_id, scope.currency, flow.name, version.monday + (7 * week)::integer, flow.mean,
    flow.mean - 300, flow.mean - 100, flow.mean, flow.mean + 100, flow.mean + 300,
    case when version.id = 'v1' and week < 4
        then case when scope.company_id = 'erp:1' and flow.name = 'receipts' then 900 else flow.mean end end
from (
    values ('v1', date '2026-09-27', date '2026-09-28'), ('v2', date '2026-10-31', date '2026-11-02')
) as version (id, day, monday)
cross join (values ('erp:1', 'CNY'), ('erp:2', 'EUR')) as scope (company_id, currency)
cross join (values ('receipts', 1000), ('supplier_payments', -600), ('net', 400)) as flow (name, mean)
cross join range(0, 13) as weeks (week);

-- From the forecast of 27 September to that of 31 October, Shanghai: 1,000 and 500 forecast; 90 came a week late.
create table marts.fct_forecast_bridge (
    forecast_as_of date, compared_as_of date, company_id varchar, week_start date,
    forecast_amount_reporting_currency decimal(18, 2), received_amount_reporting_currency decimal(18, 2),
    still_expected_amount_reporting_currency decimal(18, 2), difference_reporting_currency decimal(18, 2),
    is_over boolean
);
insert into marts.fct_forecast_bridge values
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-10-19', 1000, 880.50, 0, -119.50, true),
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-11-02', 500, 0, 620, 120, false);
create table marts.fct_forecast_variance (
    forecast_as_of date, compared_as_of date, company_id varchar, week_start date, cause varchar, reason varchar,
    receivable_id varchar, customer_id varchar, invoice_number varchar, other_week_start date,
    amount_reporting_currency decimal(18, 2), source_system varchar, source_key varchar
);
insert into marts.fct_forecast_variance values
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-10-19', 'timing', 'expected_later', 'r1', 'erp:c1', 'INV-1',
 date '2026-11-02', -90, 'erp', '1'),
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-11-02', 'timing', 'expected_later', 'r1', 'erp:c1', 'INV-1',
 date '2026-10-19', 90, 'erp', '1'),
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-10-19', 'permanent', 'credit_note', 'r2', 'erp:c2', '=1+1',
 null, -29.50, 'erp', '2'),
(date '2026-09-27', date '2026-10-31', 'erp:1', date '2026-11-02', 'not_itemised', 'not_itemised', null, null, null,
 null, 30, null, null);
create table marts.fct_collection_worklist (
    forecast_as_of date, company_id varchar, customer_id varchar, rank integer, action varchar, reminder_level integer,
    grade varchar, overdue_amount_reporting_currency decimal(18, 4), soon_late_amount_reporting_currency decimal(18, 4),
    disputed_amount_reporting_currency decimal(18, 4), credit_amount_reporting_currency decimal(18, 4),
    expected_moved_amount_reporting_currency decimal(18, 4), overdue_item_count integer, oldest_days_overdue integer,
    probability_paid_30 decimal(12, 6), open_promise_count integer, broken_promise_count integer, next_promise_date date
);
insert into marts.fct_collection_worklist values
(date '2026-10-31', 'erp:2', 'erp:c2', 1, 'promise_follow_up', 3, 'D', 39000, 0, 0, -1000, 4000, 1, 60, 0.25, 0, 1, null),
(date '2026-10-31', 'erp:1', 'erp:c1', 2, 'reminder_2', 2, 'B', 25000, 0, 0, 0, 2500, 1, 21, 0.75, 1, 0, date '2026-11-05'),
(date '2026-10-31', 'erp:2', 'erp:c3', 3, 'call', 3, 'E', 10000, 0, 0, 0, 500, 1, 152, 0.05, 0, 0, null),
-- an earlier list
(date '2026-09-30', 'erp:2', 'erp:c2', 1, 'call', 3, 'D', 35000, 0, 0, 0, 9000, 1, 29, 0.25, 0, 0, null);

create table marts.fct_collection_item (
    forecast_as_of date, receivable_id varchar, company_id varchar, customer_id varchar, action varchar,
    is_disputed boolean, expected_moved_amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_collection_item values
(date '2026-10-31', 'r2', 'erp:1', 'erp:c1', 'reminder_2', false, 2500), (date '2026-10-31', 'r3', 'erp:2', 'erp:c2', 'call', false, 4000),
(date '2026-10-31', 'r5', 'erp:2', 'erp:c2', '', false, 0), (date '2026-10-31', 'r4', 'erp:2', 'erp:c3', 'call', false, 500);

create table marts.fct_payment_promise (
    promise_id bigint, company_id varchar, customer_id varchar, receivable_id varchar, given_date date,
    promised_date date, document_currency varchar, amount_document_currency decimal(18, 4),
    received_amount_document_currency decimal(18, 4), state varchar, noted_by varchar, reason varchar
);
insert into marts.fct_payment_promise values
(1001, 'erp:2', 'erp:c2', 'r3', date '2026-10-01', date '2026-10-20', 'EUR', 5000, 0, 'broken', 'Li Na', 'on the phone'),
(1002, 'erp:1', 'erp:c1', null, date '2026-10-30', date '2026-11-05', 'CNY', 20000, 0, 'open', 'Li Na', 'by e-mail');

create table marts.fct_late_payment_alert (
    forecast_as_of date, rank integer, alert varchar, company_id varchar, customer_id varchar, receivable_id varchar,
    value decimal(12, 6), reference decimal(18, 6), reference_date date, amount_reporting_currency decimal(18, 4)
);
insert into marts.fct_late_payment_alert values
(date '2026-10-31', 1, 'broken_promise', 'erp:2', 'erp:c2', 'r3', 11, 5000, date '2026-10-20', 40000),
(date '2026-10-31', 2, 'probability_fell', 'erp:1', 'erp:c1', 'r2', 0.75, 0.97, date '2026-10-24', 25000);

create table marts.fct_credit_assessment (
    forecast_as_of date, company_id varchar, customer_id varchar, grade varchar, points decimal(5, 1),
    points_payment_days decimal(5, 1), points_trend_days decimal(5, 1), points_overdue_share decimal(5, 1),
    points_oldest_overdue_days decimal(5, 1), points_disputed_share decimal(5, 1), points_loss_share decimal(5, 1),
    points_relation_months decimal(5, 1), payment_days decimal(18, 6), trend_days decimal(18, 6),
    overdue_share decimal(18, 6), oldest_overdue_days decimal(18, 6), disputed_share decimal(18, 6),
    loss_share decimal(18, 6), relation_months decimal(18, 6), in_default boolean,
    open_amount_company_currency decimal(18, 4), credit_amount_company_currency decimal(18, 4),
    note_amount_company_currency decimal(18, 4), backlog_amount_company_currency decimal(18, 4),
    exposure_amount_company_currency decimal(18, 4), exposure_amount_reporting_currency decimal(18, 4),
    credit_limit_company_currency decimal(18, 4), limit_use decimal(18, 6), probability_of_default decimal(12, 6),
    expected_loss_model_company_currency decimal(18, 4), expected_loss_model_reporting_currency decimal(18, 4),
    expected_loss_matrix_company_currency decimal(18, 4), expected_loss_matrix_reporting_currency decimal(18, 4),
    expected_loss_exposure_company_currency decimal(18, 4), broken_promise_count integer, freeze_proposed boolean,
    freeze_reason varchar
);
insert into marts.fct_credit_assessment values
(date '2026-10-31', 'erp:1', 'erp:c1', 'B', 80.5, 26, 4, 14, 10.5, 9, 12, 5, 8, 0, 0.2, 21, 0, 0, 40, false,
 85000, 0, 5000, 10000, 100000, 100000, null, null, 0.05, 1700, 1700, 600, 600, 2000, 0, false, ''),
(date '2026-10-31', 'erp:2', 'erp:c2', 'D', 55, 6, 1, 14, 3, 10, 16, 5, 40, 12, 0.2, 60, 0, 0, 40, false,
 5000, -125, 0, 50000, 54875, 439000, 50000, 1.0975, 0.2, 400, 3200, 170, 1360, 4390, 1, true, 'over_limit'),
(date '2026-10-31', 'erp:2', 'erp:c3', 'E', 30, 0, 1, 0, 0, 10, 14, 5, 90, 30, 1, 152, 0, 0.5, 40, true,
 1250, 0, 0, 0, 1250, 10000, 0, null, 1, 500, 4000, 135, 1080, 500, 0, true, 'over_limit,overdue,grade');

create table marts.fct_credit_grade (
    forecast_as_of date, grade varchar, customer_years decimal(12, 6), default_count decimal(12, 6),
    observed_rate decimal(12, 6), probability_of_default decimal(12, 6), loss_given_default decimal(12, 6)
);
insert into marts.fct_credit_grade values
(date '2026-10-31', 'A', 20, 0, 0, 0.01, 0.4), (date '2026-10-31', 'B', 40, 2, 0.05, 0.05, 0.4),
(date '2026-10-31', 'C', 30, 3, 0.1, 0.09, 0.4), (date '2026-10-31', 'D', 10, 2.5, 0.25, 0.2, 0.4),
(date '2026-10-31', 'E', 0, 0, null, 0.3, 0.4);
-- Its rows come from the dbt project: see conftest.py.
create table marts.dim_measure (
    measure varchar, kind varchar, name_en varchar, name_zh varchar, definition_en varchar, definition_zh varchar,
    formula varchar, unit varchar, tables varchar, shown_as varchar, controls varchar, rows_page varchar
);

create table marts.fct_payable_aging (
    as_of date, payable_id varchar, company_id varchar, supplier_id varchar,
    open_amount_company_currency decimal(18, 4), open_amount_reporting_currency decimal(18, 4), bucket varchar,
    invoice_number varchar, due_date date
);
insert into marts.fct_payable_aging values
(date '2026-10-31', 'p1', 'erp:1', 'erp:s7', 50000.25, 50000.25, 'not_due', 'S-7', date '2026-11-04'),
(date '2026-10-31', 'p2', 'erp:2', 'erp:s7', 250, 2000, '1-30', 'S-8', date '2026-10-20');

create table marts.fct_cash_application_line (
    bank_movement_id varchar, company_id varchar, customer_id varchar, bank_account_id varchar, booking_date date,
    counterparty_name varchar, reference varchar, bank_currency varchar, amount_bank_currency decimal(18, 4),
    applied_amount_bank_currency decimal(18, 4), proposed_amount_bank_currency decimal(18, 4),
    on_account_amount_bank_currency decimal(18, 4), amount_reporting_currency decimal(18, 4), item_count integer,
    candidate_count integer, probability decimal(12, 6), state varchar, decided_by varchar, decision_id bigint,
    erp_state varchar, is_to_review boolean, age_days integer
);
insert into marts.fct_cash_application_line values
('bl1', 'erp:1', 'erp:c1', 'erp:b1', date '2026-10-28', '北京华信电子', '货款', 'CNY', 60000, 0, 60000, 0, 60000, 1, 2, 0.72,
 'proposed', null, null, 'not_applied', true, 3),
('bl2', 'erp:2', null, 'erp:b2', date '2026-10-30', 'J SMITH', 'deposit', 'EUR', 300, 0, 0, 300, 2400, 0, 0, null, 'no_match',
 null, null, 'not_applied', true, 1),
('bl3', 'erp:2', 'erp:c2', 'erp:b2', date '2026-10-20', 'Müller & Söhne KG', 'DE-2001', 'EUR', 5000, 5000, 0, 0, 40000, 1, 1, 0.999,
 'applied', null, null, 'agrees', false, 11);

create table marts.fct_cash_application (
    bank_movement_id varchar, receivable_id varchar, company_id varchar, customer_id varchar, invoice_number varchar,
    booking_date date, document_currency varchar, amount_document_currency decimal(18, 4),
    discount_amount_document_currency decimal(18, 4), bank_currency varchar, amount_bank_currency decimal(18, 4),
    fee_amount_bank_currency decimal(18, 4), amount_reporting_currency decimal(18, 4), probability decimal(12, 6),
    kind varchar, reasons varchar, state varchar, decided_by varchar, decision_id bigint, erp_state varchar
);
insert into marts.fct_cash_application values
('bl1', 'r1', 'erp:1', 'erp:c1', 'CN-1001', date '2026-10-28', 'CNY', 60000, 0, 'CNY', 60000, 0, 60000, 0.72, 'exact',
 'payer_name_alike,amount_agrees', 'proposed', null, null, 'not_applied'),
('bl3', 'r3', 'erp:2', 'erp:c2', 'DE-2001', date '2026-10-20', 'EUR', 5000, 0, 'EUR', 5000, 0, 40000, 0.999, 'exact',
 'number_named,payer_name,amount_agrees', 'applied', 'machine', null, 'agrees');

create table marts.fct_cash_application_candidate (
    bank_movement_id varchar, rank integer, receivable_id varchar, company_id varchar, customer_id varchar,
    invoice_number varchar, due_date date, document_currency varchar, amount_document_currency decimal(18, 4),
    discount_amount_document_currency decimal(18, 4), fee_amount_bank_currency decimal(18, 4),
    probability decimal(12, 6), kind varchar, reasons varchar, state varchar
);
insert into marts.fct_cash_application_candidate values
('bl1', 1, 'r1', 'erp:1', 'erp:c1', 'CN-1001', date '2026-11-15', 'CNY', 60000, 0, 0, 0.72, 'exact',
 'payer_name_alike,amount_agrees', 'offered'),
('bl1', 2, 'r2', 'erp:1', 'erp:c1', 'CN-1002', date '2026-10-01', 'CNY', 20000, 0, 0, 0.10, 'over',
 'payer_name_alike,over_payment', 'offered');

create table marts.fct_payment_proposal (
    forecast_as_of date, payable_id varchar, company_id varchar, supplier_id varchar, kind varchar, invoice_id
    varchar, invoice_number varchar, invoice_date date, due_date date, document_currency varchar,
    open_amount_document_currency decimal(18,4), open_amount_company_currency decimal(18,4),
    open_amount_reporting_currency decimal(18,4), discount_percent decimal(18,4), discount_date date,
    match_status varchar, state varchar, reasons varchar, usual_date date, proposed_date date, days_late
    integer, takes_discount boolean, offered_amount_company_currency decimal(18,2),
    offered_amount_reporting_currency decimal(18,2), discount_amount_company_currency decimal(18,2),
    discount_amount_reporting_currency decimal(18,2), cash_cost_company_currency decimal(18,2),
    late_cost_company_currency decimal(18,2), total_cost_company_currency decimal(18,2), saving_company_currency
    decimal(18,2), saving_reporting_currency decimal(18,2), discount_annual_rate decimal(12, 6),
    cost_of_cash_annual_rate decimal(12, 6), source_system varchar, source_key varchar
);
insert into marts.fct_payment_proposal values
(date '2026-10-31', 'p1', 'erp:1', 'erp:s7', 'invoice', 'pi1', 'S-7', date '2026-10-28', date '2026-12-04', 'CNY',
 50000.25, 50000.25, 50000.25, 2, date '2026-11-07', 'matched', 'proposed', 'discount_taken', date '2026-12-03',
 date '2026-11-05', 0, true, 1000.01, 1000.01, 1000.01, 1000.01, 194.66, 0, -805.35, 798.49, 798.49, 0.2660,
 0.05, 'erp', '7'),
(date '2026-10-31', 'p2', 'erp:2', 'erp:s7', 'invoice', 'pi2', 'S-8', date '2026-09-20', date '2026-10-20', 'EUR',
 250, 250, 2000, null, null, 'price', 'not_proposed', 'supplier_held,three_way_match', null, null, 0, false, 0, 0, 0,
 0, 0, 0, 0, 0, 0, null, 0.05, 'erp', '8'),
(date '2026-10-31', 'p3', 'erp:1', 'erp:s1', 'invoice', 'pi3', 'S-9', date '2026-10-10', date '2026-11-06', 'CNY',
 700, 700, 700, null, null, 'matched', 'proposed', 'delayed_for_floor', date '2026-11-05', date '2026-11-12', 6, false,
 0, 0, 0, 0, 0.1, 1.15, 1.25, -1.15, -1.15, null, 0.05, 'erp', '9'),
(date '2026-10-31', 'p4', 'erp:1', 'erp:s1', 'credit_note', 'pi4', 'S-C1', date '2026-10-01', date '2026-10-01', 'CNY',
 -50, -50, -50, null, null, null, 'credit', 'credit_to_set_off', null, null, 0, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, null,
 0.05, 'erp', '10');

create table marts.fct_payment_plan (
    forecast_as_of date, scope varchar, company_id varchar, currency varchar, week_start date, cash_floor
    decimal(18,2), payments_usual decimal(18,2), payments_at_once decimal(18,2), payments_proposed
    decimal(18,2), probability_below_floor_usual decimal(12, 6), probability_below_floor_at_once decimal(12, 6),
    probability_below_floor_proposed decimal(12, 6), probability_below_floor_so_far_usual decimal(12, 6),
    probability_below_floor_so_far_at_once decimal(12, 6), probability_below_floor_so_far_proposed decimal(12, 6)
);
insert into marts.fct_payment_plan
select date '2026-10-31', scope, company_id, currency, week_start, floor, usual, at_once, proposed, c1, c2, c3, c1, c2, c3
from (values ('company', 'erp:1', 'CNY', 0), ('company', 'erp:2', 'EUR', 0), ('group', null, 'CNY', 300000))
    as whose (scope, company_id, currency, floor)
cross join (values (date '2026-11-02', 700, 49700.24, 49000.24, 0.01, 0.08, 0.02),
    (date '2026-11-09', 0, 0, 700, 0.08, 0.08, 0.04)) as week (week_start, usual, at_once, proposed, c1, c2, c3);

create table marts.fct_payment_plan_company (
    forecast_as_of date, company_id varchar, currency varchar, status varchar, gap decimal(12, 6), breach_limit decimal(12, 6),
    cash_floor decimal(18,2), unavoidable_breach decimal(12, 6), payable_count integer, total_cost_usual decimal(18,2),
    total_cost_at_once decimal(18,2), total_cost_proposed decimal(18,2), discount_usual decimal(18,2),
    discount_at_once decimal(18,2), discount_proposed decimal(18,2), probability_below_floor_usual decimal(12, 6),
    probability_below_floor_at_once decimal(12, 6), probability_below_floor_proposed decimal(12, 6)
);
insert into marts.fct_payment_plan_company values
(date '2026-10-31', 'erp:1', 'CNY', 'optimal', 0, 0.05, 0, 0, 2, 6.75, -700.5, -804.1, 0, 1000.01, 1000.01, 0.08, 0.08,
 0.04),
(date '2026-10-31', 'erp:2', 'EUR', 'floor_not_kept', 0, 0.05, 0, 0.4, 0, 0, 0, 0, 0, 0, 0, 0.4, 0.4, 0.4);

create table marts.fct_three_way_match (
    invoice_line_id varchar, invoice_id varchar, company_id varchar, supplier_id varchar, product_id varchar,
    order_number varchar, document_currency varchar, quantity_ordered decimal(18, 4), quantity_received decimal(18, 4),
    quantity_invoiced decimal(18, 4), order_price_document_currency decimal(18, 6),
    invoice_price_document_currency decimal(18, 6), price_difference_percent decimal(18, 4),
    net_amount_document_currency decimal(18, 4), match_status varchar
);
insert into marts.fct_three_way_match values
('pl1', 'pi1', 'erp:1', 'erp:s7', 'erp:p1', 'PO-7', 'CNY', 100, 100, 100, 442.48, 442.48, 0, 44248, 'matched'),
('pl2', 'pi2', 'erp:2', 'erp:s7', 'erp:p2', 'PO-8', 'EUR', 10, 10, 10, 20, 21, 5, 210, 'price');
