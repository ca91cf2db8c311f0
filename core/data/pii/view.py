"""One column as the detectors look at it: its name in words and a sample of different values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.pii.hints import EMPTY, Phrases, says, words
from core.data.pii.masking import mask
from core.data.schema import Column, ColumnType

MOST_CHECKED = 1_000
FIRST_CHECKED = 100
MOST_SCANNED = 200_000
_STRINGS = {ColumnType.CATEGORY, ColumnType.TEXT}


@dataclass(frozen=True, slots=True)
class View:
    """What a detector sees.

    Attributes
    ----------
    column
        The column's schema.
    words
        Folded words of its name.
    rows, present, distinct
        Rows, rows with a value, different values.
    sample
        At most :data:`MOST_CHECKED` different values as text, evenly spaced, and so are the first
        hundred of them; empty unless the column holds strings or integers.
    levels
        At most :data:`MOST_SCANNED` different strings, for whole-column scans.
    low, high
        Smallest and largest number; NaN for strings.
    early, late
        Numbers below which a twentieth, and above which a twentieth of the different ones lie.
    key
        Whether the column is a key or takes part in a relationship.
    """

    column: Column
    words: tuple[str, ...]
    rows: int
    present: int
    distinct: int
    sample: tuple[str, ...]
    levels: pd.Series
    low: float
    high: float
    early: float
    late: float
    key: bool

    @property
    def strings(self) -> bool:
        """Whether values are strings."""
        return self.column.type in _STRINGS

    @property
    def integers(self) -> bool:
        """Whether values are integers."""
        return self.column.type is ColumnType.INTEGER

    @property
    def distinct_share(self) -> float:
        """Different values as a share of all values, from 0 to 1."""
        return self.distinct / self.present if self.present else 0.0

    @property
    def anonymous(self) -> bool:
        """Whether the column's name tells nothing, as ``col_1``, ``field2`` and ``x`` do."""
        return all(word.isdigit() or len(word) == 1 or word in EMPTY for word in self.words)

    def says(self, phrases: Phrases) -> bool:
        """Whether the column's name contains one of the phrases."""
        return says(self.words, phrases)

    def matching(self, test: Callable[[str], bool], *, rare: bool = False) -> tuple[str, ...]:
        """The sampled values that pass a test.

        Unless they may be rare, none is looked for further where the first hundred have none.
        """
        first = tuple(value for value in self.sample[:FIRST_CHECKED] if test(value))
        if not (first or rare):
            return ()
        return first + tuple(value for value in self.sample[FIRST_CHECKED:] if test(value))

    def share(self, matching: Sequence[str]) -> float:
        """What part of the sample these are, from 0 to 1."""
        return len(matching) / len(self.sample) if self.sample else 0.0


def view(values: pd.Series, column: Column, *, key: bool) -> View:
    """Look at a column of a canonical frame."""
    codes, levels = pd.factorize(values)
    texts = pd.Series(levels) if column.type in _STRINGS else pd.Series([], dtype="string")
    numeric = column.type.is_numeric and len(levels) > 0
    numbers = as_numbers(pd.Series(levels), column) if numeric else np.array([np.nan])
    return View(
        column=column,
        words=words(column.name),
        rows=len(values),
        present=int((codes >= 0).sum()),
        distinct=len(levels),
        sample=_sample(levels, column.type),
        levels=_spaced(texts, MOST_SCANNED),
        low=float(numbers.min()),
        high=float(numbers.max()),
        early=float(np.quantile(numbers, 0.05)),
        late=float(np.quantile(numbers, 0.95)),
        key=key,
    )


def masked_examples(values: Sequence[str], semantic: str, most: int = 3) -> tuple[str, ...]:
    """Return a few different masked values."""
    return tuple(dict.fromkeys(mask(value, semantic) for value in values[:50]))[:most]


def _spaced(values: pd.Series, most: int) -> pd.Series:
    if len(values) <= most:
        return values
    return values.iloc[np.linspace(0, len(values) - 1, most).astype(int)]


def _sample(levels: pd.Index, kind: ColumnType) -> tuple[str, ...]:
    if kind not in _STRINGS and kind is not ColumnType.INTEGER:
        return ()
    picked = _spaced(pd.Series(levels), MOST_CHECKED)
    stripped = (str(value).strip() for value in picked)
    different = list(dict.fromkeys(value for value in stripped if value))
    step = max(len(different) // FIRST_CHECKED, 1)
    return tuple(value for start in range(step) for value in different[start::step])
