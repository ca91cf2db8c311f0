"""The review: a person settles types, roles, actions and keys of a dataset's columns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.coarser import (
    coarse_values,
    in_words,
    problems_of,
    usual,
)
from core.data.convert import convert_column, retyped
from core.data.patterns import RARE
from core.data.prepare import prepare
from core.data.render import render
from core.data.schema import Action, Coarser, Column, ColumnType, Relationship, Schema, Table
from core.errors import Conflict, InvalidInput, NotFound
from core.governance.audit import as_many_as_fit, ranges
from core.governance.policy import Actor
from core.store.tables import DatasetRow, now
from core.studio.context import Context, find, open_columns, to_dataset
from core.studio.schema_checks import SchemaCheck
from core.studio.schema_texts import SchemaDraft
from core.studio.stored import (
    read_column,
    read_stored_table,
    read_table,
    refuse_while_training,
)
from core.studio.values import Dataset, Decision

_EXAMPLE_ROWS = 500
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is to be done with a column; ``coarser``: how it is generalised, None for the usual."""

    table: str
    column: str
    action: Action
    coarser: Coarser | None = None


def decide(
    context: Context, actor: Actor, dataset_id: str, decisions: Sequence[Decision]
) -> Dataset:
    """Settle types, roles and actions of columns, all of them or none.

    Raises
    ------
    InvalidInput
        With every decision that cannot be carried out.
    Conflict
        While a run of the dataset is under way.
    """
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.decide", row) as entry:
        schema = _decided(context, row, decisions)
        entry.details["columns"] = len(decisions)
        entry.details["decisions"] = as_many_as_fit(_decision_words(schema, decisions))
        return _save_schema(context, row, schema)


def set_keys(
    context: Context,
    actor: Actor,
    dataset_id: str,
    primary_keys: Mapping[str, str | None],
    relationships: Sequence[Relationship],
) -> Dataset:
    """Settle primary keys by table, and which table points to which."""
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.set_keys", row) as entry:
        schema = Schema.from_dict(row.schema)
        for name, key in primary_keys.items():
            named = None if key is None else schema[name][key].name
            schema = schema.with_table(replace(schema[name], primary_key=named))
        schema = replace(schema, relationships=tuple(relationships))
        _check_keys(context, row, schema)
        entry.details["relationships"] = len(relationships)
        return _save_schema(context, row, schema)


def preview_action(context: Context, actor: Actor, dataset_id: str, wanted: Treatment) -> list[str]:
    """What an action makes of a column: a few examples, never a real value.

    Of a generalised column those coarser values that at least ten rows share.
    """
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.preview_action", row) as entry:
        entry.details["action"] = str(wanted.action)
        if wanted.action is Action.KEEP:
            return ["unchanged"]
        if wanted.action is Action.DROP:
            return ["left out"]
        column = Schema.from_dict(row.schema)[wanted.table][wanted.column]
        found = row.findings.get(wanted.table, {}).get(wanted.column, {})
        semantic = column.semantic or found.get("semantic")
        column = replace(column, action=wanted.action, semantic=semantic)
        if wanted.action is Action.GENERALISE:
            column = replace(column, coarser=wanted.coarser)
            return _coarse_examples(context, row, wanted.table, column)
        return _examples(context, row, wanted.table, column)


def _decided(context: Context, row: DatasetRow, decisions: Sequence[Decision]) -> Schema:
    schema, stored = Schema.from_dict(row.schema), Schema.from_dict(row.stored_schema)
    problems: list[str] = []
    for decision in decisions:
        try:
            column = _apply(decision, schema, row.findings)
            if column.type is not stored[decision.table][decision.column].type:
                _try_conversion(context, row, decision.table, column)
            schema = schema.with_table(schema[decision.table].with_column(column))
        except (InvalidInput, NotFound) as error:
            problems.append(str(error))
    if problems:
        raise InvalidInput("Nothing was saved. " + " ".join(problems), problems)
    return schema


def _try_conversion(context: Context, row: DatasetRow, table: str, wanted: Column) -> None:
    stored = Schema.from_dict(row.stored_schema)
    frame = read_stored_table(context.vault, row, table)
    convert_column(frame[wanted.name], stored[table][wanted.name], wanted)


def _check_keys(context: Context, row: DatasetRow, wanted: Schema) -> None:
    """Refuse keys and links that the rows do not keep, also those that held before.

    Links of several columns are looked at where they are new: nobody makes them in the review.
    """
    keyless = tuple(replace(table, primary_key=None) for table in wanted.tables)
    known = tuple(x for x in Schema.from_dict(row.schema).relationships if x.more)
    before = SchemaDraft(Schema(keyless, known))
    problems = SchemaCheck(context, row, before, {}).problems(SchemaDraft(wanted))
    if problems:
        raise InvalidInput("Nothing was saved. " + " ".join(problems), problems)


def _examples(context: Context, row: DatasetRow, table: str, column: Column) -> list[str]:
    frame = read_table(context.vault, row, table, _EXAMPLE_ROWS)[[column.name]]
    single = Table(table, (column,))
    mask_key = context.keys.derive("mask")
    preparation, learned = prepare(frame, single, mask_key=mask_key)
    shown = preparation.restore(learned.head(_EXAMPLES), rng=np.random.default_rng(1))
    return [str(value) for value in shown[column.name].dropna()]


def _coarse_examples(context: Context, row: DatasetRow, table: str, column: Column) -> list[str]:
    """Coarser values that many rows share, and to how few different ones the column comes."""
    column = _generalisable(column)
    values = read_column(context.vault, row, table, column.name)
    coarse = coarse_values(values, column)
    counts = coarse.value_counts()
    shared = counts.index[counts >= RARE][:_EXAMPLES]
    words = render(pd.Series(shared, dtype=coarse.dtype), column).to_pylist()
    return [*map(str, words), f"{values.nunique():,} → {coarse.nunique():,} different values"]


def _generalisable(column: Column) -> Column:
    """The column as it is generalised: free text becomes a category, since values repeat then.

    Raises
    ------
    InvalidInput
        It cannot be generalised that way.
    """
    if problems := problems_of(column):
        raise InvalidInput(" ".join(problems), problems)
    column = replace(column, coarser=column.coarser or usual(column))
    return retyped(column, ColumnType.CATEGORY) if column.type is ColumnType.TEXT else column


def _save_schema(context: Context, seen: DatasetRow, schema: Schema) -> Dataset:
    """Save what was made of the row as it was ``seen``, unless it has changed since."""
    with context.database.session() as session:
        refuse_while_training(session, seen.id)
        row = find(session, DatasetRow, seen.id)
        if row.schema != seen.schema:
            raise Conflict(
                "Somebody else changed this review at the same moment. Nothing was saved: look at "
                "their changes, then decide again."
            )
        row.schema = schema.to_dict()
        settled = not open_columns(row)
        row.reviewed_at = (row.reviewed_at or now()) if settled else None
        session.flush()
        return to_dataset(row)


def _apply(
    decision: Decision, schema: Schema, findings: Mapping[str, Mapping[str, dict[str, object]]]
) -> Column:
    column = schema[decision.table][decision.column]
    found = findings.get(decision.table, {}).get(decision.column, {})
    semantic = column.semantic or found.get("semantic")
    decided = replace(
        retyped(column, decision.type),
        role=decision.role,
        action=decision.action,
        reason=decision.reason.strip(),
        semantic=semantic,  # type: ignore[arg-type]
        coarser=decision.coarser,
    )
    if decision.action is not Action.GENERALISE:
        return replace(decided, coarser=None)
    if decision.column in schema.keys_of(decision.table):
        raise InvalidInput(
            f"Column {decision.column!r} of {decision.table!r} is a key, and keys cannot be "
            "generalised: rows would not be told apart. Replace, mask or drop it."
        )
    return _generalisable(decided)


def _decision_words(schema: Schema, decisions: Sequence[Decision]) -> list[str]:
    """The decisions, columns by position, since a column's name may itself be personal."""
    positions = defaultdict(list)
    for d in decisions:
        how = f" to {in_words(d.coarser)}" if d.coarser else ""
        kind = d.table, f"{d.type}, {d.role}, {d.action}{how}"
        positions[kind].append(schema[d.table].names.index(d.column))
    return [f"{table}[{ranges(found)}]: {what}" for (table, what), found in positions.items()]
