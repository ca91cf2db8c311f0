"""What a differentially private run promises, and to whom.

Two tables are neighbours when one can be made from the other by adding or removing all rows of one
person, of which there are at most ``rows_per_person``; a table is cut down to that before anything
else is done with it.
"""

import math
from dataclasses import dataclass

from core.errors import InvalidParameter

MOST_ROWS_PER_PERSON = 1_000
ADJACENCY = "adding or removing all rows of one person"
ASSUMED_PUBLIC = (
    "names, order and types of columns, and how values are written",
    "what was decided about each column (kept, replaced, dropped) and its semantic type",
)
NO_GUARANTEE = (
    "None. The generator gives no formal guarantee; privacy is measured by attacks, which can show "
    "a leak and never prove that there is none."
)
NOT_KNOWN = "Not known: an evaluation sees the tables, not how they were made."


@dataclass(frozen=True, slots=True)
class Guarantee:
    """(ε, δ)-differential privacy for one person.

    Attributes
    ----------
    epsilon, delta
        The bound: whatever comes out is at most ``exp(epsilon)`` times as likely with a person's
        rows as without them, apart from a chance of ``delta``.
    rows_per_person
        Rows that one person may own.
    person
        Column that tells persons apart; None when each row is a person of its own.
    """

    epsilon: float
    delta: float
    rows_per_person: int = 1
    person: str | None = None

    def __post_init__(self) -> None:
        problems = []
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            problems.append(f"`epsilon` must be positive and finite. Got {self.epsilon:g}.")
        if not 0 < self.delta < 1:
            problems.append(f"`delta` must be between 0 and 1. Got {self.delta:g}.")
        if not 1 <= self.rows_per_person <= MOST_ROWS_PER_PERSON:
            problems.append(
                f"`rows_per_person` must be from 1 to {MOST_ROWS_PER_PERSON:,}. "
                f"Got {self.rows_per_person}."
            )
        if self.rows_per_person > 1 and self.person is None:
            problems.append("More than one row a person needs `person`, the column that tells.")
        if problems:
            raise InvalidParameter(" ".join(problems), problems)

    @property
    def odds(self) -> float:
        """How sure an observer can get of a person's presence who thought it as likely as not.

        Starting from one half, at most ``exp(ε) / (1 + exp(ε))``, apart from ``delta``.
        """
        return 1 / (1 + math.exp(-self.epsilon))

    @property
    def statement(self) -> str:
        """What holds, by its name and in words."""
        name = f"(ε = {self.epsilon:g}, δ = {self.delta:g})-differential privacy"
        return f"{name}. {self.sentence}"

    @property
    def sentence(self) -> str:
        """The guarantee in words."""
        whose = "one row" if self.person is None else f"the rows of one person ({self.person})"
        return (
            f"Whoever sees the result and thought it as likely as not that {whose} took part "
            f"becomes at most {self.odds:.0%} sure of it, apart from a chance of {self.delta:.0e}."
        )
