"""Which rows of a large file are taken: so many, drawn at random, in the order of the file."""

import numpy as np
import numpy.typing as npt

from core.data.archive import ReadLimits, Source

Places = npt.NDArray[np.int64]


def drawn_places(rows: int, source: Source, limits: ReadLimits) -> Places | None:
    """The places of the rows to take, ascending; None when all are taken.

    Parameters
    ----------
    rows
        How many the file has.
    source
        The file; of files in an archive all rows are taken, since they may belong together.
    """
    if limits.max_rows is None or not source.is_alone or rows <= limits.max_rows:
        return None
    rng = np.random.default_rng([limits.seed, rows])
    return np.sort(rng.choice(rows, limits.max_rows, replace=False)).astype(np.int64)


def drawn_note(taken: int, rows: int) -> str:
    """What was done, in words."""
    return f"{taken:,} of {rows:,} rows were drawn at random"
