"""What a table looks like in numbers: types, missing values, distributions, keys, associations.

The profile of a table is stored encrypted and shown to members of its project. Columns named in
``masked``, and text columns, are described without any of their values.
"""

import pandas as pd
import pyarrow as pa

from core.data.duck import duck
from core.data.profile.association import MOST_COLUMNS as MOST_COMPARED
from core.data.profile.columns import Source
from core.data.profile.drift_advice import Advised, advice_on
from core.data.profile.drift_schema import Version, compare
from core.data.profile.drift_values import (
    LARGE_PSI,
    SOME_PSI,
    ColumnChange,
    ColumnDrift,
    Drift,
    Level,
    PairDrift,
    Shift,
    TableDrift,
)
from core.data.profile.links import foreign_keys
from core.data.profile.pair import MOST_BOXED, Box, Grid, Pair, pair
from core.data.profile.quasi import Exposure, exposure, exposures
from core.data.profile.relation import profile_relation
from core.data.profile.shape import (
    Anomalies,
    Calendar,
    Dependency,
    ForeignKey,
    Inequality,
    Quality,
    QualityPart,
)
from core.data.profile.side import Side
from core.data.profile.values import (
    Associations,
    ColumnProfile,
    Histogram,
    LengthSummary,
    NumberSummary,
    TableProfile,
    as_text,
)
from core.data.schema import ColumnType, Table

__all__ = [
    "LARGE_PSI",
    "MOST_BOXED",
    "MOST_COMPARED",
    "SOME_PSI",
    "Advised",
    "Anomalies",
    "Associations",
    "Box",
    "Calendar",
    "ColumnChange",
    "ColumnDrift",
    "ColumnProfile",
    "Dependency",
    "Drift",
    "Exposure",
    "ForeignKey",
    "Grid",
    "Histogram",
    "Inequality",
    "LengthSummary",
    "Level",
    "NumberSummary",
    "Pair",
    "PairDrift",
    "Quality",
    "QualityPart",
    "Shift",
    "Side",
    "Source",
    "TableDrift",
    "TableProfile",
    "Version",
    "advice_on",
    "as_text",
    "compare",
    "exposure",
    "exposures",
    "foreign_keys",
    "pair",
    "profile_relation",
    "profile_table",
]


def profile_table(
    frame: pd.DataFrame, table: Table, masked: frozenset[str] = frozenset()
) -> TableProfile:
    """Describe a canonical frame; see :func:`profile_relation`, which needs no frame."""
    arrays = [_arrow(frame[column.name], column.type) for column in table.columns]
    names = [f"c{place}" for place in range(len(arrays))]
    if not arrays:
        arrays, names = [pa.nulls(len(frame))], ["none"]
    with duck() as cursor:
        cursor.register("cells_of_frame", pa.table(arrays, names=names))
        return profile_relation(cursor, "cells_of_frame", table, masked)


def _arrow(values: pd.Series, kind: ColumnType) -> pa.Array:
    if kind is ColumnType.TIME:
        whole = values.to_numpy().astype("timedelta64[us]").view("int64")
        return pa.array(whole, mask=values.isna().to_numpy())
    return pa.array(values)
