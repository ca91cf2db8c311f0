"""One column to be predicted: which rows and columns take part, and what the answers are."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.evaluation.case import Case
from core.evaluation.encoding import Encoded, Matrix, encode_table
from core.evaluation.models import Target, class_labels, scored_classes, unfit_reason
from core.evaluation.thresholds import MIN_MODEL_ROWS
from core.evaluation.usefulness import limits as at
from core.evaluation.values import NotMeasured

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Task:
    """A target with its features and the holdout rows that models are tested on.

    Attributes
    ----------
    used
        Columns to predict from.
    classes
        Labels that are scored, K of them; empty for a number. All others share the code K.
    held, places
        Tested holdout rows, n of them, and where they stand in the holdout.
    truth
        Codes of the classes, or numbers, of the n rows.
    positive
        Code of the rarer of two classes.
    middle
        Median of a number's training rows; what is above counts as a positive answer.
    edges
        Upper edges of quantile bins of each column in ``used``; none for categories.
    """

    target: Target
    encoded: Encoded
    used: Codes
    classes: Matrix
    held: Matrix
    places: Codes
    truth: Matrix
    positive: int
    middle: float
    edges: tuple[Matrix, ...]

    @property
    def has_classes(self) -> bool:
        """Whether classes are predicted; numbers otherwise."""
        return self.target.kind == "classes"

    def answers(self, rows: Matrix) -> Matrix:
        """Codes of the classes, or numbers, that ``rows`` have."""
        values = rows[:, self.target.index]
        return class_codes(values, self.classes) if self.has_classes else values

    def usable(self, rows: Matrix) -> Matrix:
        """The rows that a model can learn from: those whose number is known."""
        if self.has_classes:
            return rows
        return rows[~np.isnan(rows[:, self.target.index])]


def class_codes(values: Matrix, classes: Matrix) -> Matrix:
    """Place of each label among ``classes`` (sorted); their number for any other label."""
    labels = class_labels(values)
    places = np.searchsorted(classes, labels)
    known = classes[np.minimum(places, len(classes) - 1)] == labels
    return np.where(known, places, len(classes)).astype(np.float64)


def set_task(encoded: Encoded, target: Target, rng: np.random.Generator) -> Task | NotMeasured:
    """Settle what is learned and tested, or say why a target cannot be predicted."""
    problem = _too_few(encoded, target) or unfit_reason(encoded, target)
    if problem:
        return NotMeasured(problem)
    places = np.arange(len(encoded.holdout))
    if target.kind == "number":
        places = places[~np.isnan(encoded.holdout[:, target.index])]
    most = max(at.LEAST_ROWS, min(at.HOLDOUT_ROWS, at.HOLDOUT_CELLS // encoded.width))
    if len(places) > most:
        places = np.sort(rng.choice(places, most, replace=False))
    learned = encoded.train[:, target.index]
    classes = scored_classes(encoded, target.index) if target.kind == "classes" else learned[:0]
    held, used = encoded.holdout[places], np.delete(np.arange(encoded.width), target.index)
    task = Task(
        target,
        encoded,
        used,
        classes,
        held,
        places,
        held[:, target.index],
        _rarest(learned, classes),
        0.0 if len(classes) else float(np.nanmedian(learned)),
        tuple(_edges(encoded, int(j)) for j in used),
    )
    return replace(task, truth=task.answers(held))


def _too_few(encoded: Encoded, target: Target) -> str:
    if target.kind != "number":
        return ""
    for name, rows in (("training", encoded.train), ("holdout", encoded.holdout)):
        if (~np.isnan(rows[:, target.index])).sum() < MIN_MODEL_ROWS <= len(rows):
            return f"{target.name} is missing in nearly all {name} rows."
    return ""


def _edges(encoded: Encoded, j: int) -> Matrix:
    values = encoded.train[: at.EDGE_ROWS, j]
    known = values[~np.isnan(values)]
    if encoded.levels[j] or not len(known):
        return known[:0]
    return np.unique(np.quantile(known, np.linspace(0, 1, at.FOREST_BINS + 1)[1:]))


def _rarest(learned: Matrix, classes: Matrix) -> int:
    """Code of the class with the fewest training rows, the last of equal ones."""
    if not len(classes):
        return 0
    counts = np.bincount(class_codes(learned, classes).astype(np.int64), minlength=len(classes) + 1)
    return int(len(classes) - 1 - np.argmin(counts[: len(classes)][::-1]))


def train_rows(task: Task) -> int:
    """How many rows of a table one model is trained on, at most."""
    many = len(task.classes) > at.MANY_CLASSES
    most = at.MANY_CLASSES_ROWS if many else at.TRAIN_ROWS
    return max(at.LEAST_ROWS, min(most, at.TRAIN_CELLS // task.encoded.width))


def aligned(case: Case, rng: np.random.Generator) -> Case:
    """The case with row i of each encoded matrix encoding row i of the frame.

    Very large tables were sampled when they were encoded, so that they are sampled and encoded
    once more, both alike.
    """
    frames = (case.train, case.holdout, case.synthetic)
    matrices = (case.encoded.train, case.encoded.holdout, case.encoded.synthetic)
    if all(len(f) == len(m) for f, m in zip(frames, matrices, strict=True)):
        return case
    sizes = [min(len(m), 10 * at.TRAIN_ROWS) for m in matrices]
    train, holdout, synthetic = (
        frame.iloc[np.sort(rng.choice(len(frame), size, replace=False))]
        for frame, size in zip(frames, sizes, strict=True)
    )
    encoded = encode_table(train, holdout, synthetic, case.judged, rng)
    return replace(case, train=train, holdout=holdout, synthetic=synthetic, encoded=encoded)
