"""Files that a user uploaded: what they may unpack to, and each as a source that is read from."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol

from core.data.scratch import scratch
from core.errors import UnreadableFile
from core.settings import GIB, Settings

CHUNK = 1 << 20
MOST_HELD = 2 * GIB


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What a file may unpack to.

    Attributes
    ----------
    max_bytes
        Most bytes of all files of a dataset together, unpacked.
    max_columns
        Most columns of a table.
    max_ratio
        Most bytes that one packed byte may become, once ``free_bytes`` are exceeded.
    free_bytes
        Bytes up to which the ratio does not matter.
    max_rows
        Most rows that are taken of a CSV or Parquet file that is not in an archive: of more, so
        many are drawn at random, and the rest is never held in memory. None: all rows.
    seed
        What is drawn.
    held_bytes
        Files that unpack to more are read as a stream; None: all are held in memory.
    """

    max_bytes: int = 2 * GIB
    max_columns: int = 2_000
    max_ratio: float = 300.0
    free_bytes: int = 64 * 1024**2
    max_rows: int | None = None
    seed: int = 1
    held_bytes: int | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReadLimits":
        """The limits that the administrator set."""
        return cls(max_bytes=int(settings.upload_gib * GIB), max_columns=settings.max_columns)


@dataclass(slots=True)
class Budget:
    """Bytes that may still be unpacked for this dataset."""

    limits: ReadLimits
    spent: int = 0

    def spend(self, count: int, name: str) -> None:
        """Count bytes; raises ``UnreadableFile`` when there are too many."""
        self.spent += count
        if self.spent > self.limits.max_bytes:
            size = self.limits.max_bytes / GIB
            raise UnreadableFile(
                f"{name!r} unpacks to more than {size:.3g} GiB. Upload fewer rows, or have the "
                "limit raised (STUDIO_UPLOAD_GIB)."
            )

    def check_ratio(self, written: int, packed: int, name: str) -> None:
        """Raise ``UnreadableFile`` where packed bytes became far more than tables do."""
        limits = self.limits
        if written > limits.free_bytes and written > limits.max_ratio * max(packed, 1):
            raise UnreadableFile(
                f"{name!r} unpacks to more than {limits.max_ratio:.0f} times its size, as only "
                "damaged or hostile files do. Upload it unpacked."
            )


@dataclass(frozen=True, slots=True)
class Source:
    """One unpacked file. ``name`` is how messages call it, ``inner`` its own file name.

    Attributes
    ----------
    is_alone
        It came by itself, and not in an archive with others.
    is_stream
        ``file`` has no path and may be slow to go back in; :func:`held` makes it one that has.
    packed, total
        The file whose place, out of ``total`` bytes, says how far reading has come.
    """

    name: str
    inner: str
    file: BinaryIO = field(repr=False)
    is_alone: bool = False
    is_stream: bool = False
    packed: BinaryIO | None = field(default=None, repr=False)
    total: int = 0

    @property
    def done(self) -> int:
        """How many of ``total`` bytes have been read."""
        return (self.packed or self.file).tell()

    @property
    def ending(self) -> str:
        """The last ending in lower case, with its dot."""
        return PurePosixPath(self.inner).suffix.lower()

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return PurePosixPath(self.inner).stem

    def head(self, size: int = 8) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        first = self.file.read(size)
        self.file.seek(0)
        return first


class Openable(Protocol):
    """Where a file lies: a path, or an upload in the vault."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """The file's bytes from the beginning; may be read again from there."""


@contextmanager
def held(source: Source) -> Iterator[Source]:
    """The source with a file that has a path: itself, or a copy in memory.

    Raises
    ------
    UnreadableFile
        When it is too large for the memory.
    """
    too_large = (
        f"{source.name!r} has more than {MOST_HELD / GIB:.3g} GiB, and its format has to be read "
        "in one piece. Save it as CSV or Parquet, or in several files."
    )
    if source.packed is None and source.total > MOST_HELD:
        raise UnreadableFile(too_large)
    if not source.is_stream:
        yield source
        return
    with scratch() as out:
        source.file.seek(0)
        written = 0
        while chunk := source.file.read(CHUNK):
            written += len(chunk)
            if written > MOST_HELD:
                raise UnreadableFile(too_large)
            out.write(chunk)
        out.seek(0)
        yield replace(source, file=out, is_stream=False)


def is_packed(source: Source, magic: bytes) -> bool:
    """Whether the file begins with these bytes."""
    return source.head(len(magic)) == magic


def is_excel(file: BinaryIO) -> bool:
    """Whether a file is an Excel workbook (a zip with a folder ``xl``)."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    finally:
        file.seek(0)


def check_workbook(source: Source, budget: Budget) -> None:
    """Refuse a workbook whose parts unpack to more than the limits allow."""
    with zipfile.ZipFile(source.file) as archive:
        for info in archive.infolist():
            budget.check_ratio(info.file_size, info.compress_size, source.name)
            budget.spend(info.file_size, source.name)
    source.file.seek(0)
