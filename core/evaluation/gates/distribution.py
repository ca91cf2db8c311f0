"""Whether each column is distributed like that of the real rows (Kolmogorov and Smirnov).

Numbers and dates as they are; categories by their cumulative frequency in the order in which they
first occur in the source. Missing values are left out: completeness is a gate of its own. The
p-value is that of the asymptotic two-sample test, as in ``scipy.stats.ks_2samp``; on values that
repeat it is too large, so that the test is mild.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column
from core.evaluation.details import GateFailure, GateResult
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import no_holdout
from core.evaluation.gates.gate import Gated, not_applicable

_CHANCE = 1.358
_LARGE = 5_000
"""D beyond this over √(nm/(n+m)) is explained by chance in one table of twenty."""


@dataclass(frozen=True, slots=True)
class Distance:
    """D of one column, that of fresh real rows, the rows of both sides, and p."""

    column: str
    d: float
    fresh: float
    n: int
    m: int
    p: float

    @property
    def beyond(self) -> float:
        """How much further off than fresh real rows."""
        return max(0.0, self.d - self.fresh)

    @property
    def is_noise(self) -> bool:
        """Whether so few rows show such a distance by chance."""
        return self.d <= _CHANCE * float(np.sqrt((self.n + self.m) / (self.n * self.m)))

    def figures(self, adjusted: float) -> dict[str, float]:
        """What stands beside the value."""
        figures = {"D": self.d, "fresh": self.fresh, "n": self.n, "m": self.m, "p": self.p}
        return {name: float(v) for name, v in (figures | {"adjusted p": adjusted}).items()}


def distribution(gated: Gated) -> GateResult:
    """The column furthest off by D, or the least likely by p, as the policy asks."""
    by_p = gated.asked.distribution_by == "p"
    threshold = gated.asked.least_p if by_p else gated.asked.largest_d
    reason = no_holdout(len(gated.case.holdout))
    found = [] if reason else [_distance(gated, column) for column in gated.case.judged]
    distances = [one for one in found if one is not None]
    if not distances:
        reason = reason or "No column has values to compare."
        return not_applicable("distribution", threshold, reason, at_most=not by_p)
    adjusted = [one.p for one in distances]
    if gated.asked.benjamini_hochberg:
        adjusted = benjamini_hochberg(adjusted)
    judge = _by_p if by_p else _by_d
    return judge(distances, adjusted, threshold)


def _by_d(distances: list[Distance], adjusted: list[float], threshold: float) -> GateResult:
    far = [(one, p) for one, p in zip(distances, adjusted, strict=True) if one.beyond > threshold]
    sure = [one for one, _ in far if not one.is_noise]
    failed = tuple(
        GateFailure(
            one.column,
            one.beyond,
            one.figures(p),
            "so few rows may show this by chance" if one.is_noise else "",
        )
        for one, p in sorted(far, key=lambda item: -item[0].beyond)
    )
    outcome = "fail" if sure else "inconclusive" if far else "pass"
    worst = max(distances, key=lambda one: one.beyond)
    note = (
        f"D beyond fresh real rows; largest in {worst.column}: D {worst.d:.3f}, fresh "
        f"{worst.fresh:.3f}, n {worst.n:,} and {worst.m:,}, p {worst.p:.3g}"
    )
    return GateResult("distribution", worst.beyond, threshold, True, outcome, failed, note)


def _by_p(distances: list[Distance], adjusted: list[float], threshold: float) -> GateResult:
    pairs = sorted(zip(adjusted, distances, strict=True), key=lambda item: item[0])
    failed = tuple(GateFailure(one.column, p, one.figures(p)) for p, one in pairs if p < threshold)
    p, least = pairs[0]
    note = (
        f"p of {len(pairs)} columns; least in {least.column}: D {least.d:.3f}, fresh "
        f"{least.fresh:.3f}, n {least.n:,} and {least.m:,}"
    )
    outcome = "fail" if failed else "pass"
    return GateResult("distribution", p, threshold, False, outcome, failed, note)


def _distance(gated: Gated, column: Column) -> Distance | None:
    train, held, made = map(np.sort, _on_a_line(gated, column))
    if not (len(train) and len(held) and len(made)):
        return None
    d, fresh = largest_gap(made, held), largest_gap(train, held)
    return Distance(column.name, d, fresh, len(made), len(held), p_value(d, len(made), len(held)))


def largest_gap(left: Matrix, right: Matrix) -> float:
    """D of two sorted samples that are not empty."""
    points = np.unique(np.concatenate([left, right]))
    below, under = (np.searchsorted(side, points, side="right") for side in (left, right))
    return float(np.abs(below / len(left) - under / len(right)).max())


def _on_a_line(gated: Gated, column: Column) -> list[Matrix]:
    """Training, holdout and synthetic values as numbers; unseen categories come last."""
    case = gated.case
    cells = [part[column.name] for part in (case.train, case.holdout, case.synthetic)]
    if column.type.is_numeric:
        return [as_numbers(part.dropna(), column) for part in cells]
    codes = pd.factorize(pd.concat(cells, ignore_index=True))[0]
    train, held, made = np.split(codes, np.cumsum([len(part) for part in cells])[:-1])
    unseen = train.max(initial=-1) + 1
    return [np.minimum(part[part >= 0], unseen).astype(float) for part in (train, held, made)]


def p_value(d: float, n: int, m: int) -> float:
    """How likely two samples of one distribution lie at least ``d`` apart.

    Kolmogorov's limit with the correction of J. Vrbik (Deriving CDF of Kolmogorov-Smirnov test
    statistic, 2020) where the samples are large, which is off by less than one in 10⁵ there.
    """
    from scipy.special import kolmogorov
    from scipy.stats import kstwo

    size = max(1, round(n * m / (n + m)))
    if size < _LARGE:
        return float(np.clip(kstwo.sf(d, size), 0.0, 1.0))
    scaled = d * np.sqrt(size)
    return float(kolmogorov(scaled + 1 / (6 * np.sqrt(size)) + (scaled - 1) / (4 * size)))


def benjamini_hochberg(values: list[float]) -> list[float]:
    """p-values corrected for the number of tests (Benjamini and Hochberg, 1995)."""
    found = np.asarray(values, float)
    order = np.argsort(found)
    scaled = found[order] * len(found) / np.arange(1, len(found) + 1)
    least = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    corrected = np.empty(len(found))
    corrected[order] = least
    return [float(p) for p in corrected]
