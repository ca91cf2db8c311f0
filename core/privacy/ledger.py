"""The ledger of a run: what privacy was spent on, written before a noisy value is given out.

It is the brake: an event that would pass what was promised is refused before its noise is drawn.
Each entry is in terms of the drawn noise; the ε so far is computed from the entries alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any, Self

from core.errors import InvalidInput, StudioError
from core.privacy.accountant import Spent, spent, within
from core.privacy.events import Event, event_from_dict, event_to_dict
from core.privacy.guarantee import Guarantee

PURPOSES = ("rows", "bounds", "categories", "selection", "measurement", "training")
_ROUNDING = 1e-6


class BudgetExceeded(StudioError):
    """A mechanism asked for more than was promised; nothing was drawn."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One charge.

    Attributes
    ----------
    purpose
        One of :data:`PURPOSES`.
    about
        What it was for, in names of columns and counts of cells, never in values.
    """

    purpose: str
    about: str
    event: Event

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return {"purpose": self.purpose, "about": self.about, **event_to_dict(self.event)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        figures = dict(data)
        try:
            purpose, about = str(figures.pop("purpose")), str(figures.pop("about"))
        except KeyError as error:
            raise InvalidInput(f"A ledger entry lacks {error}.") from error
        return cls(purpose, about, event_from_dict(figures))


class Ledger:
    """What was spent of a guarantee; only ever grows.

    Parameters
    ----------
    guarantee
        What was promised for everything that is charged here.
    watch
        Called with each entry after it was written, for a live display or a lasting record; what
        it raises stops the charge's noise from being drawn, and the charge stays.
    """

    def __init__(self, guarantee: Guarantee, watch: Callable[[Entry], None] | None = None) -> None:
        self.guarantee = guarantee
        self._watch = watch
        self._entries: list[Entry] = []
        self._lock = RLock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All charges, in order."""
        with self._lock:
            return tuple(self._entries)

    def charge(self, purpose: str, about: str, *events: Event) -> None:
        """Write down what is about to be drawn, or refuse it.

        Raises
        ------
        BudgetExceeded
            When all entries together would pass the guarantee.
        """
        if purpose not in PURPOSES:
            raise InvalidInput(f"`purpose` must be one of {', '.join(PURPOSES)}. Got {purpose!r}.")
        with self._lock:
            new = [Entry(purpose, about, event) for event in events]
            events_after = [entry.event for entry in (*self._entries, *new)]
            promised = self.guarantee.epsilon + _ROUNDING
            if not within(events_after, promised, self.guarantee.delta):
                cost = self._cost([*self._entries, *new])
                raise BudgetExceeded(
                    f"{purpose} of {about} would bring ε to {cost.epsilon:.4g} of "
                    f"{self.guarantee.epsilon:g} promised. Nothing was drawn. Give more ε, or ask "
                    "for less."
                )
            self._entries.extend(new)
            for entry in new:
                if self._watch is not None:
                    self._watch(entry)

    def spent(self) -> Spent:
        """The ε of all entries together, at the guarantee's δ."""
        return self._cost(self.entries)

    def to_dict(self) -> dict[str, Any]:
        """The itemised ledger, fit for JSON: the promise, the entries, and what they amount to."""
        cost = self.spent()
        return {
            "epsilon": self.guarantee.epsilon,
            "delta": self.guarantee.delta,
            "rows_per_person": self.guarantee.rows_per_person,
            "person": self.guarantee.person,
            "spent_epsilon": cost.epsilon,
            "method": cost.method,
            "entries": [entry.to_dict() for entry in self.entries],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The ledger of a finished run from :meth:`to_dict`, with its entries as they were.

        Raises
        ------
        InvalidInput
            When it is none.
        """
        try:
            promised = Guarantee(
                float(data["epsilon"]),
                float(data["delta"]),
                int(data["rows_per_person"]),
                data["person"],
            )
            entries = [Entry.from_dict(entry) for entry in data["entries"]]
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput("This is not the ledger of a run.") from error
        ledger = cls(promised)
        ledger._entries.extend(entries)
        return ledger

    def _cost(self, entries: Sequence[Entry]) -> Spent:
        return spent([entry.event for entry in entries], self.guarantee.delta)


def by_purpose(entries: Iterable[Entry], delta: float) -> dict[str, Spent]:
    """What each purpose would cost alone; together they cost less than the sum."""
    groups: dict[str, list[Event]] = {}
    for entry in entries:
        groups.setdefault(entry.purpose, []).append(entry.event)
    return {purpose: spent(events, delta) for purpose, events in groups.items()}
