"""A pool with a recorder of all that it says."""

import threading
from collections import defaultdict

import pytest

from core.jobs import Cancelled, Failed, Finished, JobPool, Started

ENDINGS = (Finished, Failed, Cancelled)


class Recorder:
    """Takes events, and waits for one."""

    def __init__(self):
        self.events = defaultdict(list)
        self.order = []
        self._changed = threading.Condition()

    def __call__(self, job_id, message):
        with self._changed:
            self.events[job_id].append(message)
            self.order.append((job_id, type(message)))
            self._changed.notify_all()

    def wait_for(self, job_id, *kinds, timeout=15):
        def found():
            return next((e for e in self.events[job_id] if isinstance(e, kinds)), None)

        with self._changed:
            assert self._changed.wait_for(found, timeout), f"{job_id}: {self.events[job_id]}"
            return found()

    def pid(self, job_id):
        return self.wait_for(job_id, Started).pid

    def ending(self, job_id, timeout=15):
        return self.wait_for(job_id, *ENDINGS, timeout=timeout)

    def endings(self, job_id):
        return [event for event in self.events[job_id] if isinstance(event, ENDINGS)]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def make_pool(recorder):
    pools = []

    def make(workers=2, memory_limit_bytes=2**30, timeout_s=60.0, on_event=recorder, **more):
        pools.append(JobPool(workers, memory_limit_bytes, timeout_s, on_event, **more))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def pool(make_pool):
    return make_pool()
