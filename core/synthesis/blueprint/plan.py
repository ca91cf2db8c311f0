"""What tables are to be made of where there is no data: frozen values, as written in YAML.

A blueprint says of each table how many rows it has and of each column how its values come about.
It is public by nature: nothing in it was learned from anybody's rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.data.schema import ColumnType

SHAPES = ("uniform", "normal", "lognormal", "exponential")
DATED = frozenset({ColumnType.DATE, ColumnType.DATETIME})


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers, dates or times along a line.

    Attributes
    ----------
    low, high
        Bounds, in the units of ``core.data.frames.as_numbers``.
    shape
        One of :data:`SHAPES`.
    middle, width
        Median and standard deviation (of the logarithm for ``lognormal``); ``middle`` is the mean
        above ``low`` of ``exponential``. None for what the bounds suggest.
    zeros
        Share of rows that are exactly zero.
    step
        What values are a multiple of, counted from ``low``; None for any.
    """

    low: float
    high: float
    shape: str = "uniform"
    middle: float | None = None
    width: float | None = None
    zeros: float = 0.0
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Codes:
    """A code list with weights; with ``by``, one list for each value of another column."""

    weights: Mapping[str, float] = field(default_factory=dict)
    by: str = ""
    lists: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """Fake values of a kind: a semantic type of the studio, or a method of Faker."""

    kind: str
    is_faker: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Strings by a pattern: ``#`` a digit, ``@`` a capital, ``~`` a small letter, else itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Counter:
    """Whole numbers one after the other."""

    start: int = 1


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference to another table's key, or to an earlier row of its own."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """The value of a column of the row of another table that this row refers to."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Shifted:
    """Another column's value plus something from ``low`` to ``high`` (dates: days).

    The other column is one of the same row, or with ``table`` of the row that it refers to.
    """

    column: str
    low: float
    high: float
    table: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """Arithmetic over other columns of the row."""

    text: str


Source = Spread | Codes | Made | Pattern | Counter | Pointer | Lookup | Shifted | Formula


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column: how its values come about and how they are written.

    Attributes
    ----------
    missing
        Share of missing values.
    unique
        No value occurs twice.
    when
        ``(column, values)``: there is a value only in rows whose other column has one of these.
    """

    name: str
    type: ColumnType
    source: Source
    missing: float = 0.0
    unique: bool = False
    decimals: int | None = None
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def needs(self) -> frozenset[str]:
        """Columns of the same row that have to be there before."""
        from core.synthesis.blueprint.formula import names_in

        needed = {self.when[0]} if self.when else set()
        if isinstance(self.source, Codes) and self.source.by:
            needed.add(self.source.by)
        if isinstance(self.source, Shifted) and not self.source.table:
            needed.add(self.source.column)
        if isinstance(self.source, Formula):
            needed |= names_in(self.source.text)
        return frozenset(needed)

    @property
    def looks_at(self) -> str:
        """The table that this row refers to and that a value is taken from; empty for none."""
        return self.source.table if isinstance(self.source, Lookup | Shifted) else ""


@dataclass(frozen=True, slots=True)
class Children:
    """How many rows each row of another table has here: Poisson about a mean, within bounds."""

    parent: str
    mean: float
    least: int = 0
    most: int = 100


@dataclass(frozen=True, slots=True)
class Together:
    """Two columns that go together with this rank correlation's Gaussian strength (-1 to 1)."""

    first: str
    second: str
    strength: float


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: a number of rows, or so many for each row of another."""

    name: str
    columns: tuple[ColumnPlan, ...]
    key: str | None = None
    rows: int = 1_000
    per: Children | None = None
    together: tuple[Together, ...] = ()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Tables and the locale of names, addresses and numbers."""

    title: str
    tables: tuple[TablePlan, ...]
    locale: str = "en_US"

    def column(self, table: str, name: str) -> ColumnPlan | None:
        """A column of a table, None where there is none."""
        found = (c for t in self.tables if t.name == table for c in t.columns if c.name == name)
        return next(found, None)

    def __getitem__(self, name: str) -> TablePlan:
        return next(table for table in self.tables if table.name == name)
