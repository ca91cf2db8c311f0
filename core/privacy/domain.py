"""The cells of a table's columns: all that a differentially private engine ever sees of them.

A domain is made of what is public (declared ranges, code lists) and of what was paid for (noisy
bounds, categories, counts), never of the values themselves: everything that is drawn later comes
from it, so that no category, bound or format of a single person can show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class ColumnDomain:
    """The cells of one column, in order.

    Attributes
    ----------
    labels
        Of a column of labels: the label of each cell; values that are none of them go to
        :data:`OTHER`, where that is among them, else to the first.
    edges
        Of a column of numbers: cell ``i`` holds ``edges[i] <= x < edges[i + 1]``; values beyond
        the ends go to the first and the last cell. In the units of ``as_numbers``.
    step
        Distance of neighbouring places on which the numbers of a cell may lie, from ``edges[0]``
        on; 0 for anywhere.
    missing
        Whether there is one more cell, the last, for the missing value. Without it, missing values
        go to the first cell.
    counts, sigma
        Noisy count of each cell with the standard deviation of its noise, where that was paid for.
    public
        Whether the cells were declared and cost nothing.
    stands_in
        Whether the last label, :data:`OTHER`, stands for labels too rare to be shown. It is never
        written: its rows get one of the shown labels, in proportion to their noisy counts, unless
        there is none.
    """

    column: Column
    labels: tuple[str, ...] = ()
    edges: Floats = field(default_factory=lambda: np.zeros(0))
    step: float = 0.0
    missing: bool = False
    counts: npt.NDArray[np.int64] | None = None
    sigma: float = 0.0
    public: bool = True
    stands_in: bool = False

    @property
    def is_label(self) -> bool:
        """Whether the cells are labels and have no order."""
        return bool(self.labels)

    @property
    def cells(self) -> int:
        """Number of cells, that of the missing value included."""
        return (len(self.labels) or len(self.edges) - 1) + self.missing

    @property
    def _values(self) -> list[Any]:
        """The value of each label."""
        if self.column.type is ColumnType.BOOLEAN:
            return [label == "True" for label in self.labels]
        if self.column.type is ColumnType.INTEGER:
            return [int(float(label)) for label in self.labels]
        if self.column.type is ColumnType.NUMBER:
            return [float(label) for label in self.labels]
        return list(self.labels)

    def encode(self, values: pd.Series) -> Codes:
        """The cell of each value of a canonical series."""
        absent = values.isna().to_numpy()
        if self.is_label:
            known = {value: i for i, value in enumerate(self._values)}
            other = self.labels.index(OTHER) if OTHER in self.labels else 0
            number, found = pd.factorize(values, use_na_sentinel=True)
            table = np.array([known.get(value, other) for value in found] + [0], np.int32)
            codes: Codes = table[number]
        else:
            numbers = np.nan_to_num(as_numbers(values, self.column), nan=self.edges[0])
            numbers = numbers + self.step / 4  # an edge such as 0.1 + 0.2 is a little above 0.3
            places = np.searchsorted(self.edges, numbers, side="right") - 1
            codes = np.clip(places, 0, len(self.edges) - 2).astype(np.int32)
        codes[absent] = self.cells - 1 if self.missing else 0
        return codes

    def decode(self, codes: Codes, rng: np.random.Generator) -> pd.Series:
        """A value for each cell, drawn evenly inside it where it holds several."""
        absent = codes == self.cells - 1 if self.missing else np.zeros(len(codes), bool)
        if self.is_label:
            codes = self._shown(codes, rng)
            table = pd.Series([*self._values, None], dtype=self.column.type.dtype)
            own = table.take(np.where(absent, len(self.labels), codes)).reset_index(drop=True)
            return own.rename(self.column.name)
        own_codes = np.where(absent, 0, codes)
        low, high = self.edges[own_codes], self.edges[own_codes + 1]
        numbers = low + rng.random(len(codes)) * (high - low)
        if self.step:
            first = np.ceil((low - self.edges[0]) / self.step - 1e-9)
            numbers = self.edges[0] + self.step * np.maximum(
                first, np.floor((numbers - self.edges[0]) / self.step + 1e-9)
            )
        return from_numbers(np.where(absent, np.nan, numbers), self.column)

    def _shown(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """The codes with a shown label for each that stands in for others."""
        last = len(self.labels) - 1
        if not self.stands_in or not last:
            return codes
        weights = np.ones(last) if self.counts is None else np.maximum(self.counts[:last], 0.0)
        weights = weights if weights.sum() > 0 else np.ones(last)
        hidden = codes == last
        drawn = rng.choice(last, size=int(hidden.sum()), p=weights / weights.sum())
        shown = codes.copy()
        shown[hidden] = drawn
        return shown

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; all of it public or paid for."""
        return {
            "column": asdict(self.column),
            "labels": list(self.labels),
            "edges": self.edges.tolist(),
            "step": self.step,
            "missing": self.missing,
            "counts": None if self.counts is None else self.counts.tolist(),
            "sigma": self.sigma,
            "public": self.public,
            "stands_in": self.stands_in,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        counts = data["counts"]
        own = {
            "column": Column.from_dict(data["column"]),
            "labels": tuple(data["labels"]),
            "edges": np.array(data["edges"], dtype=np.float64),
            "counts": None if counts is None else np.array(counts, dtype=np.int64),
        }
        return cls(**{**data, **own})


@dataclass(frozen=True, slots=True)
class Domain:
    """The columns' cells, and how many rows there are: a noisy or a declared number."""

    columns: tuple[ColumnDomain, ...]
    rows: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of cells of each column."""
        return tuple(column.cells for column in self.columns)

    def encode(self, frame: pd.DataFrame) -> Codes:
        """Rows by columns: the cell of each value of a canonical frame."""
        coded = [column.encode(frame[column.column.name]) for column in self.columns]
        return np.stack(coded, axis=1) if coded else np.zeros((len(frame), 0), np.int32)

    def decode(self, codes: Codes, rng: np.random.Generator) -> pd.DataFrame:
        """The inverse of :meth:`encode`, with values drawn inside their cells."""
        made = [c.decode(codes[:, i], rng) for i, c in enumerate(self.columns)]
        return pd.DataFrame({s.name: s for s in made})

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; all of it public or paid for."""
        return {"rows": self.rows, "columns": [column.to_dict() for column in self.columns]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`."""
        columns = tuple(ColumnDomain.from_dict(column) for column in data["columns"])
        return cls(columns, float(data["rows"]))


def label_domain(column: Column, labels: Sequence[str], *, missing: bool) -> ColumnDomain:
    """The domain of a declared code list."""
    return ColumnDomain(column, labels=tuple(dict.fromkeys(labels)), missing=missing)
