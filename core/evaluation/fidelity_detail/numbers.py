"""How far two samples of numbers are apart; dates and times are numbers here.

Samples are sorted and without missing values.
"""

import numpy as np

from core.evaluation.bins import Codes
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import distribution_steps
from core.evaluation.fidelity_detail.cells import similarity
from core.evaluation.fidelity_detail.sides import Taken, share_variance, taken
from core.evaluation.measures import NotMeasured

_EMPTY = Taken(NotMeasured("All values are missing on one side."))
_CONSTANT = NotMeasured("The real values are all equal, so there is no scale.")
_COARSEST, _FINEST = -6, 10


def known(values: Matrix) -> Matrix:
    """Values in order, without missing ones."""
    return np.asarray(np.sort(values[~np.isnan(values)]))


def kolmogorov_smirnov(real: Matrix, other: Matrix) -> Taken:
    """Largest gap between the two distribution functions (Kolmogorov and Smirnov's D).

    Computed: over all values that are not missing, the largest difference of the shares of real
    and of synthetic values up to a point.
    Good: what fresh real rows have; 0 is the same, 1 does not overlap.
    Misleads: sees the middle better than the tails, and a shift of a frequent value by a cent as
    much as one by a million.
    """
    if not len(real) or not len(other):
        return _EMPTY
    _, below, under = distribution_steps(real, other)
    place = int(np.abs(below - under).argmax())
    spread = share_variance(float(below[place]), len(real))
    spread += share_variance(float(under[place]), len(other))
    return taken(float(np.abs(below - under)[place]), float(np.sqrt(spread)))


def wasserstein(real: Matrix, other: Matrix) -> Taken:
    """How far values have to be moved on average to turn one distribution into the other.

    Computed: the area between the two distribution functions (Wasserstein's distance of order 1),
    in standard deviations of the real values.
    Good: what fresh real rows have; 0 is the same, 1 means moved by a standard deviation.
    Misleads: a few values far away weigh much, in the distance and in the scale.
    """
    if not len(real) or not len(other):
        return _EMPTY
    if real[0] == real[-1]:
        return Taken(_CONSTANT)
    points, below, under = distribution_steps(real, other)
    widths, gap = np.diff(points), (below - under)[:-1]
    scale = float(real.std())
    toward = np.append(np.cumsum((np.sign(gap) * widths)[::-1])[::-1], 0.0) / scale
    variance = sum(
        float(toward[np.searchsorted(points, part)].var()) / len(part) for part in (real, other)
    )
    value = float((np.abs(gap) * widths).sum()) / scale
    return taken(value, float(np.sqrt(variance)), high=np.inf)


def range_coverage(real: Matrix, other: Matrix) -> Taken:
    """How much of the range of the real values the synthetic ones span.

    Computed: one minus the parts of the real range that lie below the smallest and above the
    largest synthetic value.
    Good: near what fresh real rows have, not above it.
    Misleads: hangs on two values. An engine that holds extremes back to protect people has to
    score below 1, and full coverage may mean that the extremes of single people came through.
    """
    if not len(real) or not len(other):
        return _EMPTY
    span = real[-1] - real[0]
    if not span > 0:
        return Taken(_CONSTANT)
    lost = max(0.0, (other[0] - real[0]) / span) + max(0.0, (real[-1] - other[-1]) / span)
    return Taken(max(0.0, 1 - float(lost)))


def range_adherence(real: Matrix, other: Matrix) -> Taken:
    """Share of synthetic values within the range of the real ones.

    Computed: the share of values that are not missing between the smallest and the largest real
    value.
    Good: what fresh real rows have, which may be a little below 1.
    Misleads: a constant column within the range has 1.
    """
    if not len(real) or not len(other):
        return _EMPTY
    inside = float(((other >= real[0]) & (other <= real[-1])).mean())
    return taken(inside, float(np.sqrt(share_variance(inside, len(other)))))


def precision(real: Codes, other: Codes) -> Taken:
    """How alike numbers are rounded: to cents, to units, to thousands.

    Computed: one minus the total variation distance of the place of the last digit that is not 0,
    from millions to ten decimals, over the values that are not missing.
    Good: what fresh real rows have; 1 is the same.
    Misleads: by chance a tenth of finer numbers end in 0, which fresh real rows show too.
    """
    return similarity(real, other) if len(real) and len(other) else _EMPTY


def atom_codes(values: Matrix, frequent: Matrix) -> Codes:
    """The number of each value's atom from 1, 0 for values that are none."""
    place = np.searchsorted(frequent, values).clip(max=len(frequent) - 1)
    return np.where(frequent[place] == values, place + 1, 0).astype(np.int64)


def last_digits(values: Matrix) -> Codes:
    """The decimal place of the last digit that is not 0, from thousands of thousands on.

    The coarsest place (also of 0) is 0; values with more than ten decimals share the finest.
    """
    unique, place = np.unique(values, return_inverse=True)
    found = np.full(len(unique), _FINEST + 1, np.int64)
    left = np.arange(len(unique))
    for decimals in range(_COARSEST, _FINEST + 1):
        rounded = np.round(unique[left], decimals) == unique[left]
        found[left[rounded]] = decimals
        left = left[~rounded]
        if not len(left):
            break
    return np.asarray((found - _COARSEST)[place])
