"""On which payment run to pay each supplier invoice: discounts and cost of cash against the floor of cash.

Every payable may be paid on several runs; each has a cost against paying on the due day: the discount lost or won, the
cost of money that leaves earlier, the charge for being late. The cheapest assignment is sought (ml/payment_search.py)
under which cash falls under its floor, in any week of the horizon, on no more than a given share of the forecast's
paths.

Amounts are money of the company's books, positive as owed; rates are shares a year, 0.05 is 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.features import DAY
from ml.payment_search import HALF_A_CENT, OPTIMAL, Floats, Ints, cheapest_plan, paid_by_week, per_payable

YEAR_DAYS = 365.0
USUAL, DISCOUNT, LATE = "usual", "discount", "late"
CASH_UNKNOWN, NO_RUN = "cash_unknown", "no_payment_run"
PROPOSED, NOT_PROPOSED, CREDIT = "proposed", "not_proposed", "credit"
PLANS = ("usual", "at_once", "proposed")

PROPOSAL_COLUMNS = (
    "payable_id", "company_id", "state", "reasons", "usual_date", "proposed_date", "days_late", "takes_discount",
    "discount_amount", "cash_cost", "late_cost", "total_cost", "saving", "discount_annual_rate",
)  # fmt: skip
COMPANY_COLUMNS = (
    "company_id", "currency", "status", "gap", "breach_limit", "cash_floor", "unavoidable_breach", "payable_count",
    *(f"total_cost_{plan}" for plan in PLANS), *(f"discount_{plan}" for plan in PLANS),
    *(f"probability_below_floor_{plan}" for plan in PLANS),
)  # fmt: skip
WEEK_COLUMNS = (
    "scope", "company_id", "currency", "week_start", "cash_floor", *(f"payments_{plan}" for plan in PLANS),
    *(f"probability_below_floor_{plan}" for plan in PLANS),
    *(f"probability_below_floor_so_far_{plan}" for plan in PLANS),
)  # fmt: skip


@dataclass(frozen=True)
class PaymentPolicy:
    """What decides.

    cost_of_cash, late_payment: rates a year, of money that leaves before its due day and of what is paid after it.
    breach_limit: largest chance of cash under the floor. longest_delay_days: after the due day, or the first run if
    that is later.
    """

    cost_of_cash: float
    late_payment: float
    breach_limit: float = 0.05
    longest_delay_days: int = 28

    def __post_init__(self) -> None:
        if self.cost_of_cash < 0 or self.late_payment < 0:
            raise ValueError("cost_of_cash and late_payment must be 0 or more")
        if not 0.0 < self.breach_limit < 1.0 or self.longest_delay_days < 0:
            raise ValueError("breach_limit lies between 0 and 1, longest_delay_days is 0 or more")


@dataclass(frozen=True)
class CompanyCash:
    """Cash of a company without the open payables that are planned here.

    opening: None where it is not known. cash_floor: least cash. flows: paths × weeks, in ``currency``. rate: what one
    unit is worth in reporting currency, None where no rate is known.
    """

    currency: str
    opening: float | None
    cash_floor: float
    flows: Floats
    rate: float | None = None


@dataclass(frozen=True)
class PaymentProposals:
    """proposals: one row per payable (PROPOSAL_COLUMNS), days as datetime64. companies: one row per company with
    payables (COMPANY_COLUMNS). weeks: one row per company and week, and of the group in reporting currency
    (WEEK_COLUMNS)."""

    proposals: pd.DataFrame
    companies: pd.DataFrame
    weeks: pd.DataFrame


def propose_payments(
    payables: pd.DataFrame,
    run_days: pd.DataFrame,
    cash: Mapping[str, CompanyCash],
    weeks: pd.DatetimeIndex,
    as_of: pd.Timestamp,
    policy: PaymentPolicy,
    group: tuple[str, float] | None = None,
) -> PaymentProposals:
    """The run on which each open payable should be paid, and what that does to the chance of falling under the floor.

    Args:
        payables: payable_id, company_id, due_date, amount (open; credits negative), discount_percent and discount_date
            (last day on which it is granted; both may be empty), blocked (codes with commas why it must not be
            proposed, or ""), is_within_group (its payment is part of ``cash`` already).
        run_days: company_id, run_date: payment runs after ``as_of``.
        cash: by company_id. A payable that is blocked is counted as paid on its usual run: the money is kept ready.
            Credits are not counted, so that cash is not thought larger than it is.
        weeks: Mondays of the weeks of ``cash``.
        group: currency and floor of all companies together, where their chance is wanted too; they are not bound by it.

    Raises:
        ValueError: a payable's company is not in ``cash``.
    """
    missing = sorted(set(payables["company_id"]) - set(cash))
    if missing:
        raise ValueError(f"no cash is given of {', '.join(missing)}")
    made = [
        _Company(str(company), rows, run_days, cash[str(company)], weeks, as_of, policy)
        for company, rows in payables.sort_values("payable_id").groupby("company_id", sort=True)
    ]
    frames = [one.week_frame() for one in made]
    if group is not None:
        frames.append(_group_frame(made, cash, weeks, *group))
    return PaymentProposals(
        _joined([one.proposals for one in made], PROPOSAL_COLUMNS),
        _joined([one.company_frame() for one in made], COMPANY_COLUMNS),
        _joined(frames, WEEK_COLUMNS),
    )


def _joined(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True)[list(columns)]


def payment_options(
    payables: pd.DataFrame, runs: Ints, week_of_run: Ints, as_of: pd.Timestamp, policy: PaymentPolicy
) -> pd.DataFrame:
    """The runs worth thinking of for each payable, one row each.

    Those are the last run that the discount allows, the last run before the due day (the first there is, where that
    has passed), and after it the last run of each week within the longest delay. Any other run is paid earlier than one
    of these for no less money, so that it neither costs less nor leaves more cash in any week.

    Args:
        payables: due_date, amount (positive), discount_percent, discount_date; the index does not matter.
        runs: days from ``as_of`` of the payment runs, ascending, at least one.
        week_of_run: week of each.

    Returns:
        payable (position in ``payables``), alike (number of its due day and discount), run (position in ``runs``),
        kind, week, pay, discount, cash_cost, late_cost, cost; ordered by payable and run. cost is against paying all of
        it on the due day; money that is kept by paying late is no gain, so that only the floor makes a payment late.
    """
    due = _days(payables["due_date"], as_of)
    offer = _offers(payables)
    until = np.where(offer > 0, _days(payables["discount_date"], as_of, missing=-1), -1)
    usual = _usual_run(runs, due)
    rows = np.arange(len(payables))
    discount_run = np.searchsorted(runs, until, side="right") - 1
    early = (discount_run >= 0) & (discount_run < usual)
    last_of_week = np.flatnonzero(np.append(np.diff(week_of_run) > 0, True))
    latest = np.maximum(due, runs[0]) + policy.longest_delay_days
    late = (
        (week_of_run[last_of_week][None, :] > week_of_run[usual][:, None])
        & (runs[last_of_week][None, :] <= latest[:, None])
    )  # fmt: skip
    late_row, late_run = np.nonzero(late)
    options = pd.DataFrame(
        {
            "payable": np.concatenate([rows[early], rows, late_row]),
            "run": np.concatenate([discount_run[early], usual, last_of_week[late_run]]),
            "kind": np.repeat([DISCOUNT, USUAL, LATE], [early.sum(), len(rows), len(late_row)]),
        }
    ).sort_values(["payable", "run"], ignore_index=True)
    return _with_cost(options, payables, runs, week_of_run, due, offer, until, policy)


def _with_cost(
    options: pd.DataFrame, payables: pd.DataFrame, runs: Ints, week_of_run: Ints, due: Ints, offer: Floats,
    until: Ints, policy: PaymentPolicy,
) -> pd.DataFrame:  # fmt: skip
    row, run = options["payable"].to_numpy(), options["run"].to_numpy()
    amount = payables["amount"].to_numpy(dtype=float)[row]
    day = runs[run]
    discount = np.where(day <= until[row], np.round(amount * offer[row] / 100.0, 2), 0.0)
    usual_day = runs[_usual_run(runs, due)][row]
    alike = np.unique(np.column_stack([due, offer, until]), axis=0, return_inverse=True)[1].reshape(-1)
    pay = amount - discount
    cash_cost = pay * policy.cost_of_cash * np.maximum(due[row] - np.minimum(day, usual_day), 0) / YEAR_DAYS
    late_cost = amount * policy.late_payment * np.maximum(day - due[row], 0) / YEAR_DAYS
    return options.assign(
        alike=alike[row],
        week=week_of_run[run],
        pay=pay,
        discount=discount,
        cash_cost=cash_cost,
        late_cost=late_cost,
        cost=cash_cost + late_cost - discount,
    )


def _offers(payables: pd.DataFrame) -> Floats:
    """Discount of each payable in percent, 0 for none."""
    return np.asarray(payables["discount_percent"].astype(float).fillna(0.0), dtype=np.float64)


def _usual_run(runs: Ints, due: Ints) -> Ints:
    """The last run before the due day; the first there is, where that has passed."""
    return np.maximum(np.searchsorted(runs, due, side="right") - 1, 0)


def _days(days: pd.Series, as_of: pd.Timestamp, missing: int = 0) -> Ints:
    return ((pd.to_datetime(days) - as_of) / DAY).fillna(missing).to_numpy().astype(np.int64)


class _Company:
    """Options, the three plans and their figures of one company."""

    def __init__(
        self, company_id: str, payables: pd.DataFrame, run_days: pd.DataFrame, cash: CompanyCash,
        weeks: pd.DatetimeIndex, as_of: pd.Timestamp, policy: PaymentPolicy,
    ) -> None:  # fmt: skip
        self.company_id, self.cash, self.weeks, self.policy = company_id, cash, weeks, policy
        rows = payables.reset_index(drop=True)
        dates = run_days.loc[run_days["company_id"] == company_id, "run_date"]
        self._run_dates = np.sort(dates[dates > as_of].unique())
        runs = ((pd.DatetimeIndex(self._run_dates) - as_of) / DAY).to_numpy().astype(np.int64)
        week_of_run = ((pd.DatetimeIndex(self._run_dates) - weeks[0]) // (7 * DAY)).to_numpy().astype(np.int64)
        self.paid = {plan: np.zeros(len(weeks)) for plan in PLANS}
        self.totals = {plan: (0.0, 0.0) for plan in PLANS}
        self.gap: float | None = 0.0
        self.status, self.unavoidable = NO_RUN, 0.0
        owed = rows["amount"].to_numpy() > 0
        free = owed & (rows["blocked"] == "").to_numpy()
        self.count = int(free.sum())
        made = _unplanned(rows)
        if len(runs):
            # a blocked invoice may be released any day: its money is kept ready
            kept = rows[owed & ~free & ~rows["is_within_group"].to_numpy(dtype=bool)]
            reserved = np.zeros(len(weeks))
            if len(kept):
                ready = payment_options(kept, runs, week_of_run, as_of, policy)
                reserved = paid_by_week(ready, np.flatnonzero(ready["kind"] == USUAL), len(weeks))
            self._plan(made, rows[free], runs, week_of_run, reserved, as_of)
        self.proposals = made

    def _headroom(self, reserved: Floats) -> Floats | None:
        if self.cash.opening is None:
            return None
        without = self.cash.opening + np.cumsum(self.cash.flows - reserved[None, :], axis=1)
        return np.asarray(without - self.cash.cash_floor)

    def _plan(
        self, made: pd.DataFrame, payables: pd.DataFrame, runs: Ints, week_of_run: Ints, reserved: Floats,
        as_of: pd.Timestamp,
    ) -> None:  # fmt: skip
        if payables.empty:
            self.status = OPTIMAL if self.cash.opening is not None else CASH_UNKNOWN
            self.paid = dict.fromkeys(PLANS, reserved)
            return
        options = payment_options(payables, runs, week_of_run, as_of, self.policy)
        headroom = self._headroom(reserved)
        found = cheapest_plan(options, headroom, self.policy.breach_limit)
        self.gap, self.unavoidable = found.gap, found.unavoidable
        self.status = found.status if headroom is not None else CASH_UNKNOWN
        usual = np.flatnonzero(options["kind"] == USUAL)
        at_once = _at_once(payables, runs, week_of_run, as_of, self.policy)
        for plan, frame, chosen in (
            ("usual", options, usual),
            ("at_once", at_once, np.arange(len(at_once))),
            ("proposed", options, found.option),
        ):
            self.paid[plan] = reserved + paid_by_week(frame, chosen, len(self.weeks))
            picked = frame.iloc[chosen]
            self.totals[plan] = (float(picked["cost"].sum()), float(picked["discount"].sum()))
        cheapest = per_payable(options, options["cost"].to_numpy(dtype=float))
        self._describe(made, payables, options, usual, found.option, cheapest, runs, as_of)

    def _describe(
        self, made: pd.DataFrame, payables: pd.DataFrame, options: pd.DataFrame, usual: Ints, chosen: Ints,
        cheapest: Ints, runs: Ints, as_of: pd.Timestamp,
    ) -> None:  # fmt: skip
        at, habit = options.iloc[chosen].reset_index(drop=True), options.iloc[usual].reset_index(drop=True)
        day, usual_day = runs[at["run"].to_numpy()], runs[habit["run"].to_numpy()]
        due = _days(payables["due_date"], as_of)
        moved_by_floor = at["cost"].to_numpy() > options["cost"].to_numpy()[cheapest] + 1e-9
        offered = np.zeros(len(payables), dtype=bool)
        early = options[options["kind"] == DISCOUNT].set_index("payable")
        offered[early.index] = True
        rate = np.full(len(payables), np.nan)
        share = early["discount"] / early["pay"]
        rate[early.index] = share * YEAR_DAYS / (usual_day[early.index] - runs[early["run"].to_numpy()])
        late = (at["kind"] == LATE).to_numpy()
        beyond = (due > runs[-1]) & (at["kind"] == USUAL).to_numpy()
        reason = np.select(
            [
                beyond,
                late,
                at["discount"].to_numpy() > 0,
                offered & moved_by_floor,
                offered,
                due < runs[0],
            ],
            [
                "due_after_last_run", "delayed_for_floor", "discount_taken", "discount_left_for_floor",
                "discount_not_worth_it", "overdue_next_run",
            ],
            "last_run_before_due",
        )  # fmt: skip
        dates = pd.DatetimeIndex(self._run_dates)
        where = payables.index
        made.loc[where, "state"] = np.where(beyond, NOT_PROPOSED, PROPOSED)
        made.loc[where, "reasons"] = reason
        made.loc[where, "usual_date"] = np.where(due > runs[-1], np.datetime64("NaT"), dates[habit["run"]])
        made.loc[where, "proposed_date"] = np.where(beyond, np.datetime64("NaT"), dates[at["run"]])
        made.loc[where, "days_late"] = np.where(beyond, 0, np.maximum(day - due, 0))
        made.loc[where, "takes_discount"] = at["discount"].to_numpy() > 0
        made.loc[where, "discount_amount"] = at["discount"].to_numpy()
        for name in ("cash_cost", "late_cost"):
            made.loc[where, name] = at[name].to_numpy()
        made.loc[where, "total_cost"] = at["cost"].to_numpy()
        made.loc[where, "saving"] = habit["cost"].to_numpy() - at["cost"].to_numpy()
        made.loc[where, "discount_annual_rate"] = rate

    def closing(self, plan: str) -> Floats | None:
        """Cash at the end of each week, paths × weeks; None where the opening is not known."""
        if self.cash.opening is None:
            return None
        return np.asarray(self.cash.opening + np.cumsum(self.cash.flows - self.paid[plan][None, :], axis=1))

    def company_frame(self) -> pd.DataFrame:
        known = self.cash.opening is not None
        row: dict[str, object] = {
            "company_id": self.company_id, "currency": self.cash.currency, "status": self.status, "gap": self.gap,
            "breach_limit": self.policy.breach_limit, "cash_floor": self.cash.cash_floor if known else None,
            "unavoidable_breach": self.unavoidable if known else None, "payable_count": self.count,
        }  # fmt: skip
        for plan in PLANS:
            row[f"total_cost_{plan}"], row[f"discount_{plan}"] = self.totals[plan]
            closing = self.closing(plan)
            row[f"probability_below_floor_{plan}"] = (
                None if closing is None else _chances(closing, self.cash.cash_floor)[1][-1]
            )
        return pd.DataFrame([row])

    def week_frame(self) -> pd.DataFrame:
        floor = self.cash.cash_floor if self.cash.opening is not None else None
        frame = pd.DataFrame({"week_start": self.weeks}).assign(
            scope="company", company_id=self.company_id, currency=self.cash.currency, cash_floor=floor
        )
        for plan in PLANS:
            _add_plan(frame, plan, self.paid[plan], self.closing(plan), self.cash.cash_floor)
        return frame


def _unplanned(rows: pd.DataFrame) -> pd.DataFrame:
    """Every payable with why it is not proposed; those that are planned are filled in later."""
    credit = rows["amount"].to_numpy() <= 0
    blocked = rows["blocked"].to_numpy()
    made = pd.DataFrame({"payable_id": rows["payable_id"], "company_id": rows["company_id"]})
    made["state"] = np.where(credit, CREDIT, NOT_PROPOSED)
    made["reasons"] = np.select([credit, blocked != ""], ["credit_to_set_off", blocked], NO_RUN)
    for name in ("usual_date", "proposed_date"):
        made[name] = pd.Series(pd.NaT, index=made.index, dtype="datetime64[ns]")
    made["days_late"], made["takes_discount"] = 0, False
    for name in ("discount_amount", "cash_cost", "late_cost", "total_cost", "saving"):
        made[name] = 0.0
    made["discount_annual_rate"] = np.nan
    return made


def _at_once(
    payables: pd.DataFrame, runs: Ints, week_of_run: Ints, as_of: pd.Timestamp, policy: PaymentPolicy
) -> pd.DataFrame:
    """Everything on the first run, with the discounts that still stand then."""
    first = pd.DataFrame({"payable": np.arange(len(payables)), "run": 0, "kind": USUAL})
    offer = _offers(payables)
    until = np.where(offer > 0, _days(payables["discount_date"], as_of, missing=-1), -1)
    return _with_cost(first, payables, runs, week_of_run, _days(payables["due_date"], as_of), offer, until, policy)


def _chances(closing: Floats, floor: float) -> tuple[Floats, Floats]:
    """Share of paths under the floor in each week, and in it or any week before."""
    below = closing < floor - HALF_A_CENT
    return below.mean(axis=0), np.logical_or.accumulate(below, axis=1).mean(axis=0)


def _add_plan(frame: pd.DataFrame, plan: str, paid: Floats, closing: Floats | None, floor: float) -> None:
    frame[f"payments_{plan}"] = paid
    chance, so_far = (None, None) if closing is None else _chances(closing, floor)
    frame[f"probability_below_floor_{plan}"] = chance
    frame[f"probability_below_floor_so_far_{plan}"] = so_far


def _group_frame(
    made: list[_Company], cash: Mapping[str, CompanyCash], weeks: pd.DatetimeIndex, currency: str, floor: float
) -> pd.DataFrame:
    """All companies as one purse in reporting currency, without those whose opening or rate is not known."""
    planned = {one.company_id: one for one in made}
    frame = pd.DataFrame({"week_start": weeks}).assign(
        scope="group", company_id=None, currency=currency, cash_floor=floor
    )
    for plan in PLANS:
        paid, closing = np.zeros(len(weeks)), None
        for company_id, of in sorted(cash.items()):
            if of.opening is None or of.rate is None:
                continue
            one = planned.get(company_id)
            own = of.opening + np.cumsum(of.flows, axis=1) if one is None else one.closing(plan)
            assert own is not None
            closing = own * of.rate if closing is None else closing + own * of.rate
            paid = paid + (one.paid[plan] * of.rate if one is not None else 0.0)
        _add_plan(frame, plan, paid, closing, floor)
    return frame
