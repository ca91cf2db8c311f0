"""Texts of a run that a language model writes: whether it may, who does it, and what is told.

The server hands a worker what may be asked and where; the key is not among it. The worker reads
that from its own environment or the administrator's file, so that it is in no specification, no
row and no message.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.assistant import LanguageAccess, ModelWriter, access_of, ready_writer
from core.data.fakes import may_be_written
from core.data.schema import Schema
from core.errors import InvalidInput
from core.evaluation import Report
from core.progress import Progress
from core.settings import Settings
from core.studio.private_specs import is_private
from core.studio.values import Purpose, RunSpec
from core.synthesis.synthesizer import Synthesizer
from core.synthesis.writing import texts_in_words

WRITTEN = "written"
"""Of a run's result: by column who wrote its texts, how many, and at what cost."""
_NO_FIT = frozenset({Purpose.IMPUTE, Purpose.SWEEP})


def columns_to_write(schema: Schema, spec: RunSpec) -> tuple[str, ...]:
    """``table.column`` of what a language model is to write for a run.

    A model that is sampled again has its texts; an engine with a formal guarantee has none, since
    they are checked against the real ones.
    """
    if spec.model_of or spec.purpose in _NO_FIT or is_private(spec):
        return ()
    return tuple(
        f"{table.name}.{column.name}"
        for table in schema.tables
        for column in table.columns
        if may_be_written(column)
    )


def writing_problems(settings: Settings, schema: Schema, spec: RunSpec) -> list[str]:
    """Why texts that are asked for cannot be written."""
    columns = columns_to_write(schema, spec)
    if not columns:
        return []
    try:
        return [] if access_of(settings) is not None else [_nobody_writes(columns)]
    except InvalidInput as error:
        return [str(error)]


def _nobody_writes(columns: Sequence[str]) -> str:
    return (
        f"The texts of {', '.join(columns)} are to be written by a language model, and this studio "
        "has none. Choose otherwise under Review, Free text, or have an administrator set "
        "`STUDIO_LLM_PROVIDER`."
    )


def access_for(settings: Settings, schema: Schema, spec: RunSpec) -> LanguageAccess | None:
    """The language model that a run's worker may ask; None where it has nothing for it.

    Also where the settings became wrong after the run was asked for: its worker then says so.
    """
    with suppress(InvalidInput):
        return access_of(settings) if columns_to_write(schema, spec) else None
    return None


def writer_for(access: LanguageAccess | None, schema: Schema, spec: RunSpec) -> ModelWriter | None:
    """Who writes a run's texts, who has answered a question already; None where none are.

    Raises
    ------
    InvalidInput
        There is no language model, or no key.
    LanguageModelFailed
        It does not answer.
    """
    columns = columns_to_write(schema, spec)
    if columns and access is None:
        raise InvalidInput(_nobody_writes(columns))
    return ready_writer(access) if columns else None


def have_texts_written(
    synthesizer: Synthesizer,
    writer: ModelWriter,
    keep: Callable[[bytes], object],
    progress: Progress,
) -> None:
    """Have the texts written that a new model waits for; it is kept again, with them."""
    if not synthesizer.texts_waiting:
        return
    progress.stage("sample")
    synthesizer.write_texts(writer, progress)
    keep(synthesizer.dump())


def told(synthesizer: Synthesizer) -> dict[str, Any]:
    """What a run's result says of texts that were written; nothing where none were."""
    found = synthesizer.texts_told
    return {WRITTEN: found} if found else {}


def with_written(report: Report, synthesizer: Synthesizer) -> Report:
    """The report with a word on columns whose texts were written."""
    notes: dict[str, tuple[str, ...]] = {}
    for one in synthesizer.texts_told:
        notes[one["table"]] = (*notes.get(one["table"], ()), texts_in_words(one))
    tables = [replace(t, notes=(*t.notes, *notes.get(t.name, ()))) for t in report.tables]
    return replace(report, tables=tuple(tables))


def asked_to_audit(settings: Settings, schema: Schema, spec: RunSpec) -> dict[str, Any]:
    """What the audit says before a run asks a language model: which, and for how many columns.

    Said when the run is queued: one that is broken off, or fails, may have asked all the same.
    """
    access = access_for(settings, schema, spec)
    if access is None:
        return {}
    return {"language_model": access.name, WRITTEN: len(columns_to_write(schema, spec))}


def told_to_audit(result: Mapping[str, Any], *, has_asked: bool = True) -> dict[str, Any]:
    """What the audit says of a run's language model: which, and counts; never a text.

    Parameters
    ----------
    has_asked
        Whether the run itself asked; one of a model that is sampled again has the texts alone.
    """
    written = result.get(WRITTEN, ())
    if not written:
        return {}
    counted = ("texts", "questions", "tokens") if has_asked else ("texts",)
    model = ", ".join(dict.fromkeys(one["model"] for one in written))
    return {"language_model": model, **{n: sum(one[n] for one in written) for n in counted}}
