"""A table that a reader found in a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from core.data.infer import Inferred
from core.data.kept_aside import AsideRow
from core.data.schema import Column, Table


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A canonical frame, its description, and what is worth knowing about how it was read.

    ``rows`` is how many the file has where not all of them were taken; ``aside`` are those that
    cannot be read.
    """

    frame: pd.DataFrame
    table: Table
    notes: tuple[str, ...] = ()
    rows: int | None = None
    aside: tuple[AsideRow, ...] = ()


def found_table(
    name: str,
    columns: Sequence[Inferred],
    notes: Sequence[str] = (),
    headings: Sequence[str] = (),
) -> FoundTable:
    """Columns put together; their notes follow those of the file.

    ``headings`` are the names in the file; they are kept beside usable ones unless one repeats.
    """
    frame = pd.DataFrame({c.column.name: c.values for c in columns})
    frame.columns = frame.columns.astype("object")
    table = Table(name, found_columns([c.column for c in columns], headings))
    return FoundTable(frame, table, (*notes, *(note for c in columns for note in c.notes)))


def found_columns(columns: Sequence[Column], headings: Sequence[str]) -> tuple[Column, ...]:
    """The columns with the names in the file beside usable ones, unless one of those repeats."""
    if len(set(headings)) != len(columns):
        return tuple(columns)
    return tuple(
        column if column.name == heading else replace(column, heading=heading)
        for column, heading in zip(columns, headings, strict=True)
    )
