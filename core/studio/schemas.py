"""Use cases of a dataset's schema: edited as a whole, checked against the rows, saved or not."""

from collections.abc import Mapping

from core.data.convert import retyped
from core.data.schema import Column, ColumnType, Schema
from core.errors import Conflict, InvalidInput
from core.governance.policy import Actor
from core.store.tables import DatasetRow, now
from core.studio.context import Context, find, open_columns, to_dataset
from core.studio.plans import plan_of, save_plan
from core.studio.schema_checks import SchemaCheck
from core.studio.schema_texts import (
    SchemaDraft,
    draft_of,
    read_schema_yaml,
    schema_yaml,
    with_composite,
)
from core.studio.stored import refuse_while_training
from core.studio.values import Dataset
from core.synthesis.asks import Rule, rules_to_dict

__all__ = ["SchemaDraft", "Schemas", "retyped_column"]


class Schemas:
    """Schemas of datasets; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, actor: Actor, dataset_id: str) -> SchemaDraft:
        """The schema that holds, to start an edit from."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.get", row):
            return draft_of(Schema.from_dict(row.schema), self._rules(row))

    def problems(self, actor: Actor, dataset_id: str, draft: SchemaDraft) -> tuple[str, ...]:
        """Everything that speaks against a draft, checked on the rows; nothing is saved."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "rules.check", row):
            return tuple(self._problems(row, draft))

    def set(self, actor: Actor, dataset_id: str, draft: SchemaDraft, seen: SchemaDraft) -> Dataset:
        """Save a draft that was made of ``seen``.

        Raises
        ------
        InvalidInput
            With every problem. Nothing is saved then.
        Conflict
            Somebody else has changed the schema since, or a run is under way.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.set_schema", row) as entry:
            self._refuse_changed(row, seen)
            problems = self._problems(row, draft)
            if problems:
                raise InvalidInput("Nothing was saved. " + " ".join(problems), problems)
            entry.details.update(_changes(seen, draft))
            return self._save(row, draft, seen, actor.username)

    def to_yaml(self, actor: Actor, dataset_id: str) -> str:
        """The schema as YAML, which :meth:`from_yaml` reads."""
        return schema_yaml(self.get(actor, dataset_id))

    def from_yaml(self, actor: Actor, dataset_id: str, text: str) -> SchemaDraft:
        """What a text makes of the schema; nothing is saved. Raises ``InvalidInput``."""
        return read_schema_yaml(text, self.get(actor, dataset_id))

    def _problems(self, row: DatasetRow, draft: SchemaDraft) -> list[str]:
        rules = self._rules(row)
        before = draft_of(Schema.from_dict(row.schema), rules)
        _refuse_other_columns(before.schema, draft.schema)
        return SchemaCheck(self._context, row, before, rules).problems(draft)

    def _rules(self, row: DatasetRow) -> Mapping[str, tuple[Rule, ...]]:
        with self._context.database.reading() as session:
            return plan_of(session, row).rules

    def _refuse_changed(self, row: DatasetRow, seen: SchemaDraft) -> None:
        if draft_of(Schema.from_dict(row.schema), self._rules(row)) != seen:
            raise Conflict(
                "Somebody else changed this schema in the meantime. Nothing was saved: your edit "
                "is still here. Load what they saved, then make it again."
            )

    def _save(
        self, seen_row: DatasetRow, draft: SchemaDraft, seen: SchemaDraft, who: str
    ) -> Dataset:
        with self._context.database.session() as session:
            refuse_while_training(session, seen_row.id)
            row = find(session, DatasetRow, seen_row.id)
            if row.schema != seen_row.schema:
                raise Conflict("Somebody else changed this schema at the same moment. Try again.")
            row.schema = draft.schema.to_dict()
            row.reviewed_at = None if open_columns(row) else (row.reviewed_at or now())
            if draft.composite != seen.composite:
                plan = plan_of(session, row)
                rules = {
                    name: with_composite(plan.rules.get(name, ()), draft.composite.get(name, ()))
                    for name in draft.schema.names
                }
                kept = {name: own for name, own in rules.items() if own}
                save_plan(session, row, plan.revision, who, rules_to_dict(kept))
            session.flush()
            return to_dataset(row)


def retyped_column(column: Column, kind: ColumnType) -> Column:
    """The column with another type, for a draft."""
    return retyped(column, kind)


def _refuse_other_columns(before: Schema, after: Schema) -> None:
    same = [(t.name, t.names) for t in before.tables] == [(t.name, t.names) for t in after.tables]
    if not same:
        raise InvalidInput("A dataset's tables and columns are as they were imported.")


def _changes(before: SchemaDraft, after: SchemaDraft) -> dict[str, int]:
    """How much is changed, for the audit."""
    pairs = [
        (old, new)
        for one, other in zip(before.schema.tables, after.schema.tables, strict=True)
        for old, new in zip(one.columns, other.columns, strict=True)
    ]
    keys = (
        [t.primary_key for t in before.schema.tables],
        [t.primary_key for t in after.schema.tables],
    )
    return {
        "types": sum(old.type is not new.type for old, new in pairs),
        "roles": sum(old.role is not new.role for old, new in pairs),
        "semantics": sum(old.semantic != new.semantic for old, new in pairs),
        "keys": sum(old != new for old, new in zip(*keys, strict=True))
        + (before.composite != after.composite),
        "links": len(set(before.schema.relationships) ^ set(after.schema.relationships)),
    }
