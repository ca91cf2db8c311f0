"""What several private runs on the same rows cost together, against a cap for all of them.

Runs that came to their end are composed truly: their events are one list for the accountant. A run
that waits, is under way, or ended without a result has no events to trust; its whole (ε, δ) is
added on top by basic composition. What was released, because its run never started, counts nothing.
The δ is split accordingly: each of those runs keeps its own, and the events are composed at what is
stated beside the result.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.privacy.accountant import spent
from core.privacy.events import Event, GaussianThreshold
from core.privacy.ledger import Entry, by_purpose

SLACK = 1e-6
"""What rounding in the accountant may add."""


class UseState(StrEnum):
    """Where one use of a budget stands; only the events of a committed one are known."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    STAYS_SPENT = "stays spent"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Use:
    """What one run takes of a budget.

    Attributes
    ----------
    epsilon, delta
        What it promised.
    entries
        Its ledger, once it is committed.
    """

    epsilon: float
    delta: float
    state: UseState = UseState.RESERVED
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """What all uses cost together.

    Attributes
    ----------
    epsilon, delta
        Of everything.
    events_epsilon, events_delta
        Of the events of committed runs, composed truly, and the δ that they are composed at.
    added_epsilon, added_delta
        Of the other runs, added up.
    """

    epsilon: float = 0.0
    delta: float = 0.0
    events_epsilon: float = 0.0
    events_delta: float = 0.0
    added_epsilon: float = 0.0
    added_delta: float = 0.0

    @property
    def in_words(self) -> str:
        """How the figures came about."""
        parts = []
        if self.events_delta:
            parts.append(
                f"ε = {self.events_epsilon:.3g} at δ = {self.events_delta:.2g} for all events of "
                "the runs that ended, composed together"
            )
        if self.added_delta:
            parts.append(
                f"ε = {self.added_epsilon:.3g} at δ = {self.added_delta:.2g} added up for runs "
                "that wait, run, or ended without a result"
            )
        return "; ".join(parts) or "nothing was spent"


def compose(uses: Sequence[Use]) -> Composed:
    """What uses cost together: committed ones composed truly, the others added on top.

    The events are composed at the largest δ of a committed run, plus what the thresholds of the
    others' events need. So one run alone costs what its own ledger says.
    """
    done = [use for use in uses if use.state is UseState.COMMITTED]
    others = [use for use in uses if use.state in (UseState.RESERVED, UseState.STAYS_SPENT)]
    more_epsilon = math.fsum(use.epsilon for use in others)
    more_delta = math.fsum(use.delta for use in others)
    epsilon, delta = _of_events(done)
    return Composed(
        epsilon + more_epsilon, delta + more_delta, epsilon, delta, more_epsilon, more_delta
    )


def purposes_of(uses: Sequence[Use]) -> Mapping[str, float]:
    """The ε that each purpose would cost alone; together they cost less than the sum."""
    done = [use for use in uses if use.state is UseState.COMMITTED]
    entries = [entry for use in done for entry in use.entries]
    told = dict(_purposes(tuple(entries), _delta_of(done))) if entries else {}
    for state in (UseState.RESERVED, UseState.STAYS_SPENT):
        own = [use.epsilon for use in uses if use.state is state]
        if own:
            told[str(state)] = math.fsum(own)
    return told


def _of_events(done: Sequence[Use]) -> tuple[float, float]:
    events = tuple(entry.event for use in done for entry in use.entries)
    if not events:
        return 0.0, 0.0
    delta = _delta_of(done)
    return _epsilon(events, delta), delta


def _delta_of(done: Sequence[Use]) -> float:
    """The δ at which the events of committed runs are composed."""
    shown = [_thresholds(use) for use in done]
    rest = [use.delta - own for use, own in zip(done, shown, strict=True)]
    return math.fsum(shown) + max(rest)


def _thresholds(use: Use) -> float:
    events = (entry.event for entry in use.entries)
    return math.fsum(event.delta for event in events if isinstance(event, GaussianThreshold))


@lru_cache(maxsize=256)
def _purposes(entries: tuple[Entry, ...], delta: float) -> Mapping[str, float]:
    return {purpose: cost.epsilon for purpose, cost in by_purpose(entries, delta).items()}


@lru_cache(maxsize=256)
def _epsilon(events: tuple[Event, ...], delta: float) -> float:
    return spent(events, delta).epsilon
