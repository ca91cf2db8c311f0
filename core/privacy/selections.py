"""The worst that selections can do beside Gaussian noise, by following the privacy loss itself.

A second way of adding up noise and selections that uses nothing of Gaussian differential privacy.
A selection with ε has bounded range: for some t between 0 and ε its loss lies between ``t - ε`` and
``t``, and the worst case has just these two (Dong, Durfee and Rogers, ICML 2020). Which t may hang
on everything before; it is taken the worst at each place, backward, selection by selection, and as
if all of the noise were known before the first: knowing more makes no worst case smaller. Losses
lie on a grid; each ε is made larger, and each tail smaller, so that the result is from above.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FINE = 12
_WHOLE_FINE = 400
_LEAST_NOISE = 1e-3
_FAR = 9.0
_MOST_CELLS = 2**17
_EXACT = 1e-6


def worst_epsilon(mu: float, selections: Sequence[float], delta: float) -> float:
    """The ε of Gaussian noise and selections together, from above.

    Parameters
    ----------
    mu
        Sensitivity over deviation of all noise as one; 0 for none.
    selections
        The ε of each selection.
    """
    from scipy.special import ndtr

    whole = math.hypot(mu, *selections)
    mu = max(mu, whole * _LEAST_NOISE)
    reach = _FAR * whole
    finest = min([whole / _WHOLE_FINE, *(e / _FINE for e in selections)])
    width = max(finest, 4 * reach / _MOST_CELLS)
    high = 2 * reach + mu**2
    cells = np.arange(-math.ceil((high + reach) / width), math.ceil(reach / width) + 1)
    places: Floats = (width * cells).astype(np.float64)
    left = _left_over(places, [math.ceil(e / width) + 1 for e in selections], width)

    def delta_of(epsilon: float) -> float:
        below: Floats = ndtr((places + epsilon - mu**2 / 2) / mu)
        beyond = 1.0 - below[-1]
        return float(below[0] * left[0] + np.diff(below) @ left[1:] + beyond)

    return _least(delta_of, delta, high)


def _left_over(places: Floats, steps: Sequence[int], width: float) -> Floats:
    """The worst δ after all selections, by how far the loss before them is above ε."""
    worst: Floats = np.maximum(-np.expm1(-places), 0.0)
    for size in steps:
        padded = np.concatenate([np.full(size, worst[0]), worst, np.ones(size)])
        new = worst.copy()
        for up in range(1, size):
            low, high = math.exp((up - size) * width), math.exp(up * width)
            chance = high * (1 - low) / (high - low)
            above = padded[size + up : size + up + len(worst)]
            below = padded[up : up + len(worst)]
            np.maximum(new, chance * above + (1 - chance) * below, out=new)
        worst = new
    return worst


def _least(delta_of: Callable[[float], float], delta: float, high: float) -> float:
    """The smallest ε up to ``high`` whose δ is small enough; infinite where none is."""
    if delta_of(high) > delta:
        return math.inf
    low = 0.0
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if delta_of(middle) <= delta else (middle, high)
    return high
