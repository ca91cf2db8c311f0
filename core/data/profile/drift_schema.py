"""What columns, keys and links two versions of a dataset have, and what was likely renamed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from core.data.keys import words
from core.data.profile.drift import column_drift, ordered, pair_drifts
from core.data.profile.drift_values import ColumnChange, ColumnDrift, Drift, TableDrift
from core.data.profile.side import Side
from core.data.schema import Relationship, Schema, Table

MOST_COLUMNS = 200
MOST_TRIED = 40
_SAME_NAME, _LIKE_NAME = 0.8, 0.4
_CLOSE = 0.05
_TELLING = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a dataset: its schema as reviewed, and its tables where they lie."""

    schema: Schema
    sides: Mapping[str, Side]


def compare(before: Version, now: Version) -> Drift:
    """Compare two versions table by table; tables go by name, a single one by itself."""
    was = _tables(before.schema, now.schema)
    links = [
        {_renamed(link, was) for link in before.schema.relationships},
        set(now.schema.relationships),
    ]
    return Drift(
        tables=tuple(
            table_drift(before, now, was[name], name) for name in now.schema.names if name in was
        ),
        tables_added=tuple(name for name in now.schema.names if name not in was),
        tables_removed=tuple(n for n in before.schema.names if n not in was.values()),
        links_added=_sorted(links[1] - links[0]),
        links_removed=_sorted(links[0] - links[1]),
    )


def _tables(before: Schema, now: Schema) -> dict[str, str]:
    """The earlier name of each table that both have."""
    if len(before.tables) == len(now.tables) == 1:
        return {now.names[0]: before.names[0]}
    return {name: name for name in now.names if name in before.names}


def _renamed(link: Relationship, was: Mapping[str, str]) -> Relationship:
    names = {old: new for new, old in was.items()}
    parent, child = names.get(link.parent, link.parent), names.get(link.child, link.child)
    return replace(link, parent=parent, child=child)


def _sorted(links: set[Relationship]) -> tuple[Relationship, ...]:
    return tuple(sorted(links, key=lambda r: (r.parent, r.child, r.child_key)))


def table_drift(before: Version, now: Version, was: str, name: str) -> TableDrift:
    """Compare one table of two versions: its columns, its key, and how values moved."""
    one, two = before.sides[was], now.sides[name]
    old, new = before.schema[was], now.schema[name]
    removed = [n for n in one.table.names if n not in two.table.names]
    added = [n for n in two.table.names if n not in one.table.names]
    renamed = _likely(one, two, removed, added)
    matched = {n: n for n in two.table.names if n in one.table.names}
    matched |= {later: earlier for earlier, later in renamed}
    compared = [n for n in two.table.names if n in matched]
    key = dict(renamed).get(old.primary_key or "", old.primary_key)
    return TableDrift(
        table=name,
        was=was,
        rows_before=one.source.rows,
        rows_now=two.source.rows,
        added=tuple(n for n in added if n not in matched),
        removed=tuple(n for n in removed if n not in matched.values()),
        renamed=tuple(renamed),
        changed=_changed(old, new, matched),
        key_before=key,
        key_now=new.primary_key,
        columns=ordered(column_drift(one, two, matched[n], n) for n in compared[:MOST_COLUMNS]),
        pairs=pair_drifts(one.profile, two.profile, matched),
        not_compared=max(len(compared) - MOST_COLUMNS, 0),
    )


def _changed(old: Table, new: Table, matched: Mapping[str, str]) -> tuple[ColumnChange, ...]:
    both = ((new[name], old[was]) for name, was in matched.items())
    return tuple(
        ColumnChange(now.name, then.type, now.type, then.role, now.role)
        for now, then in both
        if (now.type, now.role) != (then.type, then.role)
    )


def _likely(
    one: Side, two: Side, removed: Sequence[str], added: Sequence[str]
) -> list[tuple[str, str]]:
    """Columns that likely got another name: like names, or values that did not move at all."""
    tried = [
        (old, new) for old in removed for new in added if one.table[old].type is two.table[new].type
    ][:MOST_TRIED]
    scored = [
        (score, old, new) for old, new in tried if (score := _likeness(one, two, old, new)) > 0
    ]
    found: list[tuple[str, str]] = []
    for _, old, new in sorted(scored, reverse=True):
        if old not in {pair[0] for pair in found} and new not in {pair[1] for pair in found}:
            found.append((old, new))
    return found


def _likeness(one: Side, two: Side, old: str, new: str) -> float:
    """How likely two columns are one; 0 where they do not seem to be."""
    name = _name_likeness(old, new)
    moved = column_drift(one, two, old, new)
    if moved.distance is None or moved.chance is None:
        return name if name >= _SAME_NAME else 0.0
    is_close = moved.distance <= max(moved.chance, _CLOSE)
    tells = min(one.profile[old].distinct, two.profile[new].distinct) > _TELLING
    tells = tells or _same_categories(moved, one.profile[old].distinct)
    if name >= _SAME_NAME or (is_close and (name >= _LIKE_NAME or tells)):
        return name + 1 - moved.distance
    return 0.0


def _same_categories(moved: ColumnDrift, distinct: int) -> bool:
    is_coded = moved.jensen_shannon is not None
    return is_coded and distinct > 2 and not moved.new and not moved.gone


def _name_likeness(old: str, new: str) -> float:
    first, second = words(old), words(new)
    if first and sorted(first) == sorted(second):
        return 1.0
    return SequenceMatcher(None, "".join(first), "".join(second)).ratio()
