"""A fixed number of job slots on this machine: what is submitted first starts first.

Each slot is a thread that takes the next job, watches over it and then takes the next. A job has
a process of its own, so that a crash, a cancellation or a limit that is passed ends it alone.
"""

import atexit
import logging
import os
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from core.errors import Conflict
from core.jobs.messages import Cancelled, Ending, Failed, JobFunction, Message, OnEvent
from core.jobs.supervisor import Job, Limits, supervise
from core.tracing import where

logger = logging.getLogger(__name__)
_CLOSE_S = 5.0


class JobPool:
    """Runs jobs in processes on this machine; see :class:`core.jobs.messages.JobRunner`.

    Parameters
    ----------
    workers
        Jobs that run at the same time.
    memory_limit_bytes
        Resident memory, children included, at which a job is ended.
    timeout_s
        Seconds after which a job is ended.
    on_event
        Called with a job's id and each of its messages, from the pool's threads. What it raises
        is logged and changes nothing for the job.
    before_start
        Called with a job's id before its process is started. Where it raises, none is.
    """

    def __init__(
        self,
        workers: int,
        memory_limit_bytes: float,
        timeout_s: float,
        on_event: OnEvent,
        *,
        before_start: Callable[[str], None] | None = None,
    ) -> None:
        threads = max(1, len(os.sched_getaffinity(0)) // workers)
        self._limits = Limits(memory_limit_bytes, timeout_s, threads)
        self._on_event = on_event
        self._before_start = before_start
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: dict[str, Job] = {}
        self._closed = False
        self._slots = [
            threading.Thread(target=self._work, name=f"job-slot-{number}", daemon=True)
            for number in range(workers)
        ]
        for slot in self._slots:
            slot.start()
        atexit.register(self.close)

    def submit(self, job_id: str, function: JobFunction, payload: Any) -> None:
        """Queue ``function(payload, progress)``.

        Raises
        ------
        Conflict
            When the pool is closed, or has a job of that id that has not ended. Whoever is told
            of an ending may submit the same id again.
        ValueError
            When the function cannot be imported by another process, or the payload not pickled.
        """
        job = Job(job_id, _pickled(function, payload))
        with self._changed:
            if self._closed:
                raise Conflict("The studio is shutting down and takes no more jobs.")
            before = self._running.get(job_id)
            is_running = before is not None and not before.ended
            if is_running or any(other.id == job_id for other in self._waiting):
                raise Conflict(f"Job {job_id} is queued or running already.")
            self._waiting.append(job)
            self._changed.notify()

    def cancel(self, job_id: str) -> bool:
        """Take a job from the queue, or end its process within two seconds.

        Returns at once; ``Cancelled`` follows when the process is gone. False when there is no
        such job any more.
        """
        with self._changed:
            running = self._running.get(job_id)
            if running is not None and not running.ended:
                running.stop.set()
                return True
            job = next((job for job in self._waiting if job.id == job_id), None)
            if job is None:
                return False
            self._waiting.remove(job)
        event = threading.Thread(target=self._emit, args=(job_id, Cancelled()), daemon=True)
        event.start()
        return True

    def queued(self) -> tuple[str, ...]:
        """Ids of the jobs that wait, next one first."""
        with self._changed:
            return tuple(job.id for job in self._waiting)

    def running(self) -> tuple[str, ...]:
        """Ids of the jobs that run, or whose ending is being taken; oldest first."""
        with self._changed:
            return tuple(self._running)

    def state(self) -> dict[str, Any]:
        """Slots, queue, and pid, memory and seconds of each running job."""
        with self._changed:
            jobs = {
                job.id: {
                    "pid": job.pid,
                    "memory_mb": round(job.memory_mb, 1),
                    "seconds": round(time.monotonic() - job.began, 1) if job.began else 0.0,
                }
                for job in self._running.values()
            }
            healthy = not self._closed and all(slot.is_alive() for slot in self._slots)
            return {
                "ok": healthy,
                "workers": len(self._slots),
                "queued": len(self._waiting),
                "running": jobs,
                "threads_per_job": self._limits.threads,
            }

    def close(self) -> None:
        """End all jobs without a further event, and take no more. Twice does no harm."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            for job in self._running.values():
                job.stop.set()
            self._changed.notify_all()
        deadline = time.monotonic() + _CLOSE_S
        for slot in self._slots:
            slot.join(max(0.0, deadline - time.monotonic()))
        atexit.unregister(self.close)

    def _work(self) -> None:
        while job := self._next_job():
            ending = self._run(job)
            with self._changed:
                job.ended = True
            if job.stop.is_set():
                ending = Cancelled(ending.log)
            self._emit(job.id, ending)
            with self._changed:
                if self._running.get(job.id) is job:
                    del self._running[job.id]

    def _next_job(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            job = self._waiting.popleft()
            self._running[job.id] = job
            return job

    def _run(self, job: Job) -> Ending:
        try:
            if self._before_start is not None:
                self._before_start(job.id)
            return supervise(job, self._limits, lambda message: self._emit(job.id, message))
        except Exception as error:  # noqa: BLE001 (the job boundary: the slot must live on)
            logger.error("job %s: %s at %s", job.id, type(error).__name__, where(error))
            return Failed(
                f"The job's process could not be started or watched ({type(error).__name__})."
                " Run it again; if this stays so, the machine may be out of memory or processes."
            )

    def _emit(self, job_id: str, message: Message) -> None:
        if self._closed:
            return
        try:
            self._on_event(job_id, message)
        except Exception as error:  # noqa: BLE001 (the job boundary: other jobs go on)
            kind = type(message).__name__
            logger.error(
                "job %s: %s was not taken: %s at %s",
                job_id,
                kind,
                type(error).__name__,
                where(error),
            )


def _pickled(function: JobFunction, payload: Any) -> bytes:
    if getattr(function, "__module__", None) in {None, "__main__", "__mp_main__"}:
        raise ValueError("A job's function must stand in a module that can be imported.")
    try:
        return pickle.dumps((function, payload), pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        reason = f"{type(error).__name__} while pickling {function.__qualname__}"
        raise ValueError(f"A job's function and payload must be picklable: {reason}.") from None
