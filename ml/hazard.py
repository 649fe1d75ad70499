"""On which day will an invoice be paid: a discrete-time hazard model, the forecaster that is published.

One row per invoice and day it may be paid on (person-period data: Allison 1982, "Discrete-time methods for the analysis
of event histories"; Singer and Willett 1993). What is learnt is the hazard, P(paid on day d | open the day before), so
an invoice still open teaches as much as one that is paid: that it was not paid so far. Invoices are described at
landmarks, before and after their due day (van Houwelingen 2007), as the open ones will be.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.calibration import (
    DAYS_LATE,
    FIRST_DAY_LATE,
    LEVELS,
    Floats,
    LatenessDistribution,
    calibrated_levels,
)
from ml.features import DAY, PaymentHistory, ReceiptHabits, days_between
from ml.receipts import (
    CALIBRATION_DAYS,
    LEAD_DAYS,
    SETTLED_DAYS,
    CustomerRecent,
    late_hazard,
    lateness,
    learning_days,
)

CANDIDATE_DAYS = np.arange(-60, 76)
"""Days late on which the hazard is modelled; before them nothing is paid, after them the tail takes over."""
LANDMARKS = (45, None, -10, -45)
"""Days before due at which past invoices are described; None: the forecaster's own lead_days."""
NO_RECEIPTS = 0.001
"""A weekday with a smaller share of all receipts has none: banks are closed."""
ROWS = 60_000
"""Days without a receipt that are learnt from, of all there are; each stands for more than itself (case-control
weights: King and Zeng 2001)."""
CHUNK = 4_000


class PaymentHazard(CustomerRecent):
    """Pays on a day by what it has done, what day it is, and how late it already is.

    Gradient-boosted trees (Friedman 2001) on the hazard's log-odds. Below 200 paid invoices there is nothing to learn:
    CustomerRecent's distribution is used.
    """

    name = "payment_hazard"

    def __init__(
        self, lead_days: int = LEAD_DAYS, max_invoices: int = 20_000, rounds: int = 120, calibrate: bool = True
    ) -> None:
        super().__init__(lead_days)
        self.max_invoices = max_invoices
        self.rounds = rounds
        self.calibrate = calibrate

    def fit_known(
        self, known: pd.DataFrame, as_of: pd.Timestamp, history: PaymentHistory, habits: ReceiptHabits
    ) -> Self:
        """``fit`` on invoices as known at ``as_of``; ``history`` and ``habits`` may hold later rows: none is read."""
        self.history_, self.habits_ = history, habits
        self.levels_ = LEVELS
        usable = known[(known["amount"] > 0).to_numpy()]
        # one order whatever order the rows came in
        order = usable.assign(text=usable["customer_id"].astype(str).fillna("")).sort_values(
            ["due_date", "text", "amount", "cleared_date", "invoice_date"]
        )
        usable = usable.loc[order.index].tail(self.max_invoices)
        early = as_of - CALIBRATION_DAYS * DAY
        day = learning_days(usable, self.lead_days)
        known_early = day <= early
        recent = usable[~known_early & (usable["due_date"] <= as_of - SETTLED_DAYS * DAY)]
        # paid before the day it is forecast on: nobody would have asked
        recent = recent[~(recent["cleared_date"] <= recent["due_date"] - self.lead_days * DAY)]
        if self.calibrate and known_early.sum() >= 200 and len(recent) >= 50:
            before = usable[known_early]
            before = before.assign(cleared_date=before["cleared_date"].where(before["cleared_date"] <= early))
            self._learn_hazard(before, early)
            recent = recent.tail(CHUNK)
            paid, late = lateness(recent, as_of)
            made = self._hazard_distribution(recent, learning_days(recent, self.lead_days))
            self.levels_ = _bounded(calibrated_levels(made, late, paid))
        self._learn_hazard(usable, as_of)
        return self

    def fit_described(self, features: pd.DataFrame, invoices: pd.DataFrame, as_of: pd.Timestamp) -> Self:
        raise NotImplementedError("a hazard needs more than features described once: use fit or fit_known")

    def distribution_on(
        self, items: pd.DataFrame, known_on: pd.Series, reached: Floats | None = None
    ) -> LatenessDistribution:
        """Distribution of items open at the end of their day ``known_on``; nothing lies on or before that day.

        Args:
            reached: days late up to which no receipt is possible, where it is not those of ``known_on``.
        """
        made = self._hazard_distribution(items, known_on, reached=reached)
        return made.recalibrated(self.levels_).with_stragglers()

    def distribution_without(self, group: str, items: pd.DataFrame, known_on: pd.Series) -> LatenessDistribution:
        """``distribution_on`` as if nothing were known of a group of GROUPS."""
        return self._hazard_distribution(items, known_on, group).recalibrated(self.levels_).with_stragglers()

    def _landmarks(self, invoices: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
        """Invoices × landmarks at which they were known and open: row, known_on."""
        parts = []
        known_from = invoices["invoice_date"].fillna(invoices["due_date"] - self.lead_days * DAY)
        for lead in LANDMARKS:
            day = invoices["due_date"] - (self.lead_days if lead is None else lead) * DAY
            if lead is None:
                day = day.where(~(invoices["invoice_date"] > day), invoices["invoice_date"])
            there = (day <= as_of) & ~(invoices["cleared_date"] <= day)
            if lead is not None:
                there &= known_from <= day
            if lead is not None and lead > self.lead_days:
                # else nearly the same day twice
                there &= known_from < invoices["due_date"] - (self.lead_days + 5) * DAY
            where = np.flatnonzero(there.to_numpy())
            parts.append(pd.DataFrame({"row": where, "known_on": day.to_numpy()[where]}))
        return pd.concat(parts, ignore_index=True)

    def _learn_hazard(self, invoices: pd.DataFrame, as_of: pd.Timestamp) -> None:
        paid, late = lateness(invoices, as_of)
        day = learning_days(invoices, self.lead_days)
        features = self.history_.describe(invoices, day.where(day <= as_of, as_of))
        super()._learn(features, invoices, as_of)
        self.late_hazard_, self.tail_days_ = late_hazard(late, paid, self.tail_days_)
        self.model_: Any = None
        settled = paid & (invoices["due_date"] <= as_of - SETTLED_DAYS * DAY).to_numpy()
        if settled.sum() < 200:
            return
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        weekday = self.habits_.weekday(invoices["cleared_date"][paid])
        share = np.bincount(weekday, minlength=7) / max(paid.sum(), 1)
        self.open_weekday_ = share >= NO_RECEIPTS
        marks = self._landmarks(invoices, as_of)
        # a day's row: at risk from the day after the landmark to the day of payment, or as_of
        until = np.minimum(late, CANDIDATE_DAYS[-1])[marks["row"]]
        items = invoices.iloc[marks["row"]].reset_index(drop=True)
        reached = days_between(marks["known_on"], items["due_date"]).to_numpy()
        days_at_risk = np.maximum(until - np.maximum(reached, CANDIDATE_DAYS[0] - 1), 0).sum() * 5.0 / 7.0
        share_kept = min(1.0, ROWS / max(days_at_risk, 1.0))
        random = np.random.default_rng(0)
        inputs, events, weights = [], [], []
        for start in range(0, len(items), CHUNK):
            part = slice(start, start + CHUNK)
            open_ = self._candidates(items.iloc[part], reached[part])
            at_risk = open_ & (CANDIDATE_DAYS[None, :] <= until[part, None])
            event = paid[marks["row"]][part, None] & (late[marks["row"]][part, None] == CANDIDATE_DAYS[None, :])
            keep = (event & (CANDIDATE_DAYS[None, :] > reached[part, None])) | (
                at_risk & (random.random(at_risk.shape) < share_kept)
            )
            inputs.append(self._inputs(items.iloc[part], marks["known_on"].iloc[part], keep))
            events.append(event[keep])
            weights.append(np.where(event[keep], 1.0, 1.0 / share_kept))
        # its threads spin while they wait: on a busy machine one is faster than two
        with threadpool_limits(1):
            self.model_ = HistGradientBoostingClassifier(
                max_iter=self.rounds, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=200,
                l2_regularization=10.0, max_features=0.4, early_stopping=False, random_state=0,
            ).fit(np.concatenate(inputs), np.concatenate(events), np.concatenate(weights))  # fmt: skip

    def _candidates(self, items: pd.DataFrame, reached: Floats) -> NDArray[np.bool_]:
        """Which of CANDIDATE_DAYS can see a receipt: after what is reached, and banks open."""
        after = CANDIDATE_DAYS[None, :] > reached[:, None]
        due_weekday = self.habits_.weekday(items["due_date"])
        return after & self.open_weekday_[(due_weekday[:, None] + CANDIDATE_DAYS[None, :]) % 7]

    def _inputs(self, items: pd.DataFrame, known_on: pd.Series, keep: NDArray[np.bool_], without: str = "") -> Any:
        known_on = pd.Series(known_on.to_numpy(), index=items.index)
        described = self.history_.describe(items, known_on)
        return self.habits_.candidates(items, known_on, described, CANDIDATE_DAYS, keep, without)

    def _hazard_distribution(
        self, items: pd.DataFrame, known_on: pd.Series, without: str = "", reached: Floats | None = None
    ) -> LatenessDistribution:
        if self.model_ is None or not len(items):
            return self._distribution(self.history_.describe(items, known_on))
        from threadpoolctl import threadpool_limits

        known_on = pd.Series(known_on.to_numpy(), index=items.index)
        if reached is None:
            reached = days_between(known_on, items["due_date"]).to_numpy()
        unpaid = np.ones((len(items), len(DAYS_LATE)))
        for start in range(0, len(items), CHUNK):
            part = slice(start, start + CHUNK)
            keep = self._candidates(items.iloc[part], reached[part])
            hazard = np.zeros((len(keep), len(DAYS_LATE)))
            hazard[:, CANDIDATE_DAYS[-1] + 1 - FIRST_DAY_LATE :] = self.late_hazard_
            hazard[DAYS_LATE[None, :] <= reached[part, None]] = 0.0
            if keep.any():
                first = CANDIDATE_DAYS[0] - FIRST_DAY_LATE
                inside = hazard[:, first : first + len(CANDIDATE_DAYS)]
                inputs = self._inputs(items.iloc[part], known_on.iloc[part], keep, without)
                with threadpool_limits(1):
                    inside[keep] = self.model_.predict_proba(inputs)[:, 1]
            unpaid[part] = np.cumprod(1.0 - hazard, axis=1)
        return LatenessDistribution(1.0 - unpaid, self.tail_days_)


def _bounded(levels: Floats) -> Floats:
    """Calibrated levels that widen an interval freely but narrow either side by half at most.

    After a change of behaviour all recent invoices lie on one side of the forecasts made before it; the model, fitted
    again since, has followed, and would lose its other side to the error of its predecessor.
    """
    low, high = np.minimum(levels, 1.5 * LEVELS), np.maximum(levels, 1.0 - 1.5 * (1.0 - LEVELS))
    bounded = np.where(LEVELS < 0.5, low, np.where(LEVELS > 0.5, high, levels))
    return np.maximum.accumulate(bounded)
