"""How far two versions of a column lie apart: distances of two samples, or of two sets of counts.

Kolmogorov–Smirnov's distance is the largest gap between two distribution functions, Wasserstein's
the mean way that values move, here in standard deviations of the earlier version. Of categories,
total variation is the share of rows that would have to change, and Jensen and Shannon's distance
the square root of their divergence in bits (Lin 1991; Endres and Schindelin 2003). The population
stability index, PSI = Σ (q − p) ln(q / p), is what credit scoring looks at.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PSI_BINS = 10
LEAST_SHARE = 1e-4
_KS_95 = 1.358


def ks_and_wasserstein(before: Floats, now: Floats) -> tuple[float, float | None]:
    """Kolmogorov–Smirnov's distance, and Wasserstein's in deviations of ``before``.

    Both take at least one value, none missing. The second is None where ``before`` does not vary.
    """
    scale = max(np.abs(before).max(), np.abs(now).max()) or 1.0
    first, second = np.sort(before / scale), np.sort(now / scale)
    points = np.sort(np.concatenate([first, second]))
    gaps = np.abs(
        np.searchsorted(first, points, side="right") / len(first)
        - np.searchsorted(second, points, side="right") / len(second)
    )
    moved = float((gaps[:-1] * np.diff(points)).sum())
    spread = float(first.std())
    return float(gaps.max()), moved / spread if spread > 1e-14 else None


def ks_by_chance(before: int, now: int) -> float:
    """What Kolmogorov–Smirnov's distance of equal distributions stays below 95 times in 100."""
    return _KS_95 * math.sqrt(1 / before + 1 / now)


def total_variation(before: Floats, now: Floats) -> float:
    """Half the summed differences of the shares; counts by category, some of each."""
    return float(np.abs(before / before.sum() - now / now.sum()).sum() / 2)


def variation_by_chance(before: Floats, now: Floats) -> float:
    """The total variation to be expected of two draws from one distribution."""
    total = before.sum() + now.sum()
    share = (before + now) / total
    spread = np.sqrt(share * (1 - share) * (1 / before.sum() + 1 / now.sum()))
    return float(math.sqrt(2 / math.pi) * spread.sum() / 2)


def jensen_shannon(before: Floats, now: Floats) -> float:
    """The square root of the divergence in bits: 0 for equal shares, 1 where none is common."""
    p, q = before / before.sum(), now / now.sum()
    middle = (p + q) / 2
    return math.sqrt(max((_divergence(p, middle) + _divergence(q, middle)) / 2, 0.0))


def _divergence(p: Floats, q: Floats) -> float:
    known = p > 0
    return float((p[known] * np.log2(p[known] / q[known])).sum())


def psi(before: Floats, now: Floats) -> float:
    """The population stability index of counts by bin; shares below 0.0001 count as that."""
    p = np.maximum(before / before.sum(), LEAST_SHARE)
    q = np.maximum(now / now.sum(), LEAST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def decile_counts(before: Floats, now: Floats) -> tuple[Floats, Floats]:
    """Values by the tenths of the earlier version; fewer bins where tenths fall together."""
    inner = np.unique(np.quantile(before, np.arange(1, PSI_BINS) / PSI_BINS))
    bins = len(inner) + 1
    one, two = (
        np.bincount(np.searchsorted(inner, values, side="left"), minlength=bins)
        for values in (before, now)
    )
    return one.astype(np.float64), two.astype(np.float64)
