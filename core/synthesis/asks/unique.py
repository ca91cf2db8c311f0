"""The rule that no two rows have the same values in some columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers, from_numbers
from core.data.schema import Column, ColumnType, Table
from core.synthesis.asks.rules import AsItIs, Floats, Mask, changed, unknown

Hashes = npt.NDArray[np.uint64]
_WHOLE = {ColumnType.INTEGER, ColumnType.DATE}
_TRIES = 20
_WIDEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Unique(AsItIs):
    """No two rows agree in all of the columns; a row that misses one of them agrees with none.

    Kept by drawing again and by repair, also between blocks of rows that are drawn one after the
    other (see :meth:`hashes`).
    """

    columns: tuple[str, ...]

    @property
    def words(self) -> str:
        """The rule in a few words."""
        return f"{', '.join(self.columns)} unique"

    def problems(self, table: Table) -> list[str]:
        """Unknown columns, none, or one twice."""
        if found := unknown(self.columns, table):
            return found
        if not self.columns or len(set(self.columns)) < len(self.columns):
            return ["A rule of unique values needs at least one column, each once."]
        return []

    def kept(self, frame: pd.DataFrame, table: Table) -> Mask:
        """Which rows agree with none before them."""
        own = frame[list(self.columns)]
        return np.asarray(~own.duplicated().to_numpy() | own.isna().any(axis=1).to_numpy())

    def hashes(self, frame: pd.DataFrame) -> Hashes:
        """A number for the values of each row, 0 for rows that miss one."""
        own = frame[list(self.columns)]
        numbers = pd.util.hash_pandas_object(own, index=False).to_numpy(np.uint64)
        return np.where(own.isna().any(axis=1).to_numpy(), np.uint64(0), numbers)

    def repair(
        self, frame: pd.DataFrame, table: Table, given: Sequence[str], rng: np.random.Generator
    ) -> pd.DataFrame:
        """Repeated values become free ones near those that were drawn; without any, missing."""
        return self.repaired(frame, table, given, rng, np.zeros(0, np.uint64))

    def repaired(
        self,
        frame: pd.DataFrame,
        table: Table,
        given: Sequence[str],
        rng: np.random.Generator,
        earlier: Hashes,
    ) -> pd.DataFrame:
        """As :meth:`repair`, also apart from rows with the hashes ``earlier``."""
        free = [name for name in self.columns if name not in given]
        if not free:
            return frame
        numeric = [name for name in free if table[name].type.is_numeric]
        if len(self.columns) == 1 and numeric and table[free[0]].type in _WHOLE:
            frame = self._filled_up(frame, table[free[0]], table, earlier, rng)
        for attempt in range(_TRIES if numeric else 0):
            wrong = self.repeated(frame, table, earlier)
            if not wrong.any():
                return frame
            column = table[numeric[-1]]
            moved = _moved(frame[column.name], column, wrong, 2.0**attempt, rng)
            frame = changed(frame, column.name, moved, wrong, column)
        wrong = self.repeated(frame, table, earlier)
        blank = frame[free[-1]].mask(wrong).astype(table[free[-1]].type.dtype)
        return frame.assign(**{free[-1]: blank}) if wrong.any() else frame

    def _filled_up(
        self,
        frame: pd.DataFrame,
        column: Column,
        table: Table,
        earlier: Hashes,
        rng: np.random.Generator,
    ) -> pd.DataFrame:
        """Whole numbers that repeat become free ones of their range, and then those above it."""
        wrong = self.repeated(frame, table, earlier)
        numbers = as_numbers(frame[column.name], column)
        if not wrong.any() or np.ptp(numbers[~np.isnan(numbers)]) > _WIDEST:
            return frame
        low, high, count = np.nanmin(numbers), np.nanmax(numbers), int(wrong.sum())
        inside = np.arange(low, high + 1)
        above = np.arange(high + 1, high + 1 + count + len(earlier))
        free = [self._unused(part, numbers, column, earlier) for part in (inside, above)]
        chosen = np.concatenate([rng.permutation(free[0])[:count], free[1]])[:count]
        numbers[wrong] = rng.permutation(chosen)
        return changed(frame, column.name, numbers, wrong, column)

    def _unused(self, numbers: Floats, taken: Floats, column: Column, earlier: Hashes) -> Floats:
        left = numbers[~np.isin(numbers, taken)]
        made = from_numbers(left, column).astype(column.type.dtype).to_frame(column.name)
        return np.asarray(left[~np.isin(self.hashes(made), earlier)])

    def repeated(self, frame: pd.DataFrame, table: Table, earlier: Hashes) -> Mask:
        """Which rows agree with one before them, here or among ``earlier``."""
        wrong = ~self.kept(frame, table)
        if len(earlier):
            hashes = self.hashes(frame)
            wrong |= np.isin(hashes, earlier) & (hashes != 0)
        return wrong


def _moved(
    values: pd.Series, column: Column, wrong: Mask, reach: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Numbers a few steps aside, within the range of those that were drawn."""
    numbers = as_numbers(values, column)
    decimals = column.format.decimals
    if column.type in _WHOLE or column.type is not ColumnType.NUMBER:
        step = 1.0
    else:
        spread = float(np.nanmax(numbers) - np.nanmin(numbers))
        step = 10.0**-decimals if decimals is not None else max(spread, 1.0) * 1e-9
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    aside = np.round(rng.normal(0, 1 + 4 * reach, len(numbers))) * step
    moved = numbers + np.where(wrong, aside, 0.0)
    return np.where((moved < low) | (moved > high), rng.uniform(low, high, len(numbers)), moved)
