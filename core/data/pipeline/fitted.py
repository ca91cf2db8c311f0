"""A preparation that has learned what it needs: rows through it, and sampled rows back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.coarser import coarsened_tables
from core.data.frames import canonical
from core.data.pipeline.registry import Steps, steps_from_dict, steps_to_dict
from core.data.pipeline.shape import (
    prepared_schema,
    private_problems,
    refuse_problems,
    restored_schema,
    restored_table,
    stages,
)
from core.data.pipeline.step import Learned
from core.data.schema import Schema, Table
from core.errors import InvalidInput

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """What a step did to the training rows; numbers only.

    Attributes
    ----------
    cells
        Cells that are another value now, or of another type.
    lost, gained
        Cells that are missing now and were not, and the other way round.
    rows
        Rows that were left out.
    """

    table: str
    place: int
    cells: int
    lost: int
    gained: int
    rows: int


@dataclass(frozen=True, slots=True)
class FittedPipeline:
    """The steps of a dataset's tables, and what each of them learned.

    Attributes
    ----------
    source
        The schema of the rows that it takes.
    learned
        By table, for each step in order; fit for JSON.
    """

    source: Schema
    steps: Steps
    learned: Mapping[str, tuple[Learned, ...]] = field(default_factory=dict)

    @property
    def prepared(self) -> Schema:
        """The schema of the rows that it gives to an engine."""
        return prepared_schema(self.steps, self.source)

    @property
    def is_public(self) -> bool:
        """Whether nothing in it comes from rows."""
        return not private_problems(self.steps)

    @property
    def turns_types_back(self) -> bool:
        """Whether what is given out has other types than what is sampled."""
        return self.restored(self.prepared) != self.prepared

    def restored(self, output: Schema) -> Schema:
        """The schema of what is given out, of that of what is sampled."""
        return restored_schema(self.steps, self.source, output)

    def apply(self, tables: Frames) -> dict[str, pd.DataFrame]:
        """Rows of the source schema as an engine gets them."""
        made = coarsened_tables(tables, self.source)
        for name, _, learned, step, table in self._walk():
            made[name] = step.apply(made[name], table, learned)
        prepared = self.prepared
        return {name: canonical(made[name], prepared[name]) for name in prepared.names}

    def restore(self, frame: pd.DataFrame, output: Table, rng: np.random.Generator) -> pd.DataFrame:
        """Sampled rows as they are given out.

        Parameters
        ----------
        frame
            Rows of ``output``: a prepared table, perhaps without dropped columns.
        """
        steps, source = self.steps.get(output.name, ()), self.source[output.name]
        learned = self.learned.get(output.name, ())
        made = {name: frame[name] for name in output.names}
        ways = list(zip(stages(steps, source), learned, strict=True))
        for (step, table), own in reversed(ways):
            if step.column in made:
                values = made[step.column]
                made[step.column] = step.restore(values, table[step.column], own, rng)
        whole = pd.DataFrame(made, index=frame.index)
        return canonical(whole, restored_table(steps, source, output))

    def restore_blocks(
        self, blocks: Iterable[pd.DataFrame], output: Table, rng: np.random.Generator
    ) -> Iterator[pd.DataFrame]:
        """Sampled rows block by block as they are given out."""
        for block in blocks:
            yield self.restore(block, output, rng)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "source": self.source.to_dict(),
            "steps": steps_to_dict(self.steps),
            "learned": {name: [dict(one) for one in own] for name, own in self.learned.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; raises ``InvalidInput`` when it is no pipeline."""
        steps = steps_from_dict(data["steps"])
        learned = {name: tuple(own) for name, own in data["learned"].items()}
        if {name: len(own) for name, own in learned.items()} != {
            n: len(s) for n, s in steps.items()
        }:
            raise InvalidInput("This is no fitted preparation: steps and what they learned differ.")
        return cls(Schema.from_dict(data["source"]), steps, learned)

    def _walk(self) -> Iterator[tuple[str, int, Learned, Any, Table]]:
        for name, own in self.steps.items():
            ways = zip(stages(own, self.source[name]), self.learned[name], strict=True)
            for place, ((step, table), learned) in enumerate(ways):
                yield name, place, learned, step, table


def fit_pipeline(
    steps: Steps, schema: Schema, train: Frames, *, private: bool = False
) -> tuple[FittedPipeline, dict[str, pd.DataFrame], tuple[Change, ...]]:
    """Learn the steps from the training rows, and carry them out on these.

    Columns that are to be generalised are so before any step looks at them: what a step learns is
    kept with the model.

    Parameters
    ----------
    train
        Canonical frames of all tables.
    private
        For an engine with a formal guarantee: steps that look at rows are refused, and nothing
        is counted.

    Returns
    -------
    tuple
        The fitted pipeline, the prepared training rows, and what each step did.

    Raises
    ------
    InvalidInput
        With everything that speaks against the steps, or when cells do not fit and that is
        refused.
    """
    refuse_problems(steps, schema)
    if private and (problems := private_problems(steps)):
        raise InvalidInput(" ".join(problems), problems)
    made, changes = coarsened_tables(train, schema), list[Change]()
    learned: dict[str, tuple[Learned, ...]] = {}
    for name, own in steps.items():
        frame, found = made[name], []
        for place, (step, table) in enumerate(stages(own, schema[name])):
            found.append(step.learn(frame, table))
            after = step.apply(frame, table, found[-1])
            if not private:
                changes.append(_change(name, place, frame, after, step.column))
            frame = after
        made[name], learned[name] = frame, tuple(found)
    fitted = FittedPipeline(schema, steps, learned)
    prepared = fitted.prepared
    frames = {name: canonical(made[name], prepared[name]) for name in prepared.names}
    return fitted, frames, tuple(changes)


def _change(
    table: str, place: int, before: pd.DataFrame, after: pd.DataFrame, column: str
) -> Change:
    dropped = len(before) - len(after)
    if dropped:
        return Change(table, place, 0, 0, 0, dropped)
    old, new = before[column], after[column]
    was, now = old.isna().to_numpy(dtype=bool), new.isna().to_numpy(dtype=bool)
    cells = int(changed_cells(old, new).sum())
    return Change(table, place, cells, int((now & ~was).sum()), int((was & ~now).sum()), 0)


def changed_cells(before: pd.Series, after: pd.Series) -> npt.NDArray[np.bool_]:
    """Which cells are another value, or of another type; missing ones alike are not."""
    was: npt.NDArray[np.bool_] = before.isna().to_numpy(dtype=bool)
    now: npt.NDArray[np.bool_] = after.isna().to_numpy(dtype=bool)
    both = ~was & ~now
    if before.dtype != after.dtype:
        return np.asarray(both | (was != now), dtype=bool)
    differs = was != now
    differs[both] = before.to_numpy()[both] != after.to_numpy()[both]
    return np.asarray(differs, dtype=bool)
