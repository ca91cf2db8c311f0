"""Small helpers over Arrow arrays."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def joined(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """Text put together row by row; a plain string is the same in every row. Null stays null."""
    large = pa.large_string()
    cells = [pa.scalar(p, large) if isinstance(p, str) else pc.cast(p, large) for p in parts]
    return pc.binary_join_element_wise(*cells, pa.scalar(separator, large))


def fits(text: pa.Array | pa.ChunkedArray, pattern: str) -> pa.Array | pa.ChunkedArray:
    """Which cells match a regular expression (null for null)."""
    return pc.match_substring_regex(text, pattern)


def all_of(values: pa.Array | pa.ChunkedArray) -> bool:
    """Whether none is false; true when there are none."""
    return pc.all(values, min_count=0).as_py() is not False


def any_of(values: pa.Array | pa.ChunkedArray) -> bool:
    """Whether one is true."""
    return pc.any(values, min_count=0).as_py() is True


def mask(values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Arrow booleans as NumPy ones; null is false."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)
