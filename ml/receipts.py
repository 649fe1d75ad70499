"""When will an invoice be paid: forecasters of the distribution of days late.

All share one shape: ``fit(history, as_of)``, then ``predict(open_items, as_of)``, and one idea: an anchor (what the
customer usually does) plus a distribution around it. They differ in both.

Frames. ``history``: customer_id, invoice_date (NaT where unknown), due_date, cleared_date (NaT while open), amount;
``open_items``: the same without cleared_date. Negative days late are days paid early.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd

from ml.calibration import (
    DAYS_LATE,
    FIRST_DAY_LATE,
    LAST_DAY_LATE,
    LEAST_UNPAID,
    LEVELS,
    Floats,
    LatenessDistribution,
    calibrated_levels,
    share_unpaid,
)
from ml.features import DAY, FEATURES, PaymentHistory, ReceiptHabits, codes_of, days_between, known_texts

HISTORY_MONTHS = 18
LEAD_DAYS = 15
"""Days before the due date as of which past invoices are described for learning."""
CALIBRATION_DAYS = 42
CALIBRATION_INVOICES = 4_000
SETTLED_DAYS = 3
"""An invoice teaches a tree, and a calibration, only when it has been due this long: before that only the early
payers among its like are known."""
PRIOR_INVOICES = 10.0
"""Weight, in invoices, of the wide distribution assumed when nothing is known."""
LEAF_PRIOR_INVOICES = 0.5
"""The same for a leaf, towards all invoices together: leaves hold few invoices, surprises happen to all."""
LATE_BANDS = ((75.0, 105.0), (105.0, 150.0), (150.0, 10_000.0))
"""Days late over which the chance of a receipt a day is one rate."""
QUANTILES = np.array([0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99])
HORIZONS_DAYS = (7, 14, 30, 60, 90)
NEVER_DAYS = 365
"""Paid later than so many days after due counts as never: by then a receivable is written off or in court."""


def quantile_name(level: float) -> str:
    """Column of a quantile: 0.05 → p05."""
    return f"p{round(level * 100):02d}"


def known_invoices(history: pd.DataFrame, as_of: pd.Timestamp, lead_days: int = LEAD_DAYS) -> pd.DataFrame:
    """``history`` as it was known at the end of ``as_of``: later invoices left out, later receipts not yet seen.

    An invoice without invoice_date counts as known from ``lead_days`` before it is due, or from its receipt if earlier.
    """
    known_from = history["invoice_date"].fillna(history["due_date"] - lead_days * DAY)
    known = history[(known_from <= as_of) | (history["cleared_date"] <= as_of)]
    return known.assign(cleared_date=known["cleared_date"].where(known["cleared_date"] <= as_of))


def learning_days(invoices: pd.DataFrame, lead_days: int = LEAD_DAYS) -> pd.Series:
    """Day as of which each past invoice is described: ``lead_days`` before due, once invoiced, and still unpaid."""
    day = invoices["due_date"] - lead_days * DAY
    day = day.where(~(invoices["invoice_date"] > day), invoices["invoice_date"])
    # the day before it was paid: an invoice never describes itself
    return day.where(~(invoices["cleared_date"] <= day), invoices["cleared_date"] - DAY)


def in_one_order(invoices: pd.DataFrame) -> pd.DataFrame:
    """By due date, whatever order the rows came in: trees add up and sample by position."""
    text = codes_of(known_texts(invoices["customer_id"]), invoices["customer_id"])
    ordered = [invoices[name].to_numpy() for name in ("invoice_date", "cleared_date", "amount")]
    return invoices.iloc[np.lexsort((*ordered, text, invoices["due_date"].to_numpy()))]


def evenly(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """``rows``, or of more than ``most`` every n-th, so that of a long history all times and customers are met.

    The newest ones instead would be, of a million invoices, those that are not due yet.
    """
    return rows if len(rows) <= most else rows.iloc[np.arange(most) * len(rows) // most]


class ReceiptForecaster(ABC):
    """What all forecasters of days late have in common; fitted state ends in an underscore."""

    name: str = ""

    def __init__(self, lead_days: int = LEAD_DAYS) -> None:
        self.lead_days = lead_days

    def fit(self, history: pd.DataFrame, as_of: pd.Timestamp) -> Self:
        """Learn from what was known at the end of ``as_of``; later rows and receipts in ``history`` are not seen."""
        as_of = pd.Timestamp(as_of)
        known = known_invoices(history, as_of, self.lead_days)
        known = known[known["due_date"] > as_of - pd.DateOffset(months=HISTORY_MONTHS)]
        known = known.reset_index(drop=True)
        return self.fit_known(known, as_of, PaymentHistory(known))

    @abstractmethod
    def fit_known(
        self, known: pd.DataFrame, as_of: pd.Timestamp, history: PaymentHistory, habits: ReceiptHabits | None = None
    ) -> Self:
        """``fit`` on invoices as known at ``as_of``; ``history`` and ``habits`` may hold later rows: none is read.

        ``habits``, for forecasters that read them: made of ``known`` when not given.
        """

    @abstractmethod
    def distribution_on(self, items: pd.DataFrame, known_on: pd.Series) -> LatenessDistribution:
        """``distribution`` of items each as of its own day ``known_on``."""

    def distribution(self, open_items: pd.DataFrame, as_of: pd.Timestamp) -> LatenessDistribution:
        """The whole distribution of days late, before it is known that the items are still open at ``as_of``."""
        return self.distribution_on(open_items, pd.Series(pd.Timestamp(as_of), index=open_items.index))

    def predict(self, open_items: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
        """Days late of items still open at the end of ``as_of``.

        Returns:
            On the index of ``open_items``: p01 … p99 and mean, in days late; probability_paid_7, _14, _30, _60, _90:
            paid within so many days after ``as_of``; probability_never. No quantile lies on or before ``as_of``: the
            items are known unpaid.
        """
        as_of = pd.Timestamp(as_of)
        return summarise(self.distribution(open_items, as_of), open_items, as_of)


class DescribedForecaster(ReceiptForecaster):
    """Forecasts from FEATURES and nothing else: an anchor, and a distribution around it."""

    max_rows = 20_000
    """Most past invoices that are learnt from; the rest tell the features only."""

    def fit_known(
        self, known: pd.DataFrame, as_of: pd.Timestamp, history: PaymentHistory, habits: ReceiptHabits | None = None
    ) -> Self:
        self.history_ = history
        days = learning_days(known, self.lead_days)
        days = days.where(days <= as_of, as_of)
        return self._fit(lambda rows: history.describe(rows, days.loc[rows.index]), known, as_of)

    def fit_described(self, features: pd.DataFrame, invoices: pd.DataFrame, as_of: pd.Timestamp) -> Self:
        """``fit`` on invoices whose features are at hand; both as known at ``as_of``."""
        return self._fit(lambda rows: features.loc[rows.index], invoices, as_of)

    def _fit(
        self, describe: Callable[[pd.DataFrame], pd.DataFrame], invoices: pd.DataFrame, as_of: pd.Timestamp
    ) -> Self:
        self.levels_ = LEVELS
        invoices = in_one_order(invoices[(invoices["amount"] > 0).to_numpy()])
        early = as_of - CALIBRATION_DAYS * DAY
        known_early = invoices["due_date"] - self.lead_days * DAY <= early
        recent = invoices[~known_early & (invoices["due_date"] <= as_of - SETTLED_DAYS * DAY)]
        if self._calibrates and known_early.sum() >= 200 and len(recent) >= 50:
            before = evenly(invoices[known_early], self.max_rows)
            cleared = before["cleared_date"].where(before["cleared_date"] <= early)
            self._learn(describe(before), before.assign(cleared_date=cleared), early)
            recent = evenly(recent, CALIBRATION_INVOICES)
            paid, late = lateness(recent, as_of)
            self.levels_ = calibrated_levels(self._distribution(describe(recent)), late, paid)
        learnt = evenly(invoices, self.max_rows)
        self._learn(describe(learnt), learnt, as_of)
        return self

    def distribution_on(self, items: pd.DataFrame, known_on: pd.Series) -> LatenessDistribution:
        # as those learnt from: an invoice that is overdue itself would pass for one of a customer that owes much
        unpaid = pd.Series(pd.NaT, index=items.index, dtype="datetime64[ns]")
        described = learning_days(items.assign(cleared_date=unpaid), self.lead_days)
        return self.predict_described(self.history_.describe(items, described.where(described < known_on, known_on)))

    def predict_described(self, features: pd.DataFrame) -> LatenessDistribution:
        """``distribution`` of items whose features are at hand."""
        return self._distribution(features).recalibrated(self.levels_).with_stragglers()

    _calibrates: bool = False

    @abstractmethod
    def _anchor(self, features: pd.DataFrame) -> Floats:
        """Whole days late the customer usually takes; the distribution lies around it."""

    def _learn(self, features: pd.DataFrame, invoices: pd.DataFrame, as_of: pd.Timestamp) -> None:
        paid, late = lateness(invoices, as_of)
        self.tail_days_ = _tail_days(late, paid)
        self.around_ = _unpaid_around(late - self._anchor(features), paid, self.tail_days_)

    def _distribution(self, features: pd.DataFrame) -> LatenessDistribution:
        unpaid = np.broadcast_to(self.around_, (len(features), len(DAYS_LATE)))
        return LatenessDistribution(_shifted(1.0 - unpaid, self._anchor(features)), self.tail_days_)


class DueDate(DescribedForecaster):
    """Everyone pays on the due date, spread as all invoices together have been: the baseline to beat."""

    name = "due_date"

    def _anchor(self, features: pd.DataFrame) -> Floats:
        return np.zeros(len(features))

    def _learn(self, features: pd.DataFrame, invoices: pd.DataFrame, as_of: pd.Timestamp) -> None:
        super()._learn(features, invoices, as_of)
        # the middle is the due date by definition; only the spread is learnt
        middle = LatenessDistribution(1.0 - self.around_[None, :], self.tail_days_).median_day()
        self.around_ = 1.0 - _shifted(1.0 - self.around_[None, :], -middle)[0]


class CustomerRecent(DescribedForecaster):
    """A customer pays as in the median of its last 30 receipts, spread as invoices are around that median."""

    name = "customer_recent"

    def _anchor(self, features: pd.DataFrame) -> Floats:
        return np.rint(features["late_recent_p50"].fillna(features["group_late_recent"]).fillna(0.0).to_numpy())


class SimilarInvoices(CustomerRecent):
    """Pays as similar past invoices were: trees find the similar ones, their receipts make the distribution.

    Extremely randomised trees (Geurts, Ernst, Wehenkel 2006) split past invoices on what was known of them before they
    were due; in each leaf the share still unpaid after each day is estimated from paid and open invoices (Kaplan and
    Meier), and averaged over trees as in quantile regression forests (Meinshausen 2006) and random survival forests
    (Ishwaran et al. 2008). One fit gives all quantiles, ordered, and keeps the lumps that pay-days make.
    Below 200 paid invoices there is nothing to split: CustomerRecent's distribution is used.
    """

    name = "similar_invoices"
    _calibrates = True

    def __init__(self, lead_days: int = LEAD_DAYS, trees: int = 30, leaf_invoices: int = 10, max_rows: int = 12_000):
        super().__init__(lead_days)
        self.trees = trees
        self.leaf_invoices = leaf_invoices
        self.max_rows = max_rows

    def _learn(self, features: pd.DataFrame, invoices: pd.DataFrame, as_of: pd.Timestamp) -> None:
        super()._learn(features, invoices, as_of)
        self.forest_: Any = None
        paid, late = lateness(invoices, as_of)
        self.late_hazard_, self.tail_days_ = late_hazard(late, paid, self.tail_days_)
        settled = paid & (invoices["due_date"] <= as_of - SETTLED_DAYS * DAY).to_numpy()
        if settled.sum() < 200:
            return
        from sklearn.ensemble import ExtraTreesRegressor

        around = np.clip(late - self._anchor(features), FIRST_DAY_LATE, LAST_DAY_LATE)
        inputs = _inputs(features)
        forest = ExtraTreesRegressor(
            self.trees, min_samples_leaf=self.leaf_invoices, max_features=0.8, random_state=0, n_jobs=-1
        )
        # a receipt 60 days off is off; how far must not decide where the trees split
        forest.fit(inputs[settled], np.clip(around[settled], -60, 90))
        self.forest_ = forest
        self.leaves_: list[tuple[np.ndarray, np.ndarray]] = []
        for node in forest.apply(inputs).T:
            # open invoices may reach leaves, never new ones: every leaf was made by a settled invoice
            nodes, leaf = np.unique(node, return_inverse=True)
            unpaid = share_unpaid(leaf, len(nodes), around, paid, self.around_, LEAF_PRIOR_INVOICES)
            self.leaves_.append((nodes, (1.0 - unpaid).astype(np.float32)))

    def _distribution(self, features: pd.DataFrame) -> LatenessDistribution:
        general = super()._distribution(features)
        if self.forest_ is None or not len(features):
            return general
        paid_by = np.zeros((len(features), len(DAYS_LATE)))
        for node, (nodes, leaf_paid_by) in zip(self.forest_.apply(_inputs(features)).T, self.leaves_, strict=True):
            paid_by += leaf_paid_by[np.searchsorted(nodes, node)]
        paid_by = _shifted(paid_by / len(self.leaves_), self._anchor(features))
        # a leaf knows next to nothing of invoices so late: what is long unpaid is paid more and more rarely
        last = len(DAYS_LATE) - len(self.late_hazard_)
        paid_by[:, last:] = 1.0 - (1.0 - paid_by[:, last - 1 : last]) * np.cumprod(1.0 - self.late_hazard_)
        return LatenessDistribution(paid_by, self.tail_days_)


def summarise(distribution: LatenessDistribution, items: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Quantiles, mean and probabilities of items known to be unpaid at ``as_of``; columns as in ``predict``."""
    reached = days_between(pd.Series(as_of, index=items.index), items["due_date"]).to_numpy()
    quantiles = distribution.quantile(QUANTILES, reached)
    frame = pd.DataFrame(quantiles, columns=[quantile_name(q) for q in QUANTILES], index=items.index)
    frame["mean"] = distribution.mean(reached)
    paid = distribution.probability_within(np.array(HORIZONS_DAYS), reached)
    for horizon, column in zip(HORIZONS_DAYS, np.clip(paid, 0.0, 1.0).T, strict=True):
        frame[f"probability_paid_{horizon}"] = column
    frame["probability_never"] = probability_never(distribution, reached)
    return frame


def probability_never(distribution: LatenessDistribution, reached: Floats) -> Floats:
    """Probability of no receipt within NEVER_DAYS after the due date or, of items nearly as late, within 90 more days.

    From the history by way of the tail's mean days, which starts from one receipt in 60 days (see ``_tail_days``).

    Args:
        reached: days late already reached, still unpaid then.
    """
    ahead = np.maximum(NEVER_DAYS - reached, 90.0)
    paid = [distribution.probability_by((reached + days)[:, None])[:, 0] for days in (np.zeros(len(reached)), ahead)]
    tail = np.exp(-ahead / distribution.tail_days)
    unpaid = 1.0 - paid[0]
    return np.where(unpaid < LEAST_UNPAID, tail, (1.0 - paid[1]) / np.maximum(unpaid, LEAST_UNPAID))


def forecast_receivables(
    history: pd.DataFrame, open_items: pd.DataFrame, as_of: pd.Timestamp, model: ReceiptForecaster | None = None
) -> pd.DataFrame:
    """Payment dates of the receivables open at ``as_of``: the frame of fct_receivable_forecast.

    Works from no history at all (due date, wide interval) and for customers never seen.

    Args:
        history: receivable_id, company_id, customer_id, invoice_date, due_date, cleared_date (NaT while open), amount.
        open_items: the same columns (cleared_date is not read), one row per open receivable.
        as_of: last day whose events may be used.
        model: fitted forecaster; PaymentHazard fitted on ``history`` when none is given.

    Returns:
        forecast_as_of, receivable_id, company_id, customer_id, expected_payment_date, p10_date, p50_date, p90_date
        (all after ``as_of``), probability_paid_7, _14, _30, _60, _90 (paid within so many days after ``as_of``),
        probability_never, model.
    """
    as_of = pd.Timestamp(as_of).normalize()
    if model is None:
        from ml.hazard import PaymentHazard

        model = PaymentHazard().fit(history, as_of)
    days = model.predict(open_items, as_of)
    due = open_items["due_date"]
    result = open_items[["receivable_id", "company_id", "customer_id"]].copy()
    result.insert(0, "forecast_as_of", as_of)
    for column, source in (
        ("expected_payment_date", "mean"),
        ("p10_date", "p10"),
        ("p50_date", "p50"),
        ("p90_date", "p90"),
    ):
        date = due + np.rint(days[source]) * DAY
        result[column] = date.where(date > as_of, as_of + DAY)
    for horizon in HORIZONS_DAYS:
        result[f"probability_paid_{horizon}"] = days[f"probability_paid_{horizon}"]
    result["probability_never"] = days["probability_never"]
    result["model"] = model.name
    return result.reset_index(drop=True)


def _inputs(features: pd.DataFrame) -> Floats:
    """FEATURES as an array; the trees take no gaps, so what is unknown lies far off every real value."""
    return features[list(FEATURES)].fillna(-1000.0).to_numpy()


def lateness(invoices: pd.DataFrame, as_of: pd.Timestamp) -> tuple[np.ndarray, Floats]:
    """Whether paid by ``as_of``, and days late: final for paid invoices, reached so far for open ones."""
    paid = invoices["cleared_date"] <= as_of
    late = days_between(invoices["cleared_date"].where(paid, as_of), invoices["due_date"])
    return paid.to_numpy(), late.to_numpy(dtype=float)


def _tail_days(late: Floats, paid: np.ndarray) -> float:
    """Mean further days of an invoice 30 days late: exposure by receipts (exponential law with open items).

    Starts from one receipt in 60 days, so that no history gives 60 days.
    """
    exposed = np.maximum(late - 30.0, 0.0)
    return float(np.clip((exposed.sum() + 60.0) / (1.0 + (paid & (late > 30)).sum()), 15.0, 720.0))


def late_hazard(late: Floats, paid: np.ndarray, usual_days: float) -> tuple[Floats, float]:
    """Hazard of each of DAYS_LATE after the first of LATE_BANDS begins, and mean further days after the last.

    Constant by LATE_BANDS: receipts over days exposed, open invoices counting for what they have reached. Each band
    starts from what is usual of late invoices, ``usual_days``, with the weight of one receipt: what is long unpaid is
    paid more and more rarely, which one rate for all late days would hide.
    """
    rates = []
    for first, last in LATE_BANDS:
        exposed = np.clip(late - first, 0.0, last - first).sum()
        receipts = (paid & (late > first) & (late <= last)).sum()
        rates.append((receipts + 1.0) / (exposed + usual_days))
    after = DAYS_LATE[LATE_BANDS[0][0] < DAYS_LATE]
    band = np.searchsorted([last for _, last in LATE_BANDS], after)
    return -np.expm1(-np.array(rates)[band]), float(np.clip(1.0 / rates[-1], 15.0, 1440.0))


def _unpaid_around(around: Floats, paid: np.ndarray, tail_days: float) -> Floats:
    """Share unpaid after each day around the anchor, all invoices together, from a wide start."""
    # a tenth before 10 days early, half by the due date, a tenth later than 45 days
    prior = np.interp(DAYS_LATE, [-40, -10, -1, 0, 10, 45, 200], [1.0, 0.9, 0.6, 0.5, 0.25, 0.1, 0.01])
    everyone = np.zeros(len(around), dtype=np.int64)
    return share_unpaid(everyone, 1, around, paid, prior, PRIOR_INVOICES)[0]


def _shifted(paid_by: Floats, days: Floats) -> Floats:
    """Each row of ``paid_by`` moved later by its whole number of days."""
    width = len(DAYS_LATE)
    column = np.arange(width)[None, :] - days.astype(int)[:, None]
    moved = np.take_along_axis(paid_by, np.clip(column, 0, width - 1), axis=1)
    return np.where(column < 0, 0.0, moved)
