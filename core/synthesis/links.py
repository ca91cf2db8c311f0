"""How the tables of a dataset hang together when they are learned and sampled.

Each relationship gets one way in which foreign keys are made:

``driving``
    The child's rows are made parent by parent: how many children a parent has is learned with the
    parent's own columns, and the child's engine sees the parent's columns where it can.
``lookup``
    The parent is a short list that many children share (products, branches): the child's engine
    learns which entry a row points to as a category.
``drawn``
    Any other further parent: keys are drawn so that parents are referred to as unevenly as in the
    data.
``late``
    A relationship that would close a circle, also one of a table to itself: drawn like the above
    once all tables are there. A row of a self-reference only points to earlier rows, so that there
    are no loops; the first row points to none, or to itself when the data has no gaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.linked import link_keys
from core.data.schema import Action, Column, ColumnType, Relationship, Schema

LOOKUP_ROWS = 50
CHILDREN_OF_LOOKUP = 10
_SPECTRUM = 200
Positions = npt.NDArray[np.intp]


class LinkKind(StrEnum):
    """How a relationship's foreign keys are made."""

    DRIVING = "driving"
    LOOKUP = "lookup"
    DRAWN = "drawn"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship with what was learned of it.

    Attributes
    ----------
    missing
        Share of child rows without a parent.
    children
        Mean number of children of a parent.
    most
        The largest number of children.
    spectrum
        Number of children of parents in descending order, at up to 200 even steps.
    """

    relationship: Relationship
    kind: LinkKind
    missing: float
    children: float
    most: int
    spectrum: tuple[float, ...]

    @property
    def is_self(self) -> bool:
        """Whether the table points to itself."""
        return self.relationship.parent == self.relationship.child

    @property
    def count_column(self) -> Column:
        """The parent's extra column with the number of children."""
        name = f"rows of {self.relationship.child} by {self.relationship.child_key}"
        return Column(name, ColumnType.INTEGER)


def plan(schema: Schema, sizes: Mapping[str, int]) -> tuple[tuple[str, ...], dict[int, LinkKind]]:
    """The order of tables, parents first, and the kind of each usable relationship by index."""
    usable = {i: r for i, r in enumerate(schema.relationships) if _is_usable(schema, r)}
    order = _order(schema.names, tuple(usable.values()))
    place = {name: i for i, name in enumerate(order)}
    kinds: dict[int, LinkKind] = {}
    for child in schema.names:
        own = {i: r for i, r in usable.items() if r.child == child}
        early = {i: r for i, r in own.items() if place[r.parent] < place[child]}
        kinds |= {i: LinkKind.LATE for i in own if i not in early}
        kinds |= _kinds_of_child(early, schema, sizes)
    return order, kinds


def _is_usable(schema: Schema, link: Relationship) -> bool:
    ends = [schema[link.parent][name] for name in link.parent_columns]
    ends += [schema[link.child][name] for name in link.child_columns]
    return all(end.action is not Action.DROP for end in ends)


def _order(names: tuple[str, ...], links: tuple[Relationship, ...]) -> tuple[str, ...]:
    """Parents before children; where a circle makes that impossible, the order of the schema."""
    left, order = list(names), []
    while left:
        waiting = {r.child for r in links if r.parent in left and r.parent != r.child}
        ready = [name for name in left if name not in waiting]
        order.append((ready or left)[0])
        left.remove(order[-1])
    return tuple(order)


def _kinds_of_child(
    links: Mapping[int, Relationship], schema: Schema, sizes: Mapping[str, int]
) -> dict[int, LinkKind]:
    kinds = {
        i: LinkKind.LOOKUP if _is_lookup(link, schema, sizes) else LinkKind.DRAWN
        for i, link in links.items()
    }
    others = [i for i, kind in kinds.items() if kind is LinkKind.DRAWN]

    def weight(i: int) -> tuple[bool, int, int]:
        return _is_own_key(links[i], schema), sizes[links[i].parent], -i

    if others:
        kinds[max(others, key=weight)] = LinkKind.DRIVING
    return kinds


def _is_own_key(link: Relationship, schema: Schema) -> bool:
    return schema[link.child].primary_key == link.child_key and not link.more


def _is_lookup(link: Relationship, schema: Schema, sizes: Mapping[str, int]) -> bool:
    parent, child = sizes[link.parent], sizes[link.child]
    short = 0 < parent <= LOOKUP_ROWS and child >= CHILDREN_OF_LOOKUP * parent
    return short and not _is_own_key(link, schema)


def learn_links(
    schema: Schema, kinds: Mapping[int, LinkKind], frames: Mapping[str, pd.DataFrame]
) -> dict[Link, Positions]:
    """Every usable relationship as it is in the data, with the parent's row of each child row."""
    found = {}
    for place, kind in kinds.items():
        link = schema.relationships[place]
        parents, keys = link_keys(frames, link)
        rows = parent_rows(parents, keys)
        found[learn_link(link, kind, rows, keys, len(parents))] = rows
    return found


def parent_rows(parent_keys: pd.Series, child_keys: pd.Series) -> Positions:
    """For each child row the position of its parent's row, -1 for none."""
    if parent_keys.dtype != child_keys.dtype:
        parent_keys, child_keys = parent_keys.astype("string"), child_keys.astype("string")
    known = parent_keys.reset_index(drop=True).dropna().drop_duplicates()
    found = pd.Index(known).get_indexer(pd.Index(child_keys))
    positions = (
        known.index.to_numpy()[np.maximum(found, 0)] if len(known) else np.full_like(found, -1)
    )
    rows: Positions = np.where((found < 0) | child_keys.isna().to_numpy(), -1, positions)
    return rows


def learn_link(
    link: Relationship, kind: LinkKind, rows: Positions, keys: pd.Series, parents: int
) -> Link:
    """What a relationship looks like in the data."""
    counts = np.sort(np.bincount(rows[rows >= 0], minlength=parents))[::-1]
    steps = np.linspace(0, max(parents - 1, 0), min(max(parents, 1), _SPECTRUM))
    spectrum = counts[np.round(steps).astype(int)] if parents else np.zeros(1)
    return Link(
        link,
        kind,
        float(keys.isna().mean()) if len(keys) else 0.0,
        float(counts.mean()) if parents else 0.0,
        int(counts.max(initial=0)),
        tuple(float(count) for count in spectrum),
    )


def child_counts(link: Link, modelled: pd.Series, rng: np.random.Generator) -> Positions:
    """How many children each parent gets: as the engine has it, with the total of the data.

    The engine's figures are scaled when their sum is off by more than 2 %, since a model that
    gives each parent a few children too many would make a table of the wrong size.
    """
    modelled_counts: npt.NDArray[np.float64] = modelled.fillna(0).to_numpy(dtype="float64")
    counts = np.clip(modelled_counts, 0, float(link.most))
    wanted = link.children * len(counts)
    if counts.sum() and abs(counts.sum() - wanted) > 0.02 * wanted:
        scaled = np.minimum(counts * wanted / counts.sum(), link.most)
        counts = np.floor(scaled + rng.random(len(counts)))
    bounded: Positions = np.minimum(counts, link.most).astype(np.intp)
    return bounded


def driven_rows(link: Link, counts: Positions) -> Positions:
    """The parent of each child row; rows without one, by their share, come last."""
    rows = np.repeat(np.arange(len(counts)), counts)
    alone = round(len(rows) * link.missing / (1 - link.missing)) if link.missing < 1 else 0
    return np.concatenate([rows, np.full(alone, -1)]).astype(np.intp)


def drawn_rows(link: Link, size: int, parents: int, rng: np.random.Generator) -> Positions:
    """Parents drawn so that some are referred to often and some never, as in the data."""
    if not parents:
        return np.full(size, -1)
    alone = rng.random(size) < link.missing
    if link.is_self:
        rows = np.floor(rng.random(size) * np.arange(size)).astype(np.intp)
        rows[0 : min(1, size)] = -1 if link.missing else 0
        rows[alone] = -1
        return rows
    rows = np.full(size, -1)
    rows[~alone] = _spread(link, int(size - alone.sum()), parents, rng)
    return rows


def _spread(link: Link, size: int, parents: int, rng: np.random.Generator) -> Positions:
    """Parents of ``size`` rows: how many children each gets is as uneven as in the data."""
    steps = np.linspace(0, 1, len(link.spectrum))
    shares = np.interp(np.linspace(0, 1, parents), steps, link.spectrum)
    wanted = shares * size / shares.sum() if shares.sum() else np.full(parents, size / parents)
    counts = np.minimum(np.floor(wanted + rng.random(parents)), max(link.most, 1)).astype(np.intp)
    names = rng.permutation(parents)
    rows = rng.permutation(np.repeat(names, counts))[:size]
    spare = np.where(counts < link.most, wanted, 0)
    weights = (spare if spare.any() else wanted) + np.finfo(float).tiny
    rest = rng.choice(names, size=size - len(rows), p=weights / weights.sum())
    return np.concatenate([rows, rest]).astype(np.intp)


def keys_at(keys: pd.Series, rows: Positions) -> pd.Series:
    """The parents' keys of these rows, missing where a row is -1."""
    if not len(keys):
        return pd.Series([None] * len(rows), dtype=keys.dtype)
    taken = keys.reset_index(drop=True).take(np.maximum(rows, 0)).reset_index(drop=True)
    return taken.mask(rows < 0)


def entries(rows: Positions) -> pd.Series:
    """Which entry of a lookup each row points to, as a category."""
    return pd.Series(rows).astype("string[pyarrow]").mask(rows < 0)


def entry_rows(names: pd.Series, parents: int) -> Positions:
    """The inverse of :func:`entries` for a lookup that now has ``parents`` rows."""
    rows = names.astype("Int64").fillna(-1).to_numpy(dtype=np.intp)
    return np.where(rows < 0, -1, rows % parents) if parents else np.full(len(rows), -1)


def with_distinct_keys(
    made: pd.DataFrame, columns: Sequence[str], fixed: frozenset[str]
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Rows whose key of several columns is theirs alone, and which of the rows that are.

    Where a whole number is among the columns that are not foreign keys (``fixed``), repeats get
    the next numbers of their group; what repeats then, or has no value, is left out.
    """
    names = list(columns)
    counted = [n for n in names if n not in fixed and made[n].dtype == "Int64"]
    if counted:
        made = made.assign(**{counted[-1]: _counted_on(made, counted[-1], names)})
    kept = ~(made.duplicated(names) | made[names].isna().any(axis=1)).to_numpy(dtype=bool)
    return made[kept].reset_index(drop=True), kept


def _counted_on(made: pd.DataFrame, name: str, names: Sequence[str]) -> pd.Series:
    """A column of numbers in which repeats of a key go on behind the largest of their group."""
    others = [n for n in names if n != name]
    groups = made.groupby(others, dropna=False, sort=False).ngroup()
    again = made.duplicated(list(names)) | made[name].isna()
    behind = again.astype("int64").groupby(groups).cumsum()
    largest = made[name].groupby(groups).transform("max").fillna(0)
    return made[name].mask(again, largest + behind).astype("Int64")
