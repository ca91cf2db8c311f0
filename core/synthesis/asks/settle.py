"""From what a user asks to what it means for a table: restrictions of columns, part by part.

A *part* is a share of the rows with a restriction for each column that is spoken of. Target
shares, rare-event amplification, stratified sampling and fairness are all a list of parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Action, Column, ColumnType, Role, Table
from core.errors import InvalidInput
from core.synthesis.asks.conditions import Ask, Between, Condition, Equals, OneOf, Shares
from core.synthesis.asks.scalars import LABELS, Scalar, read_scalar

Mask = npt.NDArray[np.bool_]
MOST_STRATA = 1000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a column may be: one of ``values`` if there are any, in the range, not ``without``.

    A range (an end that is not infinite) shuts out the missing value.
    """

    column: Column
    values: tuple[Scalar, ...] | None = None
    low: float = -np.inf
    high: float = np.inf
    without: tuple[Scalar, ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Whether only one value is left."""
        return self.values is not None and len(self.values) == 1

    @property
    def has_range(self) -> bool:
        """Whether the column is bounded on a line."""
        return self.low > -np.inf or self.high < np.inf

    def mask(self, values: pd.Series) -> Mask:
        """Which rows keep to it."""
        kept = np.ones(len(values), np.bool_)
        if self.values is not None:
            kept &= _is_in(values, self.column, self.values)
        if self.without:
            kept &= ~_is_in(values, self.column, self.without)
        if self.has_range:
            numbers = as_numbers(values, self.column)
            kept &= (numbers >= self.low) & (numbers <= self.high)
        return kept

    def meet(self, other: "Restriction") -> "Restriction":
        """Both at once."""
        values = self.values if other.values is None else other.values
        if self.values is not None and other.values is not None:
            values = tuple(v for v in self.values if v in other.values)
        low, high = max(self.low, other.low), min(self.high, other.high)
        without = (*self.without, *other.without)
        if values is not None:
            bounded = low > -np.inf or high < np.inf
            values = tuple(
                v
                for v in values
                if v not in without and (not bounded or (isinstance(v, float) and low <= v <= high))
            )
        return Restriction(self.column, values, low, high, without)

    @property
    def is_empty(self) -> bool:
        """Whether no value can be left."""
        return self.values == () or self.low > self.high


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the rows, and what holds in them: one restriction a column at most."""

    share: float
    restrictions: tuple[Restriction, ...]

    def mask(self, frame: pd.DataFrame) -> Mask:
        """Which rows of ``frame`` keep to all restrictions."""
        kept = np.ones(len(frame), np.bool_)
        for restriction in self.restrictions:
            kept &= restriction.mask(frame[restriction.column.name])
        return kept


def settle(ask: Ask, table: Table, known: pd.DataFrame | None = None) -> tuple[Part, ...]:
    """The parts that an ask comes to.

    Parameters
    ----------
    known
        Training rows (canonical, at least the columns asked for): labels that they do not have
        and numbers outside their range are problems. Without them only types are checked.

    Raises
    ------
    InvalidInput
        With every unknown column, value and impossible range or share, at once.
    """
    problems: list[str] = []
    found: dict[str, Restriction] = {}
    for condition in ask.conditions:
        column = _column(condition.column, table, problems)
        if column is None:
            continue
        restriction = _restriction(condition, column, known, problems)
        if restriction is not None:
            met = found[column.name].meet(restriction) if column.name in found else restriction
            found[column.name] = met
    problems += [f"The conditions on {n!r} leave no value." for n, r in found.items() if r.is_empty]
    pieces: list[tuple[float, Restriction]] = []
    if ask.shares is not None:
        column = _column(ask.shares.column, table, problems)
        if column is not None:
            pieces = _pieces(ask.shares, column, known, problems)
    if problems:
        raise InvalidInput("What is asked for cannot be made. " + " ".join(problems), problems)
    return _parts(found, pieces)


def counts_of(parts: Sequence[Part], rows: int) -> list[int]:
    """Rows of each part: shares times ``rows``, rounded by largest remainders."""
    return apportion([part.share for part in parts], rows)


def apportion(shares: Sequence[float], rows: int) -> list[int]:
    """Whole numbers that add up to ``rows``, each less than 1 from its share of them."""
    exact = np.asarray(shares, float) / sum(shares) * rows
    counts = np.floor(exact + _ROUNDING).astype(int)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: rows - int(counts.sum())]] += 1
    return [int(count) for count in counts]


def real_shares(values: pd.Series, column: Column) -> Shares:
    """The shares that the values have now: what stratified sampling keeps exactly.

    Raises
    ------
    InvalidInput
        When there are no rows, or more than 1,000 distinct values.
    """
    if not len(values) or values.nunique() > MOST_STRATA:
        raise InvalidInput(
            f"Strata need a column with 1 to {MOST_STRATA:,} values; {column.name!r} has "
            f"{values.nunique():,}. Choose another column."
        )
    counts = values.value_counts(dropna=False, sort=False).sort_index()
    keys = [None if key is pd.NA or pd.isna(key) else key for key in counts.index]
    return Shares(column.name, dict(zip(keys, (counts / len(values)).tolist(), strict=True)))


def _column(name: str, table: Table, problems: list[str]) -> Column | None:
    if name not in table.names:
        problems.append(f"Table {table.name!r} has no column {name!r}.")
        return None
    column = table[name]
    if reason := not_learned(column, table):
        problems.append(f"Column {name!r} {reason}, so nothing can be asked of it.")
        return None
    return column


def not_learned(column: Column, table: Table) -> str:
    """Why an engine does not learn this column; empty if it does."""
    if column.action not in {None, Action.KEEP}:
        return f"has the action {column.action}"
    if column.name == table.primary_key or column.role is Role.IDENTIFIER:
        return "is an identifier"
    return "is free text" if column.type is ColumnType.TEXT else ""


def _restriction(
    condition: Condition, column: Column, known: pd.DataFrame | None, problems: list[str]
) -> Restriction | None:
    if isinstance(condition, Between):
        return _range(condition, column, known, problems)
    wanted = (condition.value,) if isinstance(condition, Equals) else condition.values
    if isinstance(condition, OneOf) and not wanted:
        problems.append(f"The condition on {column.name!r} lists no values.")
        return None
    before = len(problems)
    values = tuple(_value(value, column, problems) for value in wanted)
    if len(problems) == before and known is not None:
        _check_known(values, column, known[column.name], problems)
    return Restriction(column, tuple(dict.fromkeys(values))) if len(problems) == before else None


def _range(
    condition: Between, column: Column, known: pd.DataFrame | None, problems: list[str]
) -> Restriction | None:
    if not column.type.is_numeric:
        problems.append(f"Column {column.name!r} is of type {column.type} and has no ranges.")
        return None
    if condition.low is None and condition.high is None:
        problems.append(f"The range of {column.name!r} needs a low or a high end.")
        return None
    before = len(problems)
    low, high = (_value(end, column, problems) for end in (condition.low, condition.high))
    if len(problems) > before:
        return None
    made = Restriction(
        column,
        low=low if isinstance(low, float) else -np.inf,
        high=high if isinstance(high, float) else np.inf,
    )
    if made.low > made.high:
        problems.append(f"The range of {column.name!r} ends before it begins.")
        return None
    if known is not None:
        first, last = _span(known[column.name], column)
        if not (made.low <= last and made.high >= first):
            problems.append(f"The range of {column.name!r} lies outside of the training rows.")
    return made


def _pieces(
    shares: Shares, column: Column, known: pd.DataFrame | None, problems: list[str]
) -> list[tuple[float, Restriction]]:
    before = len(problems)
    values = tuple(_value(value, column, problems) for value in shares.shares)
    sizes = list(shares.shares.values())
    if not sizes or any(not 0 <= size <= 1 for size in sizes) or sum(sizes) > 1 + _ROUNDING:
        problems.append(f"Shares of {column.name!r} must be in 0..1 and add up to at most 1.")
    if len(set(values)) < len(values):
        problems.append(f"Shares of {column.name!r} name a value twice.")
    if len(problems) == before and known is not None:
        _check_known(values, column, known[column.name], problems)
    if len(problems) > before:
        return []
    pieces = [(s, Restriction(column, (v,))) for s, v in zip(sizes, values, strict=True)]
    rest = 1 - sum(sizes)
    if rest > _ROUNDING:
        others = Restriction(column, without=values)
        if known is not None and not others.mask(known[column.name]).any():
            problems.append(
                f"Shares of {column.name!r} name every value but add up to less than 1."
            )
        pieces.append((rest, others))
    return [(size, restriction) for size, restriction in pieces if size > 0]


def _parts(
    found: dict[str, Restriction], pieces: list[tuple[float, Restriction]]
) -> tuple[Part, ...]:
    if not pieces:
        return (Part(1.0, tuple(found.values())),)
    parts = []
    for share, piece in pieces:
        name = piece.column.name
        met = found[name].meet(piece) if name in found else piece
        if met.is_empty:
            raise InvalidInput(f"The shares of {name!r} contradict the condition on it.")
        parts.append(Part(share, tuple({**found, name: met}.values())))
    return tuple(replace(p, share=p.share / sum(q.share for q in parts)) for p in parts)


def _value(value: object, column: Column, problems: list[str]) -> Scalar:
    try:
        return read_scalar(value, column)
    except ValueError as error:
        problems.append(f"Column {column.name!r} is of type {column.type}: give {error}.")
        return None


def _check_known(
    values: tuple[Scalar, ...], column: Column, known: pd.Series, problems: list[str]
) -> None:
    """Labels must occur, numbers lie in the range, and missing values occur."""
    if None in values and not known.isna().any():
        problems.append(f"Column {column.name!r} is never missing in the training rows.")
    given = [value for value in values if value is not None]
    if column.type in LABELS:
        there = set(known.dropna().unique())
        if any(value not in there for value in given):
            problems.append(f"Column {column.name!r} does not have that value: choose one it has.")
    elif given:
        first, last = _span(known, column)
        if not all(isinstance(v, float) and first <= v <= last for v in given):
            problems.append(f"A value of {column.name!r} lies outside of the training rows' range.")


def _span(values: pd.Series, column: Column) -> tuple[float, float]:
    numbers = as_numbers(values, column)
    numbers = numbers[~np.isnan(numbers)]
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else (np.inf, -np.inf)


def _is_in(values: pd.Series, column: Column, wanted: tuple[Scalar, ...]) -> Mask:
    missing: Mask = values.isna().to_numpy(dtype=bool)
    if column.type in LABELS:
        inside = values.isin([v for v in wanted if v is not None]).to_numpy(dtype=bool)
    else:
        inside = np.isin(as_numbers(values, column), [v for v in wanted if v is not None])
    return np.asarray((inside & ~missing) | (missing & (None in wanted)))
