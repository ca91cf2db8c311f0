"""What a user asks of the rows: conditions on columns, and target shares of a column's values.

These are plain values, as a page or a command line collects them. What they mean for a table,
with every problem at once, is settled by ``core.synthesis.asks.settle``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Equals:
    """The column has this value; None stands for the missing value."""

    column: str
    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column has one of these values; None stands for the missing value."""

    column: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The column lies in ``[low, high]``; an end that is None is open. Never missing."""

    column: str
    low: Any = None
    high: Any = None


Condition: TypeAlias = Equals | OneOf | Between


@dataclass(frozen=True, slots=True)
class Shares:
    """Target shares of a column's values, reached exactly up to rounding.

    Attributes
    ----------
    shares
        From value (None: missing) to a share in 0..1. Where they add up to less than 1, the rest
        goes to the other values, as they are in the training rows.
    """

    column: str
    shares: Mapping[Any, float]


@dataclass(frozen=True, slots=True)
class Ask:
    """All that is asked of one table of a dataset.

    Attributes
    ----------
    conditions
        All of them hold in every row.
    shares
        Of one column at most.
    table
        Which table is meant; None where the dataset has one.
    """

    conditions: tuple[Condition, ...] = ()
    shares: Shares | None = None
    table: str | None = field(default=None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are spoken of, each once, in the order of the conditions."""
        named = [condition.column for condition in self.conditions]
        if self.shares is not None:
            named.append(self.shares.column)
        return tuple(dict.fromkeys(named))
