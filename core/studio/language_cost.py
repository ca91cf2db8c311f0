"""What a run will ask of a language model: whom, how often, how long that takes, what is told.

Seconds of a question are those of past runs that asked the same model; where none did they are a
guess, and called one. No question is asked to find out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from core.assistant import LanguageAccess
from core.data.profile import TableProfile
from core.data.schema import Schema
from core.data.texts.written import least_questions
from core.store.tables import RunRow
from core.studio.values import Estimate, RunSpec
from core.studio.writing import WRITTEN, columns_to_write

GUESSED_QUESTION_S = 10.0
"""Seconds of a question until the model was asked by a run here."""
MOST_PAST = 10
_READY = 1
"""One question before the fit, so that a wrong key is known."""
Profiles = Mapping[str, TableProfile]


def with_language(
    estimate: Estimate,
    access: LanguageAccess | None,
    questions: int,
    said: str,
    past: Sequence[RunRow],
) -> Estimate:
    """The estimate with the time of the questions and what is asked; as it is where none are."""
    if access is None or not questions:
        return estimate
    known = list(_paces(past, access.name))[:MOST_PAST]
    seconds = questions * (median(known) if known else GUESSED_QUESTION_S)
    basis = (
        "questions to the language model as past runs took for them"
        if known
        else f"questions to the language model are guessed at {GUESSED_QUESTION_S:g} s each"
    )
    return replace(
        estimate,
        seconds=estimate.seconds + seconds,
        write_s=seconds,
        basis=f"{estimate.basis}; {basis}",
        language=said,
    )


def questions_of(schema: Schema, spec: RunSpec, rows: Mapping[str, int], profiles: Profiles) -> int:
    """The fewest questions that a run asks; 0 where it has nothing written."""
    wanted = columns_to_write(schema, spec)
    asked = sum(
        least_questions(rows[table.name], _long(profiles, table.name, column.name))
        for table in schema.tables
        for column in table.columns
        if f"{table.name}.{column.name}" in wanted
    )
    return asked + _READY if asked else 0


def language_in_words(access: LanguageAccess, schema: Schema, spec: RunSpec, questions: int) -> str:
    """Who is asked, how often, and what is told, in words for a person."""
    wanted = columns_to_write(schema, spec)
    beside = {
        column.written.beside
        for table in schema.tables
        for column in table.columns
        if f"{table.name}.{column.name}" in wanted and column.written
    } - {""}
    return (
        f"{access.name}, a language model, writes the texts of {', '.join(wanted)}: at least "
        f"{questions} questions, more where texts cannot be used, and at most "
        f"{access.most_tokens:,} tokens. It is told names of columns, their descriptions and rough "
        "lengths. No text of the table is sent" + _labels(sorted(beside))
    )


def _labels(beside: Sequence[str]) -> str:
    if not beside:
        return ", and no other real value."
    return f"; of {', '.join(beside)} it is told the labels that at least ten rows share."


def _long(profiles: Profiles, table: str, column: str) -> int:
    """Characters that long texts of a column have at least, its mean; 0 for unknown."""
    found = profiles.get(table)
    lengths = next((c.lengths for c in found.columns if c.name == column), None) if found else None
    return int(lengths.mean) if lengths else 0


def _paces(past: Sequence[RunRow], model: str) -> Iterator[float]:
    for run in past:
        own = [one for one in run.result.get(WRITTEN, ()) if one["model"] == model]
        questions = sum(one["questions"] for one in own)
        if questions and run.result.get("write_s") and len(own) == len(run.result[WRITTEN]):
            yield run.result["write_s"] / questions
