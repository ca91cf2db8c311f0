"""Work in several threads whose results come in order, whatever the number of cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def cores() -> int:
    """Processors this process may use, at most ``OMP_NUM_THREADS`` where that is set."""
    if hasattr(os, "sched_getaffinity"):
        usable = len(os.sched_getaffinity(0))
    else:
        usable = os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(usable, max(1, int(wanted))) if wanted.isdecimal() else usable


def in_order(work: Callable[[int], T], count: int) -> Iterator[T]:
    """Yield ``work(0)``, ``work(1)``, … in order; a few calls run ahead, in threads.

    When the caller stops early, calls that have not begun are dropped.
    """
    threads = min(cores(), count)
    if threads < 2:
        yield from map(work, range(count))
        return
    pool = ThreadPoolExecutor(threads)
    ahead: deque[Future[T]] = deque()
    try:
        for number in range(count):
            ahead.append(pool.submit(work, number))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
