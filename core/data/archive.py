"""Opening what a user uploaded: plain, gzipped or zipped, within limits, never onto the disk."""

import gzip
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from core.data.scratch import scratch
from core.errors import UnreadableFile
from core.settings import GIB, Settings

_CHUNK = 1 << 20
_ENTRIES = 1_000
_READ_WHOLE = frozenset({".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls"})
_IGNORED = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)")


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
    """

    max_bytes: int = 2 * GIB
    max_columns: int = 2_000
    max_ratio: float = 300.0
    free_bytes: int = 64 * 1024**2
    max_rows: int | None = None
    seed: int = 1

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


@dataclass(frozen=True, slots=True)
class Source:
    """One unpacked file. ``name`` is how messages call it, ``inner`` its own file name.

    ``is_alone`` says that it came by itself, and not in an archive with others.
    """

    name: str
    inner: str
    file: BinaryIO = field(repr=False)
    is_alone: bool = False

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


def sources(name: str, path: Path, budget: Budget) -> Iterator[Source]:
    """The file, or the files packed in it, each open until the next is asked for.

    Parameters
    ----------
    name
        The name under which it was uploaded.
    path
        Where it lies.
    budget
        What may still be unpacked; shared by all files of a dataset.

    Raises
    ------
    UnreadableFile
        An empty, damaged, encrypted, nested or oversized file, or one with unsafe names in it.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        reason = (error.strerror or "the system refuses").lower()
        raise UnreadableFile(f"{name!r} cannot be opened: {reason}.") from error
    with file:
        source = Source(name, name.replace("\\", "/").rpartition("/")[2], file)
        packed = path.stat().st_size
        if is_packed(source, b"\x1f\x8b"):
            yield from _gunzipped(source, packed, budget)
        elif is_packed(source, b"PK") and not is_excel(file):
            yield from _members(source, budget)
        else:
            if budget.limits.max_rows is None or source.ending in _READ_WHOLE:
                budget.spend(packed, name)
            yield _not_empty(replace(source, is_alone=True))


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
            _spend_entry(info.file_size, info.compress_size, source.name, budget)
    source.file.seek(0)


def _gunzipped(source: Source, packed: int, budget: Budget) -> Iterator[Source]:
    inner = source.inner[:-3] if source.inner.lower().endswith(".gz") else source.inner
    with scratch() as out:
        try:
            with gzip.open(source.file, "rb") as stream:
                _copy(stream, out, packed, source.name, budget)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFile(
                f"{source.name!r} is cut off or damaged: it does not unpack to its end. "
                "Upload it again, or pack it again."
            ) from error
        unpacked = _not_empty(Source(source.name, inner, out))
        nested = is_packed(unpacked, b"\x1f\x8b")
        if nested or (is_packed(unpacked, b"PK") and not is_excel(out)):
            raise UnreadableFile(_nested(source.name, inner))
        yield unpacked


def _members(source: Source, budget: Budget) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(source.file) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            _check_entries(source.name, infos)
            for info in infos:
                if not _IGNORED.search(info.filename):
                    yield from _member(source, archive, info, budget)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise UnreadableFile(
            f"{source.name!r} is a zip file that is cut off or damaged. Pack it again."
        ) from error


def _member(
    source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget
) -> Iterator[Source]:
    _, _, inner = info.filename.rpartition("/")
    name = f"{inner} in {source.name}"
    with scratch() as out, archive.open(info) as stream:
        _copy(stream, out, info.compress_size, name, budget)
        unpacked = _not_empty(Source(name, inner, out))
        if is_packed(unpacked, b"PK") and not is_excel(out):
            raise UnreadableFile(_nested(source.name, inner))
        if is_packed(unpacked, b"\x1f\x8b"):
            yield from _gunzipped(unpacked, info.file_size, budget)
        else:
            yield unpacked


def _check_entries(name: str, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip for what its table of contents says, before anything is unpacked."""
    problems = []
    if not infos:
        problems.append("it holds no files")
    if len(infos) > _ENTRIES:
        problems.append(f"it holds {len(infos)} files, more than {_ENTRIES}")
    if any(info.flag_bits & 1 for info in infos):
        problems.append("it is encrypted with a password")
    if any(_unsafe(info.filename) for info in infos):
        problems.append("a file in it has a path that leads out of the archive")
    if any(stat.S_ISLNK(info.external_attr >> 16) for info in infos):
        problems.append("a file in it is a link")
    if problems:
        reasons = "; ".join(problems)
        raise UnreadableFile(
            f"{name!r} cannot be used: {reasons}. Pack the plain table files into a new zip "
            "without folders and password.",
            problems,
        )


def _unsafe(entry: str) -> bool:
    path = entry.replace("\\", "/")
    return path.startswith("/") or bool(re.match(r"^[A-Za-z]:", path)) or ".." in path.split("/")


def _copy(
    stream: IO[bytes] | gzip.GzipFile, out: BinaryIO, packed: int, name: str, budget: Budget
) -> None:
    """Unpack piece by piece, so that a bomb is stopped before it is unpacked."""
    written = 0
    while chunk := stream.read(_CHUNK):
        written += len(chunk)
        _check_ratio(written, packed, name, budget.limits)
        budget.spend(len(chunk), name)
        out.write(chunk)
    out.seek(0)


def _spend_entry(size: int, packed: int, name: str, budget: Budget) -> None:
    _check_ratio(size, packed, name, budget.limits)
    budget.spend(size, name)


def _check_ratio(written: int, packed: int, name: str, limits: ReadLimits) -> None:
    if written > limits.free_bytes and written > limits.max_ratio * max(packed, 1):
        raise UnreadableFile(
            f"{name!r} unpacks to more than {limits.max_ratio:.0f} times its size, as only "
            "damaged or hostile files do. Upload it unpacked."
        )


def _not_empty(source: Source) -> Source:
    if not source.head(1):
        raise UnreadableFile(f"{source.name!r} is empty. Upload a file with a header and rows.")
    return source


def _nested(name: str, inner: str) -> str:
    return f"{name!r} holds another archive ({inner!r}). Unpack that one first."
