"""Whether models trained on real and on synthetic rows look at the same columns.

A column's importance is what its shuffling among the holdout rows costs the model in AUC or R²
(permutation importance; Breiman, 2001). Agreement is the rank correlation of the two lists.
"""

from collections.abc import Sequence

import numpy as np

from core.evaluation.bins import average_ranks
from core.evaluation.details import Importance
from core.evaluation.encoding import Matrix
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.learners import Predictor
from core.evaluation.usefulness.metrics import headline
from core.evaluation.usefulness.task import Codes, Task
from core.evaluation.usefulness.trials import Trial
from core.evaluation.usefulness.views import ordinal_view
from core.evaluation.values import NotMeasured, Score


def importances(
    task: Task, trials: Sequence[Trial], rng: np.random.Generator
) -> tuple[Importance, ...]:
    """What the shuffling of a column among the holdout rows costs the model.

    Computed: loss of AUC, or of R² of a number, of gradient boosting on at most 2,000 holdout rows,
    mean over the repeats (permutation importance; Breiman, 2001); in wide tables for the 60
    columns that tell most about the target.
    Good: as high for the model trained on synthetic rows as for the one trained on real rows.
    Misleads: of two columns that say the same, either or none may look important.
    """
    columns = _columns(task)
    most = min(at.IMPORTANCE_ROWS, at.IMPORTANCE_CELLS // task.encoded.width)
    size = min(len(task.held), max(at.LEAST_IMPORTANCE_ROWS, most))
    drops = {"real": np.zeros(len(columns)), "synthetic": np.zeros(len(columns))}
    for trial in trials:
        places = rng.choice(len(task.held), size, replace=False)
        orders = [rng.permutation(size) for _ in columns]
        for source, total in drops.items():
            total += _drops(task, trial.predictors[source], places, columns, orders)
    found = [
        Importance(task.encoded.names[j], float(real), float(made))
        for j, real, made in zip(columns, *(d / len(trials) for d in drops.values()), strict=True)
    ]
    return tuple(sorted(found, key=lambda each: -each.real))


def agreement(found: Sequence[Importance]) -> Score:
    """Whether models trained on real and on synthetic rows lean on the same columns.

    Computed: Spearman's rank correlation of the two lists of importances.
    Good: near 1; 0 is no agreement.
    Misleads: columns that no model uses have ranks by chance, which lowers it.
    """
    if len(found) < at.LEAST_AGREEMENT:
        return NotMeasured(f"A rank correlation needs {at.LEAST_AGREEMENT} columns.")
    real, made = (
        average_ranks(np.array(values))
        for values in ([f.real for f in found], [f.synthetic for f in found])
    )
    if not (real.std() and made.std()):
        return NotMeasured("One of the models uses no column more than another.")
    return float(np.corrcoef(real, made)[0, 1])


def _drops(
    task: Task, predictor: Predictor, places: Codes, columns: Codes, orders: Sequence[Codes]
) -> Matrix:
    rows = task.held[places]
    whole = headline(task, places, predictor(rows))
    lost = []
    at_once = max(1, at.SHUFFLED_CELLS // rows.size)
    for start in range(0, len(columns), at_once):
        mixed = np.stack([rows] * len(columns[start : start + at_once]))
        for copy, j, order in zip(mixed, columns[start:], orders[start:], strict=False):
            copy[:, j] = rows[order, j]
        predicted = predictor(mixed.reshape(-1, rows.shape[1]))
        for said in np.split(predicted, len(mixed)):
            lost.append(whole - headline(task, places, said))
    return np.nan_to_num(lost)


def _columns(task: Task) -> Codes:
    """The columns to be shuffled: those that tell most about the target when there are many."""
    if len(task.used) <= at.IMPORTANCE_COLUMNS:
        return task.used
    rows = task.usable(task.encoded.train)[: at.TRAIN_ROWS]
    answers, seen = task.answers(rows), ordinal_view(task)(rows).astype(np.int64) + 1
    if task.has_classes:
        answers = (answers[:, None] == np.arange(len(task.classes))).astype(np.float64)
    told = [_told(seen[:, place], answers.reshape(len(rows), -1)) for place in range(seen.shape[1])]
    best = np.argsort(told, kind="stable")[::-1][: at.IMPORTANCE_COLUMNS]
    return task.used[np.sort(best)]


def _told(cells: Codes, answers: Matrix) -> float:
    """Variance of the answers' means between cells."""
    _, places = np.unique(cells, return_inverse=True)
    counts = np.bincount(places)
    means = np.stack([np.bincount(places, column) / counts for column in answers.T])
    return float((counts * (means - answers.mean(axis=0)[:, None]) ** 2).sum())
