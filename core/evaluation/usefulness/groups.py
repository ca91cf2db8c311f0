"""Groups of holdout rows by a sensitive column.

Groups with few rows are counted together, so that neither a rate rests on a handful of people nor
a rare value is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.data.schema import Column, Role
from core.evaluation.case import Case
from core.evaluation.charts import OTHER, edge_label
from core.evaluation.encoding import Matrix
from core.evaluation.models import class_labels
from core.evaluation.thresholds import RARE_COUNT
from core.evaluation.usefulness import limits as at
from core.evaluation.usefulness.task import Codes

MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Groups:
    """Labels of groups and the group of each tested row."""

    labels: tuple[str, ...]
    codes: Codes


def group_columns(case: Case, named: Sequence[str], target: str) -> tuple[str, ...]:
    """The columns of groups: those named, or sensitive and quasi-identifying ones of few values."""
    if named:
        return tuple(dict.fromkeys(name for name in named if name != target))
    roles = (Role.SENSITIVE, Role.QUASI_IDENTIFIER)
    fit = [
        column.name
        for role in roles
        for j, column in enumerate(case.judged)
        if column.role is role and column.name != target and _is_coarse(case, j)
    ]
    return tuple(fit[: at.AUTO_SENSITIVE])


def _is_coarse(case: Case, j: int) -> bool:
    distinct = len(np.unique(class_labels(case.encoded.train[:, j])))
    return 2 <= distinct <= at.GROUP_LEVELS


def find_groups(case: Case, name: str, places: Codes) -> Groups:
    """Groups of the holdout rows at ``places`` by one column; small ones are one group, the last.

    Rows of ``case`` and of its encoded matrices have to be aligned.
    """
    j = case.encoded.names.index(name)
    real, held = case.encoded.train[:, j], case.encoded.holdout[places, j]
    column = case.judged[j]
    if column.type.is_numeric and not _is_coarse(case, j):
        real, held, texts = _ranges(real, held, column)
    else:
        real, held = class_labels(real), class_labels(held)
        texts = {}
    values, first, counts = np.unique(real, return_index=True, return_counts=True)
    enough = [
        (value, int(row))
        for value, row, count in zip(values, first, counts, strict=True)
        if count >= RARE_COUNT and (held == value).sum() >= at.GROUP_ROWS
    ]
    codes = np.full(len(held), len(enough), np.int64)
    for code, (value, _) in enumerate(enough):
        codes[held == value] = code
    labels = [texts.get(float(value)) or _text(case, name, row) for value, row in enough]
    return Groups((*labels, OTHER), codes)


def label_of(case: Case, name: str, value: float) -> str:
    """How a value of an encoded column is written in the training rows, which have to have it."""
    column = class_labels(case.encoded.train[:, case.encoded.names.index(name)])
    return _text(case, name, int(np.argmax(column == value)))


def _text(case: Case, name: str, row: int) -> str:
    values = case.train[name]
    return MISSING if values.isna().iloc[row] else str(values.iloc[row])


def _ranges(real: Matrix, held: Matrix, column: Column) -> tuple[Matrix, Matrix, dict[float, str]]:
    """Quarters of a number by its training rows, -1 for missing, and what they are called."""
    known = real[~np.isnan(real)]
    shares = np.linspace(0, 1, at.GROUP_QUARTERS + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares)) if len(known) else known
    marks = [edge_label(float(edge), str(column.type)) for edge in edges]
    texts = [f"up to {mark}" for mark in marks[:1]]
    texts += [f"above {low} to {high}" for low, high in pairwise(marks)]
    texts += [f"above {mark}" for mark in marks[-1:]]
    placed = [np.where(np.isnan(part), -1.0, np.searchsorted(edges, part)) for part in (real, held)]
    return placed[0], placed[1], {-1.0: MISSING, **dict(enumerate(texts))}
