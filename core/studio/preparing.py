"""Use cases of preparation: steps suggested, tried, settled and undone by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from core.data.params import specs
from core.data.pipeline import (
    STEPS,
    Step,
    Steps,
    counted_kinds,
    fit_pipeline,
    make_step,
    prepared_schema,
    public_steps,
    refuse_problems,
    steps_from_yaml,
    steps_problems,
    steps_to_yaml,
)
from core.data.pipeline.suggest import person_column, suggest_steps
from core.data.schema import Schema
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.pipelines import Pipeline, pipeline_of, save_pipeline, undo_pipeline
from core.studio.preparing_values import Example, StepKind, StepOutcome, SuggestedStep, Tried
from core.studio.stored import sample_dataset
from core.studio.tried_steps import hidden_columns, tried_steps

__all__ = ["Example", "Pipeline", "Preparing", "StepKind", "StepOutcome", "SuggestedStep", "Tried"]

LOOKED_AT = 50_000
_SEED = 1
_COLUMNS = ("person", "order", "group")


class Preparing:
    """How datasets are prepared; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def kinds(self) -> Mapping[str, StepKind]:
        """The kinds of steps that there are, by name."""
        return {name: _kind(step) for name, step in STEPS.items()}

    def make(self, kind: str, values: Mapping[str, object]) -> Step:
        """A step from the fields of a form; raises ``InvalidParameter`` with what is wrong."""
        return make_step(kind, values)

    def public_part(self, steps: Steps) -> Steps:
        """The steps that a run with a formal guarantee may have."""
        return public_steps(steps)

    def get(self, actor: Actor, dataset_id: str) -> Pipeline:
        """The dataset's steps, and how often a change can be undone."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.get", row):
            return self._pipeline(row)

    def prepared(self, actor: Actor, dataset_id: str) -> Schema:
        """The dataset's schema as its steps leave it; as it is where they do not fit any more."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.get", row):
            schema, steps = Schema.from_dict(row.schema), self._pipeline(row).steps
            return schema if steps_problems(steps, schema) else prepared_schema(steps, schema)

    def problems(self, actor: Actor, dataset_id: str, steps: Steps) -> tuple[str, ...]:
        """Everything that speaks against steps; no row is read."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.get", row):
            return tuple(steps_problems(steps, Schema.from_dict(row.schema)))

    def suggest(self, actor: Actor, dataset_id: str) -> tuple[SuggestedStep, ...]:
        """Steps that the rows suggest once the settled ones are carried out; nothing is saved.

        At most :data:`LOOKED_AT` rows of a single table are looked at. No reason shows a value.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.suggest", row):
            schema, tables, _ = self._rows(row)
            steps = self._pipeline(row).steps
            if steps_problems(steps, schema):
                return ()
            _, made, _ = fit_pipeline(steps, schema, tables)
            prepared = prepared_schema(steps, schema)
            found = [
                one for name in prepared.names for one in _suggested(name, prepared, made[name])
            ]
            known = {(name, step.kind, step.column) for name, own in steps.items() for step in own}
            return tuple(
                one for one in found if (one.table, one.step.kind, one.step.column) not in known
            )

    def preview(self, actor: Actor, dataset_id: str, steps: Steps) -> Tried:
        """What steps do to at most :data:`LOOKED_AT` rows; nothing is saved.

        Raises
        ------
        InvalidInput
            With everything that speaks against the steps.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.preview", row) as entry:
            entry.details["steps"] = sum(map(len, steps.values()))
            schema, tables, whole = self._rows(row)
            hidden = {
                table.name: hidden_columns(table, row.findings.get(table.name, {}))
                for table in schema.tables
            }
            return tried_steps(steps, schema, tables, whole, hidden)

    def set(
        self, actor: Actor, dataset_id: str, steps: Mapping[str, Sequence[Step]], revision: int
    ) -> Pipeline:
        """Settle the steps; runs that start from now on have them.

        Raises
        ------
        InvalidInput
            With everything that speaks against the steps. Nothing is saved then.
        Conflict
            Somebody else has changed them since ``revision``, or a run is under way.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.set", row) as entry:
            settled = {name: tuple(own) for name, own in steps.items() if own}
            try:
                refuse_problems(settled, Schema.from_dict(row.schema))
            except InvalidInput as error:
                raise InvalidInput(f"Nothing was saved. {error}", error.problems) from None
            entry.details["steps"] = counted_kinds(settled)
            with self._context.database.session() as session:
                save_pipeline(session, row, settled, revision, actor.username)
            return self._pipeline(row)

    def undo(self, actor: Actor, dataset_id: str, revision: int) -> Pipeline:
        """Take the last change back: the steps of before hold, or none.

        Raises
        ------
        Conflict
            There is nothing to undo, somebody else has changed the steps since ``revision``, or a
            run is under way.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.undo", row) as entry:
            with self._context.database.session() as session:
                undo_pipeline(session, row, revision)
            undone = self._pipeline(row)
            entry.details["steps"] = counted_kinds(undone.steps)
            return undone

    def to_yaml(self, actor: Actor, dataset_id: str) -> str:
        """The dataset's steps as YAML, which :meth:`from_yaml` and ``--prepare`` read."""
        return steps_to_yaml(self.get(actor, dataset_id).steps)

    def from_yaml(self, actor: Actor, dataset_id: str, text: str) -> Steps:
        """Steps that are written as YAML, checked against the schema; nothing is saved.

        Raises
        ------
        InvalidInput
            With every problem of every step.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "preparation.get", row):
            steps = steps_from_yaml(text)
            refuse_problems(steps, Schema.from_dict(row.schema))
            return steps

    def _pipeline(self, row: DatasetRow) -> Pipeline:
        with self._context.database.reading() as session:
            return pipeline_of(session, row)

    def _rows(self, row: DatasetRow) -> tuple[Schema, dict[str, pd.DataFrame], int]:
        """Rows to look at, always the same ones, and how many there are in all."""
        stored, schema = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
        rng = np.random.default_rng(_SEED)
        vault = self._context.vault
        tables, whole = sample_dataset(vault, row.id, stored, schema, LOOKED_AT, rng)
        return schema, tables, sum(whole.values())


def _suggested(name: str, schema: Schema, frame: pd.DataFrame) -> tuple[SuggestedStep, ...]:
    links = [link.child_key for link in schema.relationships if link.child == name]
    person = person_column(frame, schema[name], links)
    return suggest_steps(frame, schema[name], schema.keys_of(name), person)


def _kind(step: type[Step]) -> StepKind:
    params = tuple(spec for spec in specs(step) if spec.name != "column")
    named = {f.name for f in fields(step)} & set(_COLUMNS)
    return StepKind(
        step.kind,
        step.title,
        step.about,
        step.inverse,
        frozenset(map(str, step.takes)),
        params,
        tuple(name for name in _COLUMNS if name in named),
    )
