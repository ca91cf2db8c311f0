"""How well missing cells are filled: known cells are hidden, filled, and compared with the truth.

A tenth of the known cells of each column is hidden at random, beside those that are missing. What
is filled in is compared with filling in the column's mean or commonest value. Cells are *drawn*,
so that a filled table keeps its spread; for the comparison each is drawn five times, and the mean
or the commonest draw counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, Table
from core.evaluation.measures import NotMeasured, Score
from core.progress import Progress
from core.synthesis.asks.complete import impute
from core.synthesis.asks.fill import Filler

HIDDEN_SHARE = 0.1
LEAST_HIDDEN = 20
MOST_ROWS = 20_000
DRAWS = 5
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class FilledColumn:
    """How well one column's hidden cells were filled.

    Attributes
    ----------
    kind
        ``number``: the two figures are root mean square errors in the column's own unit (days of
        dates, seconds of times), less is better. ``label``: they are shares of cells filled right,
        more is better.
    cells
        Known cells that were hidden.
    filled, baseline
        What filling reaches, and what the column's mean or commonest value does.
    gain
        Share of the baseline's error that filling takes away; below 0 where it adds some.
    """

    column: str
    kind: str
    cells: int
    filled: Score
    baseline: Score
    gain: Score


def judge_filling(
    frame: pd.DataFrame,
    table: Table,
    columns: Sequence[str],
    filler: Filler,
    *,
    left: Mapping[str, str] | None = None,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> tuple[FilledColumn, ...]:
    """Hide known cells of ``columns``, fill them and compare; on at most 20,000 rows.

    ``left`` names columns that filling leaves as they are, as in :func:`impute`.
    """
    if len(frame) > MOST_ROWS:
        chosen = np.sort(rng.choice(len(frame), MOST_ROWS, replace=False))
        frame = frame.iloc[chosen].reset_index(drop=True)
    hidden = {name: _hidden(frame[name], rng) for name in columns}
    enough = {name: places for name, places in hidden.items() if len(places) >= LEAST_HIDDEN}
    if not enough:
        return tuple(_too_few(table[name], len(hidden[name])) for name in columns)
    holed = frame.copy()
    for name, places in enough.items():
        holed[name] = _without(holed[name], places)
    done = impute(holed, table, times=DRAWS, filler=filler, left=left, rng=rng, progress=progress)
    return tuple(
        _judged(table[name], frame[name], holed[name], [t[name] for t in done.tables], enough[name])
        if name in enough
        else _too_few(table[name], len(hidden[name]))
        for name in columns
    )


def _hidden(values: pd.Series, rng: np.random.Generator) -> Places:
    known = np.flatnonzero(values.notna().to_numpy(dtype=bool))
    return np.asarray(np.sort(rng.permutation(known)[: round(HIDDEN_SHARE * len(known))]))


def _without(values: pd.Series, places: Places) -> pd.Series:
    gone = np.zeros(len(values), np.bool_)
    gone[places] = True
    return values.mask(gone)


def _too_few(column: Column, cells: int) -> FilledColumn:
    reason = NotMeasured(
        f"A tenth of the known cells are {cells}; {LEAST_HIDDEN} are needed to hide."
    )
    return FilledColumn(column.name, _kind(column), cells, reason, reason, reason)


def _kind(column: Column) -> str:
    return "number" if column.type.is_numeric else "label"


def _judged(
    column: Column,
    real: pd.Series,
    holed: pd.Series,
    fills: Sequence[pd.Series],
    places: Places,
) -> FilledColumn:
    if column.type.is_numeric:
        truth = as_numbers(real.iloc[places], column)
        mean = np.nanmean(as_numbers(holed, column))
        drawn = np.mean([as_numbers(fill.iloc[places], column) for fill in fills], axis=0)
        filled, baseline = (_rms(guess - truth) for guess in (drawn, mean))
        gain = _gain(filled, baseline)
    else:
        truth_labels = real.iloc[places].astype("object").to_numpy()
        drawn_labels = pd.DataFrame({i: fill.iloc[places] for i, fill in enumerate(fills)})
        commonest = drawn_labels.astype("object").mode(axis=1)[0].to_numpy()
        filled = float((commonest == truth_labels).mean())
        baseline = float((truth_labels == holed.mode().iloc[0]).mean())
        gain = _gain(1 - filled, 1 - baseline)
    return FilledColumn(column.name, _kind(column), len(places), filled, baseline, gain)


def _rms(errors: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _gain(error: float, baseline: float) -> Score:
    if baseline == 0:
        return NotMeasured("The mean or commonest value makes no error: there is nothing to gain.")
    return 1 - error / baseline
