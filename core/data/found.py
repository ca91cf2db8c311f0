"""A table that a reader found in a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from core.data.infer import Inferred
from core.data.kept_aside import AsideRow
from core.data.schema import Table


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
    described = tuple(c.column for c in columns)
    if len(set(headings)) == len(described):
        described = tuple(
            c if c.name == heading else replace(c, heading=heading)
            for c, heading in zip(described, headings, strict=True)
        )
    table = Table(name, described)
    return FoundTable(frame, table, (*notes, *(note for c in columns for note in c.notes)))
