"""How many more queries single out when there are more rows: the control is smaller.

A query that a row of the population meets with chance w singles out in n rows with chance
n·w·(1 − w)ⁿ⁻¹ (Cohen and Nissim, 2020). Integrated over w up to a largest effective w, and fitted
to what parts of the control show, it says what a control of another size would have shown. The
correction is that of anonymeter.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_SIZES = 10
_REPEATS = 5
_LEAST = 1000
Rows = npt.NDArray[np.int64]


def integral(rows: npt.NDArray[np.float64] | float, weight: float) -> npt.NDArray[np.float64]:
    """Integral of n·w·(1 − w)ⁿ⁻¹ over w from 0 to ``weight``."""
    n = np.asarray(rows, np.float64)
    return np.asarray((1 - (n * weight + 1) * (1 - weight) ** n) / (n + 1))


def expected_growth(
    picked: Sequence[Rows], control: int, train: int, rng: np.random.Generator
) -> float:
    """By how much the successes grow from ``control`` to ``train`` rows; 1 for equal sizes.

    Where the fit finds nothing to go by, a query of the weight that singles out most often among
    the training rows is taken.
    """
    from scipy.optimize import curve_fit

    if control == train:
        return 1.0
    sizes, counts = _measure(picked, control, rng)
    plain = _growth(1 / max(control, train), control, train)
    if not counts.any():
        return plain
    weight = 1 / control
    norm = 1 / float(integral(control, weight))
    try:
        (fitted, _), _ = curve_fit(
            lambda n, w, scale: scale * integral(n, w),
            sizes,
            counts,
            p0=(weight, norm),
            bounds=(0, (1, np.inf)),
        )
    except RuntimeError:
        return plain
    return _growth(float(fitted), control, train) if fitted > 0 else plain


def _growth(weight: float, control: int, train: int) -> float:
    return float(integral(train, weight) / integral(control, weight))


def _measure(
    picked: Sequence[Rows], control: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Successes in random parts of the control of growing size."""
    sizes = np.repeat(np.linspace(min(_LEAST, control), control, _SIZES).astype(int), _REPEATS)
    owner = np.repeat(np.arange(len(picked)), [len(rows) for rows in picked])
    rows = np.concatenate(picked) if len(picked) else np.zeros(0, np.int64)
    counts = np.empty(len(sizes))
    for place, size in enumerate(sizes):
        kept = np.zeros(control, bool)
        kept[rng.permutation(control)[:size]] = True
        hits = np.bincount(owner[kept[rows]], minlength=len(picked))
        counts[place] = (hits == 1).sum()
    return sizes.astype(np.float64), counts


__all__ = ["expected_growth", "integral"]
