"""What always holds between columns: one tells another, one is never above another.

Looked for in a sample of rows, and then counted over all rows; what holds in the sample only is
left out.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt

from core.data.profile.columns import Source, axis
from core.data.profile.shape import Dependency, Inequality
from core.data.schema import ColumnType, Table

MOST_DEPENDENCIES = 40
MOST_INEQUALITIES = 40
MOST_TRIED = 40
FEWEST_ROWS = 30
FEWEST_GROUPS = 3
_MOST_SHARE = 0.5
_FEWEST_BOTH = 100

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}


def dependencies(
    source: Source, table: Table, codes: Mapping[str, Codes]
) -> tuple[Dependency, ...]:
    """Which columns tell which others, from the codes of a sample (-1: missing), verified.

    A column that hardly repeats tells all others and shows nothing; it is not tried, nor is one
    that is constant.
    """
    usable = [name for name in codes if _repeats(codes[name])][:MOST_TRIED]
    telling = [name for name in usable if codes[name].max() + 1 >= FEWEST_GROUPS]
    pairs = [pair for name in telling for pair in _told_by(name, usable, codes)]
    kept = [(a, b, groups) for a, b in pairs if (groups := _verified(source, table, a, b))]
    known = {(a, b) for a, b, _ in kept}
    found = [
        Dependency(a, b, groups, (b, a) in known)
        for a, b, groups in kept
        if (b, a) not in known or table.names.index(a) < table.names.index(b)
    ]
    return tuple(found[:MOST_DEPENDENCIES])


def _repeats(codes: Codes) -> bool:
    present = codes[codes >= 0]
    if len(present) < FEWEST_ROWS:
        return False
    return 2 <= int(present.max()) + 1 <= _MOST_SHARE * len(present)


def _told_by(name: str, usable: Sequence[str], codes: Mapping[str, Codes]) -> list[tuple[str, str]]:
    """Pairs in which each value of this column goes with one value of the other."""
    order = np.argsort(codes[name], kind="stable")
    ordered = codes[name][order]
    start = np.searchsorted(ordered, 0)
    rows, groups = order[start:], ordered[start:]
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    told = []
    for other in usable:
        values = codes[other][rows]
        low = np.minimum.reduceat(np.where(values < 0, np.iinfo(np.int64).max, values), starts)
        high = np.maximum.reduceat(values, starts)
        if other != name and bool(((high <= low) | (high < 0)).all()):
            told.append((name, other))
    return told


def _verified(source: Source, table: Table, determinant: str, dependent: str) -> int:
    """How many values that repeat show the dependency over all rows; 0 where it does not hold."""
    a, b = (f"c{table.names.index(name)}" for name in (determinant, dependent))
    query = (
        f"SELECT count(*) FILTER (n > 1), count(*) FILTER (low <> high) FROM ("
        f"SELECT count(*) AS n, min({b}) AS low, max({b}) AS high FROM {source.relation} "
        f"WHERE {a} IS NOT NULL AND {b} IS NOT NULL GROUP BY {a})"
    )
    groups, broken = source.cursor.execute(query).fetchall()[0]
    return int(groups) if not broken and groups >= FEWEST_GROUPS else 0


def inequalities(
    source: Source, table: Table, axes: Mapping[str, Floats]
) -> tuple[Inequality, ...]:
    """Which numeric columns of one kind are never above which others, verified over all rows.

    Ranges must overlap: that all years are above all ages says nothing.
    """
    names = [name for name in axes if table[name].type.is_numeric][:MOST_TRIED]
    pairs = [
        pair for pair in permutations(names, 2) if _same_kind(table, *pair) and _below(axes, *pair)
    ][:MOST_INEQUALITIES]
    if not pairs:
        return ()
    counts = _counted(source, table, pairs)
    return tuple(
        Inequality(low, high, strict=equal == 0, rows=both)
        for (low, high), (both, above, equal) in zip(pairs, counts, strict=True)
        if not above and equal < both
    )


def _same_kind(table: Table, first: str, second: str) -> bool:
    kinds = {table[first].type, table[second].type}
    return len(kinds) == 1 or kinds <= _NUMBERS


def _below(axes: Mapping[str, Floats], low: str, high: str) -> bool:
    """Whether one is never above the other in the sample, though their ranges overlap."""
    a, b = axes[low], axes[high]
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    if len(a) < _FEWEST_BOTH or not (a <= b).all() or (a == b).all():
        return False
    return bool(np.quantile(a, 0.9) > np.quantile(b, 0.1))


def _counted(
    source: Source, table: Table, pairs: Sequence[tuple[str, str]]
) -> list[tuple[int, int, int]]:
    parts = []
    for low, high in pairs:
        a, b = (axis(table[name], f"c{table.names.index(name)}") for name in (low, high))
        parts += [
            f"count({a} + {b})",
            f"count(*) FILTER ({a} > {b})",
            f"count(*) FILTER ({a} = {b})",
        ]
    row = source.cursor.execute(f"SELECT {', '.join(parts)} FROM {source.relation}").fetchall()[0]
    return [(row[i], row[i + 1], row[i + 2]) for i in range(0, len(row), 3)]
