"""A job's log: what a person needs to find a failure, and nothing of a user's table.

Stages, progress notes (column names), timings, memory, records of the ``core`` loggers, and
tracebacks of which only classes, files, lines and function names are kept: the text of an
exception often quotes the value that caused it.
"""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from pathlib import Path

_MOST_LINES = 5_000
_MOST_CAUSES = 5
_CORE = Path(__file__).parents[1]


class JobLog:
    """Lines with the seconds since the start; threads may write at the same time."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)

    def add(self, text: str) -> None:
        """Add a line, stamped with the time since the log began."""
        stamp = f"{time.monotonic() - self._start:9.2f} s  "
        with self._lock:
            self._lines.extend(stamp + line for line in text.splitlines())

    def extend(self, lines: tuple[str, ...]) -> None:
        """Add lines that have their stamp already."""
        with self._lock:
            self._lines.extend(lines)

    def take(self) -> tuple[str, ...]:
        """Remove and return all lines."""
        with self._lock:
            lines = tuple(self._lines)
            self._lines.clear()
        return lines

    def text(self) -> str:
        """Return the whole log."""
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines)


class LogHandler(logging.Handler):
    """Writes records of the ``core`` loggers to a job's log."""

    def __init__(self, log: JobLog) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; an exception that it carries is sanitised."""
        self._log.add(f"{record.levelname.lower()}: {record.getMessage()}")
        if record.exc_info and record.exc_info[1]:
            self._log.add(sanitised_traceback(record.exc_info[1]))


def sanitised_traceback(error: BaseException) -> str:
    """Format an error and its causes without their messages and without values."""
    parts: list[str] = []
    for cause in _chain(error):
        parts.append(f"{_class_name(cause)} (its text is left out: it may quote values)")
        for frame in traceback.extract_tb(cause.__traceback__):
            parts.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
    return "\n".join(parts)


def where(error: BaseException) -> str:
    """Find the innermost place in ``core`` that the error went through, as ``file:line``."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_CORE) and not _is_worker(f)]
    if not frames:
        return "an unknown place"
    frame = (ours or frames)[-1]
    return f"{_short(frame.filename)}:{frame.lineno}"


def _is_worker(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).parent == Path(__file__).parent


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)


def _class_name(error: BaseException) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def _short(filename: str) -> str:
    """Cut a path down to what follows the project's or the libraries' folder."""
    path = Path(filename)
    if path.is_relative_to(_CORE.parent) and "site-packages" not in path.parts:
        return str(path.relative_to(_CORE.parent))
    for folder in ("site-packages", "dist-packages"):
        if folder in path.parts:
            return "/".join(path.parts[path.parts.index(folder) + 1 :])
    return path.name
