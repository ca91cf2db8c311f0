"""Summary and histogram of a long column on its axis, counted by DuckDB; safe near float64's ends.

The values stand in a table ``cells`` as ``x`` (float64). Those beyond 1e150 (or all below 1e-150)
are scaled by a power of two, which loses nothing, so that squares and differences stay inside
float64.
"""

import math
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from core.data.profile.values import Histogram, NumberSummary
from core.data.schema import ColumnType

Floats = npt.NDArray[np.float64]
Moments = tuple[float, float, float | None, float | None]

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MOST_BINS = 40
FEWEST_BINS = 10
_TAIL = 0.005
ASKED = (_TAIL, *QUANTILES, 1 - _TAIL)
_LIMIT = np.finfo(np.float64).max


@dataclass(frozen=True, slots=True)
class Spread:
    """Where scaled values lie: count, ends, quantiles by probability."""

    count: int
    low: float
    high: float
    quantiles: dict[float, float]

    @property
    def middle(self) -> float:
        """Width of the middle half."""
        return self.quantiles[0.75] - self.quantiles[0.25]

    def fences(self, reach: float) -> tuple[float, float]:
        """Tukey's fences, ``reach`` interquartile ranges from the middle half."""
        away = reach * self.middle
        return self.quantiles[0.25] - away, self.quantiles[0.75] + away

    def summary(self, moments: Moments, outliers: int, far_outliers: int) -> NumberSummary:
        """The figures together, with mean, standard deviation, skew and excess kurtosis."""
        mean, std, skew, kurtosis = moments
        return NumberSummary(
            min=self.low,
            max=self.high,
            mean=float(np.clip(mean, self.low, self.high)),
            std=std,
            quantiles=tuple((p, self.quantiles[p]) for p in QUANTILES),
            outliers=outliers,
            far_outliers=far_outliers,
            skew=skew,
            kurtosis=kurtosis,
        )


def describe(
    cursor: duckdb.DuckDBPyConnection, kind: ColumnType
) -> tuple[NumberSummary, Histogram] | None:
    """Summary and histogram of the values in ``cells``; None when there is none."""
    count, low, high = _row(cursor, "count(x), min(x), max(x)")
    if not count:
        return None
    shift = shift_of(max(abs(low), abs(high)))
    x = _scaled(shift)
    low, high = _row(cursor, f"min({x}), max({x})")
    spread = Spread(count, low, high, dict(zip(ASKED, _quantiles(cursor, x), strict=True)))
    edges = edges_of(spread, whole=kind in {ColumnType.INTEGER, ColumnType.DATE})
    summary = _summary(cursor, x, spread)
    histogram = _histogram(cursor, x, spread, edges)
    return (
        (summary_back(summary, shift), histogram_back(histogram, shift))
        if shift
        else (summary, histogram)
    )


def _quantiles(cursor: duckdb.DuckDBPyConnection, x: str) -> list[float]:
    """Quantiles by linear interpolation."""
    return list(_row(cursor, f"quantile_cont({x}, {list(ASKED)})")[0])


def number(value: float) -> str:
    """A float64 as SQL that loses no digit."""
    return f"CAST('{float(value)!r}' AS DOUBLE)"


def _row(cursor: duckdb.DuckDBPyConnection, what: str) -> tuple[Any, ...]:
    found = cursor.execute(f"SELECT {what} FROM cells").fetchall()[0]
    return tuple(found)


def shift_of(largest: float) -> int:
    """The power of two by which values are scaled; 0 where they need not be."""
    exponent = math.frexp(largest)[1]
    return exponent if abs(exponent) > 500 else 0


def _scaled(shift: int) -> str:
    if not shift:
        return "x"
    half = shift // 2
    return f"(x * {number(2.0**-half)} * {number(2.0 ** (half - shift))})"


def _summary(cursor: duckdb.DuckDBPyConnection, x: str, spread: Spread) -> NumberSummary:
    (near, far) = (_outside(x, spread.fences(reach)) for reach in (1.5, 3.0))
    outliers, far_outliers = _row(cursor, f"{near}, {far}")
    return spread.summary(_moments(cursor, x, spread), int(outliers), int(far_outliers))


def _outside(x: str, fences: tuple[float, float]) -> str:
    return f"count(*) FILTER ({x} < {number(fences[0])} OR {x} > {number(fences[1])})"


def _moments(cursor: duckdb.DuckDBPyConnection, x: str, spread: Spread) -> Moments:
    """Mean, standard deviation, skew and excess kurtosis, from values moved to 0 and scaled."""
    width, centre = spread.high - spread.low, spread.quantiles[0.5]
    if width <= 0:
        return spread.low, 0.0, None, None
    z = f"(({x} - {number(centre)}) / {number(width)})"
    first = float(_row(cursor, f"avg({z})")[0])
    d = f"({z} - {number(first)})"
    powers = ", ".join(f"avg({' * '.join([d] * power)})" for power in (2, 3, 4))
    second, third, fourth = map(float, _row(cursor, powers))
    count = spread.count
    std = width * math.sqrt(second * count / (count - 1))
    if second <= 0 or second**2 == 0:
        return centre + first * width, std, None, None
    return centre + first * width, std, third / second**1.5, fourth / second**2 - 3


def _histogram(
    cursor: duckdb.DuckDBPyConnection, x: str, spread: Spread, edges: Floats
) -> Histogram:
    if len(edges) == 1:
        return Histogram((spread.low, spread.high), (spread.count,))
    first, last, bins = number(edges[0]), number(edges[-1]), len(edges) - 1
    place = f"CAST(floor(({x} - {first}) / {number((edges[-1] - edges[0]) / bins)}) AS INTEGER)"
    found = cursor.execute(
        f"SELECT CASE WHEN {x} < {first} THEN -1 WHEN {x} > {last} THEN {bins} "
        f"ELSE least(greatest({place}, 0), {bins - 1}) END AS bin, count(*) "
        "FROM cells WHERE x IS NOT NULL GROUP BY bin"
    ).fetchall()
    counted = dict(found)
    return Histogram(
        tuple(edges.tolist()),
        tuple(counted.get(bin, 0) for bin in range(bins)),
        below=counted.get(-1, 0),
        above=counted.get(bins, 0),
    )


def edges_of(spread: Spread, *, whole: bool) -> Floats:
    """Edges of bins of a nice width; one edge only where all values are the same."""
    if spread.low == spread.high:
        return np.array([spread.low])
    return _edges(spread, *_core(spread), whole=whole)


def _core(spread: Spread) -> tuple[float, float]:
    """The range without its tails, where they would squeeze all else into a few bins."""
    inner_low, inner_high = spread.quantiles[_TAIL], spread.quantiles[1 - _TAIL]
    if spread.high - spread.low <= 3 * (inner_high - inner_low) or inner_low == inner_high:
        return spread.low, spread.high
    return inner_low, inner_high


def _edges(spread: Spread, low: float, high: float, *, whole: bool) -> Floats:
    if whole and high - low < MOST_BINS:
        return np.arange(math.floor(low), math.ceil(high) + 2, dtype=np.float64) - 0.5
    step = _nice((high - low) / _bins(spread, low, high))
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step), math.ceil(high / step)
    steps = np.arange(first, max(last, first + 1) + 1, dtype=np.float64)
    edges = steps * step if step >= 1 else steps / round(1 / step, 9)
    if whole:
        return edges - 0.5 if edges[-1] - 0.5 >= high else np.append(edges, edges[-1] + step) - 0.5
    return edges if np.all(np.diff(edges) > 0) else np.array([low, high])


def _bins(spread: Spread, low: float, high: float) -> int:
    """Freedman and Diaconis' rule, between the fewest and the most bins."""
    width = 2 * spread.middle / spread.count ** (1 / 3)
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


def summary_back(summary: NumberSummary, shift: int) -> NumberSummary:
    """A summary of scaled values in their own unit again."""
    return NumberSummary(
        min=_back(summary.min, shift),
        max=_back(summary.max, shift),
        mean=_back(summary.mean, shift),
        std=_back(summary.std, shift),
        quantiles=tuple((p, _back(q, shift)) for p, q in summary.quantiles),
        outliers=summary.outliers,
        far_outliers=summary.far_outliers,
        skew=summary.skew,
        kurtosis=summary.kurtosis,
    )


def histogram_back(histogram: Histogram, shift: int) -> Histogram:
    """A histogram of scaled values in their own unit again."""
    edges = tuple(_back(edge, shift) for edge in histogram.edges)
    return Histogram(edges, histogram.counts, histogram.below, histogram.above)
