"""Steps that merge labels: those that few people have, and all but the most frequent of many."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from core.data.fakes import Fake, learn_fake
from core.data.params import param
from core.data.pipeline.by_people import PeopleStep, people_param, person_param
from core.data.pipeline.people import Codes, people_by_label, people_of
from core.data.pipeline.step import STRINGS, Learned, missing_where
from core.data.schema import Column, ColumnType, Table

OTHER = "OTHER"


def _few_param(labels: str, label: str) -> Any:
    """The field for what becomes of merged ones that have too few people together, too."""
    text = (
        f"What becomes of merged {labels} that together have fewer people, too: missing, or the "
        f"next rarest {label} joins them."
    )
    return param("missing", "When few are merged", text, choices=("missing", "join"))


class MergingStep(PeopleStep):
    """Keeps some labels of a column, and merges the others into one."""

    __slots__ = ()

    people: int
    label: str
    few: str

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        return [] if self.label.strip() else ["give a label for what is merged"]

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        return merged(values, learned, self.label)


@dataclass(frozen=True, slots=True)
class MergeRare(MergingStep):
    """Merges labels that few people have into one."""

    kind: ClassVar[str] = "merge_rare"
    title: ClassVar[str] = "Protect rare categories"
    about: ClassVar[str] = "Labels that fewer people have become one label before training."
    inverse: ClassVar[str] = "None: the merged labels are what must not come back."
    takes: ClassVar[frozenset[ColumnType]] = frozenset({ColumnType.CATEGORY})

    people: int = people_param("Labels of fewer people are merged.")
    person: str = person_param()
    label: str = param(OTHER, "Label", "What merged labels are called.")
    few: str = _few_param("labels", "label")

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows."""
        people = people_of(frame, self.person)
        return _learned(frame[self.column], people, self)


@dataclass(frozen=True, slots=True)
class KeepFrequent(MergingStep):
    """Keeps the most frequent of very many strings, and merges the others."""

    kind: ClassVar[str] = "frequent"
    title: ClassVar[str] = "Keep frequent strings"
    about: ClassVar[str] = "Of very many strings the frequent ones are learned, the others merged."
    inverse: ClassVar[str] = (
        "With “made up”: merged strings come back as made-up ones of the same shapes. Else none."
    )
    takes: ClassVar[frozenset[ColumnType]] = STRINGS

    most: int = param(50, "Strings", "How many stay.", low=1, high=10_000)
    people: int = people_param("Strings of fewer people are merged, too.")
    person: str = person_param()
    label: str = param(OTHER, "Label", "What merged strings are called.")
    few: str = _few_param("strings", "one")
    made_up: bool = param(
        False, "Made up", "Give made-up strings in place of the label after sampling."
    )

    def after(self, column: Column) -> Column:
        """The column as the step leaves it."""
        return replace(column, type=ColumnType.CATEGORY)

    def back(self, before: Column, arriving: Column) -> Column:
        """The column as it is given out."""
        return before if self.made_up else arriving

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows."""
        values = frame[self.column]
        people = people_of(frame, self.person)
        learned = _learned(values, people, self, self.most)
        if not self.made_up:
            return learned
        rest = values[values.notna() & ~values.isin([*learned["kept"], self.label])]
        column = replace(table[self.column], type=ColumnType.TEXT, semantic=None)
        return {**learned, "fake": learn_fake(rest, column, "").to_dict()}

    def restore(
        self, values: pd.Series, before: Column, learned: Learned, rng: np.random.Generator
    ) -> pd.Series:
        """Sampled cells turned back."""
        if not self.made_up:
            return values
        rows = (values == self.label).fillna(False).to_numpy(dtype=bool)
        texts = values.copy()
        texts[rows] = Fake.from_dict(learned["fake"]).make(int(rows.sum()), rng).array
        return texts.astype(before.type.dtype)


def _learned(
    values: pd.Series, people: Codes, step: MergingStep, most: int | None = None
) -> dict[str, Any]:
    """The labels that stay, and whether the others together have too few people, too.

    Labels of fewer people than the step says do not stay, nor those beyond the ``most`` frequent.
    Where others join, the next rarest labels do until they have as many together.
    """
    counts = people_by_label(values, people)
    first = int((counts < step.people).sum())
    if most is not None:
        first = max(first, len(counts) - most)
    held = partial(_holders, values, people, counts.index)
    if first and step.few == "join":
        first += bisect_left(range(first, len(counts)), step.people, key=held)
    kept = sorted(str(label) for label in counts.index[first:])
    return {"kept": kept, "few": held(first) < step.people}


def _holders(values: pd.Series, people: Codes, labels: Sequence[str], first: int) -> int:
    """How many people hold one of the first labels."""
    return len(np.unique(people[values.isin(list(labels[:first])).to_numpy(dtype=bool)]))


def merged(values: pd.Series, learned: Learned, label: str) -> pd.Series:
    """All labels that do not stay as one label, or missing where that has too few people."""
    stays = values.isna() | values.isin(list(learned["kept"]))
    rest = ~stays.to_numpy(dtype=bool)
    if learned["few"]:
        return missing_where(values, rest)
    return values.mask(pd.Series(rest, index=values.index), label)
