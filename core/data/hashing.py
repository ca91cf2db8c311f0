"""Content hashes: what a dataset or a release is known by."""

import hashlib
from collections.abc import Mapping

import pandas as pd

from core.data.schema import Schema


def content_hash(tables: Mapping[str, pd.DataFrame], schema: Schema) -> str:
    """SHA-256 over names, types and values of all tables, the same wherever it is computed.

    Values enter as pandas' keyed 64-bit row hashes, one array a column; file formats, dtype
    backends and compression do not matter.
    """
    digest = hashlib.sha256()
    for table in schema.tables:
        frame = tables[table.name]
        digest.update(f"table:{table.name}:{len(frame)}\n".encode())
        for column in table.columns:
            digest.update(f"column:{column.name}:{column.type}\n".encode())
            hashes = pd.util.hash_pandas_object(frame[column.name], index=False)
            digest.update(hashes.to_numpy().astype("<u8").tobytes())
    return digest.hexdigest()
