"""The cells of a table's columns: all that a differentially private engine ever sees of them.

A domain is made of what is public (declared ranges, code lists) and of what was paid for (noisy
bounds, categories, counts), never of the values themselves: everything that is drawn later comes
from it, so that no category, bound or format of a single person can show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

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
    """

    column: Column
    labels: tuple[str, ...] = ()
    edges: Floats = field(default_factory=lambda: np.zeros(0))
    step: float = 0.0
    missing: bool = False
    counts: npt.NDArray[np.int64] | None = None
    sigma: float = 0.0
    public: bool = True

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
        return list(self.labels)

    def encode(self, values: pd.Series) -> Codes:
        """The cell of each value of a canonical series."""
        absent = values.isna().to_numpy()
        if self.is_label:
            known = {label: i for i, label in enumerate(self.labels)}
            other = known.get(OTHER, 0)
            number, found = pd.factorize(values.astype("string"), use_na_sentinel=True)
            table = np.array([known.get(str(label), other) for label in found] + [0], np.int32)
            codes: Codes = table[number]
        else:
            numbers = np.nan_to_num(as_numbers(values, self.column), nan=self.edges[0])
            places = np.searchsorted(self.edges, numbers, side="right") - 1
            codes = np.clip(places, 0, len(self.edges) - 2).astype(np.int32)
        codes[absent] = self.cells - 1 if self.missing else 0
        return codes

    def decode(self, codes: Codes, rng: np.random.Generator) -> pd.Series:
        """A value for each cell, drawn evenly inside it where it holds several."""
        absent = codes == self.cells - 1 if self.missing else np.zeros(len(codes), bool)
        if self.is_label:
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


def label_domain(column: Column, labels: Sequence[str], *, missing: bool) -> ColumnDomain:
    """The domain of a declared code list."""
    return ColumnDomain(column, labels=tuple(dict.fromkeys(labels)), missing=missing)
