"""Locks come after five failures, double, end, and cannot be dodged."""

import threading

import pytest

from core.errors import TooManyAttempts
from core.governance import ratelimit
from core.governance.ratelimit import Limits, RateLimiter


class Clock:
    moment = 0.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(clock=clock)


def wait_of(limiter: RateLimiter, key: str = "ada") -> float:
    """Seconds that the lock lasts; 0 if an attempt was let through (and counted)."""
    try:
        limiter.attempt(key)
    except TooManyAttempts as error:
        return error.retry_after_s
    return 0.0


def test_five_attempts_are_free_then_locks_double_up_to_a_quarter_hour(
    limiter: RateLimiter, clock: Clock
) -> None:
    assert [wait_of(limiter) for _ in range(5)] == [0] * 5
    locks = []
    for _ in range(7):
        locks.append(wait_of(limiter))
        clock.moment += locks[-1]
        assert wait_of(limiter) == 0
    assert locks == [60, 120, 240, 480, 900, 900, 900]


def test_waiting_counts_down_and_refused_attempts_do_not_lengthen(
    limiter: RateLimiter, clock: Clock
) -> None:
    for _ in range(5):
        limiter.attempt("ada")
    for moment in (0.0, 10.0, 59.0):
        clock.moment = moment
        assert wait_of(limiter) == 60 - moment
    with pytest.raises(TooManyAttempts, match="in 1 seconds"):
        limiter.attempt("ada")


def test_keys_do_not_touch_each_other(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.attempt("ada")
    assert wait_of(limiter, "bob") == 0


def test_success_forgets(limiter: RateLimiter) -> None:
    for _ in range(20):
        limiter.attempt("ada")
        limiter.succeeded("ada")


def test_taking_back_keeps_earlier_failures(limiter: RateLimiter) -> None:
    for _ in range(4):
        limiter.attempt("lan")
    for _ in range(10):
        limiter.attempt("lan")
        limiter.take_back("lan")
    limiter.attempt("lan")
    assert wait_of(limiter, "lan") == 60
    limiter.take_back("never seen")


def test_all_is_forgotten_half_an_hour_after_the_lock(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(5):
        limiter.attempt("ada")
    clock.moment = 60 + 1_800
    assert wait_of(limiter) == 0
    assert wait_of(limiter) == 120  # just within
    clock.moment += 120 + 1_801
    assert [wait_of(limiter) for _ in range(5)] == [0] * 5


def test_attempts_at_the_same_time_are_counted_before_they_end(limiter: RateLimiter) -> None:
    passed: list[int] = []
    barrier = threading.Barrier(20)

    def guess() -> None:
        barrier.wait()
        if wait_of(limiter) == 0:
            passed.append(1)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "MOST_KEYS", 3)
    limiter = RateLimiter(Limits(free=1), clock)
    for n in range(5):
        clock.moment = n
        limiter.attempt(f"key{n}" + "x" * 1_000)
    assert wait_of(limiter, "key4" + "x" * 1_000) > 0
    assert wait_of(limiter, "key0" + "x" * 1_000) == 0
