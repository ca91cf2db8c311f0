"""The use case of free text: which columns come back in the style of their texts."""

from collections.abc import Sequence
from dataclasses import replace

from core.data.fakes import may_be_learned
from core.data.schema import Action, Column, ColumnType, Schema, Table
from core.errors import Conflict, InvalidInput
from core.governance.policy import Actor
from core.store.tables import DatasetRow
from core.studio.context import Context, find, to_dataset
from core.studio.stored import refuse_while_training
from core.studio.values import Dataset


class Texts:
    """What is decided about free text; part of the review, and audited as it is."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def possible(self, table: Table) -> tuple[Column, ...]:
        """The columns of free text that come back made up, so that their style can be learned."""
        return tuple(column for column in table.columns if _is_free_text(column, table))

    def choose(self, actor: Actor, dataset_id: str, table: str, columns: Sequence[str]) -> Dataset:
        """Let exactly these columns of a table be made up in the style of their texts.

        Raises
        ------
        InvalidInput
            With every column of which that cannot be asked.
        Conflict
            Somebody else changed the review meanwhile, or a run of the dataset is under way.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.decide", row) as entry:
            schema = Schema.from_dict(row.schema)
            self._refuse_others(schema[table], columns)
            entry.details.update(columns=len(columns), decision="learned text")
            return self._save(row, schema.with_table(_with_texts(schema[table], columns)))

    def _refuse_others(self, table: Table, columns: Sequence[str]) -> None:
        possible = [column.name for column in self.possible(table)]
        others = [name for name in columns if name not in possible]
        problems = [f"Column {name!r} is no free text that comes back made up." for name in others]
        if problems:
            known = ", ".join(possible) or "none"
            raise InvalidInput(f"{' '.join(problems)} Possible are: {known}.", problems)

    def _save(self, seen: DatasetRow, schema: Schema) -> Dataset:
        with self._context.database.session() as session:
            refuse_while_training(session, seen.id)
            row = find(session, DatasetRow, seen.id)
            if row.schema != seen.schema:
                raise Conflict("Somebody else changed this review at the same moment. Try again.")
            row.schema = schema.to_dict()
            session.flush()
            return to_dataset(row)


def _is_free_text(column: Column, table: Table) -> bool:
    is_replaced = column.action is Action.REPLACE or column.type is ColumnType.TEXT
    is_out = column.action in {Action.DROP, Action.GENERALISE}
    is_key = column.name == table.primary_key
    asked = replace(column, learned_text=True)
    return may_be_learned(asked) and is_replaced and not is_out and not is_key


def _with_texts(table: Table, columns: Sequence[str]) -> Table:
    asked = tuple(replace(c, learned_text=c.name in columns) for c in table.columns)
    return replace(table, columns=asked)
