"""Opening what a user uploaded: plain, gzipped or zipped, within limits, never onto the disk.

What unpacks to little is held in memory. Where a limit for that is set, larger files are unpacked
as they are read, again for each time that they are read from the beginning.
"""

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO, cast

from core.data.archive import CHUNK, Budget, Openable, Source, is_excel, is_packed
from core.data.scratch import scratch
from core.errors import UnreadableFile

_ENTRIES = 1_000
_READ_WHOLE = frozenset({".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls"})
_IGNORED = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)")


def sources(name: str, place: Openable, budget: Budget) -> Iterator[Source]:
    """The file, or the files packed in it, each open until the next is asked for.

    Parameters
    ----------
    name
        The name under which it was uploaded.
    place
        Where it lies.
    budget
        What may still be unpacked; shared by all files of a dataset.

    Raises
    ------
    UnreadableFile
        An empty, damaged, encrypted, nested or oversized file, or one with unsafe names in it.
    """
    try:
        file = place.open("rb")
    except OSError as error:
        reason = (error.strerror or "the system refuses").lower()
        raise UnreadableFile(f"{name!r} cannot be opened: {reason}.") from error
    with file:
        packed = file.seek(0, io.SEEK_END)
        inner = name.replace("\\", "/").rpartition("/")[2]
        has_path = isinstance(place, Path)
        source = Source(name, inner, file, is_stream=not has_path, total=packed)
        if is_packed(source, b"\x1f\x8b"):
            yield from _gunzipped(source, packed, budget)
        elif is_packed(source, b"PK") and not is_excel(file):
            yield from _members(source, budget)
        else:
            if budget.limits.max_rows is None or source.ending in _READ_WHOLE:
                budget.spend(packed, name)
            yield _not_empty(replace(source, is_alone=True))


def _gunzipped(source: Source, packed: int, budget: Budget) -> Iterator[Source]:
    inner = source.inner[:-3] if source.inner.lower().endswith(".gz") else source.inner
    damaged = (
        f"{source.name!r} is cut off or damaged: it does not unpack to its end. "
        "Upload it again, or pack it again."
    )
    with scratch() as out:
        try:
            with gzip.open(source.file, "rb") as stream:
                fits = _copy(stream, out, packed, source.name, budget)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFile(damaged) from error
        unpacked = _not_empty(Source(source.name, inner, out))
        nested = is_packed(unpacked, b"\x1f\x8b")
        if nested or (is_packed(unpacked, b"PK") and not is_excel(out)):
            raise UnreadableFile(_nested(source.name, inner))
        if fits:
            yield unpacked
            return
    source.file.seek(0)
    with gzip.GzipFile(fileobj=source.file, mode="rb") as stream:
        again = Unpacking(stream, packed, source.name, budget, damaged)
        yield Source(source.name, inner, cast(BinaryIO, again), False, True, source.file, packed)


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
        fits = _copy(stream, out, info.compress_size, name, budget)
        unpacked = _not_empty(Source(name, inner, out))
        if is_packed(unpacked, b"PK") and not is_excel(out):
            raise UnreadableFile(_nested(source.name, inner))
        if is_packed(unpacked, b"\x1f\x8b"):
            if not fits:
                raise UnreadableFile(_nested(source.name, inner))
            yield from _gunzipped(unpacked, info.file_size, budget)
            return
        if fits:
            yield unpacked
            return
    with archive.open(info) as stream:
        damaged = f"{source.name!r} is a zip file that is cut off or damaged. Pack it again."
        again = cast(BinaryIO, Unpacking(stream, info.compress_size, name, budget, damaged))
        yield Source(name, inner, again, False, True, again, info.file_size)


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
) -> bool:
    """Unpack piece by piece, so that a bomb is stopped before it is unpacked.

    False when it is more than may be held; ``out`` has its beginning then.
    """
    written = counted = 0
    most = budget.limits.held_bytes
    while chunk := stream.read(CHUNK):
        written += len(chunk)
        out.write(chunk)
        if most is not None and written > most:
            out.seek(0)
            budget.spent -= counted
            return False
        budget.check_ratio(written, packed, name)
        budget.spend(len(chunk), name)
        counted = written
    out.seek(0)
    return True


class Unpacking(io.RawIOBase):
    """A file that is unpacked while it is read, with the limits of unpacked files.

    What was read once is not counted again after going back to the beginning.
    """

    def __init__(
        self,
        stream: IO[bytes] | gzip.GzipFile,
        packed: int,
        name: str,
        budget: Budget,
        damaged: str,
    ) -> None:
        self._stream, self._packed, self._name = stream, packed, name
        self._budget, self._damaged = budget, damaged
        self._place = self._furthest = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises ``UnreadableFile`` for a damaged file or too many bytes."""
        wanted = size if 0 <= size < CHUNK else CHUNK
        try:
            chunk = self._stream.read(wanted)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableFile(self._damaged) from error
        self._place += len(chunk)
        fresh = self._place - self._furthest
        if fresh > 0:
            self._furthest = self._place
            self._budget.check_ratio(self._place, self._packed, self._name)
            self._budget.spend(fresh, self._name)
        return chunk

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to the beginning: there is no other place to go to."""
        if offset or whence:
            raise io.UnsupportedOperation("only the beginning can be gone back to")
        self._place = 0
        return self._stream.seek(0)

    def tell(self) -> int:
        """How many bytes were read."""
        return self._place


def _not_empty(source: Source) -> Source:
    if not source.head(1):
        raise UnreadableFile(f"{source.name!r} is empty. Upload a file with a header and rows.")
    return source


def _nested(name: str, inner: str) -> str:
    return f"{name!r} holds another archive ({inner!r}). Unpack that one first."
