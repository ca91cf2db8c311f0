"""How isolated rows are, by an isolation forest on a sample of rows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.data.profile.shape import Anomalies

MOST_ROWS = 5_000
FEWEST_ROWS = 100
SET_APART = 0.6
_QUANTILES = (0.5, 0.95, 0.99, 1.0)
_TREES = 100


def anomalies(axes: Mapping[str, npt.NDArray[np.float64]]) -> Anomalies | None:
    """Scores of the first :data:`MOST_ROWS` rows by their numeric columns; None with too few.

    A missing number is taken for the column's median, so that it sets no row apart by itself.
    """
    usable = {name: values[:MOST_ROWS] for name, values in axes.items() if _varies(values)}
    rows = len(next(iter(usable.values()), ()))
    if rows < FEWEST_ROWS:
        return None
    from sklearn.ensemble import IsolationForest

    matrix = np.column_stack([_ranked(values) for values in usable.values()])
    forest = IsolationForest(n_estimators=_TREES, random_state=0).fit(matrix)
    scores = -forest.score_samples(matrix)
    quantiles = np.quantile(scores, _QUANTILES)
    return Anomalies(
        rows=rows,
        columns=tuple(usable),
        quantiles=tuple(
            (p, round(float(q), 4)) for p, q in zip(_QUANTILES, quantiles, strict=True)
        ),
        above=round(float((scores > SET_APART).mean()), 6),
    )


def _varies(values: npt.NDArray[np.float64]) -> bool:
    present = values[:MOST_ROWS][~np.isnan(values[:MOST_ROWS])]
    return len(present) > 1 and bool(present.min() < present.max())


def _ranked(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Filled and scaled to ±1, which float32 holds whatever the column's unit."""
    filled = np.where(np.isnan(values), np.nanmedian(values), values)
    largest = np.abs(filled).max() or 1.0
    return np.asarray(filled / largest, dtype=np.float32)
