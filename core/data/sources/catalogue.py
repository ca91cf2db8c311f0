"""What is in a database: schemas, tables, columns and keys, as its catalogue has them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import inspect
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from core.data.sources.opening import Opened
from core.errors import InvalidInput, NotFound

_SYSTEM = frozenset(
    {"information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys"}
)
MOST_TABLES = 5_000


@dataclass(frozen=True, slots=True)
class TableName:
    """A table or view; the schema is empty where the database has none."""

    schema: str
    name: str
    is_view: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that points to another table's column; ``more`` has further pairs of them."""

    column: str
    schema: str
    table: str
    target: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that point."""
        return (self.column, *(own for own, _ in self.more))

    @property
    def targets(self) -> tuple[str, ...]:
        """What they point to, in the same order."""
        return (self.target, *(other for _, other in self.more))


@dataclass(frozen=True, slots=True)
class TableDetails:
    """Columns with the database's own types, and keys.

    ``primary_key`` is a key of one column, ``composite_key`` one of several.
    """

    name: TableName
    columns: tuple[tuple[str, str], ...]
    primary_key: str | None
    foreign_keys: tuple[ForeignKey, ...]
    composite_key: tuple[str, ...] = ()


def schemas(source: Opened) -> Sequence[str]:
    """Schemas that hold what people made; one empty name where there are none."""
    if source.kind == "sqlite":
        return [""]
    with _asking():
        names = inspect(source.connection).get_schema_names()
    return [name for name in names if name.lower() not in _SYSTEM]


def tables(source: Opened, schema: str) -> Sequence[TableName]:
    """Tables, then views, of a schema by name."""
    with _asking():
        seen = inspect(source.connection)
        found = [TableName(schema, n) for n in sorted(seen.get_table_names(schema or None))]
        views = [TableName(schema, n, True) for n in sorted(seen.get_view_names(schema or None))]
    return [*found, *views][:MOST_TABLES]


def describe(source: Opened, name: TableName) -> TableDetails:
    """Columns and keys of a table; raises ``NotFound`` where there is none of that name."""
    schema = name.schema or None
    with _asking():
        seen = inspect(source.connection)
        try:
            columns = seen.get_columns(name.name, schema)
        except NoSuchTableError:
            columns = []
        if not columns:
            raise NotFound(f"The database has no table {name.name!r}. Look at its list again.")
        key = seen.get_pk_constraint(name.name, schema).get("constrained_columns") or []
        links = seen.get_foreign_keys(name.name, schema)
    return TableDetails(
        name,
        tuple((str(c["name"]), _type_name(c["type"])) for c in columns),
        str(key[0]) if len(key) == 1 else None,
        tuple(
            ForeignKey(
                link["constrained_columns"][0],
                link["referred_schema"] or name.schema,
                link["referred_table"],
                link["referred_columns"][0],
                tuple(zip(link["constrained_columns"], link["referred_columns"], strict=True))[1:],
            )
            for link in links
            if link["referred_columns"]
            and len(link["constrained_columns"]) == len(link["referred_columns"])
        ),
        tuple(map(str, key)) if len(key) > 1 else (),
    )


def _type_name(kind: object) -> str:
    try:
        return str(kind)
    except SQLAlchemyError:
        return type(kind).__name__


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except NoSuchTableError:
        raise
    except SQLAlchemyError as error:
        raise InvalidInput(
            f"The database does not tell what it holds ({type(error).__name__}). Check that the "
            "account may read its catalogue, and that it still answers."
        ) from error
