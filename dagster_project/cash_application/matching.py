"""From tables of ``candidates.TABLES`` to scored candidates and one choice per line: the whole of cash application.

Pure: the same tables in any order of rows give the same answer. A candidate of a past line is scored by a model that
was learnt from what was settled before the half-year of the line, so past lines show what would have been said then.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb

from dagster_project.cash_application import candidates as proposals
from dagster_project.cash_application.assign import assign

if TYPE_CHECKING:
    import pandas as pd

LINES_AT_ONCE = 100_000
MOST_LEARNT_LINES = 8_000  # the newest settled lines before a half-year
APPLIED_FROM = 0.985  # probability from which a proposal is applied without asking
_PERSON_WEIGHT = 5.0
_NOT_A_RECEIPT_AFTER = 30  # days without a booked receipt, after which a line is known to be no payment of a customer


def match(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Make ``scored`` (candidates with probability and rank), ``scored_item`` (their items) and ``chosen``.

    ``chosen``: line_id, set_key, probability, is_confirmed; one row per line that gets a candidate.
    """
    proposals.prepare(connection)
    counted = connection.execute("select count(*) from line").fetchone()
    lines = counted[0] if counted else 0
    chunks = max(1, -(-lines // LINES_AT_ONCE))
    for number in range(chunks):
        proposals.cut_chunk(connection, number, chunks)
        proposals.propose(connection)
        begin = "create or replace temp table {} as" if number == 0 else "insert into {}"
        connection.execute(begin.format("every_candidate") + " select candidate.*, chunk.day"
                           " from candidate join chunk using (line_id)")  # fmt: skip
        connection.execute(
            begin.format("scored_item")
            + """ select s.line_id, s.set_key, s.item_id, s.amount, s.discount,
                case when s.item_id = min_by(s.item_id, (-s.amount, s.item_id)) over whole then c.fee else 0 end as fee,
                pair.level, pair.currency <> pair.item_currency as is_other_currency, pair.open_amount
            from set_item s join candidate c using (line_id, set_key)
            join pair on s.line_id = pair.line_id and s.item_id = pair.item_id
            window whole as (partition by s.line_id, s.set_key)"""
        )
    _take_decisions(connection)
    _score(connection, as_of)
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
    # Persons' words are learnt from, as far as the machine had thought of what they spoke of.
    connection.execute(
        """
        create or replace temp table decided_candidate as
        select c.line_id, c.set_key, c.day, decided.decided_on,
            case when decided.verdict = 'confirmed' and decided.set_key = split_part(c.set_key, '#', 1)
                then 'confirmed' else 'rejected' end
                as verdict
        from every_candidate c join decided on c.line_id = decided.line_id
            and (decided.verdict = 'confirmed' or decided.set_key = split_part(c.set_key, '#', 1))
        """
    )
    connection.execute("create or replace temp table told_candidate as from every_candidate")
    connection.execute(
        """
        delete from every_candidate where exists (
            from decided where decided.line_id = every_candidate.line_id
                and (decided.verdict = 'confirmed' or decided.set_key = split_part(every_candidate.set_key, '#', 1)))
        """
    )
    connection.execute(
        "delete from scored_item where not exists (from every_candidate c "
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
        with proposed as (
            select line_id, set_key, list(amount order by item_id) as amounts from scored_item group by all
        )
        select c.line_id, c.set_key, c.day,
            coalesce(settled.known_on, c.day + {_NOT_A_RECEIPT_AFTER}) as known_on,
            settled.line_id is not null and settled.set_key = split_part(c.set_key, '#', 1)
                and list_max(list_transform(list_zip(settled.amounts, p.amounts), x -> abs(x[1] - x[2]))) <= 0.02
                as is_correct,
            1.0 as weight
        from every_candidate c join proposed p using (line_id, set_key)
        left join settled_set as settled on c.line_id = settled.line_id
        where settled.line_id is not null
            or c.day + {_NOT_A_RECEIPT_AFTER} <= $as_of and c.line_id not in (from booked_line)
        union all
        select line_id, set_key, day, decided_on, verdict = 'confirmed', {_PERSON_WEIGHT} from decided_candidate
        """,
        {"as_of": as_of},
    )


def _score(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """``scored``: every candidate with its probability, by models that know what was settled before their half-year."""
    import numpy as np
    import pandas as pd

    from ml.cash_application import FEATURES, CashApplicationModel

    _known_answers(connection, as_of)
    features = ", ".join(f"{name}::float as {name}" for name in FEATURES)
    frame = connection.execute(
        f"""
        select c.line_id, c.set_key, c.day, {features}, a.is_correct, a.known_on, coalesce(a.weight, 1) as weight
        from told_candidate c left join answer a using (line_id, set_key) order by c.day, c.line_id, c.set_key
        """
    ).df()
    probability = np.zeros(len(frame))
    if len(frame):
        known_on = pd.to_datetime(frame["known_on"])
        day = pd.to_datetime(frame["day"])
        # The model of a half-year knows what was settled before it.
        half: pd.Series = day.dt.year.astype(str) + np.where(day.dt.month > 6, "-07-01", "-01-01")
        for begin in sorted(half.unique()):
            learnt = frame[(known_on < pd.Timestamp(begin)).to_numpy() & frame["is_correct"].notna().to_numpy()]
            lines = learnt["line_id"].drop_duplicates()
            if len(lines) > MOST_LEARNT_LINES:
                learnt = learnt[learnt["line_id"].isin(lines.iloc[-MOST_LEARNT_LINES:])]
            model = CashApplicationModel().fit(learnt, learnt["is_correct"].astype(bool), learnt["weight"])
            asked = (half == begin).to_numpy()
            probability[asked] = model.predict_probability(frame[asked])
    scored = frame[["line_id", "set_key"]].assign(probability=probability.round(6))
    connection.register("scored_frame", scored)
    connection.execute(
        """
        create or replace temp table scored as
        select c.*, s.probability, false as is_confirmed,
            row_number() over (partition by c.line_id
                order by round(s.probability, 2) desc, 10 * c.named_outside + c.tier, s.probability desc, c.set_key)
                as rank
        from every_candidate c join scored_frame s using (line_id, set_key)
        """
    )
    connection.unregister("scored_frame")


def _choose(connection: duckdb.DuckDBPyConnection) -> None:
    candidates: pd.DataFrame = connection.execute(
        """
        select line_id, set_key, probability, (10 * named_outside + tier)::integer as preference,
            false as is_confirmed
        from scored
        union all
        select line_id, set_key, 1.0, 0, true from decided where verdict = 'confirmed'
        """
    ).df()
    shares = connection.execute(
        "select line_id, set_key, item_id, ((amount + discount) * 10000)::bigint as cleared from scored_item"
    ).df()
    capacity = connection.execute(
        """
        select item.item_id, ((item.amount - coalesce(sum(settlement.amount), 0)) * 10000)::bigint as capacity
        from item left join settlement on item.item_id = settlement.item_id
            and settlement.kind not in ('payment', 'discount')
        group by item.item_id, item.amount
        """
    ).df()
    chosen = assign(candidates, shares, capacity.set_index("item_id")["capacity"])
    connection.register("chosen_frame", chosen)
    connection.execute("create or replace temp table chosen as select * from chosen_frame")
    connection.unregister("chosen_frame")
