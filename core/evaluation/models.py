"""What models trained on synthetic rows can do: predict a column of real ones.

Histogram gradient boosting with scikit-learn's defaults, as in the benchmark scorer.
Categories are native, at most their 200 most frequent levels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.bins import average_ranks
from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.thresholds import (
    MAX_CLASSES,
    MIN_CLASS_ROWS,
    MIN_MODEL_ROWS,
    MODEL_CELLS,
)
from core.evaluation.values import Measure, NotMeasured, Score

_TOP_LEVELS = 200


@dataclass(frozen=True, slots=True)
class Target:
    """The column to predict; ``kind`` is ``classes`` or ``number``."""

    index: int
    name: str
    kind: str


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numeric libraries to one thread: jobs share the cores, and results stay the same.

    Threads of boosting wait for each other in a spin, so that a second busy process makes the
    smallest fit many times slower.
    """
    import sklearn.ensemble  # noqa: F401  (its thread pool must be loaded to be limited)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def auc(positive: Matrix, negative: Matrix) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties half."""
    ranks = average_ranks(np.concatenate([positive, negative]))
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def auc_margin(value: float, positives: int, negatives: int) -> float:
    """Two standard errors of an AUC (Hanley and McNeil, 1982)."""
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value)
    spread += (positives - 1) * (q1 - value**2) + (negatives - 1) * (q2 - value**2)
    return float(2 * np.sqrt(max(spread, 0.0) / (positives * negatives)))


def choose_target(encoded: Encoded, wanted: str | None) -> Target | NotMeasured:
    """The column to predict.

    ``wanted`` when given; otherwise the last column with two to twenty distinct values of which
    two are frequent enough to be scored, otherwise the last number with more distinct values.
    """
    if encoded.width < 2:
        return NotMeasured("Predicting a column needs another column to predict it from.")
    if wanted is not None:
        if wanted not in encoded.names:
            return NotMeasured(f"{wanted} is not among the learned columns of this table.")
        index = encoded.names.index(wanted)
        return Target(index, wanted, _kind(encoded, index))
    for index in reversed(range(encoded.width)):
        frequent = _frequent(encoded.train[:, index])
        if _kind(encoded, index) == "classes" and len(frequent) > 1:
            return Target(index, encoded.names[index], "classes")
    for index in reversed(np.flatnonzero(encoded.is_number)):
        if _kind(encoded, int(index)) == "number":
            return Target(int(index), encoded.names[index], "number")
    return NotMeasured("No column has few frequent values or many numbers to be predicted.")


def utility(encoded: Encoded, target: Target, rng: np.random.Generator) -> Measure:
    """Train on synthetic, test on the holdout; beside it the same trained on real rows."""
    chance = 0.5 if target.kind == "classes" else 0.0
    problem = unfit_reason(encoded, target)
    if problem:
        return Measure("tstr", NotMeasured(problem), NotMeasured(problem), chance, 1.0)
    seed = int(rng.integers(2**31))
    synthetic = _predict(encoded, encoded.synthetic, target, seed, rng)
    fresh = _predict(encoded, encoded.train, target, seed, rng)
    note = rows_note(max(len(encoded.synthetic), len(encoded.train)), encoded.width)
    return Measure("tstr", synthetic, fresh, chance, 1.0, note=note)


def rows_note(rows: int, width: int) -> str:
    """On how many rows models were trained, when not on all."""
    limit = MODEL_CELLS // width
    return "" if rows <= limit else f"models trained on {limit:,} of {rows:,} rows"


def _kind(encoded: Encoded, index: int) -> str:
    level = int(encoded.levels[index])
    values = encoded.train[:, index]
    distinct = level or len(np.unique(values[~np.isnan(values)]))
    if distinct <= MAX_CLASSES:
        return "classes"
    return "none" if level else "number"


def scored_classes(encoded: Encoded, index: int) -> Matrix:
    """Values that occur often enough in training and holdout rows to be scored."""
    return np.intersect1d(_frequent(encoded.train[:, index]), _frequent(encoded.holdout[:, index]))


def _frequent(column: Matrix) -> Matrix:
    values, counts = np.unique(class_labels(column), return_counts=True)
    return values[counts >= MIN_CLASS_ROWS]


def class_labels(values: Matrix) -> Matrix:
    """Class labels; missing numbers are a class of their own."""
    return np.nan_to_num(values, nan=np.finfo(np.float64).min)


def unfit_reason(encoded: Encoded, target: Target) -> str:
    """Why no model can predict the target; empty when one can."""
    if min(len(encoded.train), len(encoded.holdout), len(encoded.synthetic)) < MIN_MODEL_ROWS:
        return f"Models need {MIN_MODEL_ROWS} training, holdout and synthetic rows each."
    if target.kind == "none":
        return f"{target.name} has more than {MAX_CLASSES} categories; choose another target."
    if target.kind == "classes" and len(scored_classes(encoded, target.index)) < 2:
        return f"{target.name} has no two values that occur {MIN_CLASS_ROWS} times each."
    known = ~np.isnan(encoded.synthetic[:, target.index])
    if target.kind == "number" and known.sum() < MIN_MODEL_ROWS:
        return f"{target.name} is missing in nearly all synthetic rows."
    held = encoded.holdout[:, target.index]
    if target.kind == "number" and not np.nanstd(held if (~np.isnan(held)).any() else [0.0]) > 0:
        return f"{target.name} does not vary in the holdout."
    return ""


def _sample(rows: Matrix, rng: np.random.Generator, width: int) -> Matrix:
    limit = max(MIN_MODEL_ROWS, MODEL_CELLS // max(1, width))
    return rows if len(rows) <= limit else rows[rng.choice(len(rows), limit, replace=False)]


def native_features(
    rows: Matrix, encoded: Encoded, used: npt.NDArray[np.int64]
) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """The model's view of columns ``used``: rare and unseen categories are missing."""
    levels = encoded.levels[used]
    top = np.where(levels > 0, np.minimum(levels, _TOP_LEVELS), np.inf)
    chosen = rows[:, used]
    return np.where(chosen < top, chosen, np.nan), levels > 0


def repeating(labels: Matrix) -> npt.NDArray[np.bool_]:
    """Rows whose label occurs more than once: boosting of many rows splits off some of each."""
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(counts[places] > 1)


def learnable(features: Matrix) -> Matrix:
    """Features that can be fitted: columns without any value become constant."""
    return np.where(np.isnan(features).all(axis=0), 0.0, features)


def _predict(
    encoded: Encoded, rows: Matrix, target: Target, seed: int, rng: np.random.Generator
) -> Score:
    used = np.delete(np.arange(encoded.width), target.index)
    rows = _sample(rows, rng, encoded.width)
    if target.kind == "number":
        return _regress(encoded, rows, target, used, seed)
    return _classify(encoded, rows, target, used, seed)


def _classify(
    encoded: Encoded, rows: Matrix, target: Target, used: npt.NDArray[np.int64], seed: int
) -> float:
    """Mean AUC over the classes, each against the rest; the AUC itself for two classes.

    A class that ``rows`` lack gets the same probability everywhere, an AUC of one half.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = rows[repeating(class_labels(rows[:, target.index]))]
    labels, truth = (
        class_labels(rows[:, target.index]),
        class_labels(encoded.holdout[:, target.index]),
    )
    scored = scored_classes(encoded, target.index)
    known = np.unique(labels)
    chances: dict[float, Matrix] = {}
    if len(known) > 1:
        features, categorical = native_features(rows, encoded, used)
        model = HistGradientBoostingClassifier(
            random_state=seed, categorical_features=categorical
        ).fit(learnable(features), labels)
        predicted = model.predict_proba(native_features(encoded.holdout, encoded, used)[0])
        chances = {float(c): predicted[:, i] for i, c in enumerate(model.classes_)}
    flat = np.zeros(len(truth))
    each = [
        auc(chances.get(float(c), flat)[truth == c], chances.get(float(c), flat)[truth != c])
        for c in scored
    ]
    return float(np.mean(each))


def _regress(
    encoded: Encoded, rows: Matrix, target: Target, used: npt.NDArray[np.int64], seed: int
) -> float:
    """Coefficient of determination on the holdout rows whose target is known."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    rows = rows[~np.isnan(rows[:, target.index])]
    held = encoded.holdout[~np.isnan(encoded.holdout[:, target.index])]
    features, categorical = native_features(rows, encoded, used)
    model = HistGradientBoostingRegressor(random_state=seed, categorical_features=categorical)
    model.fit(learnable(features), rows[:, target.index])
    truth = held[:, target.index]
    error = truth - model.predict(native_features(held, encoded, used)[0])
    return float(1 - (error**2).sum() / ((truth - truth.mean()) ** 2).sum())
