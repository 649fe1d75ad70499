"""Candidates: sets of open items that a bank line may pay, each with its evidence.

Set work in DuckDB over the tables of ``TABLES``. What is open is what was open at the start of the line's day, and of
the past only what was settled before that day counts: nothing later is looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb

# What the caller provides. Amounts are DECIMAL(18,4) in the currency of the line or the item.
TABLES = {
    # One row per incoming bank line.
    "line": "line_id varchar, company_id varchar, day date, currency varchar, amount decimal(18,4), "
            "payer_name varchar, payer_account varchar, reference varchar",
    # One row per open item of customers: invoices, and other debits with a document.
    "item": "item_id varchar, company_id varchar, customer_id varchar, document_number varchar, order_number varchar, "
            "currency varchar, amount decimal(18,4), posted_on date, due_date date",
    # One row per reduction of an item; line_id where a bank line of this file brought the money.
    "settlement": "item_id varchar, line_id varchar, settled_on date, kind varchar, amount decimal(18,4)",
    # One row per name of a customer.
    "customer_name": "customer_id varchar, name varchar",
    # One row per decision of a person and item: the line pays this (confirmed), or not (rejected). item_id is empty
    # where the line pays no item at all.
    "decision": "decision_id bigint, line_id varchar, item_id varchar, amount decimal(18,4), verdict varchar, "
                "decided_on date",
    # One row per line that the books know as a receipt of a customer, applied or not.
    "booked_line": "line_id varchar",
    # One row per bank charge that the books know: what was missing on a line of that day.
    "bank_charge": "currency varchar, known_on date, amount decimal(18,4)",
    # One row per currency and day: units of one common currency. Empty where only one currency is known.
    "rate": "currency varchar, day date, per_unit double",
}  # fmt: skip

MOST_ITEMS = 60  # of one customer that are looked at for one line, oldest first
MOST_CANDIDATES = 10  # of one line that are scored
_MOST_OF_AMOUNT = 8  # an amount that more open items share tells nobody apart
_MOST_CUSTOMERS = 12  # an account or a name that paid for more customers tells nobody apart
_LEAST_NAME_SCORE = 0.86
_MOST_ALIKE = 200  # customers whose names begin alike
_NAME_SLACK = 0.05
_CURRENCY_SLACK = 0.03
_SHARE_NEAR, _SHARE_SMALL = 0.01, 0.1
_MOST_PAST_SHARES = 300
_MOST_VARIANTS = 4
_MOST_SHORT_ITEMS, _MOST_SHORT_PLACES, _MOST_SHORT_SETS = 5, 8, 8
_FIRST_CHARGE = 50  # taken for a bank charge as long as none is known


def prepare(connection: duckdb.DuckDBPyConnection, lines_at_once: int) -> int:
    """What all blocks of lines share: states of items, keys of documents, names, habits; returns how many blocks."""
    _item_states(connection)
    _document_keys(connection)
    _payer_names(connection)
    _habits(connection)
    # Blocks of neighbouring days: most items are open on the days of few blocks.
    connection.execute(
        """
        create or replace temp table line_block as
        select line_id, (row_number() over (order by day, line_id) - 1) // $lines_at_once as block from line
        """,
        {"lines_at_once": lines_at_once},
    )
    counted = connection.execute("select coalesce(max(block), 0) + 1 from line_block").fetchone()
    return int(counted[0]) if counted else 1


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what only the search for candidates needed."""
    for table in (
        "item_state", "discounted_state", "document", "document_key", "any_name", "known_name", "name_customer",
        "paid_for", "paid_in_part", "part_left_open", "line_block", "block_state", "token", "named", "payer",
        "looked_at", "near_named", "pair", "single", "value_of", "double_", "triple", "span", "named_set",
        "named_explained", "short_set", "candidate_set", "set_item", "candidate",
    ):  # fmt: skip
        connection.execute(f"drop table if exists {table}")


def _item_states(connection: duckdb.DuckDBPyConnection) -> None:
    """``item_state``: one row per item and span of days on whose mornings the same amount was open."""
    connection.execute(
        """
        create or replace temp table item_state as
        with change as (
            select item_id, posted_on as changed_on, amount from item
            union all
            -- A settlement shows on the morning after; one on the day of posting never was open in the morning.
            select settlement.item_id, greatest(settlement.settled_on, item.posted_on) + 1, -settlement.amount
            from settlement join item using (item_id)
        ),
        daily as (select item_id, changed_on, sum(amount) as amount from change group by all),
        running as (
            select item_id, changed_on as valid_from,
                lead(changed_on, 1, date '9999-12-31') over (partition by item_id order by changed_on) as valid_to,
                sum(amount) over (partition by item_id order by changed_on)::decimal(18, 4) as open_amount
            from daily
        )
        select running.*, item.company_id, item.customer_id, item.currency, item.due_date, item.posted_on,
            item.document_number, item.amount as item_amount
        from running join item using (item_id)
        where open_amount > 0
        """
    )


_NUMBER = "[0-9A-Z]*[0-9][0-9A-Z]*(?:[-/.][0-9A-Z]+)*|[A-Z]+(?:[-/.][0-9A-Z]+)+"
_COMPACT = "regexp_replace(upper({0}), '[^0-9A-Z]', '', 'g')"
_DIGITS = "regexp_replace({0}, '[^0-9]+', '', 'g')"


def _document_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """``document_key``: one row per item and way of writing its number. level: 5 whole number, 4 its digits,
    3 its order or its last digits."""
    connection.execute(
        f"""
        create or replace temp table document as
        select item_id, company_id, customer_id, document_number,
            {_COMPACT.format("document_number")} as compact,
            {_DIGITS.format("document_number")} as digits,
            ltrim(regexp_extract(document_number, '([0-9]+)[^0-9]*$', 1), '0') as last_digits
        from item where document_number is not null
        """
    )
    connection.execute(
        f"""
        create or replace temp table document_key as
        select item_id, company_id, key, max(level) as level from (
            select item_id, company_id, compact as key, 5 as level from document where length(compact) >= 4
            union all
            select item_id, company_id, digits, 4 from document where length(digits) >= 6
            union all
            select item_id, company_id, last_digits, 3 from document where length(last_digits) >= 2
            union all
            select item_id, company_id, {_COMPACT.format("order_number")}, 3 from item
            where length({_COMPACT.format("order_number")}) >= 2
            union all
            select item_id, company_id, ltrim(regexp_extract(order_number, '([0-9]+)[^0-9]*$', 1), '0'), 3 from item
            where length(ltrim(regexp_extract(order_number, '([0-9]+)[^0-9]*$', 1), '0')) >= 2
        ) where key <> '' group by all
        """
    )


def _payer_names(connection: duckdb.DuckDBPyConnection) -> None:
    """``name_customer``: one row per payer's name as printed and customer it may be, with the likeness of the names.

    Legal forms, places, width, script and accents are taken off as for golden records; banks cut names off.
    """
    from dagster_project.matching.names import take_apart

    connection.execute(
        """
        create or replace temp table any_name as
        select distinct name, null::varchar as city, null::varchar as region from (
            select payer_name as name from line union all select name from customer_name
        ) where name is not null
        """
    )
    take_apart(connection, "any_name")
    connection.execute(
        """
        create or replace temp table known_name as
        select any_name.name, replace(name_folded.folded, ' ', '') as folded, name_part.core, name_part.stem_latin,
            name_part.script
        from any_name join name_folded using (name)
        left join (select name, any_value(core) as core, any_value(stem_latin) as stem_latin,
            any_value(script) as script from name_part group by name) as name_part using (name)
        """
    )
    connection.execute(
        f"""
        create or replace temp table name_customer as
        with payer as (select distinct payer_name as name from line where payer_name is not null),
        payer_known as (select known_name.* from known_name join payer using (name)),
        customer_known as (
            select distinct customer_name.customer_id, known_name.*
            from known_name join customer_name using (name)
        ),
        same as (
            select p.name, c.customer_id, p.folded, c.folded as other_folded, p.core, c.core as other_core,
                p.stem_latin, c.stem_latin as other_stem
            from payer_known p join customer_known c on p.folded = c.folded
            union
            select p.name, c.customer_id, p.folded, c.folded, p.core, c.core, p.stem_latin, c.stem_latin
            from payer_known p join customer_known c on p.core = c.core
        ),
        -- Names are compared with those that begin alike. Where very many do, more letters must agree.
        crowd as (
            select kind, beginning, count(*) as customers
            from (
                select 'name' as kind, unnest([left(folded, 4), left(folded, 8)]) as beginning from customer_known
                union all
                select 'core', unnest([left(core, 3), left(core, 6)]) from customer_known
            ) group by all
        ),
        asked as (
            -- Beside a customer of that very name, one of a name like it is not meant.
            select p.*,
                case when length(p.folded) < 8 or coalesce(short.customers, 0) <= {_MOST_ALIKE} then 4
                    when length(p.folded) < 16 or coalesce(long_.customers, 0) <= {_MOST_ALIKE} then 8
                    else 16 end as letters,
                case when length(p.core) < 6 or coalesce(short_core.customers, 0) <= {_MOST_ALIKE} then 3
                    when length(p.core) < 12 or coalesce(long_core.customers, 0) <= {_MOST_ALIKE} then 6
                    else 12 end as core_letters
            from payer_known p
            left join crowd as short on short.kind = 'name' and left(p.folded, 4) = short.beginning
            left join crowd as long_ on long_.kind = 'name' and left(p.folded, 8) = long_.beginning
            left join crowd as short_core on short_core.kind = 'core' and left(p.core, 3) = short_core.beginning
            left join crowd as long_core on long_core.kind = 'core' and left(p.core, 6) = long_core.beginning
            where p.name not in (select name from same where folded = other_folded)
        ),
        known_beginning as (
            select customer_known.*, letters, core_letters
            from customer_known cross join (values (4, 3), (8, 6), (16, 12)) as t(letters, core_letters)
        ),
        blocked as (
            from same
            union
            select p.name, c.customer_id, p.folded, c.folded, p.core, c.core, p.stem_latin, c.stem_latin
            from asked p join known_beginning c
                on p.letters = c.letters and left(p.folded, p.letters) = left(c.folded, c.letters)
            union
            select p.name, c.customer_id, p.folded, c.folded, p.core, c.core, p.stem_latin, c.stem_latin
            from asked p join known_beginning c
                on p.core_letters = c.core_letters and left(p.core, p.core_letters) = left(c.core, c.core_letters)
            union
            select p.name, c.customer_id, p.folded, c.folded, p.core, c.core, p.stem_latin, c.stem_latin
            from asked p join customer_known c on p.stem_latin = c.stem_latin and p.script <> c.script
        ),
        scored as (
            select name, customer_id, max(
                case when folded = other_folded then 1.0
                    when core = other_core then 0.98
                    when length(folded) >= 4 and starts_with(other_folded, folded) then 0.96
                    when stem_latin = other_stem then 0.90
                    else 0.95 * jaro_winkler_similarity(coalesce(core, folded), coalesce(other_core, other_folded)) end
            ) as name_score
            from blocked group by all
        )
        select * from scored where name_score >= {_LEAST_NAME_SCORE}
        qualify row_number() over (partition by name order by name_score desc, customer_id) <= {_MOST_CUSTOMERS}
            and name_score >= max(name_score) over (partition by name) - {_NAME_SLACK}
        """
    )


def _habits(connection: duckdb.DuckDBPyConnection) -> None:
    """What past settlements tell: which payer paid for which customer since when, and rates of discount."""
    connection.execute(
        """
        create or replace temp table paid_for as
        with paid as (
            select distinct settlement.line_id, item.customer_id,
                greatest(settlement.settled_on, line.day) as known_on, line.payer_account, line.payer_name
            from settlement join line using (line_id) join item using (item_id)
            union all
            select distinct decision.line_id, item.customer_id, decision.decided_on, line.payer_account, line.payer_name
            from decision join line using (line_id) join item using (item_id) where decision.verdict = 'confirmed'
        )
        select kind, payer, customer_id, min(known_on) as known_from,
            row_number() over (partition by kind, payer order by min(known_on), customer_id) as place
        from (
            select 'account' as kind, payer_account as payer, customer_id, known_on from paid
            union all
            select 'name', payer_name, customer_id, known_on from paid
        )
        where payer is not null group by kind, payer, customer_id
        """
    )
    connection.execute(
        """
        create or replace temp table discount_rate as
        with taken as (
            select item_id, sum(amount) filter (where kind = 'discount') as discount, sum(amount) as settled,
                min(settled_on) filter (where kind = 'discount') as taken_on
            from settlement where kind in ('discount', 'payment') group by item_id
        )
        select round(discount / settled, 3)::decimal(5, 3) as rate, min(taken_on) as known_from,
            max(datediff('day', item.posted_on, taken_on)) as most_days
        from taken join item using (item_id)
        where discount > 0 and settled > discount and discount / settled <= 0.05
        group by rate having count(*) >= 3
        """
    )

    connection.execute(
        """
        create or replace temp table discounted_state as
        select state.item_id, state.company_id, state.currency, greatest(state.valid_from, habit.known_from + 1)
                as valid_from,
            least(state.valid_to, state.posted_on + habit.most_days::integer + 4) as valid_to,
            state.open_amount - round(state.open_amount * habit.rate, 2)::decimal(18, 4) as left_to_pay
        from item_state as state cross join discount_rate as habit
        where state.open_amount = state.item_amount and habit.known_from + 1 < state.valid_to
        """
    )
    # Which part of an item was left open by a payment: how often one like it was, by fiftieths of the item.
    connection.execute(
        """
        create or replace temp table paid_in_part as
        with paid as (
            select settlement.item_id, settlement.settled_on, sum(settlement.amount) as amount,
                any_value(state.open_amount) as open_amount
            from settlement join item_state as state on settlement.item_id = state.item_id
                and settlement.settled_on >= state.valid_from and settlement.settled_on < state.valid_to
            where settlement.kind in ('payment', 'discount') group by all
        )
        select settled_on, 1 - amount / open_amount as share from paid where amount < open_amount
        """
    )
    connection.execute(
        """
        create or replace temp table part_left_open as
        with daily as (
            select floor(50 * share)::integer as fiftieth, settled_on + 1 as known_from, count(*) as times
            from paid_in_part group by all
        )
        select fiftieth, known_from, sum(times) over (partition by fiftieth order by known_from) as times from daily
        """
    )


def cut_block(connection: duckdb.DuckDBPyConnection, block: int) -> None:
    """``block_line``: the lines of a block, with the largest bank charge to be expected; ``block_state``: the states
    of items that hold on one of its days."""
    connection.execute(
        f"""
        create or replace temp table block_line as
        with largest as (
            select currency, known_on + 1 as known_from,
                max(max(amount)) over (partition by currency order by known_on) as most
            from bank_charge group by currency, known_on
        ),
        mine as (select line.* from line join line_block using (line_id) where block = $block)
        select mine.*, (1.25 * coalesce(largest.most, {_FIRST_CHARGE} / 1.25))::decimal(18, 4) as fee_most
        from mine asof left join largest on mine.currency = largest.currency and mine.day >= largest.known_from
        """,
        {"block": block},
    )
    connection.execute(
        """
        create or replace temp table block_state as
        select item_state.* from item_state, (select min(day) as first_day, max(day) as last_day from block_line)
        where valid_from <= last_day and valid_to > first_day
        """
    )


def propose(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``candidate`` and ``set_item`` for the lines in ``block_line``."""
    _tokens(connection)
    _payers(connection)
    _pairs(connection)
    _sets(connection)


def _tokens(connection: duckdb.DuckDBPyConnection) -> None:
    """``token``: one row per line and piece of its reference that may be a number of a document."""
    connection.execute(
        f"""
        create or replace temp table token as
        select line_id, company_id, day, place, count(*) over (partition by line_id) as of_line, text,
            {_COMPACT.format("text")} as compact, {_DIGITS.format("text")} as digits
        from (
            select line_id, company_id, day, unnest(found) as text, generate_subscripts(found, 1) as place
            from (select line_id, company_id, day,
                    regexp_extract_all(upper(reference), '{_NUMBER}')[:40] as found
                  from block_line where reference is not null)
        )
        where length({_COMPACT.format("text")}) >= 2 and regexp_matches(text, '[0-9]')
        """
    )
    connection.execute(
        """
        create or replace temp table named as
        with written as (
            select line_id, company_id, day, place, compact as key from token
            union
            -- RG333 is 333, and 000333 too; dates and years alone are no numbers.
            select line_id, company_id, day, place, ltrim(digits, '0') from token where length(ltrim(digits, '0')) >= 2
            union
            select line_id, company_id, day, place, digits from token
        )
        select written.line_id, written.place, state.item_id, max(document_key.level) as level
        from written
        join document_key on written.company_id = document_key.company_id and written.key = document_key.key
        join block_state as state on document_key.item_id = state.item_id
            and written.day >= state.valid_from and written.day < state.valid_to
        group by all
        """
    )


def _payers(connection: duckdb.DuckDBPyConnection) -> None:
    """``payer``: one row per line and customer that its payer may be or pay for.

    Of the customers that a payer paid for, one more than tell anybody apart are looked at: a factor that pays for
    thousands would meet each of them on each of its lines.
    """
    connection.execute(
        f"""
        create or replace temp table payer as
        with told as (
            select block_line.line_id, paid_for.customer_id, 1 as by_account, 0 as by_name_history, 0.0 as name_score
            from block_line join paid_for on paid_for.kind = 'account' and paid_for.payer = block_line.payer_account
                and paid_for.known_from < block_line.day
            where paid_for.place <= {_MOST_CUSTOMERS + 1}
            union all
            select block_line.line_id, paid_for.customer_id, 0, 1, 0.0
            from block_line join paid_for on paid_for.kind = 'name' and paid_for.payer = block_line.payer_name
                and paid_for.known_from < block_line.day
            where paid_for.place <= {_MOST_CUSTOMERS + 1}
            union all
            select block_line.line_id, name_customer.customer_id, 0, 0, name_customer.name_score
            from block_line join name_customer on name_customer.name = block_line.payer_name
        ),
        gathered as (
            select line_id, customer_id, max(by_account) as by_account, max(by_name_history) as told_by_name,
                max(name_score) as name_score
            from told group by all
        ),
        whole as (
            select gathered.* exclude (told_by_name),
                case when told_by_name = 1 or paid_for.customer_id is not null then 1 else 0 end as by_name_history
            from gathered join block_line using (line_id)
            left join paid_for on paid_for.kind = 'name' and paid_for.payer = block_line.payer_name
                and paid_for.customer_id = gathered.customer_id and paid_for.known_from < block_line.day
        )
        select *, count(*) filter (where by_account = 1) over (partition by line_id) as account_customers,
            count(*) filter (where by_name_history = 1) over (partition by line_id) as name_customers,
            max(name_score) over (partition by line_id) as best_name_score
        from whole
        qualify account_customers <= {_MOST_CUSTOMERS} and (name_customers <= {_MOST_CUSTOMERS} or by_account = 1
            or name_score > 0)
        """
    )


def _pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """``pair``: one row per line and item that it may pay, with the evidence for just these two."""
    connection.execute(
        f"""
        create or replace temp table looked_at as
        with of_payer as (
            select block_line.line_id, state.item_id
            from block_line join payer using (line_id)
            join block_state as state on payer.customer_id = state.customer_id
                and block_line.company_id = state.company_id
                and block_line.day >= state.valid_from and block_line.day < state.valid_to
            qualify row_number() over (partition by block_line.line_id, state.customer_id
                order by state.due_date, state.item_id) <= {MOST_ITEMS}
        ),
        of_amount as (
            -- All that is open, or all but a discount that is usual and may still be taken.
            select line_id, item_id
            from (
                select block_line.line_id, state.item_id
                from block_line join block_state as state on block_line.company_id = state.company_id
                    and block_line.currency = state.currency and block_line.amount = state.open_amount
                    and block_line.day >= state.valid_from and block_line.day < state.valid_to
                union
                select block_line.line_id, state.item_id
                from block_line join discounted_state as state on block_line.company_id = state.company_id
                    and block_line.currency = state.currency and block_line.amount = state.left_to_pay
                    and block_line.day >= state.valid_from and block_line.day < state.valid_to
            )
            qualify count(*) over (partition by line_id) <= {_MOST_OF_AMOUNT}
        ),
        of_number as (
            select line_id, item_id from named where level >= 4
            union
            -- A short number is many documents' number: it is heard where the amount agrees.
            select named.line_id, named.item_id from named join block_line using (line_id)
            join block_state as state on named.item_id = state.item_id
                and block_line.day >= state.valid_from and block_line.day < state.valid_to
            where named.level = 3 and block_line.currency = state.currency
                and state.open_amount between block_line.amount and block_line.amount * 1.06
        ),
        every as (from of_payer union from of_amount union from of_number),
        level as (select line_id, item_id, max(level) as level from named group by all)
        select every.line_id, every.item_id, coalesce(level.level, 0) as level
        from every left join level using (line_id, item_id)
        """
    )
    # Mistyped and cut-off numbers, only among the items of who may be paying. The distance is looked for where they are
    # found: most pairs are far from each other.
    connection.execute(
        """
        create or replace temp table near_named as
        with unheard as (
            select token.* from token
            left join (select distinct line_id, place from named where level >= 4) as heard
                using (line_id, place)
            where heard.line_id is null and length(token.digits) >= 4
        ),
        found as (
            select line_id, item_id,
                max(case when length(unheard.compact) >= 8
                            and abs(length(unheard.compact) - length(document.compact)) <= 2
                            and damerau_levenshtein(unheard.compact, document.compact) <= 2 then 2
                         when length(unheard.digits) >= 6
                            and abs(length(unheard.digits) - length(document.digits)) <= 2
                            and damerau_levenshtein(unheard.digits, document.digits) <= 2 then 2
                         when unheard.place = unheard.of_line and length(unheard.compact) >= 8
                            and starts_with(document.compact, unheard.compact) then 1 else 0 end) as level
            from looked_at join unheard using (line_id) join document using (item_id)
            where looked_at.level < 4
            group by all
        )
        select line_id, item_id, any_value(found.level) as level,
            min(least(damerau_levenshtein(unheard.compact, document.compact),
                      damerau_levenshtein(unheard.digits, document.digits))) as distance
        from found join unheard using (line_id) join document using (item_id)
        where found.level >= 1
        group by all
        """
    )
    connection.execute(
        """
        create or replace temp table pair as
        with every as (
            select l.line_id, l.item_id, state.customer_id, block_line.day, block_line.amount, block_line.fee_most,
                block_line.currency, state.currency as item_currency, state.due_date, state.posted_on,
                state.open_amount, greatest(l.level, coalesce(near_named.level, 0)) as level,
                coalesce(payer.by_account, 0) as by_account, coalesce(payer.by_name_history, 0) as by_name_history,
                coalesce(payer.name_score, 0) as name_score, coalesce(payer.account_customers, 0) as account_customers,
                coalesce(best.best_name_score, 0) as best_name_score, coalesce(near_named.distance, 9) as distance,
                case when block_line.currency <> state.currency then own.per_unit / foreign_.per_unit end
                    as item_per_line_unit
            from looked_at as l
            join block_line on l.line_id = block_line.line_id
            join block_state as state on l.item_id = state.item_id
                and block_line.day >= state.valid_from and block_line.day < state.valid_to
            left join near_named on l.line_id = near_named.line_id and l.item_id = near_named.item_id
            left join payer on l.line_id = payer.line_id and state.customer_id = payer.customer_id
            left join (select line_id, max(best_name_score) as best_name_score from payer group by 1) as best
                on l.line_id = best.line_id
            left join rate as own on block_line.currency <> state.currency and own.currency = block_line.currency
                and own.day = block_line.day
            left join rate as foreign_ on block_line.currency <> state.currency and foreign_.currency = state.currency
                and foreign_.day = block_line.day
        )
        select *, case when item_per_line_unit is null then open_amount
                else (open_amount / item_per_line_unit)::decimal(18, 2) end::decimal(18, 4) as open_in_line_currency
        from every
        where item_currency = currency or item_per_line_unit is not null
        """
    )


def _sets(connection: duckdb.DuckDBPyConnection) -> None:
    """``candidate_set``: one row per line, set and item of it; ``set_key`` is the sorted items, so no set comes twice.

    Every set comes with ``amount`` (of the line, in line currency), ``discount`` (document currency) and ``fee``
    (line currency, on the first item) already shared out to the cent.
    """
    # One item, and how the difference is explained.
    connection.execute(
        f"""
        create or replace temp table single as
        with looked_at as (
            select *, open_in_line_currency - amount as rest,
                count(*) over (partition by line_id, customer_id) as customer_items,
                row_number() over (partition by line_id, customer_id order by due_date, item_id) as oldest
            from pair
        ),
        discounted as (
            select looked_at.*, discount_rate.rate,
                round(looked_at.open_amount * discount_rate.rate, 2)::decimal(18, 4) as discount
            from looked_at left join discount_rate
                on discount_rate.known_from < looked_at.day and looked_at.rest > 0
                and looked_at.currency = looked_at.item_currency
                and datediff('day', looked_at.posted_on, looked_at.day) <= discount_rate.most_days + 3
                and abs(looked_at.rest - looked_at.open_amount * discount_rate.rate) <= looked_at.fee_most + 0.01
        ),
        explained as (
            select *, case
                when currency <> item_currency then
                    case when abs(rest) <= {_CURRENCY_SLACK} * open_in_line_currency then 'currency_difference' end
                when rest = 0 then 'exact'
                when rate is not null and abs(rest - discount) <= 0.01 then 'discount'
                when rest > 0 and rest <= fee_most and rest <= 0.06 * open_amount then 'fee'
                when rate is not null and rest - discount > 0 then 'discount_fee'
                when rest > 0 and amount >= 0.05 * open_amount
                    and (level >= 1 or (by_account = 1 or name_score > 0.9) and oldest <= 8) then 'short'
                when rest < 0 and (level >= 2 or customer_items = 1 and (by_account = 1 or name_score > 0.9))
                    then 'over'
                end as explanation
            from discounted
        )
        select * from explained where explanation is not null
        qualify row_number() over (partition by line_id, item_id order by
            case explanation when 'exact' then 0 when 'discount' then 1 when 'fee' then 2 when 'discount_fee' then 3
                else 4 end, rate) = 1
        """
    )
    # Values that an item can have in a sum: all of it, or all but the discount.
    connection.execute(
        """
        create or replace temp table value_of as
        with wanted as (
            -- Sums are looked for where no single item in the line's currency is named and fits.
            select distinct line_id from pair
            where line_id not in (select line_id from single where explanation in ('exact', 'fee', 'discount')
                                  and level >= 3)
        ),
        value as (
            select pair.line_id, pair.customer_id, pair.item_id, pair.amount as wanted, pair.fee_most,
                pair.open_amount as value, 0::decimal(18, 4) as discount, pair.due_date, pair.level, pair.name_score,
                pair.by_account
            from pair join wanted using (line_id)
            where pair.currency = pair.item_currency and pair.open_amount < pair.amount
                and (pair.by_account = 1 or pair.name_score > 0 or pair.by_name_history = 1 or pair.level >= 4)
            union all
            select pair.line_id, pair.customer_id, pair.item_id, pair.amount, pair.fee_most,
                pair.open_amount - round(pair.open_amount * discount_rate.rate, 2),
                round(pair.open_amount * discount_rate.rate, 2)::decimal(18, 4), pair.due_date, pair.level,
                pair.name_score, pair.by_account
            from pair join wanted using (line_id) join discount_rate on discount_rate.known_from < pair.day
                and datediff('day', pair.posted_on, pair.day) <= discount_rate.most_days + 3
            where pair.currency = pair.item_currency and pair.open_amount < pair.amount * 1.05
                and (pair.by_account = 1 or pair.name_score > 0 or pair.by_name_history = 1)
        )
        select *, count(*) over (partition by line_id, customer_id) as customer_values,
            dense_rank() over (partition by line_id, customer_id order by due_date, item_id) as place
        from value
        """
    )
    connection.execute(
        """
        create or replace temp table double_ as
        select a.line_id, a.customer_id, [a.item_id, b.item_id] as items, [a.value, b.value] as amounts,
            [a.discount, b.discount] as discounts, a.wanted - a.value - b.value as rest
        from value_of a join value_of b on a.line_id = b.line_id and a.customer_id = b.customer_id
            and a.item_id < b.item_id and b.value = a.wanted - a.value
        """
    )
    connection.execute(
        """
        create or replace temp table triple as
        with unsolved as (
            select * from value_of
            where line_id not in (select line_id from double_) and customer_values between 3 and 60
        ),
        two as (
            select a.line_id, a.customer_id, a.item_id, b.item_id as item_2, a.value, b.value as value_2,
                a.discount, b.discount as discount_2, a.wanted - a.value - b.value as rest
            from unsolved a join unsolved b on a.line_id = b.line_id and a.customer_id = b.customer_id
                and a.item_id < b.item_id
            where a.value + b.value < a.wanted
        )
        select two.line_id, two.customer_id, [two.item_id, two.item_2, c.item_id] as items,
            [two.value, two.value_2, c.value] as amounts, [two.discount, two.discount_2, c.discount] as discounts
        from two join unsolved c on two.line_id = c.line_id and two.customer_id = c.customer_id
            and two.item_2 < c.item_id and c.value = two.rest
        qualify row_number() over (partition by two.line_id, two.customer_id order by items) <= 8
        """
    )
    # Runs of the oldest items, all items, all items but one: within a bank charge of the amount.
    connection.execute(
        """
        create or replace temp table span as
        with whole as (
            select *, sum(value) over (partition by line_id, customer_id order by place) as running,
                sum(value) over (partition by line_id, customer_id) as total,
                count(*) over (partition by line_id, customer_id) as customer_items
            from value_of where discount = 0
        ),
        ends as (
            select b.line_id, b.customer_id, a.place as first_place, b.place as last_place, null::bigint as left_out,
                b.running - a.running + a.value - b.wanted as rest
            from whole a join whole b on a.line_id = b.line_id and a.customer_id = b.customer_id and a.place < b.place
            where b.running - a.running + a.value - b.wanted between 0 and least(b.fee_most, 0.06 * b.wanted)
            union all
            select line_id, customer_id, 1, customer_items, place, total - value - wanted
            from whole where customer_items >= 3 and total - value - wanted between 0 and least(fee_most, 0.06 * wanted)
        )
        select ends.line_id, ends.customer_id, list(whole.item_id order by whole.item_id) as items,
            list(whole.value order by whole.item_id) as amounts,
            list(whole.discount order by whole.item_id) as discounts,
            any_value(ends.rest) as rest
        from ends join whole on ends.line_id = whole.line_id and ends.customer_id = whole.customer_id
            and whole.place between ends.first_place and ends.last_place
            and whole.place is distinct from ends.left_out
        group by ends.line_id, ends.customer_id, ends.first_place, ends.last_place, ends.left_out
        """
    )
    # All items that the reference names: the surely named, and all that are named in any way.
    connection.execute(
        """
        create or replace temp table named_set as
        with leveled as (
            select pair.line_id, pair.customer_id, pair.item_id, pair.open_amount, pair.level, pair.amount,
                pair.fee_most, pair.posted_on, pair.day, least_level
            from pair join (values (4), (2), (1)) as wanted(least_level) on pair.level >= least_level
            where pair.currency = pair.item_currency
                and (pair.level >= 4 or pair.by_account = 1 or pair.name_score > 0)
        )
        select line_id, any_value(day) as day, list(item_id order by item_id) as items,
            list(open_amount order by item_id) as opens,
            any_value(amount) as wanted, any_value(fee_most) as fee_most,
            list(case when datediff('day', posted_on, day)
                <= coalesce((select max(most_days) from discount_rate), -9) + 3 then 1 else 0 end order by item_id)
                as may_discount,
            sum(open_amount) - any_value(amount) as rest
        from leveled group by line_id, least_level having count(*) between 2 and 40
        """
    )
    _explain_named(connection)
    _short_sets(connection)
    connection.execute(
        f"""
        create or replace temp table candidate_set as
        with every as (
            select line_id, explanation, [item_id] as items,
                [case explanation when 'discount' then open_amount - discount when 'discount_fee'
                    then open_amount - discount when 'short' then amount else open_amount end]::decimal(18, 4)[]
                    as amounts,
                [case when explanation like 'discount%' then discount else 0 end]::decimal(18, 4)[] as discounts,
                case explanation when 'fee' then rest when 'discount_fee' then rest - discount else 0 end
                    ::decimal(18, 4) as fee,
                case explanation when 'over' then -rest else 0 end::decimal(18, 4) as left_over, 0 as variant
            from single
            union all
            select line_id, case when list_sum(discounts) > 0 then 'discount' else 'exact' end, items, amounts,
                discounts, 0, 0, 0 from double_
            union all
            select line_id, case when list_sum(discounts) > 0 then 'discount' else 'exact' end, items, amounts,
                discounts, 0, 0, 0 from triple
            union all
            select line_id, case when rest = 0 then 'exact' else 'fee' end, items, amounts, discounts, rest, 0, 0
            from span
            union all
            select line_id, explanation, items, amounts, discounts, fee, left_over, variant from named_explained
            union all
            select line_id, 'short_several', items, amounts, list_transform(items, x -> 0::decimal(18, 4)), 0, 0,
                variant
            from short_set
        )
        -- A shortage may be another item's: those sets have the item's place behind their key.
        select *, array_to_string(list_sort(items), '|') || case when variant > 0 then '#' || variant else '' end
                as set_key,
            {_TIER} as tier
        from every
        qualify row_number() over (partition by line_id, array_to_string(list_sort(items), '|'), variant
            order by {_TIER}, left_over, fee, list_sum(discounts), amounts) = 1
        """
    )
    _evidence(connection)


def _short_sets(connection: duckdb.DuckDBPyConnection) -> None:
    """``short_set``: several items of the payer, one of them in part, where nothing explains the amount better.

    What a payment of many invoices leaves open of one is seldom named. A set is a run of items by due date or any two
    of the oldest, with all that are surely named in it; the shortage falls on an item that gets something, first on
    the one of which it is a part as parts were left open before.
    """
    connection.execute(
        f"""
        create or replace temp table short_set as
        with explained as (
            select line_id from single where explanation <> 'short' and explanation <> 'over'
            union select line_id from double_ union select line_id from triple union select line_id from span
            union select line_id from named_explained where explanation <> 'over'
        ),
        owed as (
            select pair.*, row_number() over (partition by line_id, customer_id order by due_date, item_id) as place,
                sum(open_amount) over (partition by line_id, customer_id order by due_date, item_id) as running
            from pair anti join explained using (line_id)
            where currency = item_currency and (by_account = 1 or name_score > 0.9 or by_name_history = 1)
        ),
        surely as (select line_id, count(*) as surely_named from pair where level >= 4 group by 1),
        bound as (
            select a.line_id, a.customer_id, a.place as first_place, b.place as last_place, false as is_two,
                b.running - a.running + a.open_amount - a.amount as rest
            from owed a join owed b on a.line_id = b.line_id and a.customer_id = b.customer_id
                and b.place between a.place + 1 and a.place + {_MOST_SHORT_ITEMS - 1}
            where b.running - a.running + a.open_amount > a.amount
            union all
            select a.line_id, a.customer_id, a.place, b.place, true, a.open_amount + b.open_amount - a.amount
            from owed a join owed b on a.line_id = b.line_id and a.customer_id = b.customer_id
                and b.place between a.place + 2 and {_MOST_SHORT_PLACES}
            where a.open_amount + b.open_amount > a.amount
        ),
        part as (
            select bound.*, owed.item_id, owed.open_amount, owed.amount, owed.level, owed.day
            from bound join owed on bound.line_id = owed.line_id and bound.customer_id = owed.customer_id
                and (not is_two and owed.place between first_place and last_place
                    or owed.place in (first_place, last_place))
        ),
        whole as (
            select line_id, customer_id, first_place, last_place, is_two, rest, any_value(day) as day,
                list({{'item_id': item_id, 'open': open_amount, 'level': level}} order by item_id) as parts,
                count(*) filter (where level >= 4) as surely_named, max(level) as best_level, count(*) as items
            from part group by all
        ),
        told as (
            select *, rest / short.open as share
            from (
                select whole.*, unnest(parts) as short from whole left join surely using (line_id)
                where whole.surely_named = coalesce(surely.surely_named, 0)
            )
        ),
        weighed as (
            select told.*, coalesce(habit.times, 0) as times
            from told asof left join part_left_open as habit
                on floor(50 * told.share)::integer = habit.fiftieth and told.day >= habit.known_from
            where told.share < 1
                -- What is named is paid before what is not.
                and (told.short.level < 4 or told.surely_named = told.items)
        ),
        best as (
            select * from weighed
            qualify row_number() over (partition by line_id order by best_level desc, share > {_SHARE_SMALL},
                first_place, items, share, short.item_id) <= {_MOST_SHORT_SETS}
        )
        select line_id, list_transform(parts, x -> x.item_id) as items,
            list_transform(parts, x -> case when x.item_id = short.item_id then x.open - rest else x.open end)
                as amounts,
            row_number() over (partition by line_id, parts order by times desc, share, short.item_id) - 1 as variant
        from best
        """
    )


_TIER = (
    "case explanation when 'exact' then 0 when 'discount' then 1 when 'fee' then 2 when 'discount_fee' then 3 "
    "when 'currency_difference' then 4 when 'short' then 5 when 'short_several' then 7 "
    # Much more than is open is seldom paid by mistake: it pays other items too.
    "else case when left_over <= 0.25 * list_sum(amounts) then 6 else 8 end end"
)


def _explain_named(connection: duckdb.DuckDBPyConnection) -> None:
    """``named_explained``: how the items that a reference names add up to the amount of the line."""
    import pyarrow as pa

    rates = [float(row[0]) for row in connection.execute("select rate from discount_rate order by rate").fetchall()]
    # Parts of items that a payment left open, by the day they were known.
    left_open = connection.execute("select settled_on, share from paid_in_part order by all").fetchall()
    known_on = [row[0] for row in left_open]

    @cache
    def before(day: date) -> list[float]:
        end = bisect_left(known_on, day)
        return [float(share) for _, share in left_open[max(0, end - _MOST_PAST_SHARES) : end]]

    rows = connection.execute(
        """select line_id, items, list_transform(opens, x -> (x * 10000)::bigint), (wanted * 10000)::bigint,
                  (fee_most * 10000)::bigint, may_discount, day from named_set order by line_id, items"""
    ).fetchall()
    told: list[tuple[Any, ...]] = []
    for line_id, items, opens, wanted, fee_most, may, day in rows:
        for variant in range(_MOST_VARIANTS):
            shared = explain(opens, wanted, fee_most, may, rates, before(day), variant)
            if variant and shared[0] != "short":
                break
            told.append((line_id, items, variant, *shared))
    names = ("line_id", "items", "variant", "explanation", "amounts", "discounts", "fee", "left_over")
    whole = pa.list_(pa.int64())
    types = (pa.string(), pa.list_(pa.string()), pa.int64(), pa.string(), whole, whole, pa.int64(), pa.int64())
    columns: list[Any] = list(zip(*told, strict=True)) if told else [[] for _ in names]
    connection.register("told", pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}))
    connection.execute(
        """create or replace temp table named_explained as
           select line_id, items, variant, explanation,
               list_transform(amounts, x -> (x / 10000)::decimal(18, 4)) as amounts,
               list_transform(discounts, x -> (x / 10000)::decimal(18, 4)) as discounts,
               (fee / 10000)::decimal(18, 4) as fee, (left_over / 10000)::decimal(18, 4) as left_over
           from told where explanation is not null"""
    )
    connection.unregister("told")


def explain(
    opens: list[int],
    wanted: int,
    fee_most: int,
    may_discount: list[int],
    rates: list[float],
    past_shares: Sequence[float] = (),
    variant: int = 0,
) -> tuple[str | None, list[int], list[int], int, int]:
    """How items that are all named pay out of ``wanted``: explanation, amounts, discounts, fee and what is left over.

    Whole numbers of 1/10000 of a currency unit. Together: sum(amounts) - fee + left_over = wanted, and no item gets
    more than is open. A shortage falls on the item of which it is a part as parts were left open in the past
    (``past_shares``, of the item); without a past rather a tenth than a half; never on one that would get nothing.
    ``variant`` 1 and more: on the next likely item instead.
    """
    none = [0] * len(opens)
    rest = sum(opens) - wanted
    if rest < 0:
        return "over", opens, none, 0, -rest
    if rest == 0:
        return "exact", opens, none, 0, 0
    eligible = [place for place, may in enumerate(may_discount) if may][:8]
    best: tuple[int, int, list[int]] | None = None
    for rate in rates if rest <= 0.06 * sum(opens) else []:
        each = [round(opens[place] * rate / 100) * 100 for place in eligible]
        for mask in range(1, 1 << len(eligible)):
            taken = sum(amount for bit, amount in enumerate(each) if mask >> bit & 1)
            fee = rest - taken
            if taken and -100 * len(opens) <= fee <= fee_most:
                discounts = list(none)
                for bit, place in enumerate(eligible):
                    if mask >> bit & 1:
                        discounts[place] = each[bit]
                if abs(fee) <= 100 * len(opens):  # cents of rounding belong to the discount
                    largest = max(range(len(opens)), key=discounts.__getitem__)
                    discounts[largest] += fee
                    fee = 0
                    if not 0 <= discounts[largest] <= opens[largest]:
                        continue
                if best is None or (fee, mask) < best[:2]:
                    best = (fee, mask, discounts)
    if best is not None and (best[0] == 0 or rest > fee_most):
        fee, _, discounts = best
        amounts = [amount - discount for amount, discount in zip(opens, discounts, strict=True)]
        return ("discount" if fee == 0 else "discount_fee"), amounts, discounts, fee, 0
    if rest <= fee_most and rest <= 0.06 * sum(opens):
        return "fee", opens, none, rest, 0
    able = [place for place, amount in enumerate(opens) if amount > rest]
    if variant >= len(able):
        return None, [], [], 0, 0
    shares = {place: rest / opens[place] for place in able}
    usual = {
        place: (-sum(abs(share - past) <= _SHARE_NEAR for past in past_shares), share > _SHARE_SMALL)
        for place, share in shares.items()
    }
    short = sorted(able, key=lambda place: (usual[place], -opens[place], place))[variant]
    amounts = [amount - rest if place == short else amount for place, amount in enumerate(opens)]
    return "short", amounts, none, 0, 0


def _evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """``candidate``: one row per line and set, the best MOST_CANDIDATES of a line, with its evidence."""
    connection.execute(
        """
        create or replace temp table set_item as
        select line_id, set_key, unnest(items) as item_id, unnest(amounts) as amount, unnest(discounts) as discount
        from candidate_set
        """
    )
    connection.execute(
        f"""
        create or replace temp table candidate as
        with of_line as (
            select line_id, count(*) filter (where level >= 4) as surely_named, max(level) as best_level,
                count(*) filter (where open_in_line_currency = amount) as same_amount_items
            from pair group by 1
        ),
        written as (
            -- Pieces of the reference that look like numbers of documents, and those that are one.
            select token.line_id, count(*) as tokens,
                count(*) filter (where length(token.digits) >= 5 and heard.line_id is null) as unheard
            from token left join (select distinct line_id, place from named where level >= 3) as heard
                on token.line_id = heard.line_id and token.place = heard.place
            group by 1
        ),
        gathered as (
            select s.line_id, s.set_key, count(*) as items,
                count(*) filter (where pair.level >= 4) as named_surely,
                count(*) filter (where pair.level = 3) as named_short,
                count(*) filter (where pair.level between 1 and 2) as named_nearly,
                min(pair.level) as least_level, min(pair.distance) as distance,
                min(pair.by_account) as by_account, min(pair.by_name_history) as by_name_history,
                min(pair.name_score) as name_score,
                max(pair.best_name_score) - min(pair.name_score) as name_better_elsewhere,
                max(pair.account_customers) as account_customers,
                count(distinct pair.customer_id) as customers,
                max(case when s.discount = 0 and pair.currency = pair.item_currency
                    then 1 - s.amount / pair.open_amount else 0 end) as left_open_share,
                min(datediff('day', pair.due_date, pair.day)) as days_overdue_least,
                max(datediff('day', pair.due_date, pair.day)) as days_overdue_most,
                min(datediff('day', pair.posted_on, pair.day)) as age_least,
                sum(pair.open_in_line_currency) as open_amount, max(pair.due_date) as newest_due,
                any_value(pair.customer_id) as customer_id, any_value(pair.amount) as line_amount
            from set_item s join pair on s.line_id = pair.line_id and s.item_id = pair.item_id
            group by all
        ),
        of_customer as (
            select line_id, customer_id, count(*) as customer_items, list(due_date) as due_dates
            from pair group by all
        ),
        joined as (
            select g.*, c.explanation, c.tier, c.variant, c.fee, c.left_over, list_sum(c.discounts) as discount,
                (g.open_amount - g.line_amount) / g.line_amount as rest_share,
                o.surely_named - g.named_surely as named_outside, o.best_level, o.same_amount_items,
                coalesce(w.tokens, 0) as tokens, coalesce(w.unheard, 0) as unheard,
                coalesce(k.customer_items, 0) as customer_items,
                coalesce(len(list_filter(k.due_dates, x -> x < g.newest_due)), 0) - g.items + 1 as older_skipped,
                count(*) filter (where c.tier <= 2) over (partition by g.line_id) as fitting_rivals,
                count(*) filter (where c.tier = 0) over (partition by g.line_id) as exact_rivals,
                count(*) over (partition by g.line_id) as rivals,
                count(*) filter (where c.tier <= 2 and g.by_account + (g.name_score > 0.9)::int >= 1)
                    over (partition by g.line_id) as fitting_payer_rivals
            from gathered g join candidate_set c using (line_id, set_key)
            join of_line o using (line_id) left join written w using (line_id)
            left join of_customer k on g.line_id = k.line_id and g.customer_id = k.customer_id
        )
        select *, round(rest_share, 3) = round(rest_share, 2) as is_round_share,
            line_amount % 100 = 0 as is_round_amount
        from joined
        qualify row_number() over (partition by line_id order by
            (named_surely >= 1 and named_outside = 0)::int desc, (tier <= 4)::int desc,
            (by_account + (name_score > 0.9)::int) desc, least_level desc, tier, older_skipped, items, set_key
        ) <= {MOST_CANDIDATES}
        """
    )
