"""What runs in a job's process: set up, call the job's function, say how it ended.

Here is the job boundary: whatever a job's function raises becomes a message. The text of our own
errors is for users; that of others may quote values of the table, so only their class and place
are told.
"""

import logging
import os
import pickle
import signal
from multiprocessing.connection import Connection

from core.errors import EngineFailed, JobCancelled, StudioError
from core.jobs.channel import Channel
from core.jobs.job_log import JobLog, LogHandler
from core.jobs.messages import Cancelled, Ending, Failed, Finished, JobFunction, Started
from core.jobs.processes import settle_in
from core.tracing import sanitised_traceback, where

_OUT_OF_MEMORY = (
    "The job ran out of memory. Use fewer rows or columns, a smaller preset or the engine"
    " `forest`, or run it on a machine with more memory."
)


def run_job(connection: Connection, job: bytes, threads: int) -> None:
    """Run one pickled ``(function, payload)`` and report over ``connection``."""
    settle_in(threads)
    log = JobLog()
    channel = Channel(connection, log)
    signal.signal(signal.SIGTERM, lambda *_: channel.cancelled.set())
    _capture_logs(log)
    channel.start()
    channel.send(Started(os.getpid()))
    ending = _outcome(job, channel, log)
    channel.close()
    _send(channel, ending)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _outcome(job: bytes, channel: Channel, log: JobLog) -> Ending:
    try:
        function: JobFunction
        function, payload = pickle.loads(job)  # made by our own server a moment ago
        return Finished(dict(function(payload, channel)))
    except JobCancelled:
        return Cancelled()
    except EngineFailed as error:
        log.add(sanitised_traceback(error))
        return Failed(str(error), kind="engine")
    except StudioError as error:
        log.add(sanitised_traceback(error))
        return Failed(str(error))
    except MemoryError as error:
        log.add(sanitised_traceback(error))
        return Failed(_OUT_OF_MEMORY, kind="memory")
    except BaseException as error:  # noqa: BLE001 (the job boundary)
        log.add(sanitised_traceback(error))
        return Failed(_unexpected(error))


def _unexpected(error: BaseException) -> str:
    return (
        f"The job stopped with an error that the studio did not expect: {type(error).__name__} at"
        f" {where(error)}. Run it again; if it stops there again, give its log to whoever looks"
        " after this studio. The log holds no values of your table."
    )


def _send(channel: Channel, ending: Ending) -> None:
    try:
        channel.send(ending)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        channel.send(Failed(_unexpected(error)))


def _capture_logs(log: JobLog) -> None:
    logger = logging.getLogger("core")
    logger.setLevel(logging.INFO)
    logger.addHandler(LogHandler(log))
    logger.propagate = False
