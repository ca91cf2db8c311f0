"""What ``generate`` is told of free text: learned in style, or written by a language model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from core.assistant import ModelWriter, access_of, ready_writer
from core.cli_support import log, name_values, with_learned_texts
from core.data.fakes import may_be_written
from core.data.prepare import may_be_told
from core.data.schema import Column, Schema, Table, WrittenText
from core.data.texts.described import written_problems
from core.errors import InvalidInput
from core.progress import Progress
from core.settings import Settings
from core.synthesis.synthesizer import Synthesizer
from core.synthesis.writing import texts_in_words

LearnText = Annotated[
    list[str] | None,
    typer.Option(
        help="A column of free text to make up in the style of its texts, which fit the label of "
        "the row that tells most about them; column=OTHER: that of OTHER; column=: none. Repeat."
    ),
]
WriteText = Annotated[
    list[str] | None,
    typer.Option(
        help="column=DESCRIPTION: free text that a language model writes, told what is said here "
        "and no text of the column; STUDIO_LLM_PROVIDER says which. Repeat."
    ),
]
WriteBeside = Annotated[
    list[str] | None,
    typer.Option(
        help="column=OTHER: written texts fit the row's label in OTHER, a plain column whose "
        "labels the language model is told. Repeat."
    ),
]


@dataclass(frozen=True, slots=True)
class TextOptions:
    """Which columns of free text are learned, and which are written."""

    learn_text: LearnText = None
    write_text: WriteText = None
    write_beside: WriteBeside = None

    def refuse_of_rows(self, engine: str) -> None:
        """Refuse what looks at texts beside the budget of an engine with a formal guarantee."""
        for option, given in (("--learn-text", self.learn_text), ("--write-text", self.write_text)):
            if given:
                raise InvalidInput(
                    f"{option} learns from rows, or is checked against them, which `{engine}` does "
                    "within its budget alone. Leave it out."
                )

    def applied(self, schema: Schema) -> Schema:
        """The schema with what is asked; see :func:`with_texts`."""
        return with_texts(
            schema, self.learn_text or [], self.write_text or [], self.write_beside or []
        )

    def writer(self) -> ModelWriter | None:
        """Who writes; see :func:`writer_for`."""
        return writer_for(self.write_text or [])


def with_texts(
    schema: Schema, learned: Sequence[str], written: Sequence[str], beside: Sequence[str]
) -> Schema:
    """The schema in which these columns of free text are learned, and those written.

    Raises
    ------
    InvalidInput
        With every column of which that cannot be asked.
    """
    schema = with_learned_texts(schema, learned)
    said = name_values(list(written), "--write-text")
    fitted = name_values(list(beside), "--write-beside")
    problems = [
        f"{name!r} is learned and written."
        for name in said
        if name in {one.partition("=")[0] for one in learned}
    ]
    problems += [f"{name!r} is not among --write-text." for name in fitted if name not in said]
    for name, description in said.items():
        asked = WrittenText(description, beside=fitted.get(name, ""))
        found = _free_text(schema, name, asked)
        if found is None:
            problems.append(f"{name!r} is no column of free text.")
            continue
        table, column = found
        told = [other.name for other in table.columns if may_be_told(other)]
        problems += written_problems(name, asked, told)
        schema = schema.with_table(schema[table.name].with_column(column))
    if problems:
        raise InvalidInput(f"--write-text cannot be used: {' '.join(problems)}", problems)
    return schema


def _free_text(schema: Schema, name: str, asked: WrittenText) -> tuple[Table, Column] | None:
    for table in schema.tables:
        if name in table.names:
            column = replace(table[name], written=asked)
            return (table, column) if may_be_written(column) else None
    return None


def writer_for(written: Sequence[str]) -> ModelWriter | None:
    """Who writes, asked one word already; None where nothing is to be written.

    Raises
    ------
    InvalidInput
        No language model is set up, or not rightly.
    LanguageModelFailed
        It does not answer.
    """
    if not written:
        return None
    access = access_of(Settings.from_environment())
    if access is None:
        raise InvalidInput(
            "--write-text needs a language model. Set `STUDIO_LLM_PROVIDER`, `STUDIO_LLM_MODEL` "
            "and what else it needs, as the README says."
        )
    return ready_writer(access)


def write_texts(
    synthesizer: Synthesizer, writer: ModelWriter | None, progress: Progress
) -> dict[str, Any]:
    """Have the texts written that a fitted synthesizer waits for; what the answer says of it."""
    if writer is None:
        return {}
    progress.stage("write texts")
    synthesizer.write_texts(writer, progress)
    for one in synthesizer.texts_told:
        log(texts_in_words(one))
    return {"written": synthesizer.texts_told}
