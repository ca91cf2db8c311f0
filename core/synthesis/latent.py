"""Columns as standard normal numbers, the form in which a Gaussian copula relates them.

A value becomes its place in the column's own distribution, drawn uniformly within ties, and that
place becomes a normal score. Coming back, the same distribution turns scores into values, so each
column on its own keeps its distribution, whatever its shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, Table
from core.synthesis.curves import EMPIRICAL, Curve, fit_curve
from core.synthesis.encoding import (
    Array,
    Coder,
    ConstantCoder,
    Floats,
    Levels,
    Plain,
    TableCoder,
    find_levels,
)

_EDGE = 1e-9
_KNOTS = 2_000


def scores(places: Floats) -> Floats:
    """Standard normal scores of places in [0, 1]."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(places, _EDGE, 1 - _EDGE)), dtype=np.float64)


def places(normal: Floats) -> Floats:
    """The inverse of :func:`scores`."""
    from scipy.special import ndtr

    return np.asarray(ndtr(normal), dtype=np.float64)


def level_scores(upper: Floats) -> Floats:
    """The mean score of each level, for levels that end at the places ``upper``.

    Means of a standard normal cut into intervals. A model that sees these instead of scores drawn
    at random within the intervals sees the relation between columns undiluted; that they spread
    less than 1 is undone in :meth:`LevelCoder.decode`.
    """
    edges = scores(np.concatenate([[0.0], upper]))
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    widths = np.maximum(np.diff(places(edges)), _EDGE)
    return np.asarray((density[:-1] - density[1:]) / widths, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class LevelCoder:
    """Distinct values side by side on a line, each as wide as its share of the rows.

    ``spread`` is the deviation of the column of mean scores.
    """

    name: str
    levels: Levels
    spread: float

    @property
    def names(self) -> tuple[str, ...]:
        """The column of scores."""
        return (self.name,)

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """The level at each place."""
        upper = self.levels.upper
        drawn = plain[self.name].astype(np.float64) / self.spread
        found = np.searchsorted(upper, places(drawn), side="right")
        return self.levels.take(np.minimum(found, len(upper) - 1))


def code_levels(
    name: str, values: pd.Series, lead: Floats | None = None, *, by_value: bool = False
) -> tuple[LevelCoder, Plain]:
    """Mean scores of each row's level.

    Levels are ordered by value, or by their rows' mean of ``lead``, so that the order of words
    means something to the other columns; without either, by frequency.
    """
    levels, codes = find_levels(values, by_value=by_value)
    if lead is not None:
        means = np.bincount(codes, weights=lead, minlength=len(levels.counts)) / levels.counts
        order = np.argsort(means, kind="stable")
        levels = Levels(levels.values.iloc[order].reset_index(drop=True), levels.counts[order])
        codes = np.argsort(order, kind="stable")[codes]
    made = level_scores(levels.upper)[codes]
    return LevelCoder(name, levels, max(float(made.std()), 1e-6)), {name: made}


@dataclass(frozen=True, slots=True)
class QuantileCoder:
    """Numbers by their quantiles, and beside them a score that says which are missing.

    ``knots`` are quantiles at even distances, or a named curve.
    """

    name: str
    column: Column
    knots: Floats | Curve
    low: float
    high: float
    missing: LevelCoder | None

    @property
    def names(self) -> tuple[str, ...]:
        """The number and the score of being missing."""
        return (self.name, f"{self.name}m")

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """Back to the column's type, inside the range that was seen."""
        numbers = plain[self.name].astype(np.float64)
        if isinstance(self.knots, Curve):
            numbers = self.knots.to_values(numbers)
        else:
            numbers = np.interp(places(numbers), np.linspace(0, 1, len(self.knots)), self.knots)
        numbers = np.clip(numbers, self.low, self.high)
        if self.missing:
            gaps = self.missing.decode(plain, rows, rng).to_numpy(dtype=bool)
            numbers = np.where(gaps, np.nan, numbers)
        return from_numbers(numbers, self.column)


def code_quantiles(
    name: str, values: pd.Series, column: Column, shape: str, rng: np.random.Generator
) -> tuple[QuantileCoder, Plain]:
    """Numbers as scores of their ranks, ties in random order, or of their place on a curve."""
    numbers = as_numbers(values, column)
    gaps = np.isnan(numbers)
    known = numbers[~gaps]
    filled = np.where(gaps, rng.choice(known, size=len(numbers)), numbers)
    low, high = float(known.min()), float(known.max())
    knots: Floats | Curve
    if shape == EMPIRICAL:
        knots, scored = _knots(known), scores(_ranks(filled, rng))
    else:
        knots = fit_curve(known, shape, rng)
        scored = knots.to_scores(filled)
    plain: Plain = {name: scored}
    missing = None
    if gaps.any():
        missing, made = code_levels(f"{name}m", pd.Series(gaps), by_value=True)
        plain |= made
    return QuantileCoder(name, column, knots, low, high, missing), plain


def _knots(known: Floats) -> Floats:
    ordered = np.sort(known)
    wanted = np.linspace(0, len(ordered) - 1, min(len(ordered), _KNOTS))
    return ordered[np.round(wanted).astype(np.intp)]


def _ranks(numbers: Floats, rng: np.random.Generator) -> Floats:
    """Places strictly between 0 and 1, in the order of the numbers."""
    order = np.lexsort((rng.random(len(numbers)), numbers))
    ranks = np.empty(len(numbers))
    ranks[order] = (np.arange(len(numbers)) + 0.5) / len(numbers)
    return ranks


def code_latent(
    frame: pd.DataFrame,
    table: Table,
    rng: np.random.Generator,
    *,
    shapes: Mapping[str, str],
    few: int = 50,
    told: Callable[[int, int], None] = lambda *_: None,
) -> tuple[TableCoder, pd.DataFrame]:
    """Coders and plain columns of scores.

    Parameters
    ----------
    shapes
        The curve of each number column, see ``core.synthesis.curves``.
    few
        Numbers with at most this many distinct values keep exactly these values.
    told
        Hears which column is about to be coded, and of how many.
    """
    coders: dict[str, Coder] = {}
    plain: Plain = {}
    words = []
    for place, column in enumerate(table.columns):
        told(place, len(table.columns))
        values, name = frame[column.name], f"c{place}"
        distinct = values.nunique(dropna=False)
        made: Plain = {}
        if distinct <= 1:
            coders[name] = ConstantCoder(values.iloc[:1].reset_index(drop=True))
        elif not column.type.is_numeric:
            words.append((name, values))
        elif distinct <= few:
            coders[name], made = code_levels(name, values, by_value=True)
        else:
            coders[name], made = code_quantiles(name, values, column, shapes[column.name], rng)
        plain |= made
    lead = _lead(plain)
    for name, values in words:
        coders[name], made = code_levels(name, values, lead)
        plain |= made
    ordered = tuple(coders[f"c{place}"] for place in range(len(table.columns)))
    return TableCoder(table, ordered), pd.DataFrame(plain, index=range(len(frame)))


def _lead(plain: Plain) -> Floats | None:
    """What the number columns have most in common: their first principal component."""
    if not plain:
        return None
    matrix = np.column_stack([column.astype(np.float64) for column in plain.values()])
    spread = matrix.std(axis=0)
    scaled = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1)
    weights = np.linalg.eigh(scaled.T @ scaled)[1][:, -1]
    return np.asarray(scaled @ (weights * np.sign(weights[np.abs(weights).argmax()])))
