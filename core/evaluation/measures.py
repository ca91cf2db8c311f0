"""A number of an evaluation beside what it is to be compared with, or why there is none."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A measure that could not be taken, and why."""

    reason: str


Score: TypeAlias = float | NotMeasured
"""A number, or why there is none."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number beside what it is to be compared with.

    Attributes
    ----------
    name
        Key of ``core.evaluation.words.MEASURES``, which has the title and the explanation.
    value
        What the synthetic rows reach.
    fresh
        What fresh real rows reach in the synthetic rows' place: the practical optimum.
    chance
        What no skill reaches: columns that are independent of each other, a guess, a plain copy.
    best
        The best value that the measure can take.
    margin
        Two standard errors of ``value``; 0 where it is not known.
    note
        On how many rows, pairs or columns it was taken, when not on all.
    low, high
        95 % interval of ``value``, where one was computed.
    """

    name: str
    value: Score
    fresh: Score
    chance: Score
    best: float
    margin: float = 0.0
    note: str = ""
    low: float | None = None
    high: float | None = None
