"""Large text tables, read twice in blocks: once to find their types, once to take their values.

Memory holds a few blocks whatever the size of the file. A value that turns up in the second reading
and does not fit what the first one settled is remembered, and the column is settled and read again;
in the end it may be text, and nothing is lost.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
import pandas as pd
import pyarrow as pa

from core.data.archive import Budget, Source
from core.data.broken import check_one_column, refusal
from core.data.cast import cast_cells
from core.data.delimited import opening_notes, reading, with_header
from core.data.duck import duck
from core.data.encodings import decoded, find_encoding
from core.data.evidence import Evidence
from core.data.found import found_columns
from core.data.infer import missing_word, string_type, used_markers
from core.data.kept_aside import AsideRow, aside_rows, check_aside, notes_of
from core.data.names import table_name
from core.data.records import BLOCK, TextBlock, row_blocks
from core.data.schema import Column, Table, ValueFormat
from core.data.scratch import path_of, scratch
from core.data.sniff import (
    Dialect,
    ReadOptions,
    check_skipped,
    check_width,
    hints_of,
    sniff,
)
from core.errors import UnreadableFile
from core.progress import Progress

AsideSink = Callable[[Sequence[AsideRow]], None]
HEAD = 4 * 1024**2
_ROUNDS = 4


@dataclass(slots=True)
class Stream:
    """A text table that is being read in blocks.

    Attributes
    ----------
    table
        Its description, once :meth:`scan` has settled it.
    rows
        How many rows were read.
    aside
        Where rows go that cannot be read.
    """

    source: Source
    options: ReadOptions
    encoding: str
    dialect: Dialect
    budget: Budget
    progress: Progress
    aside: AsideSink
    notes: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    rows: int = 0
    table: Table = field(default_factory=lambda: Table("", ()))

    def scan(self) -> Table:
        """Read all rows for what they are, and settle the columns.

        Rows that cannot be read go to ``aside``.

        Raises
        ------
        UnreadableFile
            When there are no rows, or most cannot be read.
        JobCancelled
            From the progress.
        """
        self.notes = opening_notes(self.encoding, self.dialect, self.options)
        counts: Counter[str] = Counter()
        first: dict[str, int] = {}
        for cells, rejected in _cells(self, 0):
            for row in rejected:
                counts[row.reason] += 1
                first.setdefault(row.reason, row.line)
            if rejected:
                self.aside(rejected)
            for evidence, column in zip(self.evidence, cells.columns, strict=True):
                evidence.add(column)
            self.rows += cells.num_rows
        words = notes_of(counts, first)
        if counts:
            earliest = min(first.values())
            check_aside(words, earliest, counts.total(), self.rows, self.dialect, self.source)
        if not self.rows:
            raise UnreadableFile(f"{self.source.name!r} has a header but no rows. Add rows to it.")
        self.notes.extend(words)
        self.table = _settle(self)
        return self.table

    def frames(self, misfits: set[str]) -> Iterator[pd.DataFrame]:
        """The rows, block by block, as the settled columns have them.

        Names of columns in which a value does not fit are added to ``misfits``; the rows are of no
        use then: settle and read again (:meth:`resettle`).
        """
        by_name = {evidence.name: evidence for evidence in self.evidence}
        for cells, _ in _cells(self, 1):
            columns = {}
            for column, values in zip(self.table.columns, cells.columns, strict=True):
                columns[column.name], bad = cast_cells(values, column)
                if len(bad):
                    misfits.add(column.name)
                    by_name[column.name].admit(bad[:100])
            yield pd.DataFrame(columns)

    def resettle(self, misfits: set[str], attempt: int) -> Table:
        """Settle the columns again; those that still do not fit after some attempts are text."""
        for evidence in self.evidence:
            if evidence.name in misfits and attempt >= _ROUNDS:
                evidence.is_text, evidence.typical = True, set()
        self.table = _settle(self)
        return self.table

    def settled(self) -> Table:
        """The table as all that was read has it."""
        return self.table


def open_stream(
    source: Source, budget: Budget, options: ReadOptions, progress: Progress, aside: AsideSink
) -> Stream:
    """Find out how a large text table is written.

    Raises
    ------
    UnreadableFile
        When it is no text table, or has too many columns.
    """
    encoding = find_encoding(source, options)
    with scratch() as head:
        head.write(beginning(source, encoding))
        head.seek(0)
        check_width(head, source, budget.limits)
        with duck() as connection:
            dialect = sniff(connection, head, source, options)
        check_one_column(head, source, dialect, options)
        if options.skip is None:
            check_skipped(head, dialect, source)
    return Stream(source, options, encoding, dialect, budget, progress, aside)


def beginning(source: Source, encoding: str, size: int = HEAD) -> bytes:
    """The first bytes as UTF-8, up to the end of a line."""
    head = bytearray()
    for piece in decoded(source, encoding):
        head += piece
        if len(head) > size:
            return bytes(head[: head.rfind(b"\n") + 1 or len(head)])
    return bytes(head)


def _cells(stream: Stream, turn: int) -> Iterator[tuple[pa.Table, list[AsideRow]]]:
    """Every row as text with usable names, and those that cannot be read, block by block."""
    source, total = stream.source, max(stream.source.total, 1)
    blocks = row_blocks(decoded(source, stream.encoding), stream.dialect, BLOCK)
    for number, block in enumerate(blocks):
        cells, rejected = _parsed(block, stream, is_first=number == 0)
        if number == 0:
            cells = _headed(cells, stream, turn)
        elif stream.evidence:
            cells = cells.rename_columns([evidence.name for evidence in stream.evidence])
        yield cells, rejected
        done = turn * total + min(source.done, total)
        stream.progress.step(done, 2 * total, f"{source.name}: {'reading' if turn else 'looking'}")


def _headed(cells: pa.Table, stream: Stream, turn: int) -> pa.Table:
    """The first block below its header."""
    notes: list[str] = stream.notes if turn == 0 else []
    named, titles = with_header(cells, stream.source, stream.budget.limits, notes, stream.options)
    if turn == 0:
        stream.titles = titles
        hints = hints_of(stream.dialect, stream.options)
        stream.evidence = [Evidence(name, hints) for name in named.column_names]
    return named


def _parsed(block: TextBlock, stream: Stream, *, is_first: bool) -> tuple[pa.Table, list[AsideRow]]:
    query, values = reading(stream.dialect, stream.dialect.skip if is_first else 0)
    with scratch() as file, duck() as connection:
        file.write(block.text)
        connection.execute("SET enable_external_file_cache = false")
        try:
            table = connection.execute(query, {**values, "path": path_of(file)}).to_arrow_table()
        except duckdb.Error as error:
            said = refusal(file, stream.source, stream.dialect, block.first_line)
            raise UnreadableFile(said) from error
        return table, aside_rows(connection, block.text, block.first_line)


def _settle(stream: Stream) -> Table:
    found = [evidence.settle() for evidence in stream.evidence]
    used = used_markers([one.column for one in found if one is not None])
    columns: list[Column] = []
    notes: list[str] = []
    for evidence, one in zip(stream.evidence, found, strict=True):
        if one is not None:
            columns.append(one.column)
            notes.extend(one.notes)
        else:
            columns.append(_words(evidence, used))
            notes.extend(_mixed(evidence))
    described = found_columns(columns, stream.titles)
    stream.notes = [note for note in stream.notes if not note.startswith("Column ")] + notes
    return Table(table_name(stream.source.stem), described)


def _words(evidence: Evidence, used: set[str]) -> Column:
    """A column of words: how it writes a missing value, and whether its values repeat."""
    missing = missing_word(evidence.marks, evidence.blanks, used) or ""
    kind = string_type(evidence.repeats.counts)
    return Column(evidence.name, kind, format=ValueFormat(missing=missing))


def _mixed(evidence: Evidence) -> list[str]:
    """A note when nearly all cells are numbers, since then the rest may be a mistake."""
    rows = evidence.rows - evidence.marks.get("", 0)
    other = rows - evidence.numbers
    if not 0 < other <= rows / 10:
        return []
    name = evidence.name
    return [f"Column {name!r}: {other} of {rows} values are no numbers, so all are text."]
