"""Readers that outside packages add: a further file ending each.

Such a reader turns the bytes of one file into Arrow tables, and nothing more. Unpacking, limits,
names, types and notes are the house's, as for its own formats.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from core.data.archive import Budget, Source
from core.data.found import FoundTable, found_table
from core.data.infer import Hints, Inferred, infer_table
from core.data.names import column_names, table_name
from core.data.typed import typed_column
from core.errors import JobCancelled, StudioError, UnreadableFile

ENDING = re.compile(r"\.[a-z0-9][a-z0-9_+-]{0,15}")


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """A file format that an outside package adds.

    Attributes
    ----------
    name
        What it is called: lower-case letters, digits and underscores.
    title
        What people call the format.
    endings
        Endings of its files in lower case, each with its dot.
    read
        From an open file and its name without ending to Arrow tables by name. Raises
        ``UnreadableFile``, with a message that says what to do, for a file that it cannot read.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    read: Callable[[BinaryIO, str], Mapping[str, pa.Table]]


Reader = Callable[[Source, Budget], list[FoundTable]]

ADDED: dict[str, ReaderInfo] = {}
"""Formats of outside packages by the ending of their files; filled when plug-ins are loaded."""


def reader_of(info: ReaderInfo) -> Reader:
    """The added reader as one of the house's."""

    def read(source: Source, budget: Budget) -> list[FoundTable]:
        source.file.seek(0)
        try:
            tables = dict(info.read(source.file, source.stem))
        except (StudioError, JobCancelled, MemoryError):
            raise
        except Exception as error:
            raise UnreadableFile(
                f"{source.name!r} cannot be read as {info.title}: its reader stopped with an "
                f"error of its own ({type(error).__name__}). Save it in another format."
            ) from error
        return [_found(name, table, len(tables), source, budget) for name, table in tables.items()]

    return read


def _found(name: str, table: object, count: int, source: Source, budget: Budget) -> FoundTable:
    """A table with the house's names and types, within its limits."""
    if not isinstance(table, pa.Table):
        raise UnreadableFile(f"{source.name!r}: its reader returned something that is no table.")
    budget.spend(table.nbytes, source.name)
    names, notes = column_names(table.column_names, repr(source.name), budget.limits)
    if table.num_rows == 0 or not names:
        raise UnreadableFile(f"{source.name!r} holds a table without rows. Add rows to it.")
    try:
        columns = _columns(table.rename_columns(names))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise UnreadableFile(
            f"{source.name!r} holds values of a kind that no table can have here. Save it in "
            "another format."
        ) from error
    title = table_name(source.stem if count == 1 else str(name))
    return found_table(title, columns, [f"{note}." for note in notes], table.column_names)


def _columns(table: pa.Table) -> list[Inferred]:
    """Columns of text are read as the cells of a text file are, others by their type."""
    text = [name for name in table.column_names if pa.types.is_string(table.field(name).type)]
    inferred = {}
    if text:
        inferred = dict(zip(text, infer_table(table.select(text), Hints()), strict=True))
    return [
        inferred.get(name) or typed_column(name, table.column(name), dates_in_text=False)
        for name in table.column_names
    ]
