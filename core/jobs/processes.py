"""Starting and ending the processes that jobs run in.

Processes are *spawned*: each begins as a fresh interpreter and shares no lock with the server.
``multiprocessing`` would have the new process import the server's main module first. Under
Streamlit that module is the page script (its script runner puts it into ``sys.modules``), so that
a job would run the app. The context here leaves the main module out.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing import context, spawn
from multiprocessing.connection import Connection
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import psutil
from pebble import ProcessExpired, concurrent

from core.tracing import forbid_core_files

MIB = 1024**2
_GRACE_S = 0.6
_BETWEEN_LOOKS_S = 2.0
_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def _preparation_data(name: str) -> dict[str, Any]:
    data: dict[str, Any] = spawn.get_preparation_data(name)
    for key in ("init_main_from_name", "init_main_from_path"):
        data.pop(key, None)
    return data


def _popen_without_main() -> type:
    """Make ``multiprocessing``'s Popen, except for what it says of the main module.

    Its ``_launch`` is bound to another ``spawn`` module instead of replacing a function in the
    one that the whole process shares: other threads may be spawning something of their own.
    """
    from multiprocessing import popen_spawn_posix as original

    quiet_spawn = SimpleNamespace(**{**vars(spawn), "get_preparation_data": _preparation_data})
    names = {**vars(original), "spawn": quiet_spawn}
    launch = FunctionType(vars(original.Popen)["_launch"].__code__, names, "_launch")
    return type("Popen", (original.Popen,), {"_launch": launch})


class _Process(context.SpawnProcess):
    _popen_type = _popen_without_main()

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 (the name is multiprocessing's)
        return _Process._popen_type(process_obj)


class SpawnOnce(context.SpawnContext):
    """A spawn context for one process, which never imports the parent's main module."""

    process: _Process

    def Process(self, **options: Any) -> _Process:  # type: ignore[override]  # noqa: N802
        """Make the process and remember it."""
        self.process = _Process(**options)
        return self.process


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs one job, as its parent sees it."""

    connection: Connection
    pid: int
    future: "Future[None]"

    def exit_status(self, timeout_s: float) -> int | None:
        """Status with which the process ended early; None when it came to its proper end.

        Raises
        ------
        TimeoutError
            When it is still there after ``timeout_s``.
        """
        error = self.future.exception(timeout_s)
        return error.exitcode if isinstance(error, ProcessExpired) else None


def start(function: Callable[..., None], *args: Any) -> Worker:
    """Run ``function(connection, *args)`` in a new process; the worker has the other end.

    Nobody else holds either end: whichever process dies, the other one reads the end of the file.
    """
    once = SpawnOnce()
    ours, theirs = once.Pipe()
    options: dict[str, Any] = {"daemon": False, "context": once, "name": "studio-job"}
    try:
        future = concurrent.process(**options)(function)(theirs, *args)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return Worker(ours, once.process.pid or 0, future)


def settle_in(threads: int) -> None:
    """Make this process a polite worker. To be called before any numeric library is imported.

    It leads a process group of its own, is nice, is the first that the kernel ends when memory is
    short, uses ``threads`` threads, leaves no core file, and writes nothing to the server's output,
    where a library's message could carry values.
    """
    forbid_core_files()
    os.setpgid(0, 0)
    os.nice(5)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
    os.environ.update(dict.fromkeys(_THREAD_SETTINGS, str(threads)))
    # OpenMP threads that wait spin by default. On cores that others use too they wait for a
    # thread that cannot run: a boosting model took 44 s instead of 1.3 s.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    os.close(silence)


class MemoryWatch:
    """Resident memory of a process and its children, now and at its peak, in MiB.

    The process itself is read each time; who its children are only every other second, since
    that means a look at every process of the machine.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._members: list[psutil.Process] = []
        self._looked_at = float("-inf")

    def sample(self) -> float:
        """Memory at this moment; 0 when the process is gone."""
        if time.monotonic() - self._looked_at > _BETWEEN_LOOKS_S:
            self._members, self._looked_at = family(self._pid), time.monotonic()
        used = sum(_resident(process) for process in self._members) / MIB
        self.peak_mb = max(self.peak_mb, used)
        return used


def own_memory_mb() -> float:
    """Resident memory of this process in MiB."""
    return _resident(psutil.Process()) / MIB


def family(pid: int) -> list[psutil.Process]:
    """List a process and all below it; nothing when it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def end(pid: int, grace_s: float = _GRACE_S) -> None:
    """End a worker, its children and its process group: ask first, then insist."""
    members = family(pid)
    _signal(pid, members, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(_alive(member) for member in members):
        time.sleep(0.02)
    _signal(pid, members, signal.SIGKILL)
    psutil.wait_procs(members, timeout=1)


def _signal(pid: int, members: list[psutil.Process], number: signal.Signals) -> None:
    for member in members:
        with contextlib.suppress(psutil.Error):
            member.send_signal(number)
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(pid, number)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
