"""Whom to call, about what, and what to be warned of: worklist, items and late-payment alerts of the collectors.

What a call does is an assumption: no history says which customers were called, so there is no experiment to learn from.
A call is taken to bring in, within the horizon, a fifth (``call_effect`` 0.2) of what would otherwise come later: the
amount times (1 - probability paid within the horizon - probability never paid, where the forecast tells it). What would
come anyway is not moved, nor what nobody will pay. The effect is the same for all customers, so the order does not
depend on its size. Credits of a customer reduce what there is to move; disputed items are not moved by a call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.features import DAY, days_between

KEY = ["company_id", "customer_id"]
HORIZON_DAYS = 30
CALL_EFFECT = 0.2
SOON_DAYS = 14
"""An item not yet due is on the list when it falls due within so many days and is expected later than LATE_DAYS."""
LATE_DAYS = 5
ALERT_LATE_DAYS, ALERT_SLOWER_DAYS, ALERT_FALL = 15, 7.0, 0.2
"""Alerts: expected over 15 days late and a week later than this customer usually pays; recent receipts a week later
than before; a probability of payment that fell by a fifth."""
HABIT_DAYS, LATELY_DAYS, LATELY_ITEMS = 365, 60, 4
PAYS_ANYWAY = 0.9
ACTIONS = ("reminder_1", "reminder_2", "reminder_3", "call")
"""What the reminder schedule may ask for, weakest first."""


@dataclass(frozen=True)
class Collections:
    """``worklist``: one row per company and customer; ``items``: per open item of these; ``alerts``: per warning."""

    worklist: pd.DataFrame
    items: pd.DataFrame
    alerts: pd.DataFrame


def money_moved(
    amount: pd.Series, probability_paid: pd.Series, probability_never: pd.Series, call_effect: float = CALL_EFFECT
) -> pd.Series:
    """Expected amount that a call brings within the horizon and that would otherwise have come later."""
    later = (1.0 - probability_paid - probability_never).clip(0.0, 1.0)
    return call_effect * amount.clip(lower=0.0) * later


def plan_collections(
    open_items: pd.DataFrame,
    timing: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    schedule: pd.DataFrame,
    grades: pd.DataFrame,
    promises: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    horizon_days: int = HORIZON_DAYS,
    call_effect: float = CALL_EFFECT,
) -> Collections:
    """Rank the customers of ``open_items`` by the money a call is expected to move within ``horizon_days``.

    Args:
        open_items: receivable_id, company_id, customer_id, due_date, amount (open, company currency; credits are
            negative), amount_reporting (may be empty), is_disputed, is_intercompany: all that is open at ``as_of``.
        timing: receivable_id, p50_date, probability_paid_<horizon_days>, and probability_never when known. Items
            without a row (paper that is no invoice) get the average chance of their age.
        schedule: grade, days_overdue_from, action (one of ACTIONS): from so many days overdue on.
        grades: company_id, customer_id, grade.
        promises: company_id, customer_id, receivable_id (empty: of the customer as a whole), promised_date, state
            (open, kept, broken), amount, amount_reporting.
        earlier: receivable_id, forecast_as_of, probability_paid_<horizon_days> of a forecast before this one.
        history: company_id, customer_id, due_date, cleared_date, for the habit of each customer.

    Returns:
        Worklist and items have columns as published, alerts too. ``rank`` counts from 1 over all companies, by
        expected_moved in reporting currency. Sums of ``overdue_amount`` are those of all items after their due date.
    """
    as_of = pd.Timestamp(as_of).normalize()
    paid = f"probability_paid_{horizon_days}"
    items = _with_timing(open_items, timing, paid, as_of)
    items = items.merge(grades[[*KEY, "grade"]], on=KEY, how="left", validate="many_to_one")
    # a customer not graded (none before) is reminded as the middle grade is
    items["action"] = _scheduled(items, schedule)
    items["kind"] = np.select([items["days_overdue"] > 0, _is_soon(items)], ["overdue", "soon_late"], "other")
    listed = items[items["kind"] != "other"].copy()
    listed["moved"] = money_moved(
        listed["amount"], listed["probability_paid"], listed["probability_never"], call_effect
    )
    listed.loc[listed["is_disputed"] | listed["is_intercompany"], "moved"] = 0.0
    listed["moved"] *= _net_share(items).reindex(pd.MultiIndex.from_frame(listed[KEY])).to_numpy()
    rate = (listed["amount_reporting"] / listed["amount"].replace(0.0, np.nan)).fillna(0.0)
    listed["moved_reporting"] = listed["moved"] * rate
    worklist = _worklist(listed, items, _no_promises() if promises is None else promises, as_of)
    alerts = _alerts(items, as_of, paid, promises, earlier, history)
    order = worklist.set_index(KEY)["rank"]
    listed["customer_rank"] = order.reindex(pd.MultiIndex.from_frame(listed[KEY])).to_numpy()
    listed = listed.sort_values(["customer_rank", "moved_reporting", "days_overdue", "receivable_id"],
                                ascending=[True, False, False, True])  # fmt: skip
    return Collections(worklist, listed.drop(columns="customer_rank").reset_index(drop=True), alerts)


def _with_timing(open_items: pd.DataFrame, timing: pd.DataFrame, paid: str, as_of: pd.Timestamp) -> pd.DataFrame:
    known = timing[["receivable_id", "p50_date", paid]].rename(columns={paid: "probability_paid"})
    known = known.assign(probability_never=timing.get("probability_never", 0.0))
    items = open_items.sort_values("receivable_id").merge(known, on="receivable_id", how="left", validate="one_to_one")
    items["is_disputed"] = items["is_disputed"].fillna(False).astype(bool)
    items["amount_reporting"] = items["amount_reporting"].astype(float)
    items["days_overdue"] = days_between(pd.Series(as_of, index=items.index), items["due_date"]).astype(int)
    age = np.searchsorted([0, 30, 60, 90], items["days_overdue"].to_numpy())
    of_age = items["probability_paid"].groupby(age).transform("mean").fillna(0.5)
    items["probability_paid"] = items["probability_paid"].fillna(of_age).clip(0.0, 1.0)
    items["probability_never"] = items["probability_never"].astype(float).fillna(0.0)
    items["expected_days_late"] = days_between(items["p50_date"], items["due_date"])
    return items


def _is_soon(items: pd.DataFrame) -> pd.Series:
    return (items["days_overdue"] >= -SOON_DAYS) & (items["expected_days_late"] > LATE_DAYS) & (items["amount"] > 0)


def _scheduled(items: pd.DataFrame, schedule: pd.DataFrame) -> pd.Series:
    """Action of the latest step reached by each item's grade and days overdue; empty before the first."""
    steps = schedule.astype({"days_overdue_from": int}).sort_values(["grade", "days_overdue_from"])
    grade = items["grade"].fillna("C")
    found = pd.Series("", index=items.index, dtype=object)
    for name, own in steps.groupby("grade"):
        reached = np.searchsorted(own["days_overdue_from"].to_numpy(), items["days_overdue"], side="right")
        actions = np.array(["", *own["action"]], dtype=object)
        found = found.where(grade != name, pd.Series(actions[reached], index=items.index))
    to_call = (items["amount"] > 0) & ~items["is_disputed"] & ~items["is_intercompany"] & (items["days_overdue"] > 0)
    return found.where(to_call, "")


def _net_share(items: pd.DataFrame) -> pd.Series:
    """Of each customer the share of its positive items that its credits leave."""
    by = items.assign(positive=items["amount"].clip(lower=0.0)).groupby(KEY, dropna=False)[["amount", "positive"]].sum()
    return (by["amount"].clip(lower=0.0) / by["positive"].replace(0.0, np.nan)).fillna(0.0)


def _worklist(listed: pd.DataFrame, items: pd.DataFrame, promises: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    overdue, soon = listed["kind"] == "overdue", listed["kind"] == "soon_late"
    owed = listed["amount"] > 0
    parts: dict[str, pd.Series] = {}
    for suffix, column in (("", "amount"), ("_reporting", "amount_reporting")):
        value = listed[column]
        parts[f"overdue_amount{suffix}"] = value.where(overdue, 0.0)
        parts[f"soon_late_amount{suffix}"] = value.where(soon, 0.0)
        parts[f"disputed_amount{suffix}"] = value.where(listed["is_disputed"] & owed, 0.0)
    weight = listed["amount"].where(owed, 0.0)
    parts |= {
        "expected_moved": listed["moved"], "expected_moved_reporting": listed["moved_reporting"],
        "overdue_item_count": (overdue & owed).astype(int), "weight": weight,
        "weighted_paid": weight * listed["probability_paid"],
    }  # fmt: skip
    step = listed["action"].map({name: place + 1 for place, name in enumerate(ACTIONS)}).fillna(0).astype(int)
    frame = listed[KEY].assign(**parts)
    grouped = frame.groupby(KEY, dropna=False)
    work = grouped.sum()
    most = listed.assign(step=step, late=listed["days_overdue"].where(overdue & owed, 0)).groupby(KEY, dropna=False)
    work["oldest_days_overdue"] = most["late"].max()
    work["step"] = most["step"].max()
    work["grade"] = most["grade"].first()
    work["is_intercompany"] = most["is_intercompany"].any()
    credit = items[items["amount"] < 0].groupby(KEY, dropna=False)[["amount", "amount_reporting"]].sum()
    work[["credit_amount", "credit_amount_reporting"]] = credit.reindex(work.index).fillna(0.0)
    work["probability_paid"] = work["weighted_paid"] / work["weight"].replace(0.0, np.nan)
    is_open = promises[(promises["state"] == "open")].groupby(KEY, dropna=False)
    work["open_promise_count"] = is_open.size().reindex(work.index).fillna(0).astype(int)
    work["open_promise_amount"] = is_open["amount"].sum().reindex(work.index).fillna(0.0)
    work["next_promise_date"] = is_open["promised_date"].min().reindex(work.index)
    broken = promises[promises["state"] == "broken"].groupby(KEY, dropna=False)
    work["broken_promise_count"] = broken.size().reindex(work.index).fillna(0).astype(int)
    work["action"] = _proposed(work, as_of)
    work["reminder_level"] = work.pop("step").clip(upper=3)
    work = work.drop(columns=["weight", "weighted_paid"]).reset_index()
    # what has no rate to the reporting currency stands last, by its own amount
    order = ["is_intercompany", "expected_moved_reporting", "overdue_amount_reporting", *KEY]
    work = work.sort_values(order, ascending=[True, False, False, True, True]).reset_index(drop=True)
    work.insert(0, "rank", work.index + 1)
    return work


def _proposed(work: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """One action per customer, the first that fits; watch where the schedule asks for nothing yet."""
    owed = work["overdue_amount"] + work["soon_late_amount"]
    step = work["step"].to_numpy()
    wait = (work["open_promise_count"] > 0) & (work["open_promise_amount"] >= 0.5 * owed)
    choices: list[tuple[pd.Series, str | np.ndarray]] = [
        (work["is_intercompany"], "intercompany"),
        ((work["weight"] <= 0) | (owed <= 0), "apply_credit"),
        (work["disputed_amount"] > 0.5 * work["weight"], "dispute_desk"),
        (work["broken_promise_count"] > 0, "promise_follow_up"),
        (wait, "wait_for_promise"),
        ((work["probability_paid"] >= PAYS_ANYWAY) & (work["step"] <= 1), "pays_anyway"),
        (work["step"] > 0, np.array(["", *ACTIONS], dtype=object)[step]),
    ]
    conditions = [np.asarray(fits, dtype=bool) for fits, _ in choices]
    actions = [np.broadcast_to(np.asarray(action, dtype=object), len(work)) for _, action in choices]
    return pd.Series(np.select(conditions, actions, "watch"), index=work.index, dtype=object)


def _alerts(
    items: pd.DataFrame,
    as_of: pd.Timestamp,
    paid: str,
    promises: pd.DataFrame | None,
    earlier: pd.DataFrame | None,
    history: pd.DataFrame | None,
) -> pd.DataFrame:
    """rank, company_id, customer_id, receivable_id, alert, value, reference, reference_date and amounts, by money."""
    owed = items[(items["amount"] > 0) & ~items["is_intercompany"]]
    usual = _usual_days_late(history, owed, as_of)
    over = owed["expected_days_late"] - usual
    # what is so late already is on the worklist: a warning comes before
    early = owed["days_overdue"] <= ALERT_LATE_DAYS
    late = owed[early & (owed["expected_days_late"] > ALERT_LATE_DAYS) & (over >= ALERT_SLOWER_DAYS)]
    found = [
        late.assign(
            alert="expected_late", value=late["expected_days_late"], reference=usual, reference_date=late["p50_date"]
        )
    ]
    if earlier is not None and not earlier.empty:
        before = earlier[["receivable_id", "forecast_as_of", paid]].rename(
            columns={"forecast_as_of": "reference_date", paid: "reference"}
        )
        fell = owed.merge(before, on="receivable_id")
        fell = fell[fell["reference"] - fell["probability_paid"] >= ALERT_FALL]
        found.append(fell.assign(alert="probability_fell", value=fell["probability_paid"]))
    if promises is not None and not promises.empty:
        broken = promises[promises["state"] == "broken"]
        found.append(
            broken.assign(
                alert="broken_promise",
                value=days_between(pd.Series(as_of, index=broken.index), broken["promised_date"]),
                reference=broken["amount"],
                reference_date=broken["promised_date"],
            )
        )
    if history is not None and not history.empty:
        found.append(_slower(history, owed, as_of))
    columns = [*KEY, "receivable_id", "alert", "value", "reference", "reference_date", "amount", "amount_reporting"]
    kept = [frame.reindex(columns=columns) for frame in found if not frame.empty]
    alerts = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=columns)
    order = ["amount_reporting", *KEY, "alert", "receivable_id", "reference_date"]
    alerts = alerts.sort_values(order, ascending=[False, *[True] * 5]).reset_index(drop=True)
    alerts.insert(0, "rank", alerts.index + 1)
    return alerts


def _usual_days_late(history: pd.DataFrame | None, owed: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Median days late of a year's receipts of each item's customer, of its company where it has none; else 0."""
    usual = pd.Series(np.nan, index=owed.index)
    if history is not None and not history.empty:
        paid = history[(history["cleared_date"] <= as_of) & (history["cleared_date"] > as_of - HABIT_DAYS * DAY)]
        late = paid.assign(late=days_between(paid["cleared_date"], paid["due_date"]))
        for key in (KEY, ["company_id"]):
            median = late.groupby(key, dropna=False)["late"].median()
            own = median.reindex(pd.MultiIndex.from_frame(owed[KEY]) if key == KEY else owed["company_id"])
            usual = usual.fillna(pd.Series(own.to_numpy(), index=owed.index))
    return usual.fillna(0.0)


def _slower(history: pd.DataFrame, owed: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Customers whose last receipts came at least 7 days later than their habit, and by more than twice its error."""
    paid = history[(history["cleared_date"] <= as_of) & (history["cleared_date"] > as_of - HABIT_DAYS * DAY)]
    paid = paid.sort_values([*KEY, "cleared_date", "due_date", "receivable_id"])
    late = paid.assign(late=days_between(paid["cleared_date"], paid["due_date"]))
    lately = late["cleared_date"] > as_of - LATELY_DAYS * DAY
    now = late[lately].groupby(KEY, dropna=False)["late"].agg(["mean", "count"])
    habit = late[~lately].groupby(KEY, dropna=False)["late"].agg(["mean", "std", "count"])
    both = now.join(habit, rsuffix="_habit", how="inner")
    error = both["std"] * np.sqrt(1 / both["count"] + 1 / both["count_habit"])
    slower = both["mean"] - both["mean_habit"]
    both = both[
        (both["count"] >= LATELY_ITEMS) & (both["count_habit"] >= 2 * LATELY_ITEMS)
        & (slower >= ALERT_SLOWER_DAYS) & (slower > 2 * error)
    ]  # fmt: skip
    at_stake = owed.groupby(KEY, dropna=False)[["amount", "amount_reporting"]].sum()
    made = both.join(at_stake, how="inner").reset_index()
    return made.assign(
        receivable_id=None, alert="slower_than_habit", value=made["mean"], reference=made["mean_habit"],
        reference_date=as_of - LATELY_DAYS * DAY,
    )  # fmt: skip


def _no_promises() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "company_id": pd.Series(dtype=object), "customer_id": pd.Series(dtype=object),
            "receivable_id": pd.Series(dtype=object), "promised_date": pd.Series(dtype="datetime64[ns]"),
            "state": pd.Series(dtype=object), "amount": pd.Series(dtype=float),
            "amount_reporting": pd.Series(dtype=float),
        }
    )  # fmt: skip
