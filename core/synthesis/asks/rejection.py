"""Drawing rows and keeping those that fit, with a bound on how many are drawn.

The rate is measured and reported, and drawing stops as soon as it is plain that the bound will
not do. Batches have a bound of their own, so that memory does not grow with the rows asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.settle import Part
from core.synthesis.protocol import Engine

MOST_DRAWN_A_ROW = 100
LEAST_BOUND = 100_000
MOST_BATCH = 1 << 18
_PILOT = 10_000


@dataclass(slots=True)
class Tally:
    """How many rows were drawn, and how many of them kept."""

    drawn: int = 0
    kept: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.drawn + other.drawn, self.kept + other.kept)

    @property
    def rate(self) -> float:
        """Share of drawn rows that fitted; 1 when none had to be drawn."""
        return self.kept / self.drawn if self.drawn else 1.0


def draw_fitting(
    engine: Engine,
    table: Table,
    parts: Sequence[Part],
    counts: Sequence[int],
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[pd.DataFrame, Tally]:
    """So many rows of each part from a fitted engine, and how many were drawn for them.

    At most 100 rows are drawn for each row asked for, or 100,000 in all if that is more.

    Raises
    ------
    InvalidInput
        As soon as it is plain that the bound will not do, with the rate that was measured.
    """
    wanted, rows = np.array(counts), sum(counts)
    kept: list[list[pd.DataFrame]] = [[] for _ in parts]
    got = np.zeros(len(parts), int)
    hits, tally = np.zeros(len(parts), int), Tally()
    bound = max(LEAST_BOUND, MOST_DRAWN_A_ROW * rows)
    silent = _Quiet(progress)
    while (got < wanted).any():
        size = min(_next_size(wanted - got, hits, tally.drawn, rows), bound - tally.drawn)
        batch = engine.sample(size, rng=rng, progress=silent).reset_index(drop=True)
        tally.drawn += size
        free = np.ones(size, bool)
        for number, part in enumerate(parts):
            fits = np.flatnonzero(part.mask(batch) & free)
            free[fits] = False
            hits[number] += len(fits)
            taken = fits[: wanted[number] - got[number]]
            kept[number].append(batch.iloc[taken])
            got[number] += len(taken)
        tally.kept = int(hits.sum())
        silent.say(int(got.sum()), rows, tally.rate)
        _check_hope(wanted, got, hits, tally, bound)
    if not rows:
        return engine.sample(0, rng=rng, progress=silent), tally
    frame = pd.concat([piece for pieces in kept for piece in pieces], ignore_index=True)
    shuffled = frame.iloc[rng.permutation(rows)].reset_index(drop=True)
    return shuffled[list(table.names)], tally


class _Quiet:
    """Says how many rows fit so far, whatever an engine says of the rows of a batch."""

    def __init__(self, whole: Progress) -> None:
        self._whole = whole
        self._last: tuple[int, int, str] = (0, 1, "drawing rows that fit")

    def stage(self, name: str) -> None:
        """Stages belong to the whole."""

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: object = None,
    ) -> None:
        """Stay where it is, and let a job be cancelled in the middle of a batch."""
        self._whole.step(*self._last)

    def say(self, got: int, rows: int, rate: float) -> None:
        """Report rows that fit."""
        self._last = (got, rows, f"{got:,} of {rows:,} rows fit; {rate:.2%} of those drawn do")
        self._whole.step(*self._last)


def _next_size(missing: np.ndarray, hits: np.ndarray, drawn: int, rows: int) -> int:
    """A first look, then what should be enough at the rates seen so far."""
    if not drawn:
        return min(MOST_BATCH, max(rows, min(_PILOT, MOST_DRAWN_A_ROW * rows)))
    rates = (hits + 0.5) / drawn
    return min(MOST_BATCH, int(np.ceil((missing / rates).max() * 1.1)) + 10)


def _check_hope(
    wanted: np.ndarray, got: np.ndarray, hits: np.ndarray, tally: Tally, bound: int
) -> None:
    short = got < wanted
    if not short.any():
        return
    best = (hits + 3 * np.sqrt(hits + 1) + 3) / tally.drawn
    if tally.drawn < bound and (got + best * (bound - tally.drawn) >= wanted)[short].all():
        return
    rate = float((hits[short] / tally.drawn).min())
    raise InvalidInput(
        f"This engine draws and rejects, and of {tally.drawn:,} rows {rate:.3%} fitted. At most "
        f"{bound:,} rows are drawn for {int(wanted.sum()):,}. Ask for less, or use an engine that "
        "takes conditions without rejection, such as forest."
    )
