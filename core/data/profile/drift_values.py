"""What a comparison of two versions says: frozen values, the earlier version always first.

Nothing here is a single real value, but labels of categories that enough rows have, and the edges
of bins.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.data.schema import ColumnType, Relationship, Role

SOME_PSI, LARGE_PSI = 0.1, 0.25
"""The usual bands of the population stability index in credit scoring: a convention, no test."""
SOME, LARGE = 0.1, 0.2


class Level(StrEnum):
    """How much a column has changed."""

    NONE = "none"
    SOME = "some"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Shift:
    """Shares of rows by bin or category, for a chart; counts below a few rows are 0.

    ``edges`` is empty for categories, ``labels`` for bins.
    """

    before: tuple[float, ...]
    now: tuple[float, ...]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How one column has moved.

    Attributes
    ----------
    name, was
        Its name now, and in the earlier version.
    level, distance, chance
        How much, by Kolmogorov–Smirnov's distance of values on a line or the total variation of
        categories, and what chance alone gives. None where ``why`` says it was not measured.
    wasserstein, jensen_shannon, psi
        Further measures; None where they do not fit the type.
    missing_before, missing_now
        Missing values as shares of the rows.
    new, gone
        How many categories are new and how many are gone; ``new_share`` is the share of rows now
        in new ones. ``new_labels`` and ``gone_labels`` name some that enough rows have.
    rows
        Values that the distance rests on, before and now; fewer than there are where sampled.
    """

    name: str
    was: str
    type: ColumnType
    level: Level
    missing_before: float
    missing_now: float
    distance: float | None = None
    chance: float | None = None
    wasserstein: float | None = None
    jensen_shannon: float | None = None
    psi: float | None = None
    new: int = 0
    gone: int = 0
    new_share: float = 0.0
    new_labels: tuple[str, ...] = ()
    gone_labels: tuple[str, ...] = ()
    rows: tuple[int, int] = (0, 0)
    is_sampled: bool = False
    shift: Shift | None = None
    why: str = ""

    @property
    def missing_change(self) -> float:
        """Missing share now less the one before."""
        return self.missing_now - self.missing_before


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column whose type or role is another one now."""

    name: str
    type_before: ColumnType
    type_now: ColumnType
    role_before: Role
    role_now: Role


@dataclass(frozen=True, slots=True)
class PairDrift:
    """Two columns whose association changed, by the profile's measure, signed between numbers."""

    left: str
    right: str
    before: float
    now: float

    @property
    def change(self) -> float:
        """The association now less the one before."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class TableDrift:
    """One table of two versions.

    Attributes
    ----------
    table, was
        Its name now, and in the earlier version.
    added, removed, renamed
        Columns that came, went, and likely got another name: ``(before, now)``.
    key_before, key_now
        Primary keys.
    columns
        All columns of both versions, those that changed most first.
    pairs
        Pairs whose association changed most, beyond chance.
    not_compared
        Columns beyond the number that is compared.
    """

    table: str
    was: str
    rows_before: int
    rows_now: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    changed: tuple[ColumnChange, ...]
    key_before: str | None
    key_now: str | None
    columns: tuple[ColumnDrift, ...]
    pairs: tuple[PairDrift, ...]
    not_compared: int = 0

    @property
    def has_new_shape(self) -> bool:
        """Whether columns came, went, were renamed or are of another type, or the key is other."""
        retyped = any(c.type_before is not c.type_now for c in self.changed)
        moved = self.added or self.removed or self.renamed
        return bool(moved) or retyped or self.key_before != self.key_now

    def of_level(self, level: Level) -> tuple[ColumnDrift, ...]:
        """Columns that changed that much."""
        return tuple(column for column in self.columns if column.level is level)


@dataclass(frozen=True, slots=True)
class Drift:
    """Two versions of a dataset compared."""

    tables: tuple[TableDrift, ...]
    tables_added: tuple[str, ...] = ()
    tables_removed: tuple[str, ...] = ()
    links_added: tuple[Relationship, ...] = ()
    links_removed: tuple[Relationship, ...] = ()

    @property
    def has_new_shape(self) -> bool:
        """Whether tables, columns, types, keys or links are other ones."""
        around = self.tables_added or self.tables_removed or self.links_added or self.links_removed
        return bool(around) or any(table.has_new_shape for table in self.tables)
