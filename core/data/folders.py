"""Import folders: files on the server that an administrator has opened for import.

A file is asked for by its folder's number and its path inside. What leads out of the folder, by
``..``, by an absolute path or by a link, is refused; so is what is no ordinary file.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.data.added import ADDED
from core.errors import NotFound

MOST_FILES = 2_000
_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".txt", ".data", ".json", ".jsonl", ".ndjson",
                      ".parquet", ".pq", ".xlsx", ".xlsm", ".gz", ".zip"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file that may be imported: its folder's number and name, its path inside, its bytes."""

    folder: int
    folder_name: str
    path: str
    size: int


def is_known(name: str) -> bool:
    """Whether a file is not hidden and has an ending that the studio reads."""
    ending = PurePosixPath(name).suffix.lower()
    return not name.startswith(".") and (ending in _ENDINGS or ending in ADDED)


def import_folders(setting: str) -> list[Path]:
    """The folders of the setting that are there, in its order."""
    named = [Path(part).expanduser() for part in setting.split(os.pathsep) if part.strip()]
    return [path.resolve() for path in named if path.is_absolute() and path.is_dir()]


def folder_files(folders: Sequence[Path]) -> list[FolderFile]:
    """Files that may be imported, at most two thousand, by folder and path."""
    found = [
        FolderFile(number, folder.name, str(path.relative_to(folder)), path.stat().st_size)
        for number, folder in enumerate(folders)
        for path in _files(folder)
    ]
    return found[:MOST_FILES]


def folder_file(folders: Sequence[Path], folder: int, path: str) -> Path:
    """Where the file lies.

    Raises
    ------
    NotFound
        There is no such file, or it lies elsewhere in truth.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if 0 <= folder < len(folders) and parts and ".." not in parts and "\0" not in path:
        root = folders[folder]
        place = root.joinpath(*parts)
        if _is_inside(place, root):
            return place
    raise NotFound("There is no such file in the import folders. Choose one from the list.")


def _files(folder: Path) -> Iterator[Path]:
    for root, names, files in os.walk(folder, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            if is_known(name) and _is_inside(path, folder):
                yield path


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path without any link in it is an ordinary file of the folder."""
    return path.is_file() and path.resolve() == path and path.is_relative_to(folder)
