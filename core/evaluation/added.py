"""Measures that outside packages add to a report, and how they are taken.

They run after everything else of a table, on copies of its rows and with random numbers of their
own, so that they change no other figure. What one raises, or returns that is no measure, is a
measure that was not taken; the dials and the verdict look at none of them.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import JobCancelled
from core.evaluation.case import Case
from core.evaluation.measures import Measure, NotMeasured, Score
from core.evaluation.values import AddedMeasure
from core.tracing import sanitised_traceback

__all__ = ["ADDED", "Addition", "MeasureInfo", "Sides", "added_measures"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sides:
    """One table as a measure is given it: canonical frames, the holdout may have no rows."""

    table: Table
    train: pd.DataFrame
    holdout: pd.DataFrame
    synthetic: pd.DataFrame


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """A measure that an outside package adds.

    Attributes
    ----------
    name
        What it is called in files: lower-case letters, digits and underscores.
    title, meaning, reading
        What people read: a title, what is measured, and what a good value is.
    take
        From the sides of a table and a random generator to a ``Measure`` of that name; where it
        cannot be taken, its value is a ``NotMeasured`` with the reason.
    """

    name: str
    title: str
    meaning: str
    reading: str
    take: Callable[[Sides, np.random.Generator], Measure]


@dataclass(frozen=True, slots=True)
class Addition:
    """A measure and the package that it came with."""

    info: MeasureInfo
    package: str
    version: str


ADDED: dict[str, Addition] = {}
"""Measures of outside packages by name; filled when plug-ins are loaded."""


def added_measures(case: Case, rng: np.random.Generator) -> tuple[AddedMeasure, ...]:
    """Every added measure of one table, in the order of their names."""
    streams = dict(zip(sorted(ADDED), rng.spawn(len(ADDED)), strict=True))
    return tuple(_taken(ADDED[name], case, own) for name, own in streams.items())


def _taken(addition: Addition, case: Case, rng: np.random.Generator) -> AddedMeasure:
    info = addition.info
    sides = Sides(case.table, *(f.copy() for f in (case.train, case.holdout, case.synthetic)))
    try:
        found: object = info.take(sides, rng)
    except JobCancelled:
        raise
    except Exception as error:  # noqa: BLE001 (the boundary to foreign code: the report goes on)
        kind, trace = type(error).__name__, sanitised_traceback(error)
        logger.warning("measure %s of %s stopped: %s", info.name, addition.package, trace)
        found = _absent(info.name, f"It stopped with an error of its own ({kind}).")
    said = (addition.package, addition.version, info.title, info.meaning, info.reading)
    return AddedMeasure(*said, _checked(found, info.name))


def _checked(found: object, name: str) -> Measure:
    """The measure, if it is one; the reason why not else."""
    if not isinstance(found, Measure):
        return _absent(name, "It did not return a measure.")
    scores = (found.value, found.fresh, found.chance)
    limits = (found.best, found.margin, *(x for x in (found.low, found.high) if x is not None))
    if not (all(map(_is_score, scores)) and all(map(_is_number, limits))):
        return _absent(name, "It returned something that is no finite number.")
    plain = {key: _plain(getattr(found, key)) for key in ("value", "fresh", "chance")}
    numbers = {
        key: None if getattr(found, key) is None else float(getattr(found, key))
        for key in ("best", "margin", "low", "high")
    }
    return replace(found, name=name, note=str(found.note), **plain, **numbers)  # type: ignore[arg-type]


def _absent(name: str, reason: str) -> Measure:
    absent = NotMeasured(reason)
    return Measure(name, absent, absent, absent, 1.0)


def _is_score(value: object) -> bool:
    return isinstance(value, NotMeasured) or _is_number(value)


def _is_number(value: object) -> bool:
    known = isinstance(value, int | float | np.integer | np.floating)
    return known and not isinstance(value, bool) and math.isfinite(value)  # type: ignore[arg-type]


def _plain(score: Score) -> Score:
    return NotMeasured(str(score.reason)) if isinstance(score, NotMeasured) else float(score)
