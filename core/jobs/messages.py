"""What a job is, what it says on its way, and what anything that runs jobs must offer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.progress import Progress

JobFunction = Callable[[Any, Progress], Mapping[str, Any]]
"""An importable top-level function from a picklable payload to a small picklable mapping."""


@dataclass(frozen=True, slots=True)
class Started:
    """The job's process is up and begins with the job's function."""

    pid: int


@dataclass(frozen=True, slots=True)
class Reported:
    """True progress.

    Attributes
    ----------
    stage, done, total, note
        The last step: ``done`` of ``total`` units of ``stage`` are finished.
    values
        Every figure given since the report before, in order; none is ever left out.
    memory_mb
        Resident memory of the job's process, in MiB.
    """

    stage: str
    done: float
    total: float
    note: str
    values: tuple[Mapping[str, float], ...]
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The job's function returned ``result``."""

    result: Mapping[str, Any]
    log: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result; ``message`` says what, where and what to do.

    ``kind`` is ``engine`` where an engine did not come through, ``memory`` or ``time`` where a
    limit was passed, ``gone`` where the process ended by itself; empty for all else.
    """

    message: str
    log: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job was asked to stop, and its process is gone."""

    log: str = ""


Ending = Finished | Failed | Cancelled
Message = Started | Reported | Finished | Failed | Cancelled
OnEvent = Callable[[str, Message], None]


@dataclass(frozen=True, slots=True)
class Logged:
    """Lines for the job's log; stays between the job's process and the pool."""

    lines: tuple[str, ...]


class JobRunner(Protocol):
    """Runs jobs somewhere else: in local processes (``JobPool``), or on a cluster.

    Whoever makes one passes an ``OnEvent``. It is called in order for each job: ``Started`` and
    ``Reported`` any number of times, then exactly one of ``Finished``, ``Failed`` and
    ``Cancelled``. After ``close`` nothing is called any more.
    """

    def submit(self, job_id: str, function: JobFunction, payload: Any) -> None:
        """Queue a job; it starts when all that were submitted before it have started."""

    def cancel(self, job_id: str) -> bool:
        """Ask a job to stop; False when it is not queued or running."""

    def queued(self) -> tuple[str, ...]:
        """Ids of the jobs that wait, next one first."""

    def running(self) -> tuple[str, ...]:
        """Ids of the jobs that run, or whose ending is being taken; oldest first."""

    def state(self) -> dict[str, Any]:
        """Describe the runner for the health page."""

    def close(self) -> None:
        """End all jobs, silently, and take no more."""
