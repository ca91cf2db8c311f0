"""Metrics of predicted numbers, for several weightings (B by n) of the n tested rows at once.

With weights of one the figures are those of ``sklearn.metrics``. The docstrings are what pages say.
"""

import numpy as np

from core.evaluation.encoding import Matrix
from core.evaluation.usefulness.task import Task


def r2(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How much of the differences between rows the model explains.

    Computed: coefficient of determination: one minus the squared errors over those of always
    saying the mean of the holdout.
    Good: that of the same model trained on real rows; 0 is guessing, 1 is perfect.
    Misleads: a few extreme values can decide it; below 0 the model is worse than the mean.
    """
    middle = weights @ task.truth / weights.sum(axis=1)
    spread = (weights * (task.truth - middle[:, None]) ** 2).sum(axis=1)
    errors = weights @ (task.truth - predicted) ** 2
    return np.where(spread > 0, 1 - errors / spread, np.nan)


def rmse(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How far predictions are off, large errors counting more.

    Computed: root of the mean squared error, in the unit of the column; days for dates, seconds
    for times.
    Good: that of the same model trained on real rows; guessing is to say the mean.
    Misleads: extreme values weigh most; not to be compared between columns.
    """
    return np.asarray(np.sqrt(weights @ (task.truth - predicted) ** 2 / weights.sum(axis=1)))


def mae(task: Task, predicted: Matrix, weights: Matrix) -> Matrix:
    """How far predictions are off on average.

    Computed: mean absolute error, in the unit of the column; days for dates, seconds for times.
    Good: that of the same model trained on real rows; guessing is to say the median.
    Misleads: the models aim at the mean, so that a skewed column may have a model that explains
    much and is no better here than the median.
    """
    return np.asarray(weights @ np.abs(task.truth - predicted) / weights.sum(axis=1))
