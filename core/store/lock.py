"""One process a home folder: a lock that the system lets go of when its holder dies."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import WorkspaceLocked

try:
    import fcntl
except ImportError:  # Windows: DuckDB's own lock on the state file stands alone
    fcntl = None  # type: ignore[assignment]


class HomeLock:
    """The exclusive right to write in a home folder, until :meth:`release`.

    The file's content names the holder for the message that others get; the lock itself is the
    system's and ends with the process, however that ends.

    Raises
    ------
    WorkspaceLocked
        Another process, or another studio in this one, holds the folder.
    """

    def __init__(self, home: Path) -> None:
        self._handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise WorkspaceLocked(
                f"The workspace {home} is in use by process {holder}. Use the running studio, or "
                "stop it first."
            ) from None
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
