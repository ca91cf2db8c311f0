"""Two versions of a dataset compared where they lie: what columns are there, and how they moved.

Values on a line are compared on at most :data:`MOST_ROWS` evenly spaced rows of each version, one
column at a time; categories are counted over all rows by DuckDB.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.data.profile import distances
from core.data.profile.columns import Source, axis
from core.data.profile.drift_values import (
    LARGE,
    LARGE_PSI,
    SOME,
    SOME_PSI,
    ColumnDrift,
    Level,
    PairDrift,
    Shift,
)
from core.data.profile.pair import FEWEST_ROWS
from core.data.profile.values import ColumnProfile, TableProfile
from core.data.schema import ColumnType, Table

MOST_ROWS = 200_000
MOST_CATEGORIES = 50_000
PSI_CATEGORIES = 20
DRAWN_CATEGORIES = 12
DRAWN_BINS = 20
SHOWN_LABELS = 5
SHOWN_PAIRS = 10
_SOME_MISSING, _SOME_NEW = 0.05, 0.01
_WHOLE = {ColumnType.INTEGER, ColumnType.DATE}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a table: where it lies, as it is stored, and what its profile says.

    No label and no bin is told of a column in ``closed``.
    """

    source: Source
    table: Table
    profile: TableProfile
    closed: frozenset[str] = frozenset()

    def cell(self, name: str) -> str:
        """SQL for a column's cell."""
        return f"c{self.table.names.index(name)}"


def column_drift(before: Side, now: Side, was: str, name: str) -> ColumnDrift:
    """Compare a column of the later version with one of the earlier."""
    a, b = before.profile[was], now.profile[name]
    made = ColumnDrift(name, was, b.type, Level.NONE, a.missing_share, b.missing_share)
    why = _why_not(before, now, a, b)
    is_closed = was in before.closed or name in now.closed
    if why:
        made = replace(made, why=why)
    elif b.type.is_numeric:
        made = _on_a_line(made, before, now)
    else:
        made = _by_category(made, before, now)
    if is_closed:
        made = replace(made, shift=None, new_labels=(), gone_labels=())
    return replace(made, level=_level(made, a.rows, b.rows))


def _why_not(before: Side, now: Side, a: ColumnProfile, b: ColumnProfile) -> str:
    """Why the values of two columns are not compared; nothing when they are."""
    on_a_line = {ColumnType.INTEGER, ColumnType.NUMBER}
    if a.type is not b.type and not {a.type, b.type} <= on_a_line:
        return "The type is another one, so the values are not compared."
    if ColumnType.TEXT in {a.type, b.type}:
        return "Free text is compared by its missing values only."
    keys = {before.table.primary_key == a.name, now.table.primary_key == b.name}
    if (a.unique and b.unique and not a.type.is_numeric) or True in keys:
        return "A key: its values differ by nature."
    if a.unique and b.unique and b.type is ColumnType.INTEGER:
        return "All values differ, as those of a key do."
    if not (a.distinct and b.distinct):
        return "One of the versions has no values here."
    if not b.type.is_numeric and max(a.distinct, b.distinct) > MOST_CATEGORIES:
        return f"More than {MOST_CATEGORIES:,} different values."
    return ""


def _on_a_line(made: ColumnDrift, before: Side, now: Side) -> ColumnDrift:
    first, second = _points(before, made.was), _points(now, made.name)
    if not len(first) or not len(second):
        return replace(made, why="The rows looked at have no values here.")
    distance, moved = distances.ks_and_wasserstein(first, second)
    return replace(
        made,
        distance=distance,
        chance=distances.ks_by_chance(len(first), len(second)),
        wasserstein=moved,
        psi=distances.psi(*distances.decile_counts(first, second)),
        rows=(len(first), len(second)),
        is_sampled=max(before.source.rows, now.source.rows) > MOST_ROWS,
        shift=_bins(before.profile[made.was], now.profile[made.name], first, second),
    )


def _points(side: Side, name: str) -> Floats:
    """A column's values on its axis, of evenly spaced rows, without missing ones."""
    x = axis(side.table[name], side.cell(name))
    query = f"SELECT {x} AS x FROM {side.source.spaced(MOST_ROWS)}"
    found = side.source.cursor.execute(query).fetchnumpy()["x"]
    values = np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan)
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


def _bins(a: ColumnProfile, b: ColumnProfile, first: Floats, second: Floats) -> Shift | None:
    """Shares by common bins, within the ends that the two profiles show."""
    if a.histogram is None or b.histogram is None:
        return None
    low = min(a.histogram.edges[0], b.histogram.edges[0])
    high = max(a.histogram.edges[-1], b.histogram.edges[-1])
    if not low < high or not math.isfinite(high - low):
        return None
    width = (high - low) / DRAWN_BINS
    if b.type in _WHOLE:
        width = math.ceil(width)
    edges = low + width * np.arange(math.ceil((high - low) / width) + 1)
    told = [_shares(np.histogram(v, edges)[0].astype(float), len(v)) for v in (first, second)]
    return Shift(told[0], told[1], edges=tuple(edges.tolist()))


def _shares(counts: Floats, total: float) -> tuple[float, ...]:
    told = np.where(counts < FEWEST_ROWS, 0, counts)
    return tuple((told / total).round(6).tolist())


def _by_category(made: ColumnDrift, before: Side, now: Side) -> ColumnDrift:
    labels, first, second = _counts(before, now, made)
    common = PSI_CATEGORIES
    order = np.argsort(-first, kind="stable")
    pooled = [
        np.append(counts[order[:common]], counts[order[common:]].sum())
        for counts in (first, second)
    ]
    is_new, is_gone = first == 0, second == 0
    return replace(
        made,
        distance=distances.total_variation(first, second),
        chance=distances.variation_by_chance(first, second),
        jensen_shannon=distances.jensen_shannon(first, second),
        psi=distances.psi(*pooled),
        new=int(is_new.sum()),
        gone=int(is_gone.sum()),
        new_share=float(second[is_new].sum() / second.sum()),
        new_labels=_told(labels, np.where(is_new, second, 0)),
        gone_labels=_told(labels, np.where(is_gone, first, 0)),
        rows=(int(first.sum()), int(second.sum())),
        shift=_categories(labels, first, second),
    )


def _counts(before: Side, now: Side, made: ColumnDrift) -> tuple[list[str], Floats, Floats]:
    """Each value of either version with how many rows have it, before and now."""

    def grouped(side: Side, name: str) -> str:
        cell = side.cell(name)
        return (
            f"SELECT CAST({cell} AS VARCHAR) AS v, count(*) AS n FROM {side.source.relation} "
            f"WHERE {cell} IS NOT NULL GROUP BY v"
        )

    found = now.source.cursor.execute(
        "SELECT v, coalesce(a.n, 0), coalesce(b.n, 0) "
        f"FROM ({grouped(before, made.was)}) AS a FULL JOIN ({grouped(now, made.name)}) AS b "
        "USING (v) ORDER BY v"
    ).fetchall()
    labels = [label for label, _, _ in found]
    first, second = (np.array([row[i] for row in found], dtype=np.float64) for i in (1, 2))
    return labels, first, second


def _told(labels: list[str], counts: Floats) -> tuple[str, ...]:
    """Labels that enough rows have, the most frequent first."""
    order = np.argsort(-counts, kind="stable")[:SHOWN_LABELS]
    return tuple(labels[i] for i in order if counts[i] >= FEWEST_ROWS)


def _categories(labels: list[str], first: Floats, second: Floats) -> Shift:
    weight = first / first.sum() + second / second.sum()
    told = (first >= FEWEST_ROWS) | (second >= FEWEST_ROWS)
    order = np.argsort(-np.where(told, weight, 0), kind="stable")
    kept = [i for i in order[:DRAWN_CATEGORIES] if told[i]]
    rest = np.ones(len(labels), dtype=bool)
    rest[kept] = False
    names = [labels[i] for i in kept]
    both = [np.append(counts[kept], counts[rest].sum()) for counts in (first, second)]
    shares = [_shares(counts, counts.sum()) for counts in both]
    return Shift(shares[0], shares[1], labels=(*names, "(all others)"))


def _level(made: ColumnDrift, rows_before: int, rows_now: int) -> Level:
    """How much a column changed: beyond chance, and by the distance or the usual bands of PSI."""
    gaps = abs(made.missing_change)
    share = (made.missing_before + made.missing_now) / 2
    noise = 3 * math.sqrt(share * (1 - share) * (1 / max(rows_before, 1) + 1 / max(rows_now, 1)))
    gaps = gaps if gaps > noise else 0.0
    moved, index = 0.0, 0.0
    if made.distance is not None and made.chance is not None and made.distance > made.chance:
        moved, index = made.distance, made.psi or 0.0
    if moved >= LARGE or gaps >= LARGE or (index >= LARGE_PSI and moved >= SOME / 2):
        return Level.LARGE
    is_some = moved >= SOME or gaps >= _SOME_MISSING or (index >= SOME_PSI and moved >= SOME / 4)
    return Level.SOME if is_some or made.new_share >= _SOME_NEW else Level.NONE


def ordered(columns: Iterable[ColumnDrift]) -> tuple[ColumnDrift, ...]:
    """Columns that changed most first."""
    ranks = {Level.LARGE: 0, Level.SOME: 1, Level.NONE: 2}
    return tuple(
        sorted(
            columns, key=lambda c: (ranks[c.level], -max(c.distance or 0, abs(c.missing_change)))
        )
    )


def pair_drifts(
    before: TableProfile, now: TableProfile, was: Mapping[str, str]
) -> tuple[PairDrift, ...]:
    """Pairs whose association changed most: by a tenth at least, and beyond chance.

    ``was`` gives the earlier names of the columns of now.
    """
    names = [n for n in now.associations.columns if was.get(n) in before.associations.columns]
    rows = (max(before.associations.rows, 1), max(now.associations.rows, 1))
    least = max(SOME, 3 * math.sqrt(1 / rows[0] + 1 / rows[1]))
    found = []
    for place, left in enumerate(names):
        for right in names[:place]:
            old = _association(before, was[left], was[right])
            new = _association(now, left, right)
            if old is not None and new is not None and abs(new - old) >= least:
                found.append(PairDrift(right, left, old, new))
    return tuple(sorted(found, key=lambda pair: -abs(pair.change))[:SHOWN_PAIRS])


def _association(profile: TableProfile, left: str, right: str) -> float | None:
    links = profile.associations
    i, j = links.columns.index(left), links.columns.index(right)
    signed = links.pearson[i][j] if links.pearson else None
    return links.matrix[i][j] if signed is None else signed
