"""Steps that bound numbers, dates and times: by public bounds, or by what enough people have."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from core.data.coarser import coarse_point, is_coarsened
from core.data.frames import as_numbers
from core.data.params import param
from core.data.pipeline.by_people import PeopleStep, people_param, person_param
from core.data.pipeline.people import people_of, reached
from core.data.pipeline.scalars import on_axis, put, written_as
from core.data.pipeline.step import LINES, Learned, Step, missing_where
from core.data.schema import Column, ColumnType, Table


@dataclass(frozen=True, slots=True)
class Clip(Step):
    """Bounds values by what a person gave."""

    kind: ClassVar[str] = "clip"
    title: ClassVar[str] = "Public bounds"
    about: ClassVar[str] = "Values beyond these bounds become the bound, or missing."
    inverse: ClassVar[str] = "None: the bounds hold for what is made, too."
    takes: ClassVar[frozenset[ColumnType]] = LINES

    low: str = param("", "From", "The smallest value; nothing for none.")
    high: str = param("", "To", "The largest value; nothing for none.")
    outside: str = param("bound", "Values beyond", "Become the bound, or missing.",
                         choices=("bound", "missing"))  # fmt: skip

    @property
    def is_public(self) -> bool:
        """Whether no row but the cell's own is looked at."""
        return True

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        column = table[self.column]
        if not (self.low.strip() or self.high.strip()):
            return ["give a lower or an upper bound"]
        try:
            low, high = self._ends(column)
        except (ValueError, OverflowError):
            return [f"a bound of a {column.type} column must be {written_as(column.type)}"]
        return [] if low <= high else ["the lower bound is above the upper one"]

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        low, high = self._ends(column)
        if self.outside == "missing":
            numbers = as_numbers(values, column)
            return missing_where(values, (numbers < low) | (numbers > high))
        return bounded(values, column, low, high)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        return bounded(values, before, *self._ends(before))

    def _ends(self, column: Column) -> tuple[float, float]:
        low = on_axis(self.low, column) if self.low.strip() else -math.inf
        high = on_axis(self.high, column) if self.high.strip() else math.inf
        return low, high


@dataclass(frozen=True, slots=True)
class ProtectExtremes(PeopleStep):
    """Codes values that few people have as the outermost one that enough people have.

    Bounds of a generalised column are as coarse as its values will be, since they hold for what is
    made, too.
    """

    kind: ClassVar[str] = "protect_extremes"
    title: ClassVar[str] = "Protect extreme values"
    about: ClassVar[str] = "Top and bottom coding: bounds are values that enough people reach."
    inverse: ClassVar[str] = (
        "None: the tail is what must not come back. The bounds hold, too, for what is made."
    )
    takes: ClassVar[frozenset[ColumnType]] = LINES

    people: int = people_param("How many people must lie at or beyond each bound.")
    person: str = person_param()
    share: float = param(0.0, "Share", "At least this share of the people lies at or beyond each "
                         "bound.", low=0.0, high=0.25)  # fmt: skip
    ends: str = param("both", "Ends", "Which end is protected.", choices=("both", "low", "high"))

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows."""
        numbers = as_numbers(frame[self.column], table[self.column])
        people = people_of(frame, self.person)
        holders = len(np.unique(people[~np.isnan(numbers)]))
        least = max(self.people, math.ceil(self.share * holders))
        high, low = reached(numbers, people, least), reached(-numbers, people, least)
        if high is None or low is None:
            return {"low": None, "high": None, "blank": True}
        low = -low
        if low > high:
            low = high
        if is_coarsened(table[self.column]):
            low, high = (coarse_point(end, table[self.column]) for end in (low, high))
        return {
            "low": low if self.ends != "high" else None,
            "high": high if self.ends != "low" else None,
            "blank": False,
        }

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        if learned["blank"]:
            return missing_where(values, np.ones(len(values), dtype=bool))
        low, high = learned["low"], learned["high"]
        low = -math.inf if low is None else low
        return bounded(values, column, low, math.inf if high is None else high)

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        return self.cells(values, before, learned)


def bounded(values: pd.Series, column: Column, low: float, high: float) -> pd.Series:
    """Values beyond the bounds as the bound; the others as they are, to the last digit."""
    numbers = as_numbers(values, column)
    return put(put(values, numbers < low, low, column), numbers > high, high, column)
