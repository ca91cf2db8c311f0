"""Tables as streams of blocks: so many rows at a time that memory does not grow with the table."""

from collections.abc import Iterable, Iterator

import pandas as pd

from core.data.schema import Table

CELLS = 1 << 22
MOST_ROWS = 1 << 18
LEAST_ROWS = 1 << 14

Frames = Iterable[pd.DataFrame]


def block_rows(columns: int) -> int:
    """Rows of a block of so many columns: a power of two, at most about four million cells."""
    fitting = 1 << max(CELLS // max(columns, 1), 1).bit_length() - 1
    return min(MOST_ROWS, max(LEAST_ROWS, fitting))


def rebatch(frames: Frames, rows: int) -> Iterator[pd.DataFrame]:
    """The same rows in frames of exactly ``rows`` rows; the last one may be shorter.

    An empty stream stays empty; a stream of empty frames gives one of them.
    """
    waiting: list[pd.DataFrame] = []
    count, is_first = 0, True
    for frame in frames:
        waiting.append(frame)
        count += len(frame)
        while count >= rows:
            whole = _joined(waiting)
            yield whole.iloc[:rows]
            waiting, is_first = [whole.iloc[rows:]], False
            count -= rows
    if waiting and (count or is_first):
        yield _joined(waiting)


def empty_frame(table: Table) -> pd.DataFrame:
    """A canonical frame without rows."""
    return pd.DataFrame({c.name: pd.Series([], dtype=c.type.dtype) for c in table.columns})


def joined(frames: Iterable[pd.DataFrame], table: Table) -> pd.DataFrame:
    """All blocks as one canonical frame."""
    blocks = list(frames)
    return _joined(blocks).reset_index(drop=True) if blocks else empty_frame(table)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    solid = [frame for frame in frames if len(frame)] or frames[:1]
    return solid[0] if len(solid) == 1 else pd.concat(solid, ignore_index=True)
