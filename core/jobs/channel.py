"""The job's end of the line to the server: the :class:`Progress` that a job's function is given.

Each job has a connection of its own, so nothing is shared that a killed process could leave
locked. Steps are sent at most five times a second; figures given in between wait and are sent
with the next report. A thread sends what waits, and ends the process when the server is gone.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from core.errors import JobCancelled
from core.jobs.job_log import JobLog
from core.jobs.messages import Logged, Reported
from core.jobs.processes import family, own_memory_mb

_BETWEEN_REPORTS_S = 0.2
_HEARTBEAT_S = 2.0


class Channel:
    """Sends messages to the server, and is the job's progress."""

    def __init__(self, connection: Connection, log: JobLog) -> None:
        self.cancelled = threading.Event()
        self._connection = connection
        self._log = log
        self._lock = threading.RLock()
        self._stage = ""
        self._last: tuple[float, float, str] = (0.0, 0.0, "")
        self._values: list[Mapping[str, float]] = []
        self._waiting = False
        self._closed = False
        self._sent_at = 0.0

    def start(self) -> None:
        """Begin to watch the server and to send what waits."""
        threading.Thread(target=self._watch, name="job-channel", daemon=True).start()

    def stage(self, name: str) -> None:
        """Begin a stage; it is reported at once."""
        self._stop_if_cancelled()
        with self._lock:
            self.flush()
            if name != self._stage:
                self._log.add(f"stage {name} · {own_memory_mb():.0f} MiB")
            self._stage, self._last, self._waiting = name, (0.0, 0.0, ""), True
            self.flush()

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        """Report a step, now or with the next report."""
        self._stop_if_cancelled()
        with self._lock:
            if note and note != self._last[2]:
                self._log.add(f"{self._stage} {done:g}/{total:g} · {note}")
            self._last, self._waiting = (float(done), float(total), note), True
            if values:
                self._values.append({key: float(value) for key, value in values.items()})
            if time.monotonic() - self._sent_at >= _BETWEEN_REPORTS_S:
                self.flush()

    def flush(self) -> None:
        """Send the last step, all figures and all log lines that wait."""
        with self._lock:
            lines = self._log.take()
            if lines:
                self.send(Logged(lines))
            if self._waiting:
                values, self._values, self._waiting = tuple(self._values), [], False
                memory = own_memory_mb()
                self.send(Reported(self._stage, *self._last, values, memory))

    def send(self, message: Any) -> None:
        """Send one message; when nobody listens any more, the process ends."""
        with self._lock:
            try:
                self._connection.send(message)
            except (BrokenPipeError, ConnectionError):
                end_with_children()
            self._sent_at = time.monotonic()

    def close(self) -> None:
        """Stop reporting; the connection stays open until the process ends."""
        with self._lock:
            self.flush()
            self._closed = True

    def _stop_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise JobCancelled("The job was cancelled.")

    def _watch(self) -> None:
        while True:
            if self._server_is_gone():
                end_with_children()
            with self._lock:
                if self._closed:
                    continue
                quiet = time.monotonic() - self._sent_at
                self._waiting |= bool(self._stage) and quiet >= _HEARTBEAT_S
                if quiet >= _BETWEEN_REPORTS_S:
                    self.flush()

    def _server_is_gone(self) -> bool:
        try:
            if self._connection.poll(_BETWEEN_REPORTS_S):
                self._connection.recv()
        except (EOFError, OSError):
            return True
        return False


def end_with_children() -> None:
    """End this process and all that it started, at once."""
    for process in family(os.getpid())[1:]:
        with contextlib.suppress(Exception):
            process.kill()
    os.kill(os.getpid(), signal.SIGKILL)
