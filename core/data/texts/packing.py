"""Arrays as text that fits JSON, and back."""

import base64
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt


def packed(values: npt.NDArray[Any]) -> dict[str, str]:
    """An array of one dimension as text."""
    raw = np.ascontiguousarray(values)
    blob = zlib.compress(raw.astype(raw.dtype.newbyteorder("<")).tobytes(), 6)
    return {"dtype": raw.dtype.newbyteorder("<").str, "data": base64.b64encode(blob).decode()}


def unpacked(data: dict[str, str]) -> npt.NDArray[Any]:
    """The inverse of :func:`packed`."""
    blob = zlib.decompress(base64.b64decode(data["data"]))
    found: npt.NDArray[Any] = np.frombuffer(blob, dtype=np.dtype(data["dtype"]))
    return found


def distinct_counts(
    keys: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Each key once, in order, and how many different owners have it; owners never fall."""
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    is_new = np.ones(len(keys), dtype=bool)
    is_new[1:] = keys[1:] != keys[:-1]
    is_fresh = is_new.copy()
    is_fresh[1:] |= owners[1:] != owners[:-1]
    starts = np.flatnonzero(is_new)
    if not len(starts):
        return keys, np.zeros(0, dtype=np.int64)
    return keys[starts], np.add.reduceat(is_fresh.astype(np.int64), starts)
