"""Extra rows for a real table: apart, or behind the real ones with keys that go on."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput, InvalidParameter
from core.synthesis.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Joined:
    """Real rows followed by synthetic ones, and the table they make."""

    frame: pd.DataFrame
    table: Table


def join_real(
    real: pd.DataFrame,
    made: pd.DataFrame,
    synthesizer: Synthesizer,
    *,
    mark: str | None = None,
    rng: np.random.Generator,
) -> Joined:
    """The real rows with the extra ones behind them, and unique keys.

    The real rows are as they are, also in columns that are replaced or masked in the extra ones;
    columns that are dropped are absent from both.

    Parameters
    ----------
    real
        The training rows of the only table, canonical.
    made
        Rows that ``synthesizer`` (fitted to ``real``) has made.
    mark
        Name of a further column that tells which rows are synthetic.

    Raises
    ------
    InvalidInput
        When there are several tables.
    InvalidParameter
        When ``mark`` names a column that is there.
    """
    tables = synthesizer.output_schema.tables
    if len(tables) != 1:
        raise InvalidInput("Extra rows of several tables are written apart from the real ones.")
    table = tables[0]
    if mark is not None and mark in table.names:
        raise InvalidParameter(f"There is a column {mark!r} already. Choose another `mark`.")
    own = real[list(table.names)].reset_index(drop=True)
    extra = made[list(table.names)].reset_index(drop=True)
    if table.primary_key is not None:
        key = table.primary_key
        extra[key] = _fresh_keys(own[key], extra[key], synthesizer, table.name, rng)
    frame = pd.concat([own, extra], ignore_index=True)
    if mark is None:
        return Joined(frame, table)
    frame[mark] = pd.array([False] * len(own) + [True] * len(extra), dtype="boolean")
    marked = replace(table, columns=(*table.columns, Column(mark, ColumnType.BOOLEAN)))
    return Joined(frame, marked)


def _fresh_keys(
    real: pd.Series,
    made: pd.Series,
    synthesizer: Synthesizer,
    table: str,
    rng: np.random.Generator,
) -> pd.Series:
    """Keys like those made, none of which a real row has."""
    if not made.isin(real).any():
        return made
    if real.dtype == "Int64":
        first = int(real.max()) + 1
        return pd.Series(np.arange(first, first + len(made)), dtype="Int64", name=made.name)
    more = synthesizer.made_up(table, str(made.name), len(made) + len(real), rng)
    fresh = more[~more.isin(real) & more.notna()].drop_duplicates()
    if len(fresh) < len(made):
        raise InvalidInput(f"There are not enough free values for the key {made.name!r}.")
    return fresh.iloc[: len(made)].reset_index(drop=True)
