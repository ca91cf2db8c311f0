"""What a dataset is made of: tables, columns, keys and relationships, as frozen values.

Columns, and the pandas dtypes of a *canonical frame*, which every part of the studio takes and
gives, are in ``core.data.column``; their names can be imported from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from core.data.column import (
    Action,
    Coarser,
    Column,
    ColumnType,
    Role,
    ValueFormat,
    WrittenText,
)
from core.errors import InvalidInput, NotFound

__all__ = [
    "Action",
    "Coarser",
    "Column",
    "ColumnType",
    "Relationship",
    "Role",
    "Schema",
    "Table",
    "ValueFormat",
    "WrittenText",
]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns in order, and its primary key if it has one."""

    name: str
    columns: tuple[Column, ...]
    primary_key: str | None = None

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise NotFound(f"Table {self.name!r} has no column {name!r}.")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def with_column(self, column: Column) -> "Table":
        """This table with the column of the same name replaced."""
        self[column.name]
        columns = tuple(column if c.name == column.name else c for c in self.columns)
        return replace(self, columns=columns)

    def select(self, names: tuple[str, ...]) -> "Table":
        """This table with only these columns, in the order given."""
        key = self.primary_key if self.primary_key in names else None
        return Table(self.name, tuple(self[name] for name in names), key)


@dataclass(frozen=True, slots=True)
class Relationship:
    """Each row of ``child`` points with ``child_key`` to a row of ``parent``.

    ``more`` has further pairs of a parent's and a child's column, where several point together.
    """

    parent: str
    parent_key: str
    child: str
    child_key: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def parent_columns(self) -> tuple[str, ...]:
        """The columns that are pointed to."""
        return (self.parent_key, *(parent for parent, _ in self.more))

    @property
    def child_columns(self) -> tuple[str, ...]:
        """The columns that point, in the same order."""
        return (self.child_key, *(child for _, child in self.more))

    @classmethod
    def of(
        cls, parent: str, parent_columns: Sequence[str], child: str, child_columns: Sequence[str]
    ) -> Self:
        """A link of one or several columns, as many on either side."""
        (first, *rest) = zip(parent_columns, child_columns, strict=True)
        return cls(parent, first[0], child, first[1], tuple(rest))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        more = tuple((str(parent), str(child)) for parent, child in data.get("more", ()))
        return cls(**{**data, "more": more})


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a dataset and how they point to each other."""

    tables: tuple[Table, ...]
    relationships: tuple[Relationship, ...] = ()

    def __getitem__(self, name: str) -> Table:
        for table in self.tables:
            if table.name == name:
                return table
        raise NotFound(f"The dataset has no table {name!r}.")

    @property
    def names(self) -> tuple[str, ...]:
        """Table names in order."""
        return tuple(table.name for table in self.tables)

    def with_table(self, table: Table) -> "Schema":
        """This schema with the table of the same name replaced."""
        self[table.name]
        tables = tuple(table if t.name == table.name else t for t in self.tables)
        return replace(self, tables=tables)

    def keys_of(self, table: str) -> frozenset[str]:
        """Columns of a table that are its key or point to another table's."""
        primary = self[table].primary_key
        keys = {primary} if primary else set()
        for link in self.relationships:
            keys |= set(link.child_columns) if link.child == table else set()
            keys |= set(link.parent_columns) if link.parent == table else set()
        return frozenset(keys)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and strings, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; raises ``InvalidInput`` when it is not a schema."""
        try:
            tables = tuple(
                Table(
                    t["name"],
                    tuple(Column.from_dict(c) for c in t["columns"]),
                    t.get("primary_key"),
                )
                for t in data["tables"]
            )
            links = tuple(Relationship.from_dict(r) for r in data.get("relationships", ()))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"This is not a schema: {error}.") from error
        return cls(tables, links)
