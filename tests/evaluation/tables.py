"""Small tables with known structure for the evaluation's tests."""

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Schema, Table

TYPES = {
    "age": ColumnType.INTEGER,
    "income": ColumnType.NUMBER,
    "joined": ColumnType.DATE,
    "balance": ColumnType.NUMBER,
    "member": ColumnType.BOOLEAN,
    "city": ColumnType.CATEGORY,
    "risk": ColumnType.CATEGORY,
}


def people(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Rows whose columns depend on each other: age drives income, city and risk."""
    age = rng.integers(18, 80, rows)
    income = age * 900 + rng.normal(0, 6_000, rows)
    city = np.where(rng.random(rows) < age / 90, "Köln", "Οία")
    frame = {
        "age": age,
        "income": np.where(rng.random(rows) < 0.1, np.nan, income),
        "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(age * 30, unit="D"),
        "balance": rng.normal(income / 10, 900),
        "member": (age > 40) ^ (rng.random(rows) < 0.1),
        "city": city,
        "risk": np.where(income + rng.normal(0, 5_000, rows) > 45_000, "low", "high"),
    }
    return frame_of(frame, TYPES)


def frame_of(values: dict, types: dict[str, ColumnType]) -> pd.DataFrame:
    """A canonical frame."""
    return pd.DataFrame(
        {name: pd.Series(values[name]).astype(kind.dtype) for name, kind in types.items()}
    )


def schema_of(types: dict[str, ColumnType], name: str = "people") -> Schema:
    """One table of plain columns."""
    return Schema((Table(name, tuple(Column(n, t) for n, t in types.items())),))


def shuffled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every column in an order of its own."""
    return pd.DataFrame(
        {n: frame[n].iloc[rng.permutation(len(frame))].reset_index(drop=True) for n in frame}
    )
