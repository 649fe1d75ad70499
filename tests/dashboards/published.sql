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
    bank_account_id varchar, company_id varchar, name varchar, currency varchar, iban varchar
);
insert into marts.dim_bank_account values
('erp:b1', 'erp:1', '工商银行 基本户', 'CNY', '6222020200012345678'),
('erp:b2', 'erp:2', 'Commerzbank main', 'EUR', 'DE89370400440532013000'),
('erp:b3', 'erp:2', 'New account', 'EUR', null);

create table marts.fct_bank_statement (
    bank_statement_id varchar, bank_account_id varchar, company_id varchar, statement_number varchar,
    statement_date date, currency varchar, opening_balance_bank_currency decimal(18, 4),
    closing_balance_bank_currency decimal(18, 4), closing_balance_reporting_currency decimal(18, 4),
    is_newest boolean
);
insert into marts.fct_bank_statement values
('s1', 'erp:b1', 'erp:1', '2026-09', date '2026-09-30', 'CNY', 100000, 150000, 150000, false),
('s2', 'erp:b1', 'erp:1', '2026-10', date '2026-10-31', 'CNY', 150000, 250000.50, 250000.50, true),
('s3', 'erp:b2', 'erp:2', '2026-10', date '2026-10-30', 'EUR', 20000, 25000, 200000, true),
-- after the as-of day: not yet known
('s4', 'erp:b2', 'erp:2', '2026-11', date '2026-11-02', 'EUR', 25000, 99000, 792000, false);

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

create table marts.fct_sales_invoice_line (
    invoice_id varchar, invoice_number varchar, invoice_line_id varchar, company_id varchar, customer_id varchar,
    product_id varchar, invoice_date date, quantity decimal(18, 6), document_currency varchar,
    net_amount_document_currency decimal(18, 4), net_amount_reporting_currency decimal(18, 4),
    cost_amount_reporting_currency decimal(18, 4), margin_amount_reporting_currency decimal(18, 4), region varchar
);
insert into marts.fct_sales_invoice_line values
('i1', 'CN-1001', 'l1', 'erp:1', 'erp:c1', 'erp:p1', date '2026-10-16', 10, 'CNY', 60000, 60000, 36000, 24000, 'North China'),
('i1', 'CN-1001', 'l2', 'erp:1', 'erp:c1', 'erp:p2', date '2026-10-16', 4, 'CNY', 20000, 20000, 15000, 5000, 'North China'),
('i2', 'DE-2001', 'l3', 'erp:2', 'erp:c2', 'erp:p1', date '2026-08-02', 5, 'EUR', 5000, 40000, 22000, 18000, 'Europe'),
('i3', 'DE-2002', 'l4', 'erp:2', 'erp:c3', 'erp:p1', date '2025-05-02', 1, 'EUR', 1250, 10000, 8000, 2000, 'Europe'),
('i4', 'DE-2003', 'l5', 'erp:2', 'erp:c2', 'erp:p2', date '2026-09-12', -1, 'EUR', -500, -4000, null, null, 'Europe');

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

create table marts.fct_receivable_forecast (forecast_as_of date, receivable_id varchar, expected_payment_date date);
insert into marts.fct_receivable_forecast values (date '2026-10-31', 'r1', date '2026-11-12');

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
    baseline_value double
);
insert into marts.fct_forecast_score values
(date '2026-09-30', 'similar_invoices', 'due_date', 'receivable', 'due within 28 days', 'crps_days', 9.9, 9.9),
(date '2026-10-31', 'similar_invoices', 'due_date', 'receivable', 'due within 28 days', 'mean_absolute_error_days', 2.8, 4.2),
(date '2026-10-31', 'similar_invoices', 'due_date', 'receivable', 'due within 28 days', 'share_within_3_days', 0.75, 0.60),
(date '2026-10-31', 'similar_invoices', 'due_date', 'receivable', 'due within 28 days', 'invoices_scored', 120, 120),
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

create table marts.dim_account (account_id varchar, code varchar, name varchar);
insert into marts.dim_account values ('a1', '1405', '库存商品'), ('a2', '6602', '管理费用'), ('a3', '5000', 'Costs');

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
