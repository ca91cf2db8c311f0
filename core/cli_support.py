"""What the commands share: reading, deciding, writing, and answering in one line of JSON."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from core.data.fakes import may_be_learned
from core.data.followed import may_be_followed
from core.data.pii import apply_suggestions, find_pii
from core.data.read import ReadLimits, ReadResult, read_files
from core.data.schema import Action, Schema
from core.data.write import file_names, write_table
from core.errors import InvalidInput
from core.settings import Settings


def in_a_folder(path: Path | None) -> Path | None:
    """A path to write to; refused before any work is done where its folder is missing."""
    if path is not None and not path.parent.is_dir():
        raise InvalidInput(f"There is no folder {path.parent}. Make it first.")
    return path


JsonOut = Annotated[
    Path | None,
    typer.Option("--json", callback=in_a_folder, help="Also write the result here."),
]


class LoggedProgress:
    """Progress for the command line: stages, and steps at most every two seconds, on stderr."""

    def __init__(self) -> None:
        self._last = 0.0
        self._stage = ""

    def stage(self, name: str) -> None:
        """Log the stage's name."""
        self._stage = name
        log(name)

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Log what is done, if the last line is two seconds old or this is the end."""
        if time.monotonic() - self._last < 2 and done < total:
            return
        self._last = time.monotonic()
        figures = "".join(f" {name}={value:.4g}" for name, value in (values or {}).items())
        log(f"{self._stage} {done:,.10g}/{total:,.10g} {note}{figures}")


def read_input(path: Path, most: int | None = None, seed: int = 1) -> ReadResult:
    """The tables of a file; what was noted while reading goes to the log.

    With ``most``, of a single CSV or Parquet file at most so many rows, drawn with ``seed``.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}. Check the path.")
    limits = ReadLimits.from_settings(Settings.from_environment())
    limits = replace(limits, max_rows=most, seed=seed)
    read = read_files([(path.name, path)], limits=limits)
    for note in read.notes:
        log(note)
    return read


def settled_schema(read: ReadResult, actions: Mapping[str, str]) -> Schema:
    """The schema with an action for each column: the user's word, else what detection says."""
    schema, known = read.schema, [name for t in read.schema.tables for name in t.names]
    unknown = [name for name in actions if name not in known]
    wrong = [value for value in actions.values() if value not in set(Action)]
    if unknown or wrong:
        parts = [f"There is no column {name!r}." for name in unknown]
        parts += [f"{value!r} is not an action; known: {', '.join(Action)}." for value in wrong]
        raise InvalidInput(" ".join(parts), parts)
    for table in schema.tables:
        settled = apply_suggestions(
            table, find_pii(read.tables[table.name], table, keys=schema.keys_of(table.name))
        )
        for column in settled.columns:
            chosen = Action(actions.get(column.name, column.action or Action.KEEP))
            if chosen is Action.DROP and column.name not in actions:
                chosen = Action.REPLACE
            if chosen is not Action.KEEP:
                what = column.semantic or "asked for"
                log(f"{chosen}: column {column.name!r} of {table.name!r} ({what})")
            settled = settled.with_column(replace(column, action=chosen))
        schema = schema.with_table(settled)
    return schema


def with_learned_texts(schema: Schema, columns: Sequence[str]) -> Schema:
    """The schema in which these columns of free text are made up in the style of their texts.

    Parameters
    ----------
    columns
        Names, or ``name=label`` with the column whose labels the texts follow; ``name=`` for none.
    """
    named = [(n, label if is_named else None) for n, is_named, label in
             (given.partition("=") for given in columns)]  # fmt: skip
    labels = dict(named)
    columns = list(labels)
    found = [(t, t[name]) for t in schema.tables for name in columns if name in t.names]
    wrong = sorted(set(columns) - {column.name for _, column in found})
    wrong += [c.name for _, c in found if not may_be_learned(replace(c, learned_text=True))]
    problems = [f"{name!r} is no column of free text." for name in wrong]
    for table, column in found:
        label = labels[column.name]
        if label and (label not in table.names or not may_be_followed(table[label])):
            problems.append(f"Texts of {column.name!r} cannot follow {label!r}.")
    if problems:
        raise InvalidInput(f"--learn-text cannot be used: {' '.join(problems)}", problems)
    for table, column in found:
        asked = schema[table.name].with_column(
            replace(column, learned_text=True, text_label=labels[column.name])
        )
        schema = schema.with_table(asked)
    return schema


def rows_by_table(schema: Schema, counts: Mapping[str, int], rows: int | None) -> dict[str, int]:
    """Rows asked for are rows of the tables that point to no other; children follow."""
    children = {link.child for link in schema.relationships}
    if rows is None:
        return dict(counts)
    largest = max(count for name, count in counts.items() if name not in children)
    return {
        name: max(1, round(count * rows / largest))
        for name, count in counts.items()
        if name not in children
    }


def mask_key_for(schema: Schema) -> bytes:
    """Masks are keyed with the installation's key, so that they agree with the studio's."""
    if all(c.action is not Action.MASK for t in schema.tables for c in t.columns):
        return bytes(32)
    from core.keys import Keys

    settings = Settings.from_environment()
    if not settings.key:
        raise InvalidInput("Masking needs a secret key. Set `STUDIO_KEY` to 64 hex digits.")
    return Keys.from_settings(settings).derive("mask")


def write_output(
    tables: Mapping[str, pd.DataFrame], schema: Schema, out: Path, format: str
) -> list[Path]:
    """One file for a single table, else one beside the other; returns their paths."""
    if len(schema.tables) == 1:
        write_table(tables[schema.tables[0].name], schema.tables[0], out, format)
        return [out]
    stem, _, endings = out.name.partition(".")
    names = file_names({table.name: table for table in schema.tables}, format)
    written = []
    for table in schema.tables:
        name = names[table.name]
        target = out.with_name(f"{stem}.{name}" + (".gz" if endings.endswith(".gz") else ""))
        write_table(tables[table.name], table, target, format)
        written.append(target)
    return written


def name_values(items: list[str], option: str) -> dict[str, str]:
    """Options of the form ``name=value``."""
    wrong = [item for item in items if "=" not in item]
    if wrong:
        raise InvalidInput(f"{option} takes name=value. Got {', '.join(map(repr, wrong))}.")
    return dict(item.split("=", 1) for item in items)


def log(text: str) -> None:
    """One line for people, on stderr."""
    sys.stderr.write(f"{text}\n")


def answer(result: Mapping[str, Any], json_out: Path | None = None) -> None:
    """One JSON object on the last line of stdout, and in the file asked for."""
    line = json.dumps(result, ensure_ascii=False, default=str)
    if json_out is not None:
        json_out.write_text(line + "\n", encoding="utf-8")
    sys.stdout.write(line + "\n")
