"""What a profile says beyond single numbers: calendars, patterns, what always holds, quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Calendar:
    """When dated rows fall.

    Attributes
    ----------
    weekdays
        Rows by weekday, Monday first.
    days
        Different days that occur, out of ``span`` days from the first to the last.
    longest_gap
        Days without a row in the longest stretch.
    step
        Days from one day to the next in most cases; 1 for daily rows.
    """

    weekdays: tuple[int, ...]
    days: int
    span: int
    longest_gap: int
    step: int

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        return cls(**{**data, "weekdays": tuple(data["weekdays"])})


@dataclass(frozen=True, slots=True)
class Dependency:
    """One column tells another: each value of ``determinant`` has one value of ``dependent``.

    ``groups`` values of the determinant occur in more than one row, which is what shows it. With
    ``both_ways`` the two are fixed to each other, as a code and its name are.
    """

    determinant: str
    dependent: str
    groups: int
    both_ways: bool


@dataclass(frozen=True, slots=True)
class Inequality:
    """``low`` is never above ``high`` where both are there; never equal either when ``strict``."""

    low: str
    high: str
    strict: bool
    rows: int


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """All values of a column are values of another table's key candidate."""

    column: str
    parent: str
    parent_column: str


@dataclass(frozen=True, slots=True)
class Anomalies:
    """How isolated rows are: scores of an isolation forest (Liu, Ting and Zhou 2008), 0 to 1.

    Around 0.5 a row is like the others; towards 1 few cuts set it apart. ``above`` is the share of
    rows over 0.6. Measured on ``rows`` rows and the columns named.
    """

    rows: int
    columns: tuple[str, ...]
    quantiles: tuple[tuple[float, float], ...]
    above: float

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        pairs = tuple((p, q) for p, q in data["quantiles"])
        return cls(data["rows"], tuple(data["columns"]), pairs, data["above"])


@dataclass(frozen=True, slots=True)
class QualityPart:
    """One part of the quality score: its own score, its weight, and how it was counted."""

    name: str
    score: float
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How sound a table is, from 0 to 1: the weighted mean of its parts."""

    parts: tuple[QualityPart, ...]

    @property
    def score(self) -> float:
        """The weighted mean."""
        weight = sum(part.weight for part in self.parts)
        return sum(part.score * part.weight for part in self.parts) / weight

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        return cls(tuple(QualityPart(**part) for part in data["parts"]))


def parts_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a stored table's profile says beyond its columns; older ones say nothing of it."""
    anomalies, quality = data.get("anomalies"), data.get("quality")
    return {
        "dependencies": _listed(Dependency, data.get("dependencies", ())),
        "inequalities": _listed(Inequality, data.get("inequalities", ())),
        "foreign_keys": _listed(ForeignKey, data.get("foreign_keys", ())),
        "anomalies": Anomalies.from_dict(anomalies) if anomalies else None,
        "quality": Quality.from_dict(quality) if quality else None,
    }


def _listed(kind: type, found: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**one) for one in found)
