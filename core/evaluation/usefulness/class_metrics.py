"""Metrics of predicted classes, for several weightings of the n tested rows at once.

Predictions are probabilities, n by K + 1: the K scored classes and all others. Weights are B by n;
with weights of one the figures are those of ``sklearn.metrics``. The docstrings are what pages say.
"""

import numpy as np
import numpy.typing as npt

from core.evaluation.encoding import Matrix
from core.evaluation.usefulness.task import Codes, Task

_CALIBRATION_BINS = 10


def auc(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How well the model orders rows: how often one of the class is rated above one that is not.

    Computed: area under the ROC curve of each class against all others, ties half, and the mean
    over the classes; classes with fewer than five training or holdout rows are left out.
    Good: that of the same model trained on real rows; 0.5 is guessing, 1 is perfect.
    Misleads: it judges the order only: probabilities may be far off, and where a class is rare a
    high value can still mean many false alarms.
    """
    return mean_defined([_one_auc(task, predicted, weights, c) for c in range(len(task.classes))])


def f1(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How well the model finds a class without naming it too often.

    Computed: harmonic mean of precision and recall of the rarer of two classes, a row being given
    the most probable class; the mean over the classes when there are more than two.
    Good: that of the same model trained on real rows, and above guessing by the classes' shares.
    Misleads: it hangs on the threshold of the most probable class: a model that never names a
    rare class has 0, however well it orders rows.
    """
    found = []
    for code in _named(task):
        hit, there, said = _counts(task, predicted, weights, code)
        found.append(2 * hit / (there + said))
    return mean_defined(found)


def balanced_accuracy(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How many rows of a class are recognised, every class counting the same.

    Computed: mean over the classes of the share of rows that are given their class.
    Good: that of the same model trained on real rows; one over the number of classes is guessing.
    Misleads: false alarms among many rows of a frequent class hardly show.
    """
    recalls = []
    for code in range(len(task.classes)):
        hit, there, _ = _counts(task, predicted, weights, code)
        recalls.append(hit / there)
    return mean_defined(recalls)


def brier(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How far probabilities are from what came true.

    Computed: mean squared error of the probability of the rarer of two classes; with more classes
    the sum over all of them (Brier, 1950), which goes up to 2.
    Good: that of the same model trained on real rows; guessing is to say the classes' shares.
    Misleads: with a rare class guessing is near 0 already, so that only the comparison counts.
    """
    if len(task.classes) == 2:
        errors = (predicted[:, task.positive] - (task.truth == task.positive)) ** 2
    else:
        truth = task.truth[:, None] == np.arange(predicted.shape[1])
        errors = ((predicted - truth) ** 2).sum(axis=1)
    return np.asarray(weights @ errors / weights.sum(axis=1))


def calibration_error(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """Whether of all rows that are said to be 30 % likely, 30 % come true.

    Computed: expected calibration error: mean distance of probability and share of true cases in
    ten bins of equal width (Guo et al., 2017), of the rarer of two classes, or of the most
    probable class when there are more.
    Good: near that of the same model trained on real rows; 0 is perfect.
    Misleads: a guess by the classes' shares is calibrated too: it says nothing of how well rows
    are told apart, and small holdouts make it larger than it is.
    """
    if len(task.classes) == 2:
        claimed, right = predicted[:, task.positive], task.truth == task.positive
    else:
        claimed, right = predicted.max(axis=1), predicted.argmax(axis=1) == task.truth
    bins = np.minimum((claimed * _CALIBRATION_BINS).astype(np.int64), _CALIBRATION_BINS - 1)
    gaps = _totals(bins, weights * (claimed - right))
    return np.asarray(np.abs(gaps).sum(axis=1) / weights.sum(axis=1))


def mean_defined(values: list[Matrix]) -> Matrix:
    """Mean over the classes that are defined, for each weighting; NaN without any."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    return np.asarray(np.where(known, stacked, 0.0).sum(axis=0) / known.sum(axis=0))


def _named(task: Task) -> list[int]:
    """The classes that F1 is of: the positive one of two, or all."""
    return [task.positive] if len(task.classes) == 2 else list(range(len(task.classes)))


def guessed_f1(task: Task, shares: Matrix) -> float:
    """F1 of drawing classes by their training shares: 2pq / (p + q), p the share that is true."""
    held = [(float((task.truth == code).mean()), float(shares[code])) for code in _named(task)]
    return float(np.mean([2 * p * q / (p + q) for p, q in held]))


def _counts(
    task: Task, predicted: Matrix, weights: Matrix, code: int
) -> tuple[Matrix, Matrix, Matrix]:
    """Weights of the rows of a class that are recognised, that are there, and that are named."""
    is_class, is_named = task.truth == code, predicted.argmax(axis=1) == code
    return weights @ (is_class & is_named), weights @ is_class, weights @ is_named


def _one_auc(task: Task, predicted: Matrix, weights: Matrix, code: int) -> Matrix:
    places = np.unique(predicted[:, code], return_inverse=True)[1].astype(np.int64)
    is_class: npt.NDArray[np.bool_] = task.truth == code
    positive, negative = (_totals(places, weights * side) for side in (is_class, ~is_class))
    below = np.cumsum(negative, axis=1) - negative / 2
    return np.asarray((positive * below).sum(axis=1) / positive.sum(axis=1) / negative.sum(axis=1))


def _totals(places: Codes, weights: Matrix) -> Matrix:
    """Sum of each weighting's weights by place."""
    top = int(places.max()) + 1
    return np.stack([np.bincount(places, row, top) for row in weights])
