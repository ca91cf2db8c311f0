"""Imports as if a file were too large to be held."""

from pathlib import Path

from core.data.archive import Openable, ReadLimits
from core.data.importing import Imported, Job, import_files
from core.data.sniff import ReadOptions
from core.data.vault import Vault
from core.progress import Progress, SilentProgress


def import_as_large(
    vault: Vault,
    path: Path,
    progress: Progress | None = None,
    *,
    place: Openable | None = None,
    options: ReadOptions | None = None,
    **limits: int,
) -> Imported:
    """Import a file; ``place`` is where it lies in truth, if that is not its path."""
    reading = ReadLimits(held_bytes=1, **limits)
    said = {path.name: options} if options else {}
    job = Job(vault, "d", lambda i: f"d/{i}.parquet", reading, progress or SilentProgress(), said)
    return import_files([(path.name, place or path)], job)
