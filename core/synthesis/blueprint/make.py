"""Tables from a blueprint: columns in the order they need each other, children by their parents.

Each column has random numbers of its own, made from the seed and from the names of table and
column, so that a column that is added changes no other.
"""

from collections.abc import Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from core.data.fake_people import Row
from core.data.schema import Relationship, Schema, Table
from core.errors import InvalidInput
from core.progress import Progress, SilentProgress
from core.synthesis.blueprint import draw
from core.synthesis.blueprint.check import column_order, pointer_to, table_order
from core.synthesis.blueprint.fake import kind_of, make_faker, make_kind
from core.synthesis.blueprint.formula import evaluate_formula
from core.synthesis.blueprint.parse import MOST_ROWS
from core.synthesis.blueprint.plan import (
    Blueprint,
    Codes,
    ColumnPlan,
    Counter,
    Formula,
    Lookup,
    Made,
    Pattern,
    Pointer,
    Shifted,
    Spread,
    TablePlan,
)

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


def schema_of(blueprint: Blueprint) -> Schema:
    """Tables, columns, keys and relationships that a blueprint describes."""
    tables = tuple(
        Table(table.name, tuple(draw.described(c) for c in table.columns), table.key)
        for table in blueprint.tables
    )
    links = tuple(
        Relationship(column.source.table, column.source.column, table.name, column.name)
        for table in blueprint.tables
        for column in table.columns
        if isinstance(column.source, Pointer)
    )
    return Schema(tables, links)


def with_rows(blueprint: Blueprint, rows: Mapping[str, int]) -> Blueprint:
    """The blueprint with other numbers of rows.

    Raises
    ------
    InvalidInput
        For a table that is not there, has its rows from another, or for too many rows.
    """
    problems = []
    for name, count in rows.items():
        known = {table.name: table for table in blueprint.tables}
        if name not in known:
            problems.append(f"There is no table {name!r}; there are {', '.join(known)}.")
        elif known[name].per is not None:
            problems.append(f"The rows of {name!r} follow from those of its parent.")
        elif not 1 <= count <= MOST_ROWS:
            problems.append(f"Table {name!r} can have 1 to {MOST_ROWS:,} rows.")
    if problems:
        raise InvalidInput(" ".join(problems), problems)
    tables = tuple(replace(t, rows=rows.get(t.name, t.rows)) for t in blueprint.tables)
    return replace(blueprint, tables=tables)


def make_blueprint(
    blueprint: Blueprint, seed: int, progress: Progress | None = None
) -> dict[str, pd.DataFrame]:
    """Canonical frames of all tables, in the order of the blueprint.

    Raises
    ------
    InvalidInput
        When a pattern cannot give enough different values, or children are too many.
    """
    silent = progress or SilentProgress()
    made: dict[str, pd.DataFrame] = {}
    ordered = table_order(blueprint)
    for place, table in enumerate(ordered):
        made[table.name] = _Making(blueprint, table, made, seed).frame()
        silent.step(place + 1, len(ordered), table.name)
    return {table.name: made[table.name] for table in blueprint.tables}


class _Making:
    """One table while its columns are made."""

    def __init__(
        self, blueprint: Blueprint, plan: TablePlan, made: Mapping[str, pd.DataFrame], seed: int
    ) -> None:
        self._blueprint, self._plan, self._tables, self._seed = blueprint, plan, made, seed
        self._parents = self._driven()
        self._rows = plan.rows if self._parents is None else len(self._parents)
        self._people: Row = {}
        self._columns: dict[str, pd.Series] = {}
        self._referred: dict[str, Positions] = {}
        self._uniforms = self._tied()

    def frame(self) -> pd.DataFrame:
        """The whole table."""
        for column in column_order(self._plan):
            values = self._values(column).reset_index(drop=True)
            self._columns[column.name] = values.mask(self._gaps(column))
        names = [column.name for column in self._plan.columns]
        return pd.DataFrame({name: self._columns[name] for name in names})

    def _rng(self, *names: str) -> np.random.Generator:
        own = [crc32(name.encode()) for name in (self._plan.name, *names)]
        return np.random.default_rng([self._seed, *own])

    def _driven(self) -> Positions | None:
        """For each row, the parent's row that it belongs to; None where no table drives."""
        per = self._plan.per
        if per is None:
            return None
        parents = len(self._tables[per.parent])
        counts = np.clip(self._rng("per").poisson(per.mean, parents), per.least, per.most)
        if counts.sum() > MOST_ROWS:
            raise InvalidInput(
                f"Table {self._plan.name!r} would have {int(counts.sum()):,} rows; "
                f"{MOST_ROWS:,} are possible."
            )
        return np.repeat(np.arange(parents), counts)

    def _tied(self) -> dict[str, Floats]:
        """Uniform numbers of columns that go together: a Gaussian copula, the nearest there is."""
        names = sorted({n for pair in self._plan.together for n in (pair.first, pair.second)})
        if not names:
            return {}
        strengths = np.eye(len(names))
        for pair in self._plan.together:
            one, two = names.index(pair.first), names.index(pair.second)
            strengths[one, two] = strengths[two, one] = pair.strength
        values, vectors = np.linalg.eigh(strengths)
        root = vectors * np.sqrt(np.maximum(values, 0))
        root /= np.linalg.norm(root, axis=1, keepdims=True)
        normals = self._rng("together").standard_normal((self._rows, len(names))) @ root.T
        return dict(zip(names, ndtr(normals).T, strict=True))

    def _places(self, column: ColumnPlan) -> Floats:
        tied = self._uniforms.get(column.name)
        return self._rng(column.name).random(self._rows) if tied is None else tied

    def _gaps(self, column: ColumnPlan) -> npt.NDArray[np.bool_]:
        gaps = self._rng(column.name, "missing").random(self._rows) < column.missing
        if column.when is not None:
            name, wanted = column.when
            written = self._columns[name].astype("string").str.lower()
            gaps |= ~written.isin([value.lower() for value in wanted]).to_numpy(dtype=bool)
        return gaps

    def _values(self, column: ColumnPlan) -> pd.Series:
        source, rng = column.source, self._rng(column.name)
        match source:
            case Spread():
                return draw.spread(column, source, self._places(column))
            case Codes():
                row = pd.DataFrame(self._columns)
                return draw.codes(column, source, self._places(column), row)
            case Pattern():
                return draw.pattern(column, source, self._rows, rng)
            case Counter():
                return pd.Series(np.arange(self._rows) + source.start, dtype="Int64")
            case Made():
                return self._fake(column, source, rng)
            case Pointer():
                return self._pointing(column, source, rng)
            case Lookup():
                return self._seen(source.table, source.column)
            case Shifted():
                return self._shifted(column, source)
            case Formula():
                return self._computed(column, source)

    def _fake(self, column: ColumnPlan, source: Made, rng: np.random.Generator) -> pd.Series:
        locale = self._blueprint.locale
        if source.is_faker:
            return make_faker(column, source.kind, locale, self._rows, rng)
        return make_kind(kind_of(column, source.kind, locale), self._rows, rng, self._people)

    def _pointing(self, column: ColumnPlan, source: Pointer, rng: np.random.Generator) -> pd.Series:
        """Keys of parents: the driving one's, drawn evenly, or of an earlier row of the table."""
        if source.table == self._plan.name:
            return self._earlier(source, rng)
        keys = self._tables[source.table][source.column]
        per = self._plan.per
        rows = self._parents
        if rows is None or per is None or per.parent != source.table:
            rows = rng.integers(0, len(keys), self._rows).astype(np.intp)
        self._referred.setdefault(source.table, rows)
        return keys.iloc[rows]

    def _seen(self, table: str, name: str) -> pd.Series:
        """A column of the rows that this table's rows refer to."""
        pointing = pointer_to(self._plan, table)
        assert pointing is not None
        values = self._tables[table][name].iloc[self._referred[table]].reset_index(drop=True)
        return values.mask(self._columns[pointing.name].isna())

    def _earlier(self, source: Pointer, rng: np.random.Generator) -> pd.Series:
        keys = self._columns[source.column]
        places = (rng.random(self._rows) * np.arange(self._rows)).astype(np.intp)
        earlier = keys.iloc[places].reset_index(drop=True)
        return earlier.mask(np.arange(self._rows) == 0)

    def _shifted(self, column: ColumnPlan, source: Shifted) -> pd.Series:
        other = self._blueprint.column(source.table or self._plan.name, source.column)
        assert other is not None
        values = (
            self._seen(source.table, source.column)
            if source.table
            else self._columns[source.column]
        )
        start = draw.numbers_of(values, other) / _day(other)
        moved = start + source.low + self._places(column) * (source.high - source.low)
        return draw.written(column, moved * _day(column))

    def _computed(self, column: ColumnPlan, source: Formula) -> pd.Series:
        own = {c.name: c for c in self._plan.columns}
        numbers = {
            name: draw.numbers_of(self._columns[name], own[name])
            for name in column.needs
            if own[name].type.is_numeric
        }
        value = np.broadcast_to(evaluate_formula(source.text, numbers), (self._rows,))
        return draw.written(column, value.astype(np.float64))


def _day(column: ColumnPlan) -> float:
    """How many units of ``as_numbers`` a day, or a number's own unit, has."""
    return 86_400.0 if column.type.value == "datetime" else 1.0
