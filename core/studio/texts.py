"""The use case of free text: which columns come back as plain words, in style, or written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from core.assistant import access_of
from core.data.fakes import may_be_learned
from core.data.followed import may_be_followed
from core.data.prepare import may_be_told
from core.data.schema import Action, Column, ColumnType, Schema, Table, WrittenText
from core.data.texts.described import MOST_DESCRIPTION, MOST_LANGUAGE, written_problems
from core.errors import Conflict, InvalidInput
from core.governance.policy import Actor
from core.store.tables import DatasetRow
from core.studio.context import Context, find, to_dataset
from core.studio.stored import refuse_while_training
from core.studio.values import Dataset

__all__ = ["MOST_DESCRIPTION", "MOST_LANGUAGE", "TextModel", "Texts"]


@dataclass(frozen=True, slots=True)
class TextModel:
    """The language model that may be asked: its name, or why there is none."""

    name: str
    why_not: str = ""


class Texts:
    """What is decided about free text; part of the review, and audited as it is."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def possible(self, table: Table) -> tuple[Column, ...]:
        """The columns of free text that come back made up, so that their style can be learned."""
        return tuple(column for column in table.columns if _is_free_text(column, table))

    def left_out(self, table: Table) -> tuple[Column, ...]:
        """The columns of free text that are dropped, and could come back made up."""
        return tuple(
            column
            for column in table.columns
            if column.action is Action.DROP
            and column.semantic == "free_text"
            and _is_free_text(replace(column, action=Action.REPLACE), table)
        )

    def beside(self, table: Table) -> tuple[Column, ...]:
        """The columns whose labels may be told, so that written texts fit the row."""
        return tuple(column for column in table.columns if may_be_told(column))

    def followable(self, table: Table) -> tuple[Column, ...]:
        """The columns whose labels learned texts may follow."""
        return tuple(
            column
            for column in table.columns
            if may_be_followed(column) and column.name != table.primary_key
        )

    def model(self) -> TextModel:
        """The language model that the administrator allows, if there is one."""
        try:
            access = access_of(self._context.settings)
        except InvalidInput as error:
            return TextModel("", str(error))
        if access is None:
            return TextModel("", "No language model is set up: `STUDIO_LLM_PROVIDER` is empty.")
        return TextModel(access.name)

    def choose(
        self,
        actor: Actor,
        dataset_id: str,
        table: str,
        columns: Sequence[str] | Mapping[str, str | None],
        written: Mapping[str, WrittenText] | None = None,
    ) -> Dataset:
        """Say how the free text of a table comes back; what is not named, as plain words.

        Parameters
        ----------
        columns
            Those that are made up in the style of their texts; by these, the column whose labels
            they follow: None for the one that tells most about them, "" for none.
        written
            Those that a language model writes, by what is said of them.

        Raises
        ------
        InvalidInput
            With every column of which that cannot be asked, and everything that is missing.
        Conflict
            Somebody else changed the review meanwhile, or a run of the dataset is under way.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.decide", row) as entry:
            schema, asked = Schema.from_dict(row.schema), written or {}
            learned = columns if isinstance(columns, Mapping) else dict.fromkeys(columns)
            self._refuse_others(schema[table], (*columns, *asked))
            self._refuse_labels(schema[table], learned)
            self._refuse_unwritable(schema[table], columns, asked)
            entry.details.update(columns=len(columns), decision="learned text")
            if asked:
                entry.details.update(written=len(asked), language_model=self.model().name)
            return self._save(row, schema.with_table(_with_texts(schema[table], learned, asked)))

    def learn_too(self, actor: Actor, dataset_id: str, table: str, column: str) -> Dataset:
        """Make one more column up in the style of its texts; the others stay as they are.

        Raises
        ------
        InvalidInput, Conflict
            As :meth:`choose`.
        """
        schema = Schema.from_dict(self._context.dataset(dataset_id).schema)
        others = [c for c in schema[table].columns if c.name != column]
        possible = {c.name for c in self.possible(schema[table])}
        learned = {c.name: c.text_label for c in others if c.learned_text and c.name in possible}
        written = {c.name: c.written for c in others if c.written and c.name in possible}
        return self.choose(actor, dataset_id, table, {**learned, column: None}, written)

    def _refuse_others(self, table: Table, columns: Sequence[str]) -> None:
        possible = [column.name for column in self.possible(table)]
        others = [name for name in columns if name not in possible]
        problems = [f"Column {name!r} is no free text that comes back made up." for name in others]
        if problems:
            known = ", ".join(possible) or "none"
            raise InvalidInput(f"{' '.join(problems)} Possible are: {known}.", problems)

    def _refuse_labels(self, table: Table, learned: Mapping[str, str | None]) -> None:
        known = [column.name for column in self.followable(table)]
        problems = [
            f"Texts of {name!r} cannot follow {label!r}."
            for name, label in learned.items()
            if label and (label not in known or label == name)
        ]
        if problems:
            raise InvalidInput(
                f"{' '.join(problems)} Possible are kept columns of labels that identify nobody: "
                f"{', '.join(known) or 'none'}.",
                problems,
            )

    def _refuse_unwritable(
        self, table: Table, columns: Collection[str], written: Mapping[str, WrittenText]
    ) -> None:
        if not written:
            return
        problems = [self.model().why_not] if not self.model().name else []
        both = sorted(set(columns) & set(written))
        problems += [f"Column {name!r} is either learned or written." for name in both]
        beside = [column.name for column in self.beside(table)]
        for name, asked in written.items():
            problems += written_problems(name, asked, beside)
        if problems:
            raise InvalidInput(" ".join(problems), problems)

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


def _with_texts(
    table: Table, learned: Mapping[str, str | None], written: Mapping[str, WrittenText]
) -> Table:
    asked = tuple(
        replace(
            c,
            learned_text=c.name in learned,
            text_label=learned.get(c.name),
            written=written.get(c.name),
        )
        for c in table.columns
    )
    return replace(table, columns=asked)
