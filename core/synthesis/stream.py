"""Sampling a single table block by block, with memory for one block however many rows are asked.

A block's randomness comes from the seed and the block's number, and its size belongs to the
model. So the same seed gives the same rows, whether they are taken at once or as they come.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import psutil

from core.data.fakes import Fake
from core.data.issued import Issued
from core.errors import InvalidInput, InvalidParameter
from core.progress import Progress
from core.synthesis.fitted import FittedTable

_TRIES = 20
CELL_BYTES = 100
"""What a cell of tables in memory takes while they are made, at most, for short texts."""


def blocks_of(
    fitted: FittedTable,
    rows: int,
    block: int,
    rng: np.random.Generator,
    progress: Progress,
    taken: Mapping[str, pd.Series],
) -> Iterator[pd.DataFrame]:
    """The table's rows in blocks of ``block`` rows; at least one block, if an empty one.

    Keys and other values that do not repeat go on from block to block. Values of made-up columns
    that are ``taken`` are not made.
    """
    issued = fitted.preparation.start(rng.spawn(1)[0])
    for start in range(0, max(rows, 1), block):
        size = min(block, rows - start)
        for_engine, for_restore = rng.spawn(1)[0].spawn(2)
        learned = drawn(fitted, size, None, for_engine, BlockProgress(progress, start, size, rows))
        kept = learned[list(fitted.preparation.learned.names)]
        made = fitted.preparation.restore(kept, rng=for_restore, issued=issued)
        for fake in fitted.preparation.fakes:
            name = fake.column.name
            if name in taken:
                made[name] = _not_taken(made[name], taken[name], fake, issued[name], for_restore)
        yield made


def _not_taken(
    values: pd.Series, taken: pd.Series, fake: Fake, issued: Issued, rng: np.random.Generator
) -> pd.Series:
    """The values, with others in place of those that are taken already."""
    for _ in range(_TRIES):
        wrong = np.flatnonzero(values.isin(taken).to_numpy(dtype=bool) & values.notna())
        if not len(wrong):
            return values
        values = values.copy()
        values.iloc[wrong] = fake.make(len(wrong), rng, None, issued).array
    raise InvalidInput(f"There are not enough free values for {fake.column.name!r}.")


def drawn(
    fitted: FittedTable,
    size: int,
    around: pd.DataFrame | None,
    rng: np.random.Generator,
    progress: Progress,
) -> pd.DataFrame:
    """Sampled learned columns; blank ones where there was nothing to learn from."""
    if fitted.engine is None or not size:
        blank = {
            c.name: pd.Series([None] * size, dtype=c.type.dtype) for c in fitted.learned.columns
        }
        return pd.DataFrame(blank, index=range(size))
    made = fitted.engine.sample(size, rng=rng, progress=progress, given=around)
    return made.reset_index(drop=True)


class BlockProgress:
    """Progress of one block's share in all rows."""

    def __init__(self, whole: Progress, start: int, size: int, rows: int) -> None:
        self._whole, self._start, self._size, self._rows = whole, start, size, rows

    def stage(self, name: str) -> None:
        """Stages belong to the whole."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Report rows made; of a single block, its steps as they are."""
        if self._size == self._rows:
            self._whole.step(done, total, note, values)
            return
        made = self._start + round(self._size * done / total if total else 0)
        self._whole.step(made, self._rows, f"{made:,} of {self._rows:,} rows", values)


def refuse_too_large(rows: Mapping[str, int], columns: Mapping[str, int]) -> None:
    """Refuse tables that will not fit into memory together.

    Parameters
    ----------
    rows, columns
        Expected size of each table.

    Raises
    ------
    InvalidParameter
        They need more than the memory that is free now; says how many rows do not.
    """
    needed = CELL_BYTES * sum(rows[name] * columns[name] for name in rows)
    free = psutil.virtual_memory().available
    if needed <= free:
        return
    total = sum(rows.values())
    most = int(total * free / needed)
    raise InvalidParameter(
        f"`rows` asks for {total:,} rows in all, about {needed / 2**30:.1f} GiB, and these tables "
        f"are made in memory, of which {free / 2**30:.1f} GiB are free. Ask for at most {most:,} "
        "rows, or for a single table in a stream."
    )
