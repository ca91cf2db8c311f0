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
from core.data.pipeline.people import Codes, people_by_label, people_of
from core.data.pipeline.step import STRINGS, Learned, Step
from core.data.schema import Column, ColumnType, Table

OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class MergeRare(Step):
    """Merges labels that few people have into one."""

    kind: ClassVar[str] = "merge_rare"
    title: ClassVar[str] = "Protect rare categories"
    about: ClassVar[str] = "Labels that fewer people have become one label before training."
    inverse: ClassVar[str] = "None: the merged labels are what must not come back."
    takes: ClassVar[frozenset[ColumnType]] = frozenset({ColumnType.CATEGORY})

    people: int = param(5, "People", "Labels of fewer people are merged.", low=2, high=1_000_000)
    person: str = param("", "Person column", "Tells people apart; without it each row is one.")
    label: str = param(OTHER, "Label", "What merged labels are called.")

    @property
    def others(self) -> tuple[str, ...]:
        """Further columns that it reads."""
        return (self.person,) if self.person else ()

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        return [] if self.label.strip() else ["give a label for what is merged"]

    def learn(self, frame: pd.DataFrame, table: Table) -> dict[str, Any]:
        """What has to be known of the training rows."""
        people = people_of(frame, self.person)
        return {"kept": kept_labels(frame[self.column], people, self.people)}

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        return merged(values, learned["kept"], self.label)


@dataclass(frozen=True, slots=True)
class KeepFrequent(Step):
    """Keeps the most frequent of very many strings, and merges the others."""

    kind: ClassVar[str] = "frequent"
    title: ClassVar[str] = "Keep frequent strings"
    about: ClassVar[str] = "Of very many strings the frequent ones are learned, the others merged."
    inverse: ClassVar[str] = (
        "With “made up”: merged strings come back as made-up ones of the same shapes. Else none."
    )
    takes: ClassVar[frozenset[ColumnType]] = STRINGS

    most: int = param(50, "Strings", "How many stay.", low=1, high=10_000)
    people: int = param(5, "People", "Strings of fewer people are merged, too.", low=2,
                        high=1_000_000)  # fmt: skip
    person: str = param("", "Person column", "Tells people apart; without it each row is one.")
    label: str = param(OTHER, "Label", "What merged strings are called.")
    made_up: bool = param(
        False, "Made up", "Give made-up strings in place of the label after sampling."
    )

    @property
    def others(self) -> tuple[str, ...]:
        """Further columns that it reads."""
        return (self.person,) if self.person else ()

    def problems(self, table: Table) -> list[str]:
        """What speaks against the parameters."""
        return [] if self.label.strip() else ["give a label for what is merged"]

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
        kept = kept_labels(values, people, self.people, self.most)
        if not self.made_up:
            return {"kept": kept}
        rest = values[values.notna() & ~values.isin([*kept, self.label])]
        column = replace(table[self.column], type=ColumnType.TEXT, semantic=None)
        return {"kept": kept, "fake": learn_fake(rest, column, "").to_dict()}

    def cells(self, values: pd.Series, column: Column, learned: Learned) -> pd.Series:
        """The cells with the step carried out."""
        return merged(values, learned["kept"], self.label)

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


def kept_labels(values: pd.Series, people: Codes, least: int, most: int | None = None) -> list[str]:
    """The labels that stay, in the order of their text.

    Labels of fewer than ``least`` people do not, nor those beyond the ``most`` frequent. Where
    all that do not stay together have fewer than ``least`` people, the next rarest labels join
    them until they have as many.
    """
    counts = people_by_label(values, people)
    first = int((counts < least).sum())
    if most is not None:
        first = max(first, len(counts) - most)
    if first:
        numbers = range(first, len(counts))
        held = partial(_holders, values, people, counts.index)
        first += bisect_left(numbers, least, key=held)
    return sorted(str(label) for label in counts.index[first:])


def _holders(values: pd.Series, people: Codes, labels: Sequence[str], first: int) -> int:
    """How many people hold one of the first labels."""
    return len(np.unique(people[values.isin(list(labels[:first])).to_numpy(dtype=bool)]))


def merged(values: pd.Series, kept: Sequence[str], label: str) -> pd.Series:
    """All labels that are not kept as one label; missing stays missing."""
    stays = (values.isna() | values.isin(list(kept))).to_numpy(dtype=bool)
    return values.where(pd.Series(stays, index=values.index), label)
