"""Evenly spaced rows of a table, kept column by column for what is measured between columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.data.profile.columns import STRINGS, Source
from core.data.profile.held import on_axis
from core.data.schema import Column

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(slots=True)
class Sample:
    """Columns of a sample of rows.

    Attributes
    ----------
    rows
        How many rows.
    coded
        Columns of strings and booleans, by place.
    numbers
        Columns of values on a line, by name, as places on their axis; NaN is missing.
    """

    rows: int
    coded: pa.Table
    places: Mapping[str, str]
    numbers: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, coded: Mapping[int, Column], most: int) -> "Sample":
        """A sample with its coded columns; the others are taken as they are read."""
        parts = [
            f"CAST(c{place} AS VARCHAR) AS c{place}" if column.type in STRINGS else f"c{place}"
            for place, column in coded.items()
        ]
        query = f"SELECT {', '.join(parts) or '1'} FROM {source.spaced(most)}"
        table = source.cursor.execute(query).to_arrow_table()
        places = {column.name: f"c{place}" for place, column in coded.items()}
        return cls(table.num_rows, table, places)

    def take(self, values: np.ma.MaskedArray, column: Column) -> None:
        """Keep the rows of the sample of a column on a line; values of more rows are thinned."""
        if len(values) > self.rows:
            count = np.arange(1, self.rows + 1)
            values = values[-(-count * len(values) // self.rows) - 1]
        placed = on_axis(values.filled(0), column.type).astype(np.float64, copy=True)
        placed[np.ma.getmaskarray(values)] = np.nan
        self.numbers[column.name] = placed

    def codes(self, name: str) -> Codes:
        """A column's values numbered by first appearance; -1 is missing."""
        if name in self.numbers:
            numbered: Codes = pd.factorize(self.numbers[name])[0].astype(np.int64, copy=False)
            return numbered
        values = self.coded.column(self.places[name]).combine_chunks()
        indices = values.dictionary_encode().indices
        codes: Codes = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return codes
