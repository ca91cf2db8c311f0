"""The dependence that a user wants broken, as a plain value; ``fairness`` does it."""

from dataclasses import dataclass

from core.data.schema import Table
from core.errors import InvalidParameter
from core.synthesis.asks.settle import not_learned


@dataclass(frozen=True, slots=True)
class Fairness:
    """What is to be broken.

    Attributes
    ----------
    sensitive
        The column whose influence is to go: at most 50 distinct values.
    target
        The column that it is not to influence; None for all columns.
    degree
        0 leaves the dependence as it is, 1 breaks it.
    table
        Which table is meant; None where the dataset has one.
    """

    sensitive: str
    target: str | None = None
    degree: float = 1.0
    table: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The sensitive column and the target, if there is one."""
        return (self.sensitive,) if self.target is None else (self.sensitive, self.target)

    def check(self, table: Table) -> None:
        """Raise ``InvalidParameter`` with every problem."""
        problems = []
        if not 0 <= self.degree <= 1:
            problems.append(f"`degree` must be in 0..1. Got {self.degree}.")
        if self.sensitive == self.target:
            problems.append("The target cannot be the sensitive column itself.")
        for name in (self.sensitive, self.target):
            if name is not None and name not in table.names:
                problems.append(f"Table {table.name!r} has no column {name!r}.")
            elif name is not None and (reason := not_learned(table[name], table)):
                problems.append(f"Column {name!r} {reason}, so its influence cannot be broken.")
        if problems:
            raise InvalidParameter("This cannot be made fair. " + " ".join(problems), problems)
