-- A made-up group for nightly.py, in parts that it runs one after the other; $names are filled in as text.

-- part: parties
-- Uniform and normal numbers that hang on a row's own key: the same rows whatever order they are made in.
create or replace macro luck(n, what) as (hash(n, what) % 1000003 + 0.5) / 1000003.0;
create or replace macro bell(n, what) as
    sqrt(-2.0 * ln(luck(n, what))) * cos(6.283185307179586 * luck(n, concat(what, 'angle')));
create or replace macro working(d) as
    d + case extract(isodow from d) when 6 then 2 when 7 then 1 else 0 end::integer;

create temp table company as
select row_number() over (order by company_id) - 1 as place, *, count(*) over () as companies
from marts.dim_company;
create temp table rate as
select currency, max_by(reporting_currency_per_unit, valid_from)::double as per_unit
from marts.dim_exchange_rate where valid_from <= date '$as_of' group by 1;
create temp table place as
select row_number() over (order by country, region, segment) - 1 as place, *, count(*) over () as places
from (select distinct country, region, segment from marts.dim_customer where segment is not null and region is not null);
create temp table customer as
select n, format('made:C{}', n) as customer_id, company.company_id, company.currency as books,
       case when luck(n, 'currency') < 0.12 then 'USD' when luck(n, 'currency') < 0.18 then 'EUR'
           else company.currency end as currency,
       place.country, place.region, place.segment, company.source_system,
       [30, 60, 60, 90, 90, 90, 120][1 + (luck(n, 'term') * 7)::integer % 7] as term,
       greatest(-8, 9 + 11 * bell(n, 'habit')) as habit, 2 + 5 * luck(n, 'spread') as spread,
       case when luck(n, 'run') < 0.35 then 'day' when luck(n, 'run') < 0.65 then 'week' else 'month' end as run,
       1 + (luck(n, 'weekday') * 5)::integer % 5 as run_weekday, 1 + (luck(n, 'monthday') * 27)::integer as run_day,
       case when company.country = 'CN' then 0.25 * luck(n, 'notes') else 0 end as note_share,
       exp(8.3 + 0.9 * bell(n, 'size')) as size
from range($customers) as c (n)
join company on company.place = n % company.companies
join place on place.place = (luck(n, 'place') * place.places)::integer % place.places;

-- part: invoices
create temp table invoice as
with drawn as (
    select i, (power(luck(i, 'customer'), 2.2) * $customers)::bigint % $customers as n,
           date '$as_of' - (luck(i, 'day') * $months * 30.4 - 45)::integer as meant
    from range($drawn) as invoices (i)
),
dated as (
    select drawn.i, customer.*, working(meant) as invoice_date, working(meant) + term as due_date,
           round(size * exp(0.8 * bell(i, 'amount')) + 20, 2) as amount,
           luck(i, 'late') < 0.03 as is_stuck, luck(i, 'dispute') < 0.02 as is_disputed,
           -- now and then a customer is out of money for a while, and all its invoices with it
           case when luck(n * 100 + extract(quarter from meant) + 4 * extract(year from meant), 'squeeze') < 0.05
               then 20 else 0 end as squeeze
    from drawn join customer using (n)
),
ready as (
    select *, due_date + (habit + squeeze + spread * bell(i, 'noise') - spread * ln(luck(i, 'tail')) - spread
        + case when is_stuck then 60 + 200 * luck(i, 'stuck') when is_disputed then 25 else 0 end)::integer as ready
    from dated
)
select *, working(greatest(invoice_date + 1, case run
        when 'day' then ready
        when 'week' then ready + ((run_weekday - extract(isodow from ready) + 7) % 7)::integer
        else case when extract(day from ready) <= run_day then date_trunc('month', ready)::date + run_day - 1
            else (date_trunc('month', ready) + interval 1 month)::date + run_day - 1 end
    end)) as paid_on,
    format('made:{}', i) as receivable_id,
    luck(i, 'note') < note_share as by_note, luck(i, 'parts') < 0.05 as in_parts, luck(i, 'discount') < 0.04 as discounted,
    luck(i, 'loss') < 0.004 as is_lost, luck(i, 'credit') < 0.02 as is_credited,
    books_rate.per_unit as books_per_unit, own_rate.per_unit / books_rate.per_unit as to_books,
    own_rate.per_unit as to_reporting, (1 + luck(i, 'lead') * 25)::integer as lead
from ready
join rate as own_rate on own_rate.currency = ready.currency
join rate as books_rate on books_rate.currency = ready.books;
-- settled: first and second part, what is given off, and losses
create temp table settled as
with part as (
    select i, 'payment' as kind, paid_on as day,
           case when discounted then 0.98 when is_credited then 0.85 when in_parts then round(0.4 + 0.4 * luck(i, 'share'), 2)
               else 1.0 end as share
    from invoice where not is_lost
    union all
    select i, 'payment', working(paid_on + 10 + (30 * luck(i, 'wait'))::integer), 1 - round(0.4 + 0.4 * luck(i, 'share'), 2)
    from invoice where in_parts and not discounted and not is_credited and not is_lost
    union all
    select i, 'discount', paid_on, 0.02 from invoice where discounted and not is_lost
    union all
    select i, 'credit_note', paid_on, 0.15 from invoice where is_credited and not discounted and not is_lost
    union all
    select i, 'write_off', working(due_date + 250), 1.0 from invoice where is_lost
),
cents as (
    -- the last part is what is left, to the cent
    select part.i, part.kind, part.day, invoice.amount,
           sum(round(invoice.amount * share, 2)) over one as before_this, round(invoice.amount * share, 2) as part_amount,
           row_number() over one as turn, count(*) over (partition by part.i) as parts
    from part join invoice using (i)
    window one as (partition by part.i order by part.day, part.kind)
)
select cents.i, turn, day, case when kind = 'payment' and by_note then 'note' else kind end as kind,
       cast(case when turn = parts then cents.amount - (before_this - part_amount) else part_amount end as decimal(18, 4)) as amount
from cents join invoice using (i);

-- part: receivables
insert into marts.dim_customer by name
select customer_id, customer_id as code, concat('Customer ', n) as name, country, region, currency, term as payment_term_days,
       round(size * 60, -3) as credit_limit_company_currency, 'Direct' as channel, segment, true as is_active,
       false as is_prospect, 1 as record_count, 'active' as status, source_system, customer_id as source_key
from customer;
insert into marts.dim_customer_source by name
select source_system, customer_id as source_key, 'customer' as object, customer_id as record_id, customer_id, country,
       region, currency, round(size * 60, -3) as credit_limit_company_currency, segment
from customer;
insert into marts.fct_receivable by name
select receivable_id, 'invoice' as kind, receivable_id as invoice_id, receivable_id as invoice_number, company_id,
       customer_id, customer_id as customer_record_id, invoice_date as posting_date, invoice_date, due_date,
       currency as document_currency, amount as amount_document_currency,
       amount * to_books as amount_company_currency, amount * to_reporting as amount_reporting_currency,
       case when last_on <= date '$as_of' then last_on end as cleared_date, is_disputed, source_system,
       i::varchar as source_key
from invoice left join (select i, max(day) as last_on from settled group by 1) using (i)
where invoice_date <= date '$as_of';
insert into marts.fct_receivable_settlement by name
select concat(receivable_id, ':', turn) as receivable_settlement_id, receivable_id, company_id, customer_id,
       customer_id as customer_record_id, receivable_id as invoice_id, kind, day as settlement_date,
       currency as document_currency, settled.amount as amount_document_currency,
       settled.amount * to_books as amount_company_currency, 0 as exchange_difference_company_currency,
       source_system, concat(i, ':', turn) as source_key
from settled join invoice using (i)
where day <= date '$as_of' and invoice_date <= date '$as_of';
insert into marts.fct_receipt by name
select concat(receivable_id, ':', turn) as receipt_id, receivable_id, company_id, false as is_intercompany, kind,
       day as receipt_date, invoice_date as known_on, currency as document_currency,
       settled.amount as amount_document_currency, settled.amount * to_books as amount_company_currency,
       settled.amount * to_reporting as amount_reporting_currency, source_system, concat(i, ':', turn) as source_key
from settled join invoice using (i)
where kind in ('payment') and day <= date '$as_of' and invoice_date <= date '$as_of';
-- money received that nobody has placed
insert into marts.fct_receivable by name
select format('made:cash{}', n) as receivable_id, 'unapplied_cash' as kind, company_id, customer_id,
       customer_id as customer_record_id, date '$as_of' - (luck(n, 'placed') * 50)::integer as posting_date,
       date '$as_of' - (luck(n, 'placed') * 50)::integer as due_date, customer.currency as document_currency,
       -round(size / 3, 2) as amount_document_currency,
       -round(size / 3, 2) * own.per_unit / rate.per_unit as amount_company_currency,
       -round(size / 3, 2) * own.per_unit as amount_reporting_currency, false as is_disputed, source_system,
       customer_id as source_key
from customer join rate on rate.currency = customer.books join rate as own on own.currency = customer.currency
where luck(n, 'unapplied') < 0.1;

-- part: aging
-- A side's open items as of a night, from its items and settlements, as int_as_of does.
insert into marts.fct_${side}_aging by name
with state as (
    select item.* exclude (amount_document_currency, amount_company_currency, amount_reporting_currency, cleared_date),
           amount_document_currency - coalesce(settled.document, 0) as open_amount_document_currency,
           amount_company_currency - coalesce(settled.books, 0) as open_amount_company_currency,
           amount_reporting_currency * (1 - coalesce(settled.document, 0) / nullif(amount_document_currency, 0))
               as open_amount_reporting_currency,
           date '$night' - due_date as days_overdue
    from marts.fct_$side as item
    left join (
        select ${side}_id, sum(amount_document_currency) as document, sum(amount_company_currency) as books
        from marts.fct_${side}_settlement where settlement_date <= date '$night' and ${side}_id like 'made:%' group by 1
    ) as settled using (${side}_id)
    where ${side}_id like 'made:%' and posting_date <= date '$night'
)
select date '$night' as as_of, * exclude (posting_date, account_id),
       case when days_overdue <= 0 then 'not_due' when days_overdue <= 30 then '1-30' when days_overdue <= 60 then '31-60'
           when days_overdue <= 90 then '61-90' else '91+' end as bucket
from state where open_amount_document_currency <> 0;

-- part: sales
insert into marts.fct_expected_credit_loss by name
select aging.as_of, aging.company_id, bucket, company.currency,
       case bucket when 'not_due' then 0.3 when '1-30' then 1.2 when '31-60' then 3.4 when '61-90' then 7 else 10.8 end
           as loss_rate_percent
from (
    select distinct as_of, company_id, bucket from marts.fct_receivable_aging where as_of in ($nights)
) as aging
join company using (company_id)
anti join marts.fct_expected_credit_loss as told using (as_of, company_id, bucket);
insert into marts.fct_note by name
select concat('note', receivable_id) as note_id, concat('note', receivable_id) as note_number, 'bank_acceptance' as kind,
       'receivable' as direction, company_id, customer_id as party_id, customer_id as party_record_id,
       case when paid_on + 180 <= date '$as_of' then 'matured' else 'open' end as status,
       paid_on as issue_date, paid_on + 180 as maturity_date, currency as document_currency,
       settled.amount as amount_document_currency,
       case when paid_on + 180 <= date '$as_of' then 0 else settled.amount end as open_amount_document_currency,
       case when paid_on + 180 <= date '$as_of' then 0 else settled.amount * to_books end as open_amount_company_currency,
       0 as fee_amount_company_currency, date '$as_of' as as_of, source_system, concat('n', i) as source_key
from settled join invoice using (i)
where settled.kind = 'note' and settled.turn = 1 and settled.day <= date '$as_of';
insert into marts.fct_note_event by name
with lived as (
    select note.*, paid_early.early, case when early then issue_date + 30 else maturity_date end as ended
    from marts.fct_note as note join (select note_id, luck(hash(note_id), 'early') < 0.3 as early from marts.fct_note) as paid_early
        using (note_id)
    where note_id like 'note%'
)
select concat(note_id, ':', event) as note_event_id, note_id, company_id, direction, event, event_date, party_id,
       party_record_id, document_currency, amount_document_currency,
       amount_document_currency * own.per_unit / rate.per_unit as amount_company_currency,
       case when event = 'discounted' then 0.01 * amount_document_currency * own.per_unit / rate.per_unit else 0 end
           as fee_amount_company_currency, lived.source_system, concat(lived.source_key, event) as source_key
from (
    select *, 'received' as event, issue_date as event_date from lived
    union all by name
    select *, case when early then 'discounted' else 'matured' end as event, ended as event_date from lived
    where ended <= date '$as_of'
) as lived
join company using (company_id)
join rate on rate.currency = company.currency
join rate as own on own.currency = lived.document_currency;
insert into marts.fct_sales_order_line by name
with line as (
    select invoice.*, l, round(amount / 1.19 / 2 / 10, 4) as price, invoice_date - lead as ordered_on,
           invoice_date + (2 * bell(i, 'slip'))::integer as promised, invoice_date <= date '$as_of' as is_billed
    from invoice cross join range(2) as lines (l)
    where invoice_date - lead <= date '$as_of'
)
select concat(receivable_id, ':', l) as order_line_id, receivable_id as order_id, receivable_id as order_number,
       company_id, customer_id, customer_id as customer_record_id, false as is_service, ordered_on as order_date,
       promised as promised_date, currency as document_currency, price as unit_price_document_currency,
       10 as quantity_ordered, case when is_billed then 0 else round(price * 10, 2) end as backlog_amount_document_currency,
       case when is_billed then 0 else round(price * 10 * to_books, 2) end as backlog_amount_company_currency,
       0 as uninvoiced_amount_company_currency, source_system, concat(i, ':', l) as source_key
from line;
insert into marts.fct_shipment_line by name
select order_line_id as shipment_line_id, order_id as shipment_id, order_line_id, order_id, company_id, customer_id,
       greatest(order_date, promised_date) as shipment_date, 10 as quantity, source_system, source_key
from marts.fct_sales_order_line where order_id like 'made:%' and backlog_amount_document_currency = 0;
insert into marts.fct_sales_invoice_line by name
select line.order_id as invoice_id, line.order_id as invoice_number, line.order_line_id as invoice_line_id, line.order_line_id,
       line.company_id, line.customer_id, invoice.invoice_date, line.document_currency, 10 as quantity,
       round(line.unit_price_document_currency * 10, 2) as net_amount_document_currency,
       round(line.unit_price_document_currency * 10 * to_books, 2) as net_amount_company_currency,
       line.source_system, line.source_key
from marts.fct_sales_order_line as line join invoice on invoice.receivable_id = line.order_id
where invoice.invoice_date <= date '$as_of';

-- part: payables
create temp table bill as
select i, format('made:{}', i) as payable_id, company.company_id, company.source_system, company.currency,
       format('made:S{}', (power(luck(i, 'supplier'), 2) * $suppliers)::bigint * company.companies + company.place)
           as supplier_id,
       working(date '$as_of' - (luck(i, 'bought') * $months * 30.4)::integer) as posted_on,
       round(exp(7.5 + 1.2 * bell(i, 'bill')) + 10, 2) as amount, rate.per_unit
from range($bills) as b (i)
join company on company.place = i % company.companies
join rate on rate.currency = company.currency;
create temp table bill_paid as
select *, posted_on + 30 as due_date,
       posted_on + 30 + ((5 - extract(isodow from posted_on + 30) + 7) % 7)::integer
           + case when luck(i, 'slow') < 0.2 then 14 else 0 end as paid_on
from bill;
insert into marts.dim_supplier by name
select distinct supplier_id, supplier_id as name, country, 'active' as status, bill.source_system, supplier_id as source_key
from bill join company using (company_id);
insert into marts.fct_payable by name
select payable_id, 'invoice' as kind, payable_id as invoice_id, payable_id as invoice_number, company_id, supplier_id,
       supplier_id as supplier_record_id, posted_on as posting_date, posted_on as invoice_date, due_date,
       currency as document_currency, amount as amount_document_currency, amount as amount_company_currency,
       amount * per_unit as amount_reporting_currency, case when paid_on <= date '$as_of' then paid_on end as cleared_date,
       source_system, i::varchar as source_key
from bill_paid where posted_on <= date '$as_of';
insert into marts.fct_payable_settlement by name
select concat(payable_id, ':1') as payable_settlement_id, payable_id, company_id, supplier_id,
       supplier_id as supplier_record_id, 'payment' as kind, paid_on as settlement_date, currency as document_currency,
       amount as amount_document_currency, amount as amount_company_currency, 0 as exchange_difference_company_currency,
       source_system, i::varchar as source_key
from bill_paid where paid_on <= date '$as_of';

-- part: flows
insert into marts.fct_cash_flow_daily by name
select company_id, currency, flow, component, moved_on, known_on, sum(amount) as amount_company_currency,
       source_system, company.code as source_key
from (
    select company_id, 'receipts' as flow, 'customer_invoices' as component, day as moved_on, invoice_date as known_on,
           settled.amount * to_books as amount
    from settled join invoice using (i) where settled.kind = 'payment' and day <= date '$as_of'
    union all
    select company_id, 'receipts', 'notes_receivable', event_date, event_date - 90,
           amount_company_currency - fee_amount_company_currency
    from marts.fct_note_event where note_id like 'note%' and event <> 'received'
    union all
    select company_id, 'supplier_payments', 'supplier_invoices', paid_on, posted_on, -amount
    from bill_paid where paid_on <= date '$as_of'
) as moved
join company using (company_id)
group by all;
create or replace temp table weekly as
select company_id, currency, flow, date_trunc('week', moved_on)::date as week_start,
       sum(amount_company_currency) as amount_company_currency, any_value(source_system) as source_system,
       any_value(source_key) as source_key
from marts.fct_cash_flow_daily group by all;
delete from marts.fct_cash_flow_weekly;
insert into marts.fct_cash_flow_weekly by name from weekly;
