"""How isolated rows are, by an isolation forest on a sample of rows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.data.profile.isolation import isolation_scores
from core.data.profile.shape import Anomalies

MOST_ROWS = 5_000
FEWEST_ROWS = 100
SET_APART = 0.6
_QUANTILES = (0.5, 0.95, 0.99, 1.0)
_TREES = 100


def anomalies(axes: Mapping[str, npt.NDArray[np.float64]]) -> Anomalies | None:
    """Scores of :data:`MOST_ROWS` evenly spaced rows by their numeric columns; None with too few.

    A missing number is taken for the column's median, so that it sets no row apart by itself.
    """
    spaced = {name: values[_picked(len(values))] for name, values in axes.items()}
    usable = {name: values for name, values in spaced.items() if _varies(values)}
    rows = len(next(iter(usable.values()), ()))
    if rows < FEWEST_ROWS:
        return None
    matrix = np.column_stack([_ranked(values) for values in usable.values()])
    scores = isolation_scores(matrix, np.random.default_rng(0), _TREES)
    quantiles = np.quantile(scores, _QUANTILES)
    return Anomalies(
        rows=rows,
        columns=tuple(usable),
        quantiles=tuple(
            (p, round(float(q), 4)) for p, q in zip(_QUANTILES, quantiles, strict=True)
        ),
        above=round(float((scores > SET_APART).mean()), 6),
    )


def _picked(rows: int) -> slice | npt.NDArray[np.int64]:
    if rows <= MOST_ROWS:
        return slice(None)
    return np.linspace(0, rows - 1, MOST_ROWS).astype(np.int64)


def _varies(values: npt.NDArray[np.float64]) -> bool:
    present = values[~np.isnan(values)]
    return len(present) > 1 and bool(present.min() < present.max())


def _ranked(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Filled and scaled to ±1, whatever the column's unit."""
    filled = np.where(np.isnan(values), np.nanmedian(values), values)
    return filled / (np.abs(filled).max() or 1.0)
