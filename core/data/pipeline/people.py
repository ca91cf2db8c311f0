"""Counting people instead of rows: who holds a label, and how far out people reach."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Role, Table

Codes = npt.NDArray[np.int64]


def person_among(table: Table, links: Sequence[str], repeats: Callable[[str], bool]) -> str:
    """The column that tells people apart, as far as the schema tells: a link or an identifier.

    Parameters
    ----------
    links
        Columns that point to other tables.
    repeats
        Whether a column has a value in more than one row; "" is given where none does, and each
        row is a person.
    """
    named = [c.name for c in table.columns if c.role is Role.IDENTIFIER]
    tried = [name for name in (*links, *named) if name != table.primary_key]
    return next(filter(repeats, tried), "")


def people_of(frame: pd.DataFrame, person: str) -> Codes:
    """A number for each row's person, shape (rows,).

    Without a person column each row is a person. Rows whose person is missing are one person
    together: who is not known is not counted more than once.
    """
    if not person:
        return np.arange(len(frame), dtype="int64")
    codes = np.asarray(pd.factorize(frame[person])[0], dtype="int64")
    return np.where(codes < 0, codes.max(initial=-1) + 1, codes)


def people_by_label(values: pd.Series, people: Codes) -> pd.Series:
    """How many different people hold each label, missing left out; the rarest first.

    Labels with as many people are in the order of their text, so that the outcome depends on the
    rows alone and not on their order.
    """
    pairs = pd.DataFrame({"label": values.astype(object).to_numpy(), "person": people})
    counts = pairs.dropna().drop_duplicates()["label"].value_counts()
    return counts.sort_index().sort_values(kind="stable")


def reached(numbers: npt.NDArray[np.float64], people: Codes, least: int) -> float | None:
    """The largest number that at least so many people reach or pass; None for too few people."""
    there = ~np.isnan(numbers)
    furthest = pd.Series(numbers[there]).groupby(people[there]).max().to_numpy()
    if len(furthest) < least:
        return None
    place = len(furthest) - least
    return float(np.partition(furthest, place)[place])
