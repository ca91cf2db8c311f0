"""Long work in processes of its own: a pool of job slots, and what jobs say on their way."""

from core.jobs.messages import (
    Cancelled,
    Ending,
    Failed,
    Finished,
    JobFunction,
    JobRunner,
    Message,
    OnEvent,
    Reported,
    Started,
)
from core.jobs.pool import JobPool

__all__ = [
    "Cancelled",
    "Ending",
    "Failed",
    "Finished",
    "JobFunction",
    "JobPool",
    "JobRunner",
    "Message",
    "OnEvent",
    "Reported",
    "Started",
]
