"""From tables of ``candidates.TABLES`` to scored candidates and one choice per line: the whole of cash application.

Pure: the same tables in any order of rows give the same answer. A candidate of a past line is scored by a model that
was learnt from what was settled before the half-year of the line, so past lines show what would have been said then.
"""

from __future__ import annotations

from datetime import date

import duckdb

from dagster_project.cash_application import candidates as proposals
from dagster_project.cash_application.assign import assign

LINES_AT_ONCE = (
    50_000  # a block of lines of neighbouring days: memory is bounded by it, the answer does not depend on it
)
MOST_LEARNT_LINES = 8_000  # the newest settled lines before a half-year
APPLIED_FROM = 0.985  # probability from which a proposal is applied without asking
_PERSON_WEIGHT = 5.0
_NOT_A_RECEIPT_AFTER = 30  # days without a booked receipt, after which a line is known to be no payment of a customer


def match(connection: duckdb.DuckDBPyConnection, as_of: date, lines_at_once: int = LINES_AT_ONCE) -> None:
    """Make ``scored`` (candidates with probability and rank), ``scored_item`` (their items) and ``chosen``.

    ``chosen``: line_id, set_key, probability, is_confirmed; one row per line that gets a candidate.
    """
    blocks = proposals.prepare(connection, lines_at_once)
    for block in range(blocks):
        proposals.cut_block(connection, block)
        proposals.propose(connection)
        begin = "create or replace temp table {} as" if block == 0 else "insert into {}"
        # Numbered, so that what is said of a candidate later is joined by a number.
        connection.execute(
            begin.format("every_candidate")
            + """ select candidate.*, block_line.day, $block::integer as block,
                ($block::bigint << 32) + row_number() over () as number
            from candidate join block_line using (line_id)""",
            {"block": block},
        )
        connection.execute(
            begin.format("scored_item")
            + """ select s.line_id, s.set_key, s.item_id, s.amount, s.discount,
                case when s.item_id = min_by(s.item_id, (-s.amount, s.item_id)) over whole then c.fee else 0 end as fee,
                pair.level, pair.currency <> pair.item_currency as is_other_currency, pair.open_amount
            from set_item s join candidate c using (line_id, set_key)
            join pair on s.line_id = pair.line_id and s.item_id = pair.item_id
            window whole as (partition by s.line_id, s.set_key)"""
        )
    proposals.forget(connection)
    _take_decisions(connection)
    _score(connection, as_of, blocks)
    _choose(connection)


def _take_decisions(connection: duckdb.DuckDBPyConnection) -> None:
    """What persons said, as sets: ``decided`` has one row per decision. A set named as wrong is no candidate
    again; of a line that a person has settled the machine has nothing more to say."""
    connection.execute(
        """
        create or replace temp table decided as
        select decision_id, line_id, verdict, max(decided_on) as decided_on,
            coalesce(array_to_string(list(item_id order by item_id) filter (where item_id is not null), '|'), '')
                as set_key
        from decision join line using (line_id) group by decision_id, line_id, verdict
        """
    )
    # Persons' words are learnt from, as far as the machine had thought of what they spoke of; it is not offered again.
    connection.execute(
        """
        create or replace temp table decided_candidate as
        select c.number, c.line_id, c.set_key, c.day, decided.decided_on,
            case when decided.verdict = 'confirmed' and decided.set_key = split_part(c.set_key, '#', 1)
                then 'confirmed' else 'rejected' end
                as verdict
        from every_candidate c join decided on c.line_id = decided.line_id
            and (decided.verdict = 'confirmed' or decided.set_key = split_part(c.set_key, '#', 1))
        """
    )
    connection.execute(
        "delete from scored_item where exists (from decided_candidate c "
        "where c.line_id = scored_item.line_id and c.set_key = scored_item.set_key)"
    )
    connection.execute(
        """
        insert into scored_item
        select decision.line_id, decided.set_key, decision.item_id, decision.amount, 0, 0, 0,
            line.currency <> item.currency, item.amount
        from decision join decided using (decision_id)
        join line on decision.line_id = line.line_id join item on decision.item_id = item.item_id
        where decision.verdict = 'confirmed'
        """
    )


def _known_answers(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """``answer``: one row per candidate of which it is known whether it was right, and since when."""
    connection.execute(
        """
        create or replace temp table settled_set as
        select line_id, array_to_string(list(item_id order by item_id), '|') as set_key,
            list(amount order by item_id) as amounts, max(settled_on) as known_on
        from (
            select line_id, item_id, sum(amount)::decimal(18, 4) as amount, max(settled_on) as settled_on
            from settlement where line_id is not null and kind = 'payment' group by all
        ) group by line_id
        """
    )
    connection.execute(
        f"""
        create or replace temp table answer as
        with known as (
            select c.number, c.line_id, c.set_key, c.day,
                coalesce(settled.known_on, c.day + {_NOT_A_RECEIPT_AFTER}) as known_on,
                coalesce(settled.set_key = split_part(c.set_key, '#', 1), false) as are_its_items
            from every_candidate c left join settled_set as settled on c.line_id = settled.line_id
            where c.number not in (select number from decided_candidate)
                and (settled.line_id is not null
                    or c.day + {_NOT_A_RECEIPT_AFTER} <= $as_of and c.line_id not in (from booked_line))
        ),
        to_the_cent as (
            select known.number
            from known join scored_item s using (line_id, set_key) join settled_set as settled using (line_id)
            where are_its_items
            group by known.number
            having list_max(list_transform(list_zip(any_value(settled.amounts), list(s.amount order by s.item_id)),
                x -> abs(x[1] - x[2]))) <= 0.02
        )
        select number, line_id, day, known_on, to_the_cent.number is not null as is_correct, 1.0 as weight
        from known left join to_the_cent using (number)
        union all
        select number, line_id, day, decided_on, verdict = 'confirmed', {_PERSON_WEIGHT} from decided_candidate
        """,
        {"as_of": as_of},
    )


def _score(connection: duckdb.DuckDBPyConnection, as_of: date, blocks: int) -> None:
    """``scored``: every candidate with its probability, by models that know what was settled before their half-year."""
    from ml.cash_application import FEATURES, CashApplicationModel

    _known_answers(connection, as_of)
    features = ", ".join(f"c.{name}::float as {name}" for name in FEATURES)
    half = "make_date(year(day), case when month(day) > 6 then 7 else 1 end, 1)"
    connection.execute("create or replace temp table probability_of (number bigint, probability double)")
    halves = connection.execute(f"select distinct {half} as begin from every_candidate order by 1").fetchall()
    for (begin,) in halves:
        # The model of a half-year knows what was settled before it.
        learnt = connection.execute(
            f"""
            with newest as (
                select line_id from answer where known_on < $begin group by line_id, day
                order by day desc, line_id desc limit {MOST_LEARNT_LINES}
            )
            select c.line_id, c.set_key, c.day, {features}, answer.is_correct, answer.weight
            from answer join newest using (line_id) join every_candidate c using (number)
            where answer.known_on < $begin
            order by c.day, c.line_id, c.set_key, answer.weight, answer.is_correct
            """,
            {"begin": begin},
        ).df()
        model = CashApplicationModel().fit(learnt, learnt["is_correct"].astype(bool), learnt["weight"])
        for block in range(blocks):
            asked = connection.execute(
                f"""select c.number, c.line_id, {features} from every_candidate c
                    where block = $block and {half} = $begin order by c.line_id, c.set_key""",
                {"block": block, "begin": begin},
            ).df()
            asked["probability"] = model.predict_probability(asked).round(6)
            connection.register("asked", asked[["number", "probability"]])
            connection.execute("insert into probability_of from asked")
            connection.unregister("asked")
    # What a person has decided of is asked for with the others of its line, and then left out.
    connection.execute(
        """
        create or replace temp table ranking as
        select c.number, c.line_id, c.set_key, p.probability,
            (10 * c.named_outside + c.tier)::integer as preference,
            row_number() over (partition by c.line_id
                order by round(p.probability, 2) desc, preference, p.probability desc, c.set_key) as rank
        from every_candidate c join probability_of p using (number)
        where c.number not in (select number from decided_candidate)
        """
    )
    connection.execute(
        """
        create or replace temp view scored as
        select c.* exclude (number, block), ranking.probability, false as is_confirmed, ranking.rank
        from every_candidate c join ranking using (number)
        """
    )


def _choose(connection: duckdb.DuckDBPyConnection) -> None:
    """``chosen``: what ``assign`` chooses, which is asked with numbers alone."""
    connection.execute(
        """
        create or replace temp table ask as
        select *, row_number() over (order by is_confirmed desc, round(probability, 2) desc, preference,
            probability desc, line_id, set_key) - 1 as place
        from (
            select line_id, set_key, probability, preference, false as is_confirmed from ranking
            union all
            select line_id, set_key, 1.0, 0, true from decided where verdict = 'confirmed'
        )
        """
    )
    connection.execute("create or replace temp table item_number as "
                       "select item_id, row_number() over (order by item_id) - 1 as item from item")  # fmt: skip
    asks = connection.execute(
        """
        with line_number as (select line_id, row_number() over () as line from line)
        select line, is_confirmed from ask join line_number using (line_id) order by place
        """
    ).df()
    shares = connection.execute(
        """
        select place, item, ((amount + discount) * 10000)::bigint as cleared
        from scored_item join ask using (line_id, set_key) join item_number using (item_id) order by place, item
        """
    ).df()
    room = connection.execute(
        """
        select ((any_value(i.amount) - coalesce(sum(settlement.amount), 0)) * 10000)::bigint as room
        from item_number join item i using (item_id) left join settlement on i.item_id = settlement.item_id
            and settlement.kind not in ('payment', 'discount')
        group by item_number.item order by item_number.item
        """
    ).df()["room"]
    places = assign(asks, shares, room.to_numpy())
    connection.register("chosen_place", places.to_frame("place"))
    connection.execute(
        """create or replace temp table chosen as
           select line_id, set_key, probability, is_confirmed from ask join chosen_place using (place)"""
    )
    connection.unregister("chosen_place")
