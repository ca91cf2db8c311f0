"""Slowing down whoever guesses passwords.

Counts are kept in memory: only an administrator restarts the studio, and nothing has to be written
for each guess of a stranger.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import TooManyAttempts

MOST_KEYS = 20_000
MOST_KEY = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures are free, how long the first lock is, how long one can become.

    Every further failure doubles the lock. ``forget_s`` after the last attempt or lock all is
    forgotten.
    """

    free: int = 5
    first_s: float = 60.0
    longest_s: float = 900.0
    forget_s: float = 1_800.0


@dataclass(slots=True)
class _Count:
    failures: int = 0
    locked_until: float = 0.0
    touched: float = 0.0


class RateLimiter:
    """Counts attempts by key, such as a username or an address.

    An attempt counts as failed from its start until :meth:`succeeded` says otherwise, so that many
    at the same time do not slip through.
    """

    def __init__(
        self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()

    def attempt(self, key: str) -> None:
        """Begin an attempt.

        Raises
        ------
        TooManyAttempts
            The key is locked; says for how long. The attempt is not counted.
        """
        moment = self._clock()
        with self._lock:
            count = self._count(key[:MOST_KEY], moment)
            wait = count.locked_until - moment
            if wait > 0:
                raise TooManyAttempts(
                    f"Too many failed attempts. Try again in {wait:.0f} seconds.", wait
                )
            count.failures += 1
            count.touched = moment
            excess = count.failures - self._limits.free
            if excess >= 0:
                lock_s = self._limits.first_s * 2.0 ** min(excess, 30)
                count.locked_until = moment + min(lock_s, self._limits.longest_s)

    def succeeded(self, key: str) -> None:
        """The attempt was right: all is forgotten."""
        with self._lock:
            self._counts.pop(key[:MOST_KEY], None)

    def take_back(self, key: str) -> None:
        """The attempt was right, but earlier failures still count: for keys that people share."""
        with self._lock:
            count = self._counts.get(key[:MOST_KEY])
            if count is not None:
                count.failures = max(count.failures - 1, 0)
                count.locked_until = 0.0

    def _count(self, key: str, moment: float) -> _Count:
        count = self._counts.get(key)
        if count is not None:
            if moment - max(count.touched, count.locked_until) <= self._limits.forget_s:
                return count
            del self._counts[key]
        if len(self._counts) >= MOST_KEYS:
            oldest = min(self._counts, key=lambda k: self._counts[k].touched)
            del self._counts[oldest]
        return self._counts.setdefault(key, _Count(touched=moment))
