"""Large tables whose values have types (Parquet, JSON lines, databases), read twice in blocks.

The first reading finds out what the columns are, the second takes the values, as for text tables
in :mod:`core.data.streamed`. Memory holds a few blocks whatever the size of the table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd
import pyarrow as pa

from core.data.archive import ReadLimits
from core.data.found import found_columns
from core.data.names import column_names
from core.data.schema import Column, Table
from core.errors import UnreadableFile

_ROUNDS = 4


class ColumnEvidence(Protocol):
    """What is remembered of one column, and how its cells are read."""

    notes: tuple[str, ...]

    def add(self, cells: pa.ChunkedArray) -> None:
        """Look at the next cells."""

    def absent(self, rows: int) -> None:
        """So many rows do not have the column."""

    def settle(self, name: str) -> Column:
        """The column as its evidence has it."""

    def begin(self) -> None:
        """The cells are going to be read from the first one on."""

    def read(self, cells: pa.ChunkedArray) -> tuple[pd.Series, pa.Array]:
        """The next cells as the settled column has them, and those that do not fit."""

    def admit(self, cells: pa.Array) -> None:
        """Add cells that did not fit what was settled."""

    def give_up(self) -> None:
        """Take the column for text."""


Blocks = Callable[[int], Iterator[pa.Table]]


@dataclass(slots=True)
class TypedStream:
    """A table that is being read in blocks.

    Attributes
    ----------
    name, where
        What the table is to be called, and how messages call what it is read from.
    blocks
        All rows from the first on, for the first (0) and each later reading (1). Columns are known
        by their names in the blocks and may be missing from some.
    fresh
        The evidence of a column that turns up, by its name in the blocks.
    titles
        By name in the blocks, what columns are called; those that are not in it by that name.
    leading
        Notes on the whole table.
    key
        The title of the primary key, where it is known.
    rows
        How many rows were read.
    """

    name: str
    where: str
    blocks: Blocks
    fresh: Callable[[str], ColumnEvidence]
    limits: ReadLimits
    titles: dict[str, str] = field(default_factory=dict)
    leading: list[str] = field(default_factory=list)
    key: str | None = None
    evidence: dict[str, ColumnEvidence] = field(default_factory=dict)
    rows: int = 0
    table: Table = field(default_factory=lambda: Table("", ()))

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of the table, in plain words."""
        return [*self.leading, *(note for one in self.evidence.values() for note in one.notes)]

    def scan(self) -> Table:
        """Read all rows for what they are, and settle the columns.

        Raises
        ------
        UnreadableFile
            When there are no rows, too many columns, or the reading fails.
        JobCancelled
            From the progress.
        """
        for block in self.blocks(0):
            for name in block.column_names:
                if name not in self.evidence:
                    self._meet(name)
            for name, one in self.evidence.items():
                if name in block.column_names:
                    one.add(block.column(name))
                else:
                    one.absent(block.num_rows)
            self.rows += block.num_rows
        if not self.rows or not self.evidence:
            raise UnreadableFile(f"{self.where} has no rows. Add rows to it.")
        _, notes = self._named()
        self.leading.extend(f"{note}." for note in notes)
        return self.settled()

    def frames(self, misfits: set[str]) -> Iterator[pd.DataFrame]:
        """The rows, block by block, as the settled columns have them.

        Names of columns in which a value does not fit are added to ``misfits``; the rows are of no
        use then: settle and read again (:meth:`resettle`).
        """
        for one in self.evidence.values():
            one.begin()
        for block in self.blocks(1):
            columns = {}
            for column, (name, one) in zip(self.table.columns, self.evidence.items(), strict=True):
                known = name in block.column_names
                cells = block.column(name) if known else _nothing(block.num_rows)
                columns[column.name], bad = one.read(cells)
                if len(bad):
                    misfits.add(column.name)
                    one.admit(bad[:100])
            yield pd.DataFrame(columns)

    def resettle(self, misfits: set[str], attempt: int) -> Table:
        """Settle the columns again; those that still do not fit after some attempts are text."""
        for column, one in zip(self.table.columns, self.evidence.values(), strict=True):
            if column.name in misfits and attempt >= _ROUNDS:
                one.give_up()
        return self.settled()

    def settled(self) -> Table:
        """The table as all that was read has it."""
        names, _ = self._named()
        columns = [
            one.settle(name) for name, one in zip(names, self.evidence.values(), strict=True)
        ]
        titles = [self.titles.get(name, name) for name in self.evidence]
        key = self.key if self.key in names and self.key in titles else None
        self.table = Table(self.name, found_columns(columns, titles), key)
        return self.table

    def _meet(self, name: str) -> None:
        one = self.fresh(name)
        if self.rows:
            one.absent(self.rows)
        self.evidence[name] = one
        if len(self.evidence) > self.limits.max_columns:
            self._named()

    def _named(self) -> tuple[list[str], list[str]]:
        titles = [self.titles.get(name, name) for name in self.evidence]
        return column_names(titles, self.where, self.limits)


def _nothing(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(rows, pa.string())])
