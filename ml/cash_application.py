"""How probable it is that a bank line pays just a proposed set of open items: learnt from past settlements.

Frames in, frames out. The method: gradient-boosted trees over the evidence of a candidate, then isotonic regression on
newer lines that the trees have not seen, so that of proposals with probability 0.9 nine in ten are right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FEATURES = (
    "items", "named_surely", "named_short", "named_nearly", "least_level", "distance", "by_account", "by_name_history",
    "name_score", "name_better_elsewhere", "account_customers", "customers", "days_overdue_least",
    "days_overdue_most", "age_least", "tier", "rest_share", "named_outside", "best_level", "same_amount_items",
    "tokens", "unheard", "customer_items", "older_skipped", "fitting_rivals", "exact_rivals", "rivals",
    "fitting_payer_rivals", "is_round_amount", "left_open_share", "variant",
)  # fmt: skip
LEAST_LINES = 300  # settled lines from which a model is learnt; with fewer the declared table below speaks
_NEWEST_SHARE = 0.3  # of the lines, which the calibration is learnt from
_MOST_SURE = 0.9995
# Before there is anything to learn from: named and to the cent is sure, all else is for a person.
_DECLARED_SURE, _DECLARED_LIKELY, _DECLARED_WEAK = 0.99, 0.8, 0.3


class CashApplicationModel:
    """``fit`` on candidates of settled lines, ``predict_probability`` of any. One frame: FEATURES, line_id, day."""

    def fit(
        self, candidates: pd.DataFrame, correct: pd.Series, weight: pd.Series | None = None
    ) -> CashApplicationModel:
        """Learn from ``candidates`` of lines of which it is known what they paid; ``correct``: it is just this set."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.isotonic import IsotonicRegression
        from threadpoolctl import threadpool_limits

        self.trees_ = None
        self.calibration_ = None
        lines = candidates[["line_id", "day"]].drop_duplicates().sort_values(["day", "line_id"], ignore_index=True)
        if len(lines) < LEAST_LINES or correct.nunique() < 2:
            return self
        weights = np.ones(len(candidates)) if weight is None else weight.to_numpy(dtype=float)
        order = candidates["line_id"].map(pd.Series(lines.index, index=lines["line_id"])).to_numpy()
        newer = order >= (1 - _NEWEST_SHARE) * len(lines)
        features, answers = _matrix(candidates), correct.to_numpy(dtype=int)

        def trees() -> HistGradientBoostingClassifier:
            return HistGradientBoostingClassifier(
                max_iter=60, learning_rate=0.15, max_leaf_nodes=15, min_samples_leaf=15, l2_regularization=1.0,
                early_stopping=False, random_state=0,
            )  # fmt: skip

        if len(np.unique(answers[~newer])) < 2:
            return self
        # Small fits: threads that wait for each other cost more than they bring, most of all on a busy machine.
        with threadpool_limits(1):
            self.trees_ = trees().fit(features[~newer], answers[~newer], sample_weight=weights[~newer])
            said = self._among_rivals(candidates[newer])
        self.calibration_ = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(
            said, answers[newer], sample_weight=weights[newer]
        )
        return self

    def predict_probability(self, candidates: pd.DataFrame) -> np.ndarray:
        """Probability of each candidate, by row; those of one line add up to 1 at most."""
        if not len(candidates):
            return np.zeros(0)
        if self.trees_ is None or self.calibration_ is None:
            probability = _declared(candidates)
        else:
            said = self._among_rivals(candidates)
            probability = self.calibration_.predict(said)
            # Steps of the calibration are wide; what the trees say keeps the order within one.
            probability = np.clip(probability + 1e-4 * (said - 0.5), 0.0005, _MOST_SURE)
        # One candidate of a line can be right: the others share what the best leaves.
        by_line = candidates.assign(p=probability).groupby("line_id", sort=False)["p"]
        is_best = probability == by_line.transform("max").to_numpy()
        bests = pd.Series(is_best).groupby(candidates["line_id"].to_numpy()).transform("sum").to_numpy()
        best = np.minimum(by_line.transform("max").to_numpy(), 1 / bests)
        others = by_line.transform("sum").to_numpy() - by_line.transform("max").to_numpy() * bests
        room = np.divide(1 - best * bests, others, out=np.ones_like(best), where=others > 0)
        return np.where(is_best, best, probability * np.clip(room, 0.0, 1.0))

    def _among_rivals(self, candidates: pd.DataFrame) -> np.ndarray:
        """What the trees say of each candidate, less where they say as much of another one of its line."""
        assert self.trees_ is not None
        said = self.trees_.predict_proba(_matrix(candidates))[:, 1]
        total = pd.Series(said).groupby(candidates["line_id"].to_numpy()).transform("sum").to_numpy()
        return np.asarray(said * said / np.maximum(total, 1e-12), dtype=float)


def _matrix(candidates: pd.DataFrame) -> np.ndarray:
    return candidates[list(FEATURES)].to_numpy(dtype=float, na_value=np.nan)


def _declared(candidates: pd.DataFrame) -> np.ndarray:
    named = (candidates["named_surely"] == candidates["items"]) & (candidates["named_outside"] == 0)
    known = (candidates["by_account"] > 0) | (candidates["name_score"] > 0.9)
    exact = candidates["tier"] == 0
    likely = (named & (candidates["tier"] <= 3)) | (exact & known & (candidates["exact_rivals"] == 1))
    return np.select([named & exact & known, likely], [_DECLARED_SURE, _DECLARED_LIKELY], _DECLARED_WEAK)
