"""Tables that engines are checked on."""

from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.privacy.public import PublicTable, public_from_dict


def column(name: str, kind: ColumnType, values: Any, **style: Any) -> tuple[Column, pd.Series]:
    """A column with its values in their canonical dtype; ``style`` is its value format."""
    return Column(name, kind, format=ValueFormat(**style)), pd.Series(values, dtype=kind.dtype)


def table_of(*columns: tuple[Column, pd.Series]) -> tuple[pd.DataFrame, Table]:
    """A frame and its table."""
    frame = pd.DataFrame({c.name: values for c, values in columns})
    return frame, Table("t", tuple(c for c, _ in columns))


def mixed(rows: int = 160) -> tuple[pd.DataFrame, Table]:
    """Every type, half of the columns with missing values."""
    rng = np.random.default_rng(7)
    age = rng.integers(18, 90, rows)
    gaps = rng.random(rows) < 0.25
    day = np.datetime64("2020-02-28") + rng.integers(0, 400, rows)
    moment = np.datetime64("2021-06-01T00:00:00") + rng.integers(0, 5_000, rows) * 3600
    times = pd.Series(rng.integers(0, 1440, rows) * 60_000_000).astype("timedelta64[us]")
    words = np.array(["größer", "日本語", "Ελλάδα", 'plain, with "quotes"'])
    above = [None if g else a > 50 for g, a in zip(gaps, age, strict=True)]
    return table_of(
        column("age", ColumnType.INTEGER, age),
        column("income", ColumnType.NUMBER, np.where(gaps, np.nan, age * 12.25), decimals=2),
        column("active", ColumnType.BOOLEAN, above),
        column("born", ColumnType.DATE, pd.Series(day).mask(gaps)),
        column("seen", ColumnType.DATETIME, moment),
        column("opens", ColumnType.TIME, times.mask(gaps)),
        column("word", ColumnType.CATEGORY, pd.Series(words[age % 4]).mask(gaps)),
        column("constant", ColumnType.INTEGER, [5] * rows),
        column("blank", ColumnType.NUMBER, [np.nan] * rows),
        column("blank word", ColumnType.CATEGORY, [None] * rows),
    )


def declared(table: Table) -> PublicTable:
    """What is public of the columns of :func:`mixed`, as far as a table has them."""
    words = ["größer", "日本語", "Ελλάδα", 'plain, with "quotes"']
    columns: dict[str, dict[str, Any]] = {
        "age": {"low": 18, "high": 90},
        "income": {"low": 0, "high": 1200, "missing": True},
        "active": {"values": ["False", "True"], "missing": True},
        "born": {"low": "2020-01-01", "high": "2021-12-31", "missing": True},
        "seen": {"low": "2021-06-01T00:00:00", "high": "2022-01-31T00:00:00"},
        "opens": {"low": "00:00:00", "high": "23:59:00", "missing": True},
        "word": {"values": words, "missing": True},
        "constant": {"low": 0, "high": 9},
        "blank": {"low": 0, "high": 1, "missing": True},
        "blank word": {"values": ["x"], "missing": True},
    }
    known = {name: columns[name] for name in table.names if name in columns}
    return public_from_dict({"columns": known})
