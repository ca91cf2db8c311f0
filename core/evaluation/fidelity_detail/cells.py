"""How far two distributions over cells are apart: bins of numbers, categories, weekdays.

Intervals are by the delta method: each distance is, near the samples, a difference of means of
one function over the cells, whose variance is known.
"""

import numpy as np

from core.evaluation.bins import Codes
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity_detail.sides import Taken, taken
from core.evaluation.measures import NotMeasured


def counts(real: Codes, other: Codes) -> tuple[Matrix, Matrix]:
    """Rows of each cell on both sides; cells that are empty on both are left out."""
    top = int(max(real.max(initial=0), other.max(initial=0))) + 1
    both = np.stack([np.bincount(part, minlength=top) for part in (real, other)])
    used = both[:, both.any(axis=0)].astype(float)
    return used[0], used[1]


def total_variation(real: Codes, other: Codes) -> Taken:
    """How much of one distribution would have to move to become the other.

    Computed: half the sum of absolute differences of the shares of all cells (20 quantile bins of
    the training values with frequent values apart, or the categories; missing is a cell).
    Good: what fresh real rows have; 0 is the same, 1 has no cell in common.
    Misleads: small tables and many categories differ by chance alone, so read it beside fresh real
    rows; it does not see how far values moved, only that they changed their cell.
    """
    p, q, n, m = _shares(real, other)
    toward = np.sign(p - q) / 2
    return taken(np.abs(p - q).sum() / 2, _spread(toward, p, n, -toward, q, m))


def similarity(real: Codes, other: Codes) -> Taken:
    """One minus the total variation distance."""
    distance = total_variation(real, other)
    if not isinstance(distance.value, float) or distance.low is None or distance.high is None:
        return Taken(1 - distance.value if isinstance(distance.value, float) else distance.value)
    return Taken(1 - distance.value, 1 - distance.high, 1 - distance.low)


def jensen_shannon(real: Codes, other: Codes) -> Taken:
    """How much a row tells of the side that it comes from, in bits.

    Computed: the mean Kullback-Leibler divergence of both distributions over the cells from their
    mixture, to the base of 2 (Lin, 1991): the square of what ``scipy`` calls the distance.
    Good: what fresh real rows have; 0 is the same, 1 has no cell in common.
    Misleads: differences in rare cells weigh more than in total variation; numbers depend on how
    the bins are cut.
    """
    p, q, n, m = _shares(real, other)
    middle = (p + q) / 2
    left, right = (_log_ratio(part, middle) / 2 for part in (p, q))
    return taken(max(0.0, float(p @ left + q @ right)), _spread(left, p, n, right, q, m))


def chi_square(real: Codes, other: Codes) -> Taken:
    """Effect size of the chi-square test of two samples: Cramér's V, which is φ here.

    Computed: the square root of χ² over the number of rows of both sides, where χ² is Pearson's
    statistic of the table of both sides by the cells. The note has χ² and its degrees of freedom.
    Good: what fresh real rows have; 0.1 is small, 0.3 medium, 0.5 large (Cohen, 1988).
    Misleads: χ² itself, and any p-value made from it, grows with the number of rows and says
    little of quality; cells with fewer than five expected rows make it unsteady.
    """
    a, b = counts(real, other)
    p, q, n, m = _shares(real, other)
    share = n / (n + m)
    middle = share * p + (1 - share) * q
    gap = p - q
    weight = share * (1 - share)
    square = float(weight * (gap**2 / middle).sum())
    left = weight * (2 * gap / middle - share * (gap / middle) ** 2)
    right = weight * (-2 * gap / middle - (1 - share) * (gap / middle) ** 2)
    value = float(np.sqrt(square))
    spread = _spread(left, p, n, right, q, m) / (2 * value) if value > 0 else 0.0
    note = f"χ² = {square * (n + m):,.1f}, degrees of freedom {len(a) - 1}, {n + m:,.0f} rows"
    thin = int((np.minimum(n, m) * (a + b) / (n + m) < 5).sum())
    return taken(value, spread, note=note + (f", cells of few rows {thin}" if thin else ""))


def atoms(real: Codes, other: Codes) -> Taken:
    """How alike the shares of the most frequent single values are.

    Computed: one minus the total variation distance over the values that at least 5 % of the
    training rows have, all other values counted as one.
    Good: what fresh real rows have; 1 is the same.
    Misleads: says nothing of the values in between.
    """
    if not len(real) or not len(other):
        return Taken(NotMeasured("All values are missing on one side."))
    alike = similarity(real, other)
    shares = [float((part > 0).mean()) for part in (real, other)]
    return Taken(
        alike.value,
        alike.low,
        alike.high,
        f"{shares[0]:.1%} of real and {shares[1]:.1%} of synthetic values",
    )


def _shares(real: Codes, other: Codes) -> tuple[Matrix, Matrix, float, float]:
    a, b = counts(real, other)
    return a / len(real), b / len(other), float(len(real)), float(len(other))


def _spread(left: Matrix, p: Matrix, n: float, right: Matrix, q: Matrix, m: float) -> float:
    """Standard error of ``p @ left + q @ right`` for shares of ``n`` and ``m`` rows."""
    variances = [
        max(0.0, float(share @ function**2 - (share @ function) ** 2)) / rows
        for function, share, rows in ((left, p, n), (right, q, m))
    ]
    return float(np.sqrt(sum(variances)))


def _log_ratio(part: Matrix, middle: Matrix) -> Matrix:
    return np.log2(np.divide(part, middle, out=np.ones_like(part), where=part > 0))
