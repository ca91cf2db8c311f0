"""A table that a reader found in a file."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.data.infer import Inferred
from core.data.schema import Table


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A canonical frame, its description, and what is worth knowing about how it was read."""

    frame: pd.DataFrame
    table: Table
    notes: tuple[str, ...] = ()


def found_table(name: str, columns: Sequence[Inferred], notes: Sequence[str] = ()) -> FoundTable:
    """Columns put together; their notes follow those of the file."""
    frame = pd.DataFrame({c.column.name: c.values for c in columns})
    frame.columns = frame.columns.astype("object")
    table = Table(name, tuple(c.column for c in columns))
    return FoundTable(frame, table, (*notes, *(note for c in columns for note in c.notes)))
