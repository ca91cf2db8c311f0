"""How good predictions are: each metric for several weightings of the rows at once.

Weights are a matrix of B weightings by n rows: ones for the plain value, counts of a draw with
replacement for its spread. With weights of one the figures are those of ``sklearn.metrics``.
"""

from dataclasses import replace

import numpy as np

from core.evaluation.encoding import Matrix
from core.evaluation.usefulness.task import Codes, Task
from core.evaluation.values import NotMeasured, Score

Values = dict[str, Matrix]
BEST: dict[str, float] = {
    "auc": 1.0,
    "f1": 1.0,
    "balanced_accuracy": 1.0,
    "brier": 0.0,
    "calibration_error": 0.0,
    "rmse": 0.0,
    "mae": 0.0,
    "r2": 1.0,
}
"""Every metric with the best value it can take."""
_CALIBRATION_BINS = 10


def measure(task: Task, predicted: Matrix, weights: Matrix) -> Values:
    """Every metric that fits the target, B values of each; NaN where it is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if not task.has_classes:
            return _numbers(task.truth, predicted, weights)
        return {
            "auc": _mean([_auc(task, predicted, weights, c) for c in range(len(task.classes))]),
            **_decisions(task, predicted, weights),
            "brier": _brier(task, predicted, weights),
            "calibration_error": _calibration(task, predicted, weights),
        }


def chance(task: Task) -> dict[str, Score]:
    """What guessing reaches: by the shares of the classes, or always the mean (median for MAE)."""
    learned = task.usable(task.encoded.train)
    answers, ones = task.answers(learned), np.ones((1, len(task.truth)))
    if not task.has_classes:
        at_mean = measure(task, np.full(len(task.truth), answers.mean()), ones)
        at_median = measure(task, np.full(len(task.truth), np.median(answers)), ones)
        found = {**at_mean, "mae": at_median["mae"]}
        return {name: float(values[0]) for name, values in found.items()}
    shares = np.bincount(answers.astype(np.int64), minlength=len(task.classes) + 1) / len(answers)
    blind = measure(task, np.tile(shares, (len(task.truth), 1)), ones)
    return {
        "auc": 0.5,
        "f1": _guessed_f1(task, shares),
        "balanced_accuracy": 1 / len(task.classes),
        "brier": float(blind["brier"][0]),
        "calibration_error": NotMeasured("A guess by the shares of the classes is calibrated."),
    }


def _guessed_f1(task: Task, shares: Matrix) -> float:
    """F1 of drawing the classes by their training shares: 2pq / (p + q), p the holdout share."""
    kinds = [task.positive] if len(task.classes) == 2 else range(len(task.classes))
    held = [float((task.truth == c).mean()) for c in kinds]
    return float(
        np.mean([2 * p * shares[c] / (p + shares[c]) for p, c in zip(held, kinds, strict=True)])
    )


def _mean(values: list[Matrix]) -> Matrix:
    """Mean over the classes that are defined, by weighting."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    return np.asarray(np.where(known, stacked, 0.0).sum(axis=0) / known.sum(axis=0))


def _auc(task: Task, predicted: Matrix, weights: Matrix, code: int) -> Matrix:
    """Area under the ROC curve of one class against all others, ties half."""
    places = np.unique(predicted[:, code], return_inverse=True)[1].astype(np.int64)
    is_class = task.truth == code
    positive, negative = (_totals(places, weights * side) for side in (is_class, ~is_class))
    below = np.cumsum(negative, axis=1) - negative / 2
    return np.asarray((positive * below).sum(axis=1) / positive.sum(axis=1) / negative.sum(axis=1))


def _totals(places: Codes, weights: Matrix) -> Matrix:
    """Sum of each weighting's weights by place."""
    top = int(places.max()) + 1
    return np.stack([np.bincount(places, row, top) for row in weights])


def _decisions(task: Task, predicted: Matrix, weights: Matrix) -> Values:
    """F1 and balanced accuracy of the most probable class."""
    chosen = predicted.argmax(axis=1)
    f1, recalls = [], []
    for code in range(len(task.classes)):
        is_class, is_chosen = task.truth == code, chosen == code
        hit = weights @ (is_class & is_chosen)
        there, said = weights @ is_class, weights @ is_chosen
        recalls.append(hit / there)
        if len(task.classes) > 2 or code == task.positive:
            f1.append(2 * hit / (there + said))
    return {"f1": _mean(f1), "balanced_accuracy": _mean(recalls)}


def _brier(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """Mean squared error of probabilities: the rarer of two classes, or the sum over classes."""
    if len(task.classes) == 2:
        errors = (predicted[:, task.positive] - (task.truth == task.positive)) ** 2
    else:
        truth = task.truth[:, None] == np.arange(predicted.shape[1])
        errors = ((predicted - truth) ** 2).sum(axis=1)
    return np.asarray(weights @ errors / weights.sum(axis=1))


def _calibration(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """Expected calibration error in ten bins of equal width (Guo et al., 2017).

    Of the probability of the rarer of two classes; of the most probable class when there are more.
    """
    if len(task.classes) == 2:
        claimed, right = predicted[:, task.positive], task.truth == task.positive
    else:
        claimed, right = predicted.max(axis=1), predicted.argmax(axis=1) == task.truth
    bins = np.minimum((claimed * _CALIBRATION_BINS).astype(np.int64), _CALIBRATION_BINS - 1)
    gaps = _totals(bins, weights * (claimed - right))
    return np.asarray(np.abs(gaps).sum(axis=1) / weights.sum(axis=1))


def _numbers(truth: Matrix, predicted: Matrix, weights: Matrix) -> Values:
    total = weights.sum(axis=1)
    squared = weights @ (truth - predicted) ** 2
    middle = weights @ truth / total
    spread = (weights * (truth - middle[:, None]) ** 2).sum(axis=1)
    return {
        "r2": np.where(spread > 0, 1 - squared / spread, np.nan),
        "rmse": np.sqrt(squared / total),
        "mae": weights @ np.abs(truth - predicted) / total,
    }


def headline(task: Task, places: Codes, predicted: Matrix) -> float:
    """AUC or R² on the tested rows at ``places``: the figure that tells which columns matter."""
    part = replace(task, truth=task.truth[places])
    found = measure(part, predicted, np.ones((1, len(places))))
    return float(found["auc" if task.has_classes else "r2"][0])
