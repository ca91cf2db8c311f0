"""Counts of two columns together, real and synthetic, to draw side by side.

No label is a value of a few people: numbers are cut at round edges near the quantiles of the
training values, and categories that few training rows have are counted as "other".
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.evaluation.bins import Codes
from core.evaluation.case import Case
from core.evaluation.charts import OTHER, edge_label
from core.evaluation.details import Crosstab
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import no_holdout
from core.evaluation.thresholds import RARE_COUNT

_BINS = 8
_BARS = 8
_LARGEST = 1e300
_STEPS = {
    ColumnType.INTEGER: 1.0,
    ColumnType.DATE: 1.0,
    ColumnType.DATETIME: 60.0,
    ColumnType.TIME: 60.0,
}
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class _Axis:
    """Labels of a column's cells, and the cells of the real and of the synthetic rows."""

    labels: tuple[str, ...]
    real: Codes
    synthetic: Codes


def crosstab(case: Case, left: str, right: str) -> Crosstab | None:
    """Counts of two columns in the real (holdout) and synthetic rows; None for nothing to draw."""
    frame = case.train if no_holdout(len(case.holdout)) else case.holdout
    rows, columns = (_axis(case, frame, case.table[name]) for name in (left, right))
    if rows is None or columns is None:
        return None
    sides = ((rows.real, columns.real), (rows.synthetic, columns.synthetic))
    shape = len(rows.labels), len(columns.labels)
    real, synthetic = (_counts(a, b, shape) for a, b in sides)
    return Crosstab(rows.labels, columns.labels, real, synthetic)


def _counts(left: Codes, right: Codes, shape: tuple[int, int]) -> tuple[tuple[int, ...], ...]:
    found = np.bincount(left * shape[1] + right, minlength=shape[0] * shape[1]).reshape(shape)
    return tuple(tuple(int(n) for n in row) for row in found)


def _axis(case: Case, frame: pd.DataFrame, column: Column) -> _Axis | None:
    train, real, synthetic = (part[column.name] for part in (case.train, frame, case.synthetic))
    if column.type.is_numeric:
        trained = as_numbers(train, column)
        edges = _edges(trained[~np.isnan(trained)], _STEPS.get(column.type, 0.0))
        if edges is None:
            return None
        labels = _bin_labels(edges, str(column.type))
        parts = [_bins(as_numbers(part, column), edges) for part in (real, synthetic)]
    else:
        counted = train.value_counts()
        named = counted.index[(counted >= RARE_COUNT).to_numpy(dtype=bool)][:_BARS]
        labels = (*(str(label) for label in named), OTHER, MISSING)
        parts = [_named(part, named) for part in (real, synthetic)]
    return _without_empty(labels, *parts)


def _edges(values: Matrix, least: float) -> Matrix | None:
    """At most seven inner edges near the quantiles, multiples of a round step of ``least`` or more.

    None where there are no values, or too large ones.
    """
    if not len(values) or np.abs(values).max() > _LARGEST:
        return None
    inner = np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1])
    low, high = np.quantile(values, [0.05, 0.95])
    spread = float(high - low) or float(np.abs(values).max()) or 1.0
    step = max(10.0 ** max(np.floor(np.log10(spread)) - 1, -290), least)
    return np.unique(np.round(inner / step) * step)


def _bin_labels(edges: Matrix, kind: str) -> tuple[str, ...]:
    named = [edge_label(float(edge), kind) for edge in edges]
    between = [f"{a} to {b}" for a, b in pairwise(named)]
    return (f"below {named[0]}", *between, f"{named[-1]} and above", MISSING)


def _bins(values: Matrix, edges: Matrix) -> Codes:
    return np.where(np.isnan(values), len(edges) + 1, np.digitize(values, edges))


def _named(values: pd.Series, named: pd.Index) -> Codes:
    place = named.get_indexer(values)
    other = np.where(values.isna().to_numpy(dtype=bool), len(named) + 1, len(named))
    return np.where(place < 0, other, place).astype(np.int64)


def _without_empty(labels: tuple[str, ...], real: Codes, synthetic: Codes) -> _Axis:
    """The same without cells that no row has."""
    used = np.union1d(real, synthetic)
    places = [np.searchsorted(used, part) for part in (real, synthetic)]
    return _Axis(tuple(labels[k] for k in used), *(np.asarray(p, np.int64) for p in places))
