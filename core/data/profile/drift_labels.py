"""Categories of two versions: how many rows and people have each, and which may be named."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.profile.columns import FEWEST_PEOPLE, Counts
from core.data.profile.drift_values import ColumnDrift, Shift
from core.data.profile.side import Side, shares
from core.store.duck import literal

DRAWN_CATEGORIES = 12
SHOWN_LABELS = 5

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ByLabel:
    """The values of either version, and how many rows and people have each, before and now."""

    labels: list[str]
    first: Counts
    people_before: Counts
    second: Counts
    people_now: Counts


def counted(before: Side, now: Side, made: ColumnDrift) -> ByLabel:
    """Count the values of a column over all rows of both versions."""

    def grouped(side: Side, name: str) -> str:
        cell = side.cell(name)
        return (
            f"SELECT CAST({cell} AS VARCHAR) AS v, count(*) AS n, {side.source.people} AS p "
            f"FROM {side.source.relation} WHERE {cell} IS NOT NULL GROUP BY v"
        )

    found = now.source.cursor.execute(
        "SELECT v, coalesce(a.n, 0), coalesce(a.p, 0), coalesce(b.n, 0), coalesce(b.p, 0) "
        f"FROM ({grouped(before, made.was)}) AS a FULL JOIN ({grouped(now, made.name)}) AS b "
        "USING (v) ORDER BY v"
    ).fetchall()
    counts = (np.array([row[i] for row in found], dtype=np.int64) for i in range(1, 5))
    return ByLabel([row[0] for row in found], *counts)


def told(labels: list[str], counts: Floats, people: Counts) -> tuple[str, ...]:
    """Labels that enough people have, the most frequent first."""
    order = np.argsort(-counts, kind="stable")
    enough = [i for i in order if counts[i] and people[i] >= FEWEST_PEOPLE]
    return tuple(labels[i] for i in enough[:SHOWN_LABELS])


def categories(both: ByLabel, before: Side, now: Side, made: ColumnDrift) -> Shift:
    """Shares by category, those that too few people have in either version in one place."""
    weight = both.first / both.first.sum() + both.second / both.second.sum()
    enough = (both.people_before >= FEWEST_PEOPLE) | (both.people_now >= FEWEST_PEOPLE)
    order = np.argsort(-np.where(enough, weight, 0), kind="stable")
    kept = [i for i in order[:DRAWN_CATEGORIES] if enough[i]]
    rest = np.ones(len(both.labels), dtype=bool)
    rest[kept] = False
    names = [both.labels[i] for i in kept]
    drawn = []
    for side, name, counts, people in (
        (before, made.was, both.first, both.people_before),
        (now, made.name, both.second, both.people_now),
    ):
        pool = _people_beside(side, name, names)
        rows = np.append(counts[kept], counts[rest].sum())
        drawn.append(shares(rows, np.append(people[kept], pool), int(counts.sum())))
    return Shift(drawn[0], drawn[1], labels=(*names, "(all others)"))


def _people_beside(side: Side, name: str, labels: list[str]) -> int:
    """How many people have other values than these."""
    listed = f"[{', '.join(map(literal, labels))}]::VARCHAR[]"
    query = (
        f"SELECT {side.source.people} FROM {side.source.relation} "
        f"WHERE NOT list_contains({listed}, CAST({side.cell(name)} AS VARCHAR))"
    )
    return int(side.source.cursor.execute(query).fetchall()[0][0])
