"""Files of a place into the vault: fetched in sealed pieces, imported from there, then removed.

The pieces lie in the folder of the dataset that is being made, so that they go with it whatever
ends the import, also an end of the process in the middle.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from core.data.importing import Imported, Job, import_files
from core.data.remote.objects import RemoteFile, asked
from core.data.remote.places import Place
from core.data.remote.web import Answer, WebRules
from core.data.sealed_file import PIECE, SealedFile, check_room
from core.errors import InvalidInput, NotFound, UnreadableFile
from core.progress import Progress
from core.settings import GIB

_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class _Part:
    """Progress over a part of the whole, from ``start`` to ``end``."""

    whole: Progress
    start: float
    end: float

    def stage(self, name: str) -> None:
        self.whole.stage(name)

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        share = min(done / total, 1.0) if total else 0.0
        self.whole.step(self.start + (self.end - self.start) * share, 1.0, note, values)


def import_remote(place: Place, files: Sequence[RemoteFile], rules: WebRules, job: Job) -> Imported:
    """Fetch files, and import them as if they had been uploaded.

    Raises
    ------
    UnreadableFile
        A file is too large, is no table, or its transfer broke off.
    InvalidInput, NotFound
        The server does not let us in, or does not have a file any more.
    StorageError
        A file does not fit on the disk.
    JobCancelled
        From the progress.
    """
    folder = f"{job.folder}/arriving"
    left = job.limits.max_bytes
    arrived: list[tuple[str, SealedFile]] = []
    try:
        for number, file in enumerate(files):
            sealed = SealedFile(job.vault, f"{folder}/{number}")
            part = _Part(job.progress, number / len(files) / 2, (number + 1) / len(files) / 2)
            with _named(file.name), asked(place, file.key, rules) as answer:
                left -= _fetch(answer, file.name, sealed, left, part)
            arrived.append((file.name, sealed))
        return import_files(arrived, replace(job, progress=_Part(job.progress, 0.5, 1.0)))
    finally:
        job.vault.remove(folder)


def _fetch(answer: Answer, name: str, sealed: SealedFile, most: int, progress: Progress) -> int:
    """Write what a server sends into sealed pieces; returns how many bytes there are."""
    if answer.size is not None:
        _check_size(answer.size, most)
        check_room(sealed.vault, name, answer.size)
    held, number, received = bytearray(), 0, 0
    for chunk in answer.chunks():
        held += chunk
        received += len(chunk)
        _check_size(received, most)
        while len(held) >= PIECE:
            sealed.write(number, bytes(held[:PIECE]))
            del held[:PIECE]
            number += 1
        of = f" of {answer.size / _MIB:,.1f}" if answer.size else ""
        note = f"{name}: {received / _MIB:,.1f}{of} MiB fetched"
        progress.step(received, answer.size or 0, note)
    if held:
        sealed.write(number, bytes(held))
    if not received:
        raise UnreadableFile("It is empty. A file with a header and rows is needed.")
    return received


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise UnreadableFile(
            f"It has more than the {max(most, 0) / GIB:.3g} GiB that may still come. Take fewer "
            "files, or have the limit raised (STUDIO_UPLOAD_GIB)."
        )


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which file an error is about."""
    try:
        yield
    except (UnreadableFile, NotFound) as error:
        raise type(error)(f"{name!r}: {error}") from None
    except InvalidInput as error:
        raise InvalidInput(f"{name!r}: {error}", error.problems) from None
