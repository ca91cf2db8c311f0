"""Counts to draw a column's training values beside its synthetic ones.

Bin edges are round numbers within the middle 98 % of the training values, and rare categories
are counted together, so that a chart names no extreme or rare value.
"""

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.evaluation.encoding import Matrix
from core.evaluation.thresholds import CHART_BARS, CHART_BINS, RARE_COUNT
from core.evaluation.values import Chart

OTHER = "other"
_LARGEST = 1e300
_STEPS = (1.0, 2.0, 5.0, 10.0)


def column_chart(real: pd.Series, synthetic: pd.Series, column: Column) -> Chart | None:
    """Histogram or bars of one column; None when there is nothing to draw."""
    if column.type.is_numeric:
        return _histogram(as_numbers(real, column), as_numbers(synthetic, column), column)
    return _bars(real.dropna(), synthetic.dropna())


def _histogram(real: Matrix, synthetic: Matrix, column: Column) -> Chart | None:
    real, synthetic = real[~np.isnan(real)], synthetic[~np.isnan(synthetic)]
    if not len(real) or np.abs(real).max() > _LARGEST:
        return None
    edges = round_edges(real, whole=column.type in {ColumnType.INTEGER, ColumnType.DATE})
    counts = [_counts(values, edges) for values in (real, synthetic)]
    return Chart("histogram", tuple(float(e) for e in edges), (), *counts)


def _counts(values: Matrix, edges: Matrix) -> tuple[int, ...]:
    found = np.bincount(np.digitize(values, edges[1:-1]), minlength=len(edges) - 1)
    return tuple(int(n) for n in found)


def round_edges(values: Matrix, *, whole: bool) -> Matrix:
    """At most ``CHART_BINS`` edges a round step apart that cover the middle of ``values``."""
    low, high = np.quantile(values, [0.01, 0.99])
    raw = max((high - low) / (CHART_BINS - 2), np.abs(high) * 1e-9, 1e-12)
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(s * power for s in _STEPS if s * power >= raw * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = np.floor(low / step), np.floor(high / step) + 1
    return np.asarray(np.arange(first, last + 0.5) * step)


def _bars(real: pd.Series, synthetic: pd.Series) -> Chart | None:
    if not len(real):
        return None
    counts = real.value_counts()
    common = counts[counts >= RARE_COUNT].iloc[:CHART_BARS]
    named = common.index
    found = synthetic.value_counts().reindex(named, fill_value=0)
    labels = tuple(str(label) for label in named)
    ours = tuple(int(n) for n in common)
    theirs = tuple(int(n) for n in found)
    rest = (len(real) - sum(ours), len(synthetic) - sum(theirs))
    if any(rest):
        labels, ours, theirs = (*labels, OTHER), (*ours, rest[0]), (*theirs, rest[1])
    return Chart("bars", (), labels, ours, theirs)


def edge_label(edge: float, kind: str) -> str:
    """An edge of a histogram in the column's own terms; ``kind`` is its ``ColumnType``."""
    if kind == ColumnType.DATE:
        return str(np.datetime64("1970-01-01") + np.timedelta64(round(edge), "D"))
    if kind == ColumnType.DATETIME:
        moment = np.datetime64("1970-01-01T00:00") + np.timedelta64(round(edge / 60), "m")
        return str(moment).replace("T", " ")
    if kind == ColumnType.TIME:
        return f"{int(edge // 3600):02d}:{int(edge % 3600 // 60):02d}"
    return f"{edge:,.10g}"
