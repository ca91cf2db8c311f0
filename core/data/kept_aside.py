"""Rows of a text table that cannot be read: counted, listed by line and reason, kept aside.

A row that is kept aside is as personal as one that was read: it goes into the vault and is shown to
those who may see real rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from core.data.archive import Source
from core.data.sniff import Dialect
from core.errors import UnreadableFile

_REASONS = {
    "MISSING COLUMNS": "have too few fields",
    "TOO MANY COLUMNS": "have too many fields",
    "UNQUOTED VALUE": "have a quotation mark that is not closed",
    "LINE SIZE OVER MAXIMUM": "are longer than 16 MiB",
    "INVALID ENCODING": "are not valid text",
}
_OTHER = "cannot be read"


@dataclass(frozen=True, slots=True)
class AsideRow:
    """One row that was left out: its line in the file, from 1, why, and its text."""

    line: int
    reason: str
    text: str


def aside_rows(
    connection: duckdb.DuckDBPyConnection, text: memoryview | bytes, first_line: int
) -> list[AsideRow]:
    """What the connection's last reading of ``text`` rejected, in the order of the lines.

    Parameters
    ----------
    text
        The bytes that were read.
    first_line
        Number of their first line in the file.
    """
    found = connection.execute(
        "SELECT line_byte_position, first(error_type ORDER BY column_idx), first(csv_line) "
        "FROM reject_errors GROUP BY line_byte_position ORDER BY line_byte_position"
    ).fetchall()
    rows: list[AsideRow] = []
    line, seen = first_line, 0
    for position, kind, cells in found:
        start = max(int(position or 1) - 1, seen)
        line += bytes(text[seen:start]).count(b"\n")
        seen = start
        rows.append(AsideRow(line, _REASONS.get(kind, _OTHER), cells or ""))
    return rows


def aside_notes(rows: Iterable[AsideRow]) -> list[str]:
    """What was left out, by reason, in words and without a value."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for row in rows:
        counts[row.reason] += 1
        first.setdefault(row.reason, row.line)
    return notes_of(counts, first)


def notes_of(counts: Mapping[str, int], first: Mapping[str, int]) -> list[str]:
    """Counts by reason, in words; ``first`` is the first line of each reason."""
    return [
        f"{counts[reason]} rows were left out because they {reason} (the first is line {line})"
        for reason, line in sorted(first.items(), key=lambda item: item[1])
    ]


def check_aside(
    notes: Sequence[str], first: int, count: int, kept: int, dialect: Dialect, source: Source
) -> None:
    """Refuse a file whose header, or most of whose rows, cannot be read.

    Parameters
    ----------
    notes
        As :func:`aside_notes` words them; empty when nothing was left out.
    first, count
        The first line that was left out, and how many were.
    kept
        How many rows were read.
    """
    if notes and (first == dialect.skip + 1 or count > kept):
        raise UnreadableFile(
            f"{source.name!r} has rows that do not fit its header of {dialect.columns} columns: "
            + "; ".join(notes) + ". Give the header and each row the same number of fields."
        )  # fmt: skip
