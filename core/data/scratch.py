"""Files that live in memory and have a path: uploaded data never touches the disk unpacked.

Where the system has no memory files, an unnamed temporary file takes their place.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast


@contextmanager
def scratch() -> Iterator[BinaryIO]:
    """An empty file to write and read; it is gone at the end, and with the process."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("scratch"), "w+b") as memory:
            yield cast(BinaryIO, memory)
    else:
        with tempfile.NamedTemporaryFile() as disk:
            yield cast(BinaryIO, disk)


def path_of(file: BinaryIO) -> str:
    """A path under which other libraries can open this file, whatever its real name is."""
    file.flush()
    if os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        return f"/proc/self/fd/{file.fileno()}"
    return str(file.name)
