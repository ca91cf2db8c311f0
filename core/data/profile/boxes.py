"""Where a number lies by category, told by no single row: each point is a mean over five people.

A quantile is a row's value: of 21 rows, that at 5 % is the second smallest. Here each point is the
mean of the values around its place, of as many as it takes to be of several people.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.profile.columns import FEWEST_PEOPLE, Counts, Source, people_at

FEWEST_IN_BOX = 20
MOST_BOXED = 2_000_000
_POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a number lies within one category.

    ``points`` are means of the values around 5, 25, 50, 75 and 95 %, of five people at least.
    """

    label: str
    rows: int
    points: tuple[float, ...]


def boxes(
    source: Source, place: str, labels: Sequence[str], x: str, present: str
) -> tuple[Box, ...]:
    """A box for each category; those of fewer than :data:`FEWEST_IN_BOX` people are pooled.

    Of at most :data:`MOST_BOXED` evenly spaced rows, since they are held.

    Parameters
    ----------
    place, labels
        SQL for the place of a row's category, and what each place is called; the last is the pool.
    x
        SQL for the number.
    present
        SQL for which rows count.
    """
    found = source.cursor.execute(
        f"SELECT {place} AS p, {x} AS x, {source.who} AS who FROM {source.spaced(MOST_BOXED)} "
        f"WHERE {present}"
    ).fetchnumpy()
    places, values, people = found["p"], found["x"], source.numbered(found["who"])
    last = len(labels) - 1
    places = np.where(people_at(places, people, len(labels))[places] < FEWEST_IN_BOX, last, places)
    is_told = people_at(places, people, len(labels)) >= FEWEST_IN_BOX
    order = np.lexsort((values, places))
    starts = np.searchsorted(places[order], np.arange(len(labels) + 1))
    made = []
    for group in np.flatnonzero(is_told).tolist():
        rows = order[starts[group] : starts[group + 1]]
        points = _points(values[rows], people[rows])
        made.append(Box(labels[group], len(rows), points))
    return tuple(made)


def _points(values: Floats, people: Counts) -> tuple[float, ...]:
    """The points of values in order."""
    places = [math.floor(share * (len(values) - 1) + 0.5) for share in _POINTS]
    points = [_around(values, people, place) for place in places]
    return tuple(np.maximum.accumulate(points).tolist())


def _around(values: Floats, people: Counts, place: int) -> float:
    """The mean of the values nearest to a place, of as many as it takes for enough people."""
    reach = FEWEST_PEOPLE // 2
    while True:
        width = min(2 * reach + 1, len(values))
        start = min(max(place - reach, 0), len(values) - width)
        near = slice(start, start + width)
        if width == len(values) or len(np.unique(people[near])) >= FEWEST_PEOPLE:
            return float((values[near] / width).sum())
        reach *= 2
