"""How strongly pairs of columns go together, each pair by the measure that fits it.

|Pearson's r| for two numeric columns, Cramér's V with the bias correction of Bergsma (2013) for
two categorical ones, and the correlation ratio η for one of each. Only rows where both are present
count. Numeric pairs have their signed coefficients too: Pearson's, and Spearman's, which is
Pearson's of the ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.profile.values import Associations

MOST_COLUMNS = 60
MOST_ROWS = 50_000
MOST_CATEGORIES = 100

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Axes:
    """Columns that can be measured, as float64 with NaN or as codes with -1 for missing."""

    numbers: Mapping[str, Floats]
    codes: Mapping[str, Codes]


def associations(axes: Axes, order: Sequence[str], rows: int) -> Associations:
    """Measure each pair of the first :data:`MOST_COLUMNS` columns in ``order`` that has an axis.

    Tables of more than :data:`MOST_ROWS` rows are measured on that many, evenly spaced. Beyond the
    :data:`MOST_CATEGORIES` most frequent, the categories of a column count as one.
    """
    usable = [name for name in order if name in axes.numbers or name in axes.codes]
    chosen = usable[:MOST_COLUMNS]
    left_out = tuple(name for name in order if name not in set(chosen))
    picked = np.linspace(0, rows - 1, MOST_ROWS).astype(int) if rows > MOST_ROWS else slice(None)
    numbers = {n: _standard(axes.numbers[n][picked]) for n in chosen if n in axes.numbers}
    codes = {n: _limited(axes.codes[n][picked]) for n in chosen if n in axes.codes}
    matrix = _matrix(chosen, numbers, codes)
    ranks = {name: _standard(_ranks(values)) for name, values in numbers.items()}
    return Associations(
        tuple(chosen),
        _entries(matrix),
        left_out,
        min(rows, MOST_ROWS),
        pearson=_entries(_signed(chosen, numbers)),
        spearman=_entries(_signed(chosen, ranks)),
    )


def _signed(chosen: Sequence[str], numbers: Mapping[str, Floats]) -> Floats:
    """Signed coefficients of numeric pairs, NaN elsewhere."""
    matrix = np.full((len(chosen), len(chosen)), np.nan)
    numeric = [i for i, name in enumerate(chosen) if name in numbers]
    if numeric:
        stacked = np.column_stack([numbers[chosen[i]] for i in numeric])
        matrix[np.ix_(numeric, numeric)] = correlation(stacked)
    return matrix


def _ranks(values: Floats) -> Floats:
    """Ranks of the values, ties shared; NaN stays."""
    ranks: Floats = pd.Series(values).rank().to_numpy(dtype=np.float64)
    return ranks


def _entries(matrix: Floats) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(_entry(value) for value in row) for row in matrix)


def _matrix(
    chosen: Sequence[str], numbers: Mapping[str, Floats], codes: Mapping[str, Codes]
) -> Floats:
    matrix = np.eye(len(chosen))
    numeric = [i for i, name in enumerate(chosen) if name in numbers]
    if numeric:
        stacked = np.column_stack([numbers[chosen[i]] for i in numeric])
        matrix[np.ix_(numeric, numeric)] = pearson(stacked)
    for i, first in enumerate(chosen):
        for j, second in enumerate(chosen[:i]):
            if first in numbers and second in numbers:
                continue
            matrix[i, j] = matrix[j, i] = _pair(first, second, numbers, codes)
    return matrix


def _pair(
    first: str, second: str, numbers: Mapping[str, Floats], codes: Mapping[str, Codes]
) -> float:
    if first in codes and second in codes:
        return cramers_v(codes[first], codes[second])
    if first in codes:
        return correlation_ratio(codes[first], numbers[second])
    return correlation_ratio(codes[second], numbers[first])


def pearson(values: Floats) -> Floats:
    """Absolute correlations of the columns, see :func:`correlation`."""
    return np.abs(correlation(values))


def correlation(values: Floats) -> Floats:
    """Correlations of the columns over the rows where both are there; NaN: undefined."""
    present = ~np.isnan(values)
    filled = np.where(present, values, 0.0)
    weight = present.astype(np.float64)
    count = weight.T @ weight
    safe = np.maximum(count, 1)
    total = filled.T @ weight
    squares = (filled**2).T @ weight
    products = filled.T @ filled
    covariance = products - total * total.T / safe
    spread = np.maximum(squares - total**2 / safe, 0.0)
    scale = np.sqrt(spread * spread.T)
    varies = spread > 1e-12 * safe
    defined = (count > 1) & varies & varies.T
    ratio = covariance / np.where(defined, scale, 1.0)
    return np.where(defined, np.clip(ratio, -1.0, 1.0), np.nan)


def cramers_v(first: Codes, second: Codes) -> float:
    """Bias-corrected Cramér's V of two coded columns (-1: missing); NaN when undefined."""
    both = (first >= 0) & (second >= 0)
    a, b = first[both], second[both]
    if len(a) < 2:
        return float("nan")
    table = np.bincount(a * (b.max() + 1) + b, minlength=(a.max() + 1) * (b.max() + 1))
    table = table.reshape(a.max() + 1, b.max() + 1).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    rows, columns = table.shape
    if min(rows, columns) < 2:
        return float("nan")
    n = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = ((table - expected) ** 2 / expected).sum() / n
    corrected = max(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    sides = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(np.clip(np.sqrt(corrected / sides), 0.0, 1.0)) if sides > 0 else float("nan")


def correlation_ratio(codes: Codes, numbers: Floats) -> float:
    """η: the share of a number's spread that lies between categories, as a square root."""
    both = (codes >= 0) & ~np.isnan(numbers)
    group, values = codes[both], numbers[both]
    if len(values) < 2 or group.min() == group.max():
        return float("nan")
    values = values - values.mean()
    spread = float((values**2).sum())
    if spread <= 1e-12 * len(values):
        return float("nan")
    count = np.bincount(group)
    total = np.bincount(group, weights=values)
    between = float((total**2 / np.maximum(count, 1)).sum())
    return float(np.sqrt(np.clip(between / spread, 0.0, 1.0)))


def _standard(values: Floats) -> Floats:
    """Centred and scaled, so that products of values near 1e308 stay finite."""
    if np.isnan(values).all():
        return values
    top = np.nanmax(np.abs(values))
    small = values / top if top > 0 else values
    centred = small - np.nanmean(small)
    spread = np.nanstd(centred)
    return centred / spread if spread > 1e-14 else np.where(np.isnan(values), np.nan, 0.0)


def _limited(codes: Codes) -> Codes:
    counts = np.bincount(codes[codes >= 0]) if (codes >= 0).any() else np.zeros(0, dtype=int)
    if len(counts) <= MOST_CATEGORIES:
        return codes
    frequent = np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1]
    renamed = np.full(len(counts), MOST_CATEGORIES - 1, dtype=np.int64)
    renamed[frequent] = np.arange(MOST_CATEGORIES - 1)
    return np.where(codes >= 0, renamed[codes], -1)


def _entry(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
