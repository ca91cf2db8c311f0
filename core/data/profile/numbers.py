"""Summary and histogram of values on a line, safe for values near the limits of float64."""

import math

import numpy as np
import numpy.typing as npt

from core.data.profile.values import Histogram, NumberSummary
from core.data.schema import ColumnType

Floats = npt.NDArray[np.float64]

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MOST_BINS = 40
FEWEST_BINS = 10
_TAIL = 0.005
_LIMIT = np.finfo(np.float64).max


def describe(values: Floats, kind: ColumnType) -> tuple[NumberSummary, Histogram]:
    """Summary and histogram of finite values, of which there is at least one.

    Values beyond 1e150 (or all below 1e-150) are first scaled by a power of two, which loses
    nothing, so that squares and differences stay inside float64.
    """
    shift = _shift(values)
    scaled = np.ldexp(values, -shift) if shift else values
    ordered = np.sort(scaled)
    summary = _summary(ordered)
    histogram = _histogram(ordered, kind)
    return (
        (_summary_back(summary, shift), _histogram_back(histogram, shift))
        if shift
        else (
            summary,
            histogram,
        )
    )


def _shift(values: Floats) -> int:
    exponent = math.frexp(float(np.abs(values).max()))[1]
    return exponent if abs(exponent) > 500 else 0


def _summary(ordered: Floats) -> NumberSummary:
    quantiles = np.quantile(ordered, QUANTILES)
    low, high = quantiles[2], quantiles[4]
    reach = 1.5 * (high - low)
    first, last = np.searchsorted(ordered, [low - reach, high + reach], side="left")
    last = np.searchsorted(ordered, high + reach, side="right")
    return NumberSummary(
        min=float(ordered[0]),
        max=float(ordered[-1]),
        mean=float(np.clip(ordered.mean(), ordered[0], ordered[-1])),
        std=float(ordered.std(ddof=1)) if len(ordered) > 1 else 0.0,
        quantiles=tuple((p, float(q)) for p, q in zip(QUANTILES, quantiles, strict=True)),
        outliers=int(len(ordered) - (last - first)),
    )


def _histogram(ordered: Floats, kind: ColumnType) -> Histogram:
    low, high = float(ordered[0]), float(ordered[-1])
    if low == high:
        return Histogram((low, high), (len(ordered),))
    low, high = _core(ordered, low, high)
    edges = _edges(ordered, low, high, whole=kind in {ColumnType.INTEGER, ColumnType.DATE})
    inside = ordered[(ordered >= edges[0]) & (ordered <= edges[-1])]
    counts = np.histogram(inside, edges)[0]
    return Histogram(
        tuple(edges.tolist()),
        tuple(counts.tolist()),
        below=int((ordered < edges[0]).sum()),
        above=int((ordered > edges[-1]).sum()),
    )


def _core(ordered: Floats, low: float, high: float) -> tuple[float, float]:
    """The range without its tails, where they would squeeze all else into a few bins."""
    inner_low, inner_high = np.quantile(ordered, [_TAIL, 1 - _TAIL])
    if high - low <= 3 * (inner_high - inner_low) or inner_low == inner_high:
        return low, high
    return float(inner_low), float(inner_high)


def _edges(ordered: Floats, low: float, high: float, *, whole: bool) -> Floats:
    if whole and high - low < MOST_BINS:
        return np.arange(math.floor(low), math.ceil(high) + 2, dtype=np.float64) - 0.5
    step = _nice((high - low) / _bins(ordered, low, high))
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step), math.ceil(high / step)
    steps = np.arange(first, max(last, first + 1) + 1, dtype=np.float64)
    edges = steps * step if step >= 1 else steps / round(1 / step, 9)
    if whole:
        return edges - 0.5 if edges[-1] - 0.5 >= high else np.append(edges, edges[-1] + step) - 0.5
    return edges if np.all(np.diff(edges) > 0) else np.array([low, high])


def _bins(ordered: Floats, low: float, high: float) -> int:
    """Freedman and Diaconis' rule, between the fewest and the most bins."""
    first, third = np.quantile(ordered, [0.25, 0.75])
    width = 2 * (third - first) / len(ordered) ** (1 / 3)
    if width <= 0:
        return 2 * FEWEST_BINS
    if high - low >= width * MOST_BINS:
        return MOST_BINS
    return max(int((high - low) / width), FEWEST_BINS)


def _nice(step: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten at or above ``step``."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= step * 0.999), 10 * power)


def _back(value: float, shift: int) -> float:
    return float(np.clip(np.ldexp(np.float64(value / 2), shift), -_LIMIT / 2, _LIMIT / 2)) * 2


def _summary_back(summary: NumberSummary, shift: int) -> NumberSummary:
    return NumberSummary(
        min=_back(summary.min, shift),
        max=_back(summary.max, shift),
        mean=_back(summary.mean, shift),
        std=_back(summary.std, shift),
        quantiles=tuple((p, _back(q, shift)) for p, q in summary.quantiles),
        outliers=summary.outliers,
    )


def _histogram_back(histogram: Histogram, shift: int) -> Histogram:
    edges = tuple(_back(edge, shift) for edge in histogram.edges)
    return Histogram(edges, histogram.counts, histogram.below, histogram.above)
