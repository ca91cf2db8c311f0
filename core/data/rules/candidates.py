"""Rules that a sample of rows keeps: what is then counted on all rows.

Everything here looks at numbers and codes only; no value leaves it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEARLY = 0.98
BY_CHANCE = 0.95
FEWEST_ROWS = 30
MOST_NUMBERS = 200
MOST_ADDED = 60
MOST_LABELS = 60
MOST_CODES = 2_000
LONGEST_SUM = 12
_CHECKED_ROWS = 200
_PLAIN = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})
_CODED = frozenset({ColumnType.CATEGORY, ColumnType.BOOLEAN, ColumnType.INTEGER})


@dataclass(frozen=True, slots=True)
class Below:
    """``low`` may never be above ``high``."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Added:
    """``parts`` may add up to ``total``."""

    parts: tuple[str, ...]
    total: str


@dataclass(frozen=True, slots=True)
class Group:
    """Of the flags exactly one may be set; or the columns may hold only some combinations."""

    columns: tuple[str, ...]


def below(frame: pd.DataFrame, table: Table) -> list[Below]:
    """Columns of one kind of which one is hardly ever above the other, and not by chance alone.

    Those that follow from two others are left out.
    """
    found = []
    for columns in _comparable(table):
        numbers = _numbers(frame, columns)
        for low, high in _ordered(numbers):
            found.append((columns[low].name, columns[high].name))
    pairs = set(found)
    both = {(a, b) for a, b in pairs if (b, a) in pairs}
    single = [pair for pair in found if pair not in both]
    follows = _following(single)
    return [Below(a, b) for a, b in single if (a, b) not in follows]


def added(frame: pd.DataFrame, table: Table) -> list[Added]:
    """Numbers that are the sum of two others, or of columns that stand beside each other."""
    columns = [c for c in table.columns if c.type in _PLAIN][:MOST_ADDED]
    columns = [c for c in columns if frame[c.name].nunique() > 2]
    if len(columns) < 2:
        return []
    numbers = _numbers(frame, columns)
    full = numbers[~np.isnan(numbers).any(axis=1)]
    few = full[:_CHECKED_ROWS] if len(full) >= FEWEST_ROWS else numbers[:_CHECKED_ROWS]
    decimals = np.array([_decimals(c) for c in columns])
    matters = [_matters(column) for column in few.T]
    found: dict[str, Added] = {}
    for parts in _parts(len(columns)):
        if not all(matters[place] for place in parts):
            continue
        total = np.sum(few[:, parts], axis=1)
        for place in _equal_to(total, few, decimals):
            if place in parts or not matters[place]:
                continue
            name = columns[place].name
            names = tuple(columns[p].name for p in parts)
            if name not in found and not _turned_round(name, names, found):
                found[name] = Added(names, name)
    return list(found.values())


def one_hot(frame: pd.DataFrame, table: Table) -> list[Group]:
    """Flags that stand beside each other, of which in nearly all rows exactly one is set."""
    found: list[Group] = []
    run: list[str] = []
    for column in (*table.columns, None):
        if column is not None and _is_flag(frame, column):
            run.append(column.name)
            continue
        found += list(_hot(frame, run, table))
        run = []
    return found


def combinations(frame: pd.DataFrame, table: Table) -> list[Group]:
    """Labels of which one tells the other: city and country, together with what these tell."""
    coded: dict[str, Ints] = {}
    for column in table.columns:
        if column.type in _CODED and len(coded) < MOST_LABELS:
            codes, values = pd.factorize(frame[column.name])
            if 2 <= len(values) <= min(MOST_CODES, len(frame) // 5) and column.name not in coded:
                coded[column.name] = np.asarray(codes, np.int64)
    telling: dict[str, list[str]] = {}
    for one, own in coded.items():
        told = [other for other, codes in coded.items() if other != one and _tells(own, codes)]
        if told:
            telling[one] = told
    return _merged(telling, table)


def _comparable(table: Table) -> list[list[Column]]:
    kinds: dict[str, list[Column]] = {}
    for column in table.columns:
        if column.type.is_numeric:
            kind = "plain" if column.type in _PLAIN else str(column.type)
            kinds.setdefault(kind, []).append(column)
    return [columns[:MOST_NUMBERS] for columns in kinds.values() if len(columns) > 1]


def _numbers(frame: pd.DataFrame, columns: Sequence[Column]) -> Floats:
    return np.column_stack([as_numbers(frame[c.name], c) for c in columns])


def _ordered(numbers: Floats) -> Iterator[tuple[int, int]]:
    present = ~np.isnan(numbers)
    for low in range(numbers.shape[1]):
        both = present & present[:, [low]]
        with np.errstate(invalid="ignore"):
            kept = ((numbers[:, [low]] <= numbers) & both).sum(axis=0)
        counts = both.sum(axis=0)
        for high in np.flatnonzero((counts >= FEWEST_ROWS) & (kept >= NEARLY * counts)):
            if high != low and _by_chance(numbers[:, low], numbers[:, high]) <= BY_CHANCE:
                yield low, int(high)


def _by_chance(low: Floats, high: Floats) -> float:
    """Share of rows in which the order would hold if the columns had nothing to do."""
    lows, highs = np.sort(low[~np.isnan(low)]), high[~np.isnan(high)]
    if lows[0] == lows[-1] or highs.min() == highs.max():
        return 1.0
    return float(np.searchsorted(lows, highs, side="right").mean() / len(lows))


def _following(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    above: dict[str, set[str]] = {}
    for low, high in pairs:
        above.setdefault(low, set()).add(high)
    return {
        (low, top)
        for low, highs in above.items()
        for middle in highs
        for top in above.get(middle, ())
        if top in highs
    }


def _parts(width: int) -> Iterator[list[int]]:
    for first in range(width):
        for second in range(first + 1, width):
            yield [first, second]
    for first in range(width):
        for length in range(3, min(LONGEST_SUM, width - first) + 1):
            yield list(range(first, first + length))


def _equal_to(total: Floats, numbers: Floats, decimals: Floats) -> Iterator[int]:
    gap = np.abs(numbers - total.reshape(-1, 1))
    known = ~np.isnan(gap)
    allowed = 0.5 * 10.0**-decimals * (1 + 1e-6) + 1e-9 * np.abs(np.nan_to_num(numbers))
    kept, counts = ((gap <= allowed) & known).sum(axis=0), known.sum(axis=0)
    yield from map(int, np.flatnonzero((counts >= FEWEST_ROWS) & (kept >= NEARLY * counts)))


def _matters(numbers: Floats) -> bool:
    known = numbers[~np.isnan(numbers)]
    return len(known) > 0 and float((known != 0).mean()) > 0.05


def _turned_round(total: str, parts: Sequence[str], found: dict[str, Added]) -> bool:
    """Whether a sum that is known says the same: a + b = c beside c + -b = a."""
    return any({total, *parts} == {one.total, *one.parts} for one in found.values())


def _decimals(column: Column) -> float:
    if column.type is ColumnType.INTEGER:
        return 0.0
    return 9.0 if column.format.decimals is None else float(column.format.decimals)


def _is_flag(frame: pd.DataFrame, column: Column) -> bool:
    if column.type is ColumnType.BOOLEAN:
        return bool(frame[column.name].notna().any())
    if column.type not in _PLAIN:
        return False
    values = set(frame[column.name].dropna().unique().tolist())
    return bool(values) and values <= {0, 1}


def _hot(frame: pd.DataFrame, run: Sequence[str], table: Table) -> Iterator[Group]:
    start = 0
    while start + 2 <= len(run):
        columns = [table[name] for name in run]
        flags = _numbers(frame, columns)[:, start:]
        sums = np.cumsum(np.nan_to_num(flags), axis=1)
        good = (sums == 1).mean(axis=0) >= NEARLY
        ends = [int(e) for e in np.flatnonzero(good) if e >= 1 and flags[:, e].any()]
        if ends:
            last = ends[-1]
            yield Group(tuple(run[start : start + last + 1]))
            start += last + 1
        else:
            start += 1


def _tells(own: Ints, other: Ints) -> bool:
    """Whether one code tells the other in nearly all rows, and there is something to be told."""
    known = (own >= 0) & (other >= 0)
    if known.sum() < FEWEST_ROWS:
        return False
    own, other = own[known], other[known]
    pairs, counts = np.unique(own * (other.max() + 1) + other, return_counts=True)
    most = np.zeros(own.max() + 1, np.int64)
    np.maximum.at(most, pairs // (other.max() + 1), counts)
    commonest = np.bincount(other).max()
    return bool(most.sum() >= NEARLY * len(own) and commonest < BY_CHANCE * len(own))


def _merged(telling: dict[str, list[str]], table: Table) -> list[Group]:
    """One group for a column and all that it tells; none that lies in another."""
    order = {name: place for place, name in enumerate(table.names)}
    groups = {tuple(sorted({one, *told}, key=order.__getitem__)) for one, told in telling.items()}
    whole = [g for g in groups if not any(set(g) < set(other) for other in groups)]
    return [Group(g) for g in sorted(whole, key=lambda g: [order[name] for name in g])]
