"""Watching over one running job, from its start to its one ending.

One thread does this for a job: it reads what the job says, looks at its memory and its time, ends
it when it is asked to, and finds out why a process went away. All that is said of a job comes from
this thread, so it comes in order.
"""

import contextlib
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from core.jobs import processes
from core.jobs.job_log import JobLog
from core.jobs.messages import Cancelled, Ending, Failed, Finished, Logged, Message
from core.jobs.worker import run_job

_TICK_S = 0.1
_MEMORY_EVERY_S = 0.25
_EXIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single job may use."""

    memory_bytes: float
    timeout_s: float
    threads: int = 1


@dataclass(slots=True)
class Job:
    """A job that waits or runs."""

    id: str
    blob: bytes
    stop: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    pid: int = 0
    memory_mb: float = 0.0
    began: float = 0.0


def supervise(job: Job, limits: Limits, emit: Callable[[Message], None]) -> Ending:
    """Run the job in a new process; ``emit`` what it says, return how it ended.

    When this returns, the process and everything that it started are gone.
    """
    job.began = time.monotonic()
    worker = processes.start(run_job, job.blob, limits.threads)
    job.pid = worker.pid
    watch = _Watch(job, limits, worker)
    ending: Ending | None = None
    try:
        ending = watch.until_the_end(emit)
    finally:
        watch.clean_up(in_peace=isinstance(ending, Finished))
    return watch.with_log(ending)


class _Watch:
    def __init__(self, job: Job, limits: Limits, worker: processes.Worker) -> None:
        self._job, self._limits, self._worker = job, limits, worker
        self._log = JobLog()
        self._memory = processes.MemoryWatch(worker.pid)
        self._sampled_at = 0.0

    def until_the_end(self, emit: Callable[[Message], None]) -> Ending:
        """Read and pass on until the job says its end, breaks a limit, is cancelled or gone."""
        for message in self._messages():
            if self._job.stop.is_set():
                return Cancelled()
            if isinstance(message, Logged):
                self._log.extend(message.lines)
            elif isinstance(message, Ending):
                return message
            elif message is not None:
                emit(message)
            broken = self._broken_limit()
            if broken is not None:
                return broken
        return Cancelled() if self._job.stop.is_set() else Failed(self._why_gone(), kind="gone")

    def clean_up(self, in_peace: bool) -> None:
        """End the process, unless it is about to do so itself, and whatever it left behind."""
        if in_peace:
            with contextlib.suppress(TimeoutError):
                self._worker.exit_status(_EXIT_S)
        processes.end(self._worker.pid)
        self._worker.connection.close()

    def with_log(self, ending: Ending) -> Ending:
        """Give the ending the job's whole log."""
        reason = f": {ending.message}" if isinstance(ending, Failed) else ""
        word = type(ending).__name__.lower()
        self._log.add(f"{word}{reason} · peak memory {self._memory.peak_mb:.0f} MiB")
        return replace(ending, log=self._log.text())

    def _messages(self) -> Iterator[Any]:
        """Yield what the job says, None when it is silent, until its process is gone."""
        connection = self._worker.connection
        while True:
            try:
                yield connection.recv() if connection.poll(_TICK_S) else None
            except (EOFError, OSError):
                return
            except (pickle.UnpicklingError, AttributeError, ImportError, TypeError):
                yield Failed("The job's result cannot be read. This is a bug: please report it.")

    def _broken_limit(self) -> Failed | None:
        if time.monotonic() - self._job.began > self._limits.timeout_s:
            return Failed(_too_long(self._limits.timeout_s), kind="time")
        if time.monotonic() - self._sampled_at >= _MEMORY_EVERY_S:
            self._sampled_at = time.monotonic()
            self._job.memory_mb = self._memory.sample()
            if self._job.memory_mb * processes.MIB > self._limits.memory_bytes:
                return Failed(_too_big(self._limits.memory_bytes), kind="memory")
        return None

    def _why_gone(self) -> str:
        try:
            status = self._worker.exit_status(_EXIT_S)
        except TimeoutError:
            return "The job's process no longer answered and was ended. Run it again."
        if status is not None and status < 0:
            return _killed(-status)
        return (
            f"The job's process ended by itself (status {status}) before the job was done."
            " Run it again; if it ends again, try another engine or a smaller preset."
        )


def _too_big(memory_bytes: float) -> str:
    return (
        f"The job needed more than {memory_bytes / 1024**3:.3g} GiB of memory, the limit for one"
        " job, and was ended. Use fewer rows or columns, a smaller preset or the engine `forest`,"
        " or ask an administrator to raise `STUDIO_JOB_MEMORY_GIB`."
    )


def _too_long(timeout_s: float) -> str:
    return (
        f"The job took longer than {_duration(timeout_s)}, the limit for one job, and was ended."
        " Use fewer rows, a smaller preset or a faster engine, or ask an administrator to raise"
        " `STUDIO_JOB_HOURS`."
    )


def _killed(number: int) -> str:
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    if number == signal.SIGKILL:
        return (
            "The job's process was killed by the operating system or an administrator (SIGKILL)."
            " Most often the machine ran out of memory. Use fewer rows or a smaller preset, or"
            " run it when less else is running."
        )
    return (
        f"The job's process crashed in native code ({name}). No other job is touched. Run it"
        " again; if it crashes again, try another engine."
    )


def _duration(seconds: float) -> str:
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"
