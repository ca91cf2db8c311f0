"""What is wrong with a text table that cannot be read: the line, and what it is, without a value.

This looks only at files that were refused anyway, line by line, as RFC 4180 (2005) says how quoted
fields are written: a field that begins with a quotation mark ends with one, and one within it is
written twice.
"""

from dataclasses import dataclass
from typing import BinaryIO

from core.data.archive import Source
from core.data.sniff import LONGEST_LINE, Dialect, ReadOptions, shared_delimiter, too_long
from core.errors import UnreadableFile

MOST_LINES = 2_000_000
_OPEN = "has a quotation mark that is not closed"
_AFTER = "has text after a closing quotation mark"
_MENDS = {
    _OPEN: "Close it, or say in the options of reading that no quotation marks are used.",
    _AFTER: "Write a quotation mark within a field twice, or say in the options of reading that "
    "none are used.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first line that cannot be read, from 1, and what is wrong with it."""

    line: int
    what: str

    def of(self, name: str) -> str:
        """What to say of it, with the way to mend it."""
        return f"{name!r} cannot be read as CSV: line {self.line} {self.what}. {_MENDS[self.what]}"


def find_fault(file: BinaryIO, delimiter: str, quote: str, first_line: int = 1) -> Fault | None:
    """The first fault of quotation marks; None where there is none.

    Parameters
    ----------
    first_line
        Number of the file's first line in the whole.
    """
    file.seek(0)
    opened = 0
    for number in range(first_line, first_line + MOST_LINES):
        line = file.readline(LONGEST_LINE)
        if not line:
            return Fault(opened, _OPEN) if opened else None
        if not quote or (not opened and quote.encode() not in line):
            continue
        text = line.decode(errors="replace").rstrip("\r\n")
        state = _read(text, delimiter, quote, is_open=bool(opened))
        if state == _AFTER:
            return Fault(opened, _OPEN) if opened else Fault(number, _AFTER)
        opened = (opened or number) if state == _OPEN else 0
    return None


def refusal(file: BinaryIO, source: Source, dialect: Dialect, first_line: int = 1) -> str:
    """What to say of a file that cannot be read in the way that was found."""
    fault = find_fault(file, dialect.delimiter, dialect.quote, first_line)
    if fault is not None:
        return fault.of(source.name)
    return too_long(file, source) or (
        f"{source.name!r} cannot be read as CSV. Save it again as CSV in UTF-8, with the "
        "same number of fields in each row."
    )


def check_one_column(
    file: BinaryIO, source: Source, dialect: Dialect, options: ReadOptions
) -> None:
    """Refuse a file that seems to have one column only since its quotation marks are broken.

    What a person has said of delimiter and quotation marks is taken as said.
    """
    if dialect.columns > 1 or options.delimiter is not None or options.quote is not None:
        return
    delimiter = shared_delimiter(file)
    if delimiter and (fault := find_fault(file, delimiter, dialect.quote)):
        raise UnreadableFile(fault.of(source.name))


def _read(text: str, delimiter: str, quote: str, *, is_open: bool) -> str:
    """How a line ends: within quotation marks, after a fault, or (empty) as it should."""
    place = 0 if is_open else _next_quoted(text, 0, delimiter, quote)
    while place >= 0:
        end = _closing(text, place, quote)
        if end < 0:
            return _OPEN
        rest = text[end + 1 :].lstrip(" ")
        if not rest:
            return ""
        if not rest.startswith(delimiter):
            return _AFTER
        place = _next_quoted(text, len(text) - len(rest) + 1, delimiter, quote)
    return ""


def _next_quoted(text: str, start: int, delimiter: str, quote: str) -> int:
    """Where the next quoted field begins behind its quotation mark, from a field's start; or -1."""
    while True:
        if text.startswith(quote, start):
            return start + len(quote)
        found = text.find(delimiter, start)
        if found < 0:
            return -1
        start = found + len(delimiter)


def _closing(text: str, start: int, quote: str) -> int:
    """Where a quoted field's closing mark stands, -1 where it does not on this line."""
    while (found := text.find(quote, start)) >= 0:
        if not text.startswith(quote, found + 1):
            return found
        start = found + 2
    return -1
