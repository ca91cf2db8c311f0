"""What is unpacked while it is read, as a file in the vault that can be read from any place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.data.archive import Source
from core.data.sealed_file import PIECE, SealedFile
from core.data.vault import Vault


@contextmanager
def sealed(source: Source, vault: Vault, folder: str) -> Iterator[Source]:
    """The source itself where its file has places to go to, else a sealed copy of it.

    The copy lies in ``folder`` of the vault, never in plain, and is gone at the end.
    """
    if source.packed is None:
        yield source
        return
    copy = SealedFile(vault, folder)
    try:
        source.file.seek(0)
        for number, piece in enumerate(_pieces(source)):
            copy.write(number, piece)
        with copy.open("rb") as file:
            yield replace(source, file=file, is_stream=True, packed=None, total=copy.size())
    finally:
        vault.remove(folder)


def _pieces(source: Source) -> Iterator[bytes]:
    waiting = bytearray()
    while chunk := source.file.read(1 << 20):
        waiting += chunk
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)
