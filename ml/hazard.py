"""On which day will an invoice be paid: a discrete-time hazard model, the forecaster that is published.

One row per invoice and day it may be paid on (person-period data: Allison 1982, "Discrete-time methods for the analysis
of event histories"; Singer and Willett 1993). What is learnt is the hazard, P(paid on day d | open the day before), so
an invoice still open teaches as much as one that is paid: that it was not paid so far. Invoices are described at
landmarks, before and after their due day (van Houwelingen 2007), as the open ones will be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from ml.features import DAY, PaymentHistory, ReceiptHabits, days_between, without_knowledge
from ml.receipts import (
    CALIBRATION_DAYS,
    CALIBRATION_INVOICES,
    LEAD_DAYS,
    SETTLED_DAYS,
    CustomerRecent,
    DueDate,
    ReceiptForecaster,
    evenly,
    in_one_order,
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
"""Days without a receipt that are learnt from, of all there are. The odds learnt are too high by as much as these are
too few, and are brought down by it (prior correction of case-control samples: King and Zeng 2001)."""
CHUNK = 2_000


@dataclass(frozen=True)
class Trial:
    """Forecasts made for calibration: with a model fitted six weeks ago, of invoices that came due since.

    invoices: as known now. known_on: the day as of which each is forecast, still open then. paid, late: whether it is
    paid by now, and its days late, so far where it is open. forecasts: by name of the method, before calibration, with
    naive methods fitted on the same day beside the model.
    """

    fitted_on: pd.Timestamp
    invoices: pd.DataFrame
    known_on: pd.Series
    paid: NDArray[np.bool_]
    late: Floats
    forecasts: dict[str, LatenessDistribution]


class PaymentHazard(ReceiptForecaster):
    """Pays on a day by what it has done, what day it is, and how late it already is.

    Gradient-boosted trees (Friedman 2001) on the hazard's log-odds. Below 200 paid invoices there is nothing to learn:
    CustomerRecent's distribution is used. Of a longer history than ``max_invoices`` every n-th is learnt from, while
    customers' habits are read from all of it.
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
        self, known: pd.DataFrame, as_of: pd.Timestamp, history: PaymentHistory, habits: ReceiptHabits | None = None
    ) -> Self:
        self.history_, self.habits_ = history, habits or ReceiptHabits(known)
        self.levels_ = LEVELS
        self.trial_: Trial | None = None
        usable = in_one_order(known[(known["amount"] > 0).to_numpy()])
        early = as_of - CALIBRATION_DAYS * DAY
        known_early = learning_days(usable, self.lead_days) <= early
        recent = usable[~known_early & (usable["due_date"] <= as_of - SETTLED_DAYS * DAY)]
        # paid before the day it is forecast on: nobody would have asked
        recent = recent[~(recent["cleared_date"] <= recent["due_date"] - self.lead_days * DAY)]
        if self.calibrate and known_early.sum() >= 200 and len(recent) >= 50:
            before = evenly(usable[known_early], self.max_invoices)
            before = before.assign(cleared_date=before["cleared_date"].where(before["cleared_date"] <= early))
            self._learn_hazard(before, early)
            self.trial_ = self._try(before, early, evenly(recent, CALIBRATION_INVOICES), as_of)
            made = self.trial_.forecasts[self.name]
            self.levels_ = _bounded(calibrated_levels(made, self.trial_.late, self.trial_.paid))
        self._learn_hazard(evenly(usable, self.max_invoices), as_of)
        return self

    def _try(self, before: pd.DataFrame, early: pd.Timestamp, recent: pd.DataFrame, as_of: pd.Timestamp) -> Trial:
        known_on = learning_days(recent, self.lead_days)
        features = self.history_.describe(recent, known_on)
        days = learning_days(before, self.lead_days)
        due_date = DueDate(self.lead_days).fit_described(
            self.history_.describe(before, days.where(days <= early, early)), before, early
        )
        paid, late = lateness(recent, as_of)
        forecasts = {
            self.name: self._hazard_distribution(recent, known_on),
            self.usual_.name: self.usual_.predict_described(features),
            due_date.name: due_date.predict_described(features),
        }
        return Trial(early, recent, known_on, paid, late, forecasts)

    def distribution_on(
        self, items: pd.DataFrame, known_on: pd.Series, reached: Floats | None = None
    ) -> LatenessDistribution:
        """Distribution of items open at the end of their day ``known_on``; nothing lies on or before that day.

        Args:
            reached: days late up to which no receipt is possible, where it is not those of ``known_on``.
        """
        made = self._hazard_distribution(items, known_on, reached=reached)
        return made.recalibrated(self.levels_).with_stragglers()

    def distributions_without(
        self, groups: Sequence[str], items: pd.DataFrame, known_on: pd.Series
    ) -> list[LatenessDistribution]:
        """``distribution_on`` as if nothing were known of each of ``groups``, of GROUPS; of "" nothing is left out."""
        made = self._hazard_distributions(items, known_on, groups)
        return [one.recalibrated(self.levels_).with_stragglers() for one in made]

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
        # what is said where there is too little to learn from
        self.usual_ = CustomerRecent(self.lead_days).fit_described(features, invoices, as_of)
        self.late_hazard_, self.tail_days_ = late_hazard(late, paid, self.usual_.tail_days_)
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
        self.share_kept_ = share_kept = min(1.0, ROWS / max(days_at_risk, 1.0))
        random = np.random.default_rng(0)
        inputs, events = [], []
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
        # its threads spin while they wait: on a busy machine one is faster than two
        with threadpool_limits(1):
            self.model_ = HistGradientBoostingClassifier(
                max_iter=self.rounds, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=200,
                l2_regularization=10.0, max_features=0.4, early_stopping=False, random_state=0,
            ).fit(np.concatenate(inputs), np.concatenate(events))  # fmt: skip

    def _candidates(self, items: pd.DataFrame, reached: Floats) -> NDArray[np.bool_]:
        """Which of CANDIDATE_DAYS can see a receipt: after what is reached, and banks open."""
        after = CANDIDATE_DAYS[None, :] > reached[:, None]
        due_weekday = self.habits_.weekday(items["due_date"])
        return after & self.open_weekday_[(due_weekday[:, None] + CANDIDATE_DAYS[None, :]) % 7]

    def _inputs(self, items: pd.DataFrame, known_on: pd.Series, keep: NDArray[np.bool_]) -> Floats:
        known_on = pd.Series(known_on.to_numpy(), index=items.index)
        return self.habits_.candidates(items, known_on, self.history_.describe(items, known_on), CANDIDATE_DAYS, keep)

    def _hazard_distribution(
        self, items: pd.DataFrame, known_on: pd.Series, reached: Floats | None = None
    ) -> LatenessDistribution:
        return self._hazard_distributions(items, known_on, ("",), reached)[0]

    def _hazard_distributions(
        self, items: pd.DataFrame, known_on: pd.Series, groups: Sequence[str], reached: Floats | None = None
    ) -> list[LatenessDistribution]:
        if self.model_ is None or not len(items):
            described = self.history_.describe(items, known_on)
            return [self.usual_.predict_described(described)] * len(groups)
        known_on = pd.Series(known_on.to_numpy(), index=items.index)
        if reached is None:
            reached = days_between(known_on, items["due_date"]).to_numpy()
        unpaid = [np.ones((len(items), len(DAYS_LATE))) for _ in groups]
        for start in range(0, len(items), CHUNK):
            part = slice(start, start + CHUNK)
            keep = self._candidates(items.iloc[part], reached[part])
            inputs = self._inputs(items.iloc[part], known_on.iloc[part], keep) if keep.any() else None
            hazard = np.zeros((len(keep), len(DAYS_LATE)))
            hazard[:, CANDIDATE_DAYS[-1] + 1 - FIRST_DAY_LATE :] = self.late_hazard_
            hazard[DAYS_LATE[None, :] <= reached[part, None]] = 0.0
            first = CANDIDATE_DAYS[0] - FIRST_DAY_LATE
            inside = hazard[:, first : first + len(CANDIDATE_DAYS)]
            for group, still in zip(groups, unpaid, strict=True):
                if inputs is not None:
                    seen = without_knowledge(group, inputs) if group else inputs
                    sampled = self.model_.predict_proba(seen)[:, 1]
                    inside[keep] = sampled * self.share_kept_ / (sampled * self.share_kept_ + 1.0 - sampled)
                still[part] = np.cumprod(1.0 - hazard, axis=1)
        return [LatenessDistribution(1.0 - still, self.tail_days_) for still in unpaid]


def _bounded(levels: Floats) -> Floats:
    """Calibrated levels that widen an interval freely but narrow either side by half at most.

    After a change of behaviour all recent invoices lie on one side of the forecasts made before it; the model, fitted
    again since, has followed, and would lose its other side to the error of its predecessor.
    """
    low, high = np.minimum(levels, 1.5 * LEVELS), np.maximum(levels, 1.0 - 1.5 * (1.0 - LEVELS))
    bounded = np.where(LEVELS < 0.5, low, np.where(LEVELS > 0.5, high, levels))
    return np.maximum.accumulate(bounded)
