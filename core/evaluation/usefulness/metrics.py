"""All metrics by name, with the best value they can take, and what guessing reaches."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from core.evaluation.encoding import Matrix
from core.evaluation.usefulness import class_metrics, number_metrics
from core.evaluation.usefulness.task import Codes, Task
from core.evaluation.values import NotMeasured, Score

Metric: TypeAlias = Callable[[Task, Matrix, Matrix], Matrix]
"""From predictions and B weightings of the n tested rows to B values, NaN where undefined."""

CLASS_METRICS: dict[str, Metric] = {
    "auc": class_metrics.auc,
    "f1": class_metrics.f1,
    "balanced_accuracy": class_metrics.balanced_accuracy,
    "brier": class_metrics.brier,
    "calibration_error": class_metrics.calibration_error,
}
NUMBER_METRICS: dict[str, Metric] = {
    "r2": number_metrics.r2,
    "rmse": number_metrics.rmse,
    "mae": number_metrics.mae,
}
BEST = {
    "auc": 1.0,
    "f1": 1.0,
    "balanced_accuracy": 1.0,
    "brier": 0.0,
    "calibration_error": 0.0,
    "r2": 1.0,
    "rmse": 0.0,
    "mae": 0.0,
}
"""The best value of each metric."""


def metrics_of(task: Task) -> Mapping[str, Metric]:
    """The metrics that fit the target."""
    return CLASS_METRICS if task.has_classes else NUMBER_METRICS


def measure(task: Task, predicted: Matrix, weights: Matrix) -> dict[str, Matrix]:
    """Every metric that fits the target, B values of each."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: of(task, predicted, weights) for name, of in metrics_of(task).items()}


def chance(task: Task) -> dict[str, Score]:
    """What guessing reaches: by the shares of the classes, or always the mean (median for MAE)."""
    answers = task.answers(task.usable(task.encoded.train))
    if not task.has_classes:
        found = _flat(task, np.full(len(task.truth), answers.mean()))
        return {**found, "mae": _flat(task, np.full(len(task.truth), np.median(answers)))["mae"]}
    shares = np.bincount(answers.astype(np.int64), minlength=len(task.classes) + 1) / len(answers)
    found = _flat(task, np.tile(shares, (len(task.truth), 1)))
    calibrated = NotMeasured("A guess by the shares of the classes is calibrated: no reference.")
    return {
        "auc": 0.5,
        "f1": class_metrics.guessed_f1(task, shares),
        "balanced_accuracy": 1 / len(task.classes),
        "brier": found["brier"],
        "calibration_error": calibrated,
    }


def headline(task: Task, places: Codes, predicted: Matrix) -> float:
    """AUC or R² on the tested rows at ``places``: the figure that tells which columns matter."""
    part = replace(task, truth=task.truth[places])
    name = "auc" if task.has_classes else "r2"
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(metrics_of(task)[name](part, predicted, np.ones((1, len(places))))[0])


def _flat(task: Task, predicted: Matrix) -> dict[str, Score]:
    found = measure(task, predicted, np.ones((1, len(task.truth))))
    return {name: float(values[0]) for name, values in found.items()}
