"""Two versions of a dataset compared where they lie: what columns are there, and how they moved.

Values on a line are compared on at most :data:`MOST_ROWS` evenly spaced rows of each version, one
column at a time; categories are counted over all rows by DuckDB. What fewer than a few people have
is told as none: people are rows, unless a column of the version tells them apart.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.data.profile import distances
from core.data.profile.columns import Counts, axis, people_at
from core.data.profile.drift_labels import categories, counted, told
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
from core.data.profile.side import Side, shares
from core.data.profile.values import ColumnProfile, TableProfile
from core.data.schema import ColumnType

MOST_ROWS = 200_000
MOST_CATEGORIES = 50_000
PSI_CATEGORIES = 20
DRAWN_BINS = 20
SHOWN_PAIRS = 10
_SOME_MISSING, _SOME_NEW = 0.05, 0.01
_WHOLE = {ColumnType.INTEGER, ColumnType.DATE}

Floats = npt.NDArray[np.float64]


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
    rows = len(first.values), len(second.values)
    if not all(rows):
        return replace(made, why="The rows looked at have no values here.")
    distance, moved = distances.ks_and_wasserstein(first.values, second.values)
    return replace(
        made,
        distance=distance,
        chance=distances.ks_by_chance(*rows),
        wasserstein=moved,
        psi=distances.psi(*distances.decile_counts(first.values, second.values)),
        rows=rows,
        is_sampled=max(before.source.rows, now.source.rows) > MOST_ROWS,
        shift=_bins(before.profile[made.was], now.profile[made.name], first, second),
    )


@dataclass(frozen=True, slots=True)
class _Points:
    """Values on an axis, and a number for each one's person."""

    values: Floats
    people: Counts


def _points(side: Side, name: str) -> _Points:
    """A column's values on its axis, of evenly spaced rows, without missing ones."""
    x, source = axis(side.table[name], side.cell(name)), side.source
    query = f"SELECT {x} AS x, {source.who} AS who FROM {source.spaced(MOST_ROWS)}"
    found = source.cursor.execute(query).fetchnumpy()
    values = np.ma.filled(np.ma.asarray(found["x"], dtype=np.float64), np.nan)
    there = np.isfinite(values)
    return _Points(np.asarray(values[there]), source.numbered(found["who"])[there])


def _bins(a: ColumnProfile, b: ColumnProfile, first: _Points, second: _Points) -> Shift | None:
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
    drawn = [_by_bin(points, edges) for points in (first, second)]
    return Shift(drawn[0], drawn[1], edges=tuple(edges.tolist()))


def _by_bin(points: _Points, edges: npt.NDArray[np.floating]) -> tuple[float, ...]:
    """Shares of rows between neighbouring edges; the last bin holds its upper edge."""
    bins = len(edges) - 1
    places = np.searchsorted(edges, points.values, side="right") - 1
    places[points.values == edges[-1]] = bins - 1
    inside = (places >= 0) & (places < bins)
    places = places[inside]
    people = people_at(places, points.people[inside], bins)
    return shares(np.bincount(places, minlength=bins), people, len(points.values))


def _by_category(made: ColumnDrift, before: Side, now: Side) -> ColumnDrift:
    both = counted(before, now, made)
    first, second = both.first.astype(np.float64), both.second.astype(np.float64)
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
        new_labels=told(both.labels, np.where(is_new, second, 0), both.people_now),
        gone_labels=told(both.labels, np.where(is_gone, first, 0), both.people_before),
        rows=(int(first.sum()), int(second.sum())),
        shift=categories(both, before, now, made),
    )


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
