"""Columns as standard normal numbers, the form in which a Gaussian copula relates them.

A value becomes its place in the column's own distribution, drawn uniformly within ties, and that
place becomes a normal score. Coming back, the same distribution turns scores into values, so each
column on its own keeps its distribution, whatever its shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, Table
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


@dataclass(frozen=True, slots=True)
class LevelCoder:
    """Distinct values side by side on a line, each as wide as its share of the rows."""

    name: str
    levels: Levels

    @property
    def names(self) -> tuple[str, ...]:
        """The column of scores."""
        return (self.name,)

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """The level at each place."""
        upper = self.levels.upper
        found = np.searchsorted(upper, places(plain[self.name].astype(np.float64)), side="right")
        return self.levels.take(np.minimum(found, len(upper) - 1))


def code_levels(
    name: str, values: pd.Series, by_value: bool, rng: np.random.Generator
) -> tuple[LevelCoder, Plain]:
    """A place drawn within each row's level, as a score."""
    levels, codes = find_levels(values, by_value=by_value)
    edges = np.concatenate([[0.0], levels.upper])
    drawn = edges[codes] + rng.random(len(codes)) * (edges[codes + 1] - edges[codes])
    return LevelCoder(name, levels), {name: scores(drawn)}


@dataclass(frozen=True, slots=True)
class QuantileCoder:
    """Numbers by their quantiles, and beside them a score that says which are missing.

    ``knots`` are quantiles at even distances; None when the model knows the numbers as they are.
    """

    name: str
    column: Column
    knots: Floats | None
    low: float
    high: float
    missing: float

    @property
    def names(self) -> tuple[str, ...]:
        """The number and the score of being missing."""
        return (self.name, f"{self.name}m")

    def decode(self, plain: Mapping[str, Array], rows: int, rng: np.random.Generator) -> pd.Series:
        """Back to the column's type, inside the range that was seen."""
        numbers = plain[self.name].astype(np.float64)
        if self.knots is not None:
            numbers = np.interp(places(numbers), np.linspace(0, 1, len(self.knots)), self.knots)
        numbers = np.clip(numbers, self.low, self.high)
        if self.missing:
            gaps = places(plain[f"{self.name}m"].astype(np.float64)) >= 1 - self.missing
            numbers = np.where(gaps, np.nan, numbers)
        return from_numbers(numbers, self.column)


def code_quantiles(
    name: str, values: pd.Series, column: Column, empirical: bool, rng: np.random.Generator
) -> tuple[QuantileCoder, Plain]:
    """Numbers as scores of their ranks, ties in random order, or as they are."""
    numbers = as_numbers(values, column)
    gaps = np.isnan(numbers)
    known = numbers[~gaps]
    filled = np.where(gaps, rng.choice(known, size=len(numbers)), numbers)
    share = float(gaps.mean())
    low, high = float(known.min()), float(known.max())
    knots = _knots(known) if empirical else None
    coder = QuantileCoder(name, column, knots, low, high, share)
    plain: Plain = {name: scores(_ranks(filled, rng)) if empirical else filled}
    if share:
        drawn = np.where(
            gaps, 1 - share * rng.random(len(gaps)), (1 - share) * rng.random(len(gaps))
        )
        plain[f"{name}m"] = scores(drawn)
    return coder, plain


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
    empirical: bool,
    few: int = 50,
) -> tuple[TableCoder, pd.DataFrame, tuple[str, ...]]:
    """Coders, plain columns, and the names of those that hold numbers as they are.

    Parameters
    ----------
    empirical
        Numbers become scores of their ranks; else they stay for the model to fit a curve.
    few
        Numbers with at most this many distinct values keep exactly these values.
    """
    coders: list[Coder] = []
    plain: Plain = {}
    raw: list[str] = []
    for place, column in enumerate(table.columns):
        values, name = frame[column.name], f"c{place}"
        distinct = values.nunique(dropna=False)
        coder: Coder
        made: Plain
        if distinct <= 1:
            coder, made = ConstantCoder(values.iloc[:1].reset_index(drop=True)), {}
        elif not column.type.is_numeric or distinct <= few:
            coder, made = code_levels(name, values, column.type.is_numeric, rng)
        else:
            coder, made = code_quantiles(name, values, column, empirical, rng)
            raw += [] if empirical else [name]
        coders.append(coder)
        plain |= made
    plain_frame = pd.DataFrame(plain, index=range(len(frame)))
    return TableCoder(table, tuple(coders)), plain_frame, tuple(raw)
