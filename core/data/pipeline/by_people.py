"""What the steps that count people have in common: their parameters, and what they say of these.

A base of steps declares no field of its own: a step's fields are in the order of its form.
"""

from typing import Any

from core.data.params import param
from core.data.pipeline.step import Step


def people_param(help: str) -> Any:
    """The field for the number of people below which a value is told of nobody."""
    return param(5, "People", help, low=2, high=1_000_000)


def person_param() -> Any:
    """The field for the column that tells people apart."""
    return param("", "Person column", "Tells people apart; without it each row is one.")


class PeopleStep(Step):
    """Learns values of a column that enough people have."""

    __slots__ = ()

    person: str

    @property
    def keeps_values(self) -> bool:
        """Whether what it learns holds values of the column."""
        return True

    @property
    def others(self) -> tuple[str, ...]:
        """Further columns that it reads."""
        return (self.person,) if self.person else ()
