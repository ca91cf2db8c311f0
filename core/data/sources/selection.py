"""What of a database is asked for: a table's columns, filters and a sample, or a query."""

from dataclasses import dataclass
from enum import StrEnum

from core.data.sources.catalogue import TableName


class Operator(StrEnum):
    """How a filter compares."""

    EQUAL = "="
    UNLIKE = "≠"
    LESS = "<"
    AT_MOST = "≤"
    MORE = ">"
    AT_LEAST = "≥"
    MISSING = "is missing"
    PRESENT = "is not missing"


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows whose value of a column compares so; a value is a number, text or nothing."""

    column: str
    operator: Operator
    value: str | int | float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a database becomes a table.

    Attributes
    ----------
    name
        The table in the database; with ``query``, what the table is to be called.
    columns
        Which, in this order; empty: all.
    filters
        All of them have to hold.
    sample
        So many rows drawn at random by the database; None: all.
    query
        A statement of one's own that only reads, instead of a table.
    """

    name: TableName
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    sample: int | None = None
    query: str = ""
