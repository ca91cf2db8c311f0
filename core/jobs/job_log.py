"""A job's log: what a person needs to find a failure, and nothing of a user's table.

Stages, progress notes (column names), timings, memory, records of the ``core`` loggers, and
tracebacks of which only classes, files, lines and function names are kept: the text of an
exception often quotes the value that caused it.
"""

import logging
import threading
import time
from collections import deque

from core.tracing import sanitised_traceback

_MOST_LINES = 5_000


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
