"""A table in the vault in parts: written and read block by block, whatever its size.

A table that comes in blocks is a folder of encrypted Parquet files, one a block, and a sealed
list of how many rows each has. The list is written last: without it there is no table.
"""

import json
from collections.abc import Iterator

import pandas as pd

from core.data.blocks import Frames, block_rows, empty_frame, joined, rebatch
from core.data.schema import Table
from core.data.vault import Vault
from core.errors import IntegrityError

_LIST = "parts.json"


def write_parts(vault: Vault, path: str, frames: Frames, table: Table) -> int:
    """Write rows as they come, and return how many; what is broken off is removed.

    Parameters
    ----------
    path
        The table's place in the vault, which becomes a folder.
    frames
        Canonical frames of any size.
    """
    counts: list[int] = []
    try:
        for frame in rebatch(frames, block_rows(len(table.columns))):
            vault.write_table(_part(path, len(counts)), frame, table)
            counts.append(len(frame))
        vault.write_blob(f"{path}/{_LIST}", json.dumps(counts).encode())
    except BaseException:
        vault.remove(path)
        raise
    return sum(counts)


def read_parts(
    vault: Vault, path: str, table: Table, limit: int | None = None
) -> Iterator[pd.DataFrame]:
    """A table's rows, or its first ``limit`` ones, part by part.

    Raises
    ------
    NotFound
        There is no such table.
    IntegrityError
        A part was changed, or belongs elsewhere.
    """
    if vault.exists(path):
        yield vault.read_table(path, table, limit)
        return
    left = limit
    for number, count in enumerate(json.loads(vault.read_blob(f"{path}/{_LIST}"))):
        if left is not None and left <= 0:
            return
        wanted = count if left is None else min(count, left)
        frame = vault.read_table(_part(path, number), table, wanted)
        if len(frame) != wanted:
            raise IntegrityError(
                f"The vault's file {_part(path, number)!r} holds other rows than were written. "
                "Restore it from a backup."
            )
        left = None if left is None else left - wanted
        yield frame


def read_whole(vault: Vault, path: str, table: Table, limit: int | None = None) -> pd.DataFrame:
    """A table, or its first ``limit`` rows, as one canonical frame."""
    frames = list(read_parts(vault, path, table, limit))
    return joined(frames, table) if frames else empty_frame(table)


def _part(path: str, number: int) -> str:
    return f"{path}/{number}.parquet"
