"""A text table as blocks of whole rows, so that memory does not grow with the file.

A line break inside quotes ends no row. Which quotes open and close a field is told by what stands
beside them, so that a stray one (``5" pipe``) does not swallow the rest of the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.sniff import LONGEST_LINE, Dialect

BLOCK = 16 * 1024**2
_NEWLINE, _RETURN, _BACKSLASH = 10, 13, 92

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Bytes of whole rows, and the number of their first line in the file, from 1."""

    text: bytes
    first_line: int


def row_blocks(pieces: Iterable[bytes], dialect: Dialect, size: int = BLOCK) -> Iterator[TextBlock]:
    """The same bytes in blocks of about ``size`` that end where a row ends.

    A row longer than 16 MiB is cut, so that reading it fails and the rest goes on.
    """
    waiting = bytearray()
    line, wanted = 1, size
    for piece in pieces:
        waiting += piece
        while len(waiting) >= wanted:
            end = last_row_end(waiting[:wanted], dialect)
            if not end and wanted < size + LONGEST_LINE:
                wanted = min(2 * wanted, size + LONGEST_LINE)
                continue
            end = end or waiting.rfind(b"\n", 0, wanted) + 1 or wanted
            block = bytes(waiting[:end])
            yield TextBlock(block, line)
            line += block.count(b"\n")
            del waiting[:end]
            wanted = size
    if waiting:
        yield TextBlock(bytes(waiting), line)


def last_row_end(text: bytes | bytearray, dialect: Dialect) -> int:
    """The place behind the last line break that ends a row; 0 when there is none.

    ``text`` begins where a row begins.
    """
    codes = np.frombuffer(text, np.uint8)
    opened = _open_quotes(codes, dialect)
    if not len(opened):
        end = bytes(text).rfind(b"\n") + 1
        del codes
        return end
    breaks = np.flatnonzero(codes == _NEWLINE)
    outside = breaks[np.searchsorted(opened, breaks) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _open_quotes(codes: npt.NDArray[np.uint8], dialect: Dialect) -> Places:
    """Places of the quotes that open and close fields, in turn."""
    if not dialect.quote:
        return np.zeros(0, np.int64)
    quotes = np.flatnonzero(codes == ord(dialect.quote))
    if dialect.escape == "\\" and len(quotes):
        quotes = quotes[(quotes == 0) | (codes[quotes - 1] != _BACKSLASH)]
    if not len(quotes):
        return quotes
    starts, ends = _odd_runs(quotes)
    before = np.where(starts > 0, codes[starts - 1], _NEWLINE)
    after = np.where(ends + 1 < len(codes), codes[np.minimum(ends + 1, len(codes) - 1)], _NEWLINE)
    delimiter = ord(dialect.delimiter[0])
    may_open = np.isin(before, [delimiter, _NEWLINE, _RETURN])
    may_close = np.isin(after, [delimiter, _NEWLINE, _RETURN])
    real = may_open | may_close
    starts, may_open, may_close = starts[real], may_open[real], may_close[real]
    if may_open[0::2].all() and may_close[1::2].all():
        return starts
    return _walk(starts, may_open, may_close)


def _odd_runs(quotes: Places) -> tuple[Places, Places]:
    """First and last quote of each run of an odd number; doubled quotes stand for one."""
    breaks = np.flatnonzero(np.diff(quotes) > 1)
    first = np.concatenate(([0], breaks + 1))
    last = np.concatenate((breaks, [len(quotes) - 1]))
    odd = (last - first) % 2 == 0
    return quotes[first[odd]], quotes[last[odd]]


def _walk(
    starts: Places, may_open: npt.NDArray[np.bool_], may_close: npt.NDArray[np.bool_]
) -> Places:
    """The quotes that count, one after another, where some are stray."""
    taken: list[int] = []
    inside = False
    for place, opens, closes in zip(
        starts.tolist(), may_open.tolist(), may_close.tolist(), strict=True
    ):
        if closes if inside else opens:
            taken.append(place)
            inside = not inside
    return np.array(taken, np.int64)
