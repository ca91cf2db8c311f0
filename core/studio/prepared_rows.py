"""The real rows of a run as its engine gets them: the steps of its specification carried out.

Steps learn from the training rows and are carried out on these and on the held-out ones, so that a
result is judged against rows that were treated as the learned ones were; see
``docs/data/preparation.md``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.pipeline import Change, FittedPipeline, fit_pipeline, in_words
from core.data.schema import Schema, Table
from core.studio.private_specs import is_private
from core.studio.values import RunSpec
from core.synthesis.synthesizer import Synthesizer

PREPARATION = "preparation"
"""Key of a run's result that says how its rows were prepared."""
_GIVING = 0x6176

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """Training and holdout rows as prepared, how many the tables have, and what made them so."""

    schema: Schema
    train: Frames
    holdout: Frames
    whole: Mapping[str, int]
    pipeline: FittedPipeline | None = None
    changes: tuple[Change, ...] = ()


def source_schema(known: Synthesizer | None, schema: Schema) -> Schema:
    """The schema to read real rows with: that of the review, or of the model that is sampled."""
    if known is None:
        return schema
    return known.schema if known.pipeline is None else known.pipeline.source


def prepare_rows(
    spec: RunSpec,
    schema: Schema,
    rows: tuple[Frames, Frames],
    whole: Mapping[str, int],
    known: Synthesizer | None = None,
) -> PreparedRows:
    """Carry out a checked specification's steps on training and holdout rows.

    Parameters
    ----------
    schema
        Of the rows as they were read.
    rows
        Training rows, holdout rows.
    whole
        How many rows each table has; tables of which steps leave rows out have fewer then.
    known
        The fitted model that is sampled: its preparation is taken, and nothing is learned.

    Raises
    ------
    InvalidInput
        A step does not fit the rows and refuses that, or looks at them beside a privacy budget.
    """
    train, holdout = rows
    steps = spec.preparation or {}
    changes: tuple[Change, ...] = ()
    if known is not None:
        pipeline = known.pipeline
        learned = train if pipeline is None else pipeline.apply(train)
    elif steps:
        pipeline, learned, changes = fit_pipeline(steps, schema, train, private=is_private(spec))
    else:
        pipeline, learned = None, train
    if pipeline is None:
        return PreparedRows(schema, train, holdout, whole)
    held = pipeline.apply(holdout)
    left = {
        name: round(count * _share((train, holdout), (learned, held), name))
        for name, count in whole.items()
    }
    return PreparedRows(pipeline.prepared, learned, held, left, pipeline, changes)


def prepare_all(
    spec: RunSpec, schema: Schema, tables: dict[str, pd.DataFrame]
) -> tuple[Schema, dict[str, pd.DataFrame]]:
    """Rows that are not divided yet, prepared by steps that look at no row."""
    if not spec.preparation:
        return schema, tables
    pipeline, made, _ = fit_pipeline(spec.preparation, schema, tables, private=True)
    return pipeline.prepared, made


@dataclass(frozen=True, slots=True)
class GivenOut:
    """How sampled rows become what is given out: as they are, or with a preparation turned back."""

    output: Schema
    pipeline: FittedPipeline | None
    seed: int

    @classmethod
    def of(cls, synthesizer: Synthesizer, seed: int) -> "GivenOut":
        """For what a fitted model samples."""
        return cls(synthesizer.output_schema, synthesizer.pipeline, seed)

    @property
    def schema(self) -> Schema:
        """The schema of what is given out."""
        return self.output if self.pipeline is None else self.pipeline.restored(self.output)

    def stream(self, table: str) -> np.random.Generator:
        """The random numbers of a table's way back: by the seed and its place, as all else."""
        return np.random.default_rng([self.seed, _GIVING, self.output.names.index(table)])

    def turned_back(
        self, frame: pd.DataFrame, table: Table, rng: np.random.Generator
    ) -> pd.DataFrame:
        """A block of sampled rows of ``table``, as it is given out."""
        return frame if self.pipeline is None else self.pipeline.restore(frame, table, rng)


def told_preparation(
    pipeline: FittedPipeline | None, changes: Sequence[Change], spec: RunSpec
) -> dict[str, Any]:
    """What a run's result says of its preparation; no counts with a formal guarantee."""
    if pipeline is None:
        return {}
    told: dict[str, Any] = {"steps": in_words(pipeline.steps)}
    if not is_private(spec):
        told["changes"] = [asdict(change) for change in changes]
    return {PREPARATION: told}


def with_preparation(
    notes: Mapping[str, tuple[str, ...]], pipeline: FittedPipeline | None
) -> dict[str, tuple[str, ...]]:
    """The notes of each table, with a word on how its rows were prepared."""
    found = dict(notes)
    for name, own in (pipeline.steps if pipeline is not None else {}).items():
        words = "; ".join(line.split(": ", 1)[1] for line in in_words({name: own}))
        said = f"Rows were prepared before training, and are compared as prepared: {words}."
        found[name] = (*found.get(name, ()), said)
    return found


def _share(before: tuple[Frames, Frames], after: tuple[Frames, Frames], name: str) -> float:
    """The share of a table's rows that steps leave in."""
    were = sum(len(side[name]) for side in before)
    return sum(len(side[name]) for side in after) / were if were else 1.0
