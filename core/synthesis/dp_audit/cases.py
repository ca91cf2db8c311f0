"""Small tables whose persons an audit knows: everybody's rows, and where one person's lie."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frames import canonical
from core.data.schema import Column, ColumnType, Role, Schema, Table, ValueFormat
from core.privacy.public import PublicColumn, PublicTable

TOWNS = ("Bern", "Chur", "Genf")
OWN_TOWN = "Hapax"
OWN_PAID = 987_654.25


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A table, and the rows of persons who may be left out of it.

    Attributes
    ----------
    persons
        Positions of the rows of each: the first has a category of its own and an extreme value,
        the last is like all others.
    public
        What a public schema says of the table; for audits with and without.
    """

    schema: Schema
    frame: pd.DataFrame
    persons: tuple[tuple[int, ...], ...]
    public: PublicTable


def visits(rows: int = 400) -> Neighbours:
    """Visits of persons, two rows each, with columns of all kinds; a guarantee for two rows."""
    table = Table(
        "visits",
        (
            Column("id", ColumnType.INTEGER, role=Role.IDENTIFIER),
            Column("person", ColumnType.CATEGORY, role=Role.IDENTIFIER),
            Column("note", ColumnType.TEXT),
            Column("town", ColumnType.CATEGORY),
            Column("paid", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
            Column("day", ColumnType.DATE),
            Column("new", ColumnType.BOOLEAN),
        ),
        primary_key="id",
    )
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows) + 700_000,
            "person": [f"person {i // 2}" for i in range(rows)],
            "note": [f"a word about visit {i}" for i in range(rows)],
            "town": np.array(TOWNS)[rng.integers(0, 3, rows)],
            "paid": np.where(rng.random(rows) < 0.4, 0.0, np.round(rng.gamma(2, 20, rows), 2)),
            "day": np.datetime64("2024-01-01") + rng.integers(0, 200, rows),
            "new": rng.random(rows) < 0.3,
        }
    )
    frame.loc[rng.random(rows) < 0.1, "paid"] = np.nan
    frame.loc[10, ["town", "paid"]] = [OWN_TOWN, OWN_PAID]
    last = 2 * (rows // 4)
    public = PublicTable(
        {
            "town": PublicColumn("town", values=TOWNS),
            "paid": PublicColumn("paid", 0.0, 400.0, missing=True),
            "day": PublicColumn("day", "2024-01-01", "2024-12-31"),
        }
    )
    return Neighbours(
        Schema((table,)), canonical(frame, table), ((10, 11), (last, last + 1)), public
    )
