"""Telling synthetic from real rows: the classifier two-sample test.

Histogram gradient boosting with scikit-learn's defaults, as in the benchmark scorer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.models import auc, auc_margin, learnable, native_features, rows_note
from core.evaluation.thresholds import MIN_MODEL_ROWS, MODEL_CELLS
from core.evaluation.values import Measure, NotMeasured


@dataclass(frozen=True, slots=True, eq=False)
class Teller:
    """A model that tells holdout rows from others, and the rows that it was not trained on.

    ``real`` says which rows of ``features`` are of the holdout.
    """

    score: Callable[[Matrix], Matrix]
    features: Matrix
    real: npt.NDArray[np.bool_]

    def auc(self, features: Matrix | None = None) -> float:
        """Area under the ROC curve on the held part, or on a changed copy of its features."""
        scores = self.score(self.features if features is None else features)
        return auc(scores[self.real], scores[~self.real])


def teller(encoded: Encoded, rows: Matrix, seed: int, rng: np.random.Generator) -> Teller:
    """Train on one half of ``rows`` and of as many holdout rows; the other half is held."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    size = min(len(rows), len(encoded.holdout), max(1, MODEL_CELLS // encoded.width))
    parts = [p[rng.permutation(len(p))[:size]] for p in (rows, encoded.holdout)]
    mixed, categorical = native_features(np.concatenate(parts), encoded, np.arange(encoded.width))
    real = np.repeat([0.0, 1.0], size)
    order = rng.permutation(2 * size)
    learn, test = order[:size], order[size:]
    model = HistGradientBoostingClassifier(random_state=seed, categorical_features=categorical)
    model.fit(learnable(mixed[learn]), real[learn])

    def score(features: Matrix) -> Matrix:
        return np.asarray(model.predict_proba(features)[:, 1])

    return Teller(score, mixed[test], real[test] == 1)


def two_sample(encoded: Encoded, rng: np.random.Generator) -> Measure:
    """How well a model tells synthetic rows from holdout rows (area under the ROC curve).

    Computed: gradient boosting learns one half of the holdout and of as many synthetic rows, and
    is tested on the other half; 95 % interval by Hanley and McNeil (1982). Fresh are training rows
    in the synthetic rows' place, the lower reference are training rows with every column shuffled.
    Good: what fresh real rows have, about 0.5: the model cannot tell; 1 means always.
    Misleads: the strictest of all measures: one column written in another way (an extra decimal, a
    missing rare value) is enough for 1 although the rows serve well. Look at the columns that give
    rows away before judging.
    """
    smallest = min(len(encoded.holdout), len(encoded.synthetic))
    if smallest < MIN_MODEL_ROWS or not encoded.width:
        reason = NotMeasured(
            f"A model that tells rows apart needs {MIN_MODEL_ROWS} holdout and synthetic rows."
        )
        return Measure("c2st", reason, reason, reason, 0.5)
    seed = int(rng.integers(2**31))
    shuffled = rng.permuted(encoded.train, axis=0)
    value = teller(encoded, encoded.synthetic, seed, rng).auc()
    half = max(1, min(smallest, max(1, MODEL_CELLS // encoded.width)) // 2)
    margin = auc_margin(value, half, half)
    return Measure(
        "c2st",
        value,
        teller(encoded, encoded.train, seed, rng).auc(),
        teller(encoded, shuffled, seed, rng).auc(),
        0.5,
        margin=margin,
        note=rows_note(smallest, encoded.width),
        low=max(0.0, value - margin),
        high=min(1.0, value + margin),
    )
