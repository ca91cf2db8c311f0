"""Tables as a file to hand out, its bytes made as they are taken."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import pandas as pd

from core.data.schema import Schema
from core.data.write import encode_blocks, file_format, file_names, zipped


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand out: its name, its media type and its bytes, which come in pieces, once.

    What is read from the vault is read while the pieces are taken.
    """

    filename: str
    media_type: str
    chunks: Iterator[bytes]

    def content(self) -> bytes:
        """All bytes that were not taken yet."""
        return b"".join(self.chunks)

    def begun(self) -> "Download":
        """The download with its first piece made: what cannot be read fails now."""
        first = next(self.chunks, b"")
        return replace(self, chunks=chain([first], self.chunks))


def packed(
    stem: str, tables: Mapping[str, Iterable[pd.DataFrame]], schema: Schema, format: str
) -> Download:
    """A table as one file, several as a zip of one file each.

    Raises
    ------
    InvalidInput
        The format is not one of ``core.data.write.FORMATS``.
    """
    kind = file_format(format)
    pieces = {name: encode_blocks(frames, schema[name], format) for name, frames in tables.items()}
    if len(pieces) == 1:
        return Download(f"{stem}{kind.ending}", kind.media_type, *pieces.values())
    names = file_names({name: schema[name] for name in pieces}, format)
    files = {names[name]: chunks for name, chunks in pieces.items()}
    return Download(f"{stem}.zip", "application/zip", zipped(files))


def file_stem(name: str, otherwise: str) -> str:
    """A file name that every system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return kept.strip("-")[:80] or otherwise
