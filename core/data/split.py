"""Dividing data into what is trained on and what is held out to judge against.

Rows of one table are drawn at random. In related tables, rows that hang together stay together:

1. A *lookup* table (products, districts) is whole on both sides. It has no parents, at most 200
   rows, at least ten rows on average in each child for each of its own, and no column that was
   marked as telling of a person.
2. All other rows that point to each other, directly or through others, form a group. Groups are
   drawn, so that no parent's children are on both sides and every child finds its parents.
3. Where one group holds more than half of all rows (users and films, tied by ratings), the rows
   of the largest table without parents are drawn instead, their descendants follow them, and all
   other tables without parents count as lookup tables. A row that would follow parents to both
   sides is on neither.

A share of a few rows may be none: one row goes to training, and so do both of two at 20 %.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.linked import link_keys
from core.data.schema import Relationship, Role, Schema
from core.errors import InvalidParameter

_LOOKUP_ROWS = 200
_LOOKUP_CHILDREN = 10
_NEITHER = -1

Tables = dict[str, pd.DataFrame]
Sides = dict[str, npt.NDArray[np.int64]]


def split(
    frame: pd.DataFrame, holdout: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and holdout rows of one table, each in the order they had.

    Parameters
    ----------
    frame
        Shape (rows, columns).
    holdout
        Share of the rows to hold out, from 0 to less than 1; rounded to whole rows.
    rng
        Source of randomness: the same seed gives the same rows.
    """
    chosen = _draw(len(frame), holdout, rng)
    return _rows(frame, ~chosen), _rows(frame, chosen)


def split_tables(
    tables: Mapping[str, pd.DataFrame], schema: Schema, holdout: float, rng: np.random.Generator
) -> tuple[Tables, Tables]:
    """Train and holdout of related tables; see the module for which rows stay together.

    Parameters
    ----------
    tables
        A canonical frame for each table of the schema.
    schema
        Its relationships decide; a table without any is split by itself, as ``split`` does.
    holdout
        Share of the groups of rows to hold out, from 0 to less than 1.
    rng
        Source of randomness: the same seed gives the same rows.
    """
    names = [name for name in schema.names if name in tables]
    links = [r for r in schema.relationships if r.parent in names and r.child in names]
    whole = {name for name in names if _is_lookup(name, tables, schema, links)}
    links = [r for r in links if r.parent not in whole]
    divided = [name for name in names if name not in whole]
    groups = _groups(tables, divided, links)
    if _one_dominates(groups):
        sides, more = _by_largest_root(tables, divided, links, holdout, rng)
        whole |= more
    else:
        sides = _by_group(groups, divided, links, holdout, rng)
    return tuple(  # type: ignore[return-value]
        {
            name: tables[name].copy() if name in whole else _rows(tables[name], sides[name] == side)
            for name in names
        }
        for side in (0, 1)
    )


def _draw(count: int, holdout: float, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which of ``count`` things are held out; at least one is not."""
    if not 0 <= holdout < 1:
        raise InvalidParameter(f"`holdout` must be from 0 to less than 1. Got {holdout}.")
    chosen = np.zeros(count, dtype=bool)
    size = min(round(count * holdout), max(count - 1, 0))
    chosen[rng.permutation(count)[:size]] = True
    return chosen


def _rows(frame: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return frame[chosen].reset_index(drop=True)


def _is_lookup(
    name: str, tables: Mapping[str, pd.DataFrame], schema: Schema, links: Sequence[Relationship]
) -> bool:
    rows = len(tables[name])
    children = [r.child for r in links if r.parent == name]
    if not children or any(r.child == name for r in links) or rows > _LOOKUP_ROWS:
        return False
    table = schema[name]
    personal = any(c.role is not Role.PLAIN for c in table.columns if c.name != table.primary_key)
    return not personal and all(len(tables[c]) >= _LOOKUP_CHILDREN * rows for c in children)


def _parents(tables: Mapping[str, pd.DataFrame], link: Relationship) -> npt.NDArray[np.int64]:
    """For each row of the child the position of its parent's row; -1 for none."""
    parents, values = link_keys(tables, link)
    keys = pd.Index(parents)
    first = np.flatnonzero(~keys.duplicated())
    found = np.asarray(keys[first].get_indexer(pd.Index(values)), dtype="int64")
    missing = values.isna().to_numpy(dtype=bool) | (found < 0)
    return np.where(missing, _NEITHER, first[found]) if len(first) else found


def _groups(
    tables: Mapping[str, pd.DataFrame], names: Sequence[str], links: Sequence[Relationship]
) -> Sides:
    """The number of the group that each row of each table belongs to."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sizes = [len(tables[name]) for name in names]
    starts = dict(zip(names, np.cumsum([0, *sizes[:-1]]), strict=True)) if names else {}
    ends: list[npt.NDArray[np.int64]] = [np.empty(0, dtype="int64")]
    others: list[npt.NDArray[np.int64]] = [np.empty(0, dtype="int64")]
    for link in links:
        parent = _parents(tables, link)
        child = np.flatnonzero(parent >= 0)
        ends.append(child + starts[link.child])
        others.append(parent[child] + starts[link.parent])
    row, column = np.concatenate(ends), np.concatenate(others)
    total = sum(sizes)
    if total == 0:
        return {name: np.empty(0, dtype="int64") for name in names}
    graph = coo_array((np.ones(len(row), dtype=bool), (row, column)), shape=(total, total))
    labels = np.asarray(connected_components(graph, directed=False)[1], dtype="int64")
    return {n: labels[starts[n] : starts[n] + len(tables[n])] for n in names}


def _one_dominates(groups: Mapping[str, npt.NDArray[np.int64]]) -> bool:
    labels = np.concatenate([np.empty(0, dtype="int64"), *groups.values()])
    if len(labels) < 3:
        return False
    return bool(np.bincount(labels).max() > len(labels) / 2)


def _by_group(
    groups: Mapping[str, npt.NDArray[np.int64]],
    names: Sequence[str],
    links: Sequence[Relationship],
    holdout: float,
    rng: np.random.Generator,
) -> Sides:
    """Draw groups, those with rows in the same topmost table against each other."""
    count = max((int(g.max()) + 1 for g in groups.values() if len(g)), default=0)
    side = np.full(count, _NEITHER, dtype="int64")
    for name in _parents_first(names, links):
        fresh = np.unique(groups[name][side[groups[name]] == _NEITHER])
        side[fresh] = _draw(len(fresh), holdout, rng)
    return {name: side[groups[name]] for name in names}


def _by_largest_root(
    tables: Mapping[str, pd.DataFrame],
    names: Sequence[str],
    links: Sequence[Relationship],
    holdout: float,
    rng: np.random.Generator,
) -> tuple[Sides, set[str]]:
    """Draw rows of the largest root; returns the side of each row, and tables that stay whole."""
    roots = [n for n in names if not any(r.child == n for r in links)]
    main = max(roots or names, key=lambda n: len(tables[n]))
    whole = {n for n in roots if n != main and any(r.parent == n for r in links)}
    sides: Sides = {}
    for name in _parents_first(names, links):
        above = [
            r for r in links if r.child == name and r.parent in sides and r.parent not in whole
        ]
        drawn = _draw(len(tables[name]), holdout, rng).astype("int64")
        sides[name] = _following(drawn, [_inherited(tables, r, sides) for r in above])
    return sides, whole


def _inherited(
    tables: Mapping[str, pd.DataFrame],
    link: Relationship,
    sides: Mapping[str, npt.NDArray[np.int64]],
) -> npt.NDArray[np.int64]:
    """The side of each child's parent; 2 where it has none."""
    parent = _parents(tables, link)
    return np.where(parent >= 0, sides[link.parent][parent], 2)


def _following(
    drawn: npt.NDArray[np.int64], inherited: Sequence[npt.NDArray[np.int64]]
) -> npt.NDArray[np.int64]:
    """The side all parents share; the row's own draw without parents; neither if they differ."""
    side = np.full(len(drawn), 2)
    for parents in inherited:
        differs = (side != 2) & (parents != 2) & (side != parents)
        side = np.where(parents == 2, side, parents)
        side[differs] = _NEITHER
    return np.where(side == 2, drawn, side)


def _parents_first(names: Sequence[str], links: Sequence[Relationship]) -> list[str]:
    order: list[str] = []
    waiting = list(names)
    while waiting:
        ready = [
            n for n in waiting if all(r.parent in order for r in links if r.child == n)
        ] or waiting[:1]
        order.extend(ready)
        waiting = [n for n in waiting if n not in ready]
    return order
