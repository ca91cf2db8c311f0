"""Filling open cells of a frame, each given all that is known of its row.

Columns with the same open rows form a block. Blocks are filled from the one with the fewest open
rows to the one with the most. Where open rows are nested (columns that are absent altogether; a
panel that people drop out of) the engine is given the columns without open cells and the blocks
filled before: this draws from the model's joint distribution. Where they are not, it is given all
other columns, first with their open cells as missing (and rows to learn from with the same holes,
so that it knows what to make of them), then every block is drawn again, a few times over, given
what the others have been filled with: imputation by chained equations
(van Buuren & Groothuis-Oudshoorn, "mice", Journal of Statistical Software 45, 2011), with the
engine's trees as in Burgette & Reiter, "Multiple imputation for missing data via sequential
regression trees" (American Journal of Epidemiology 172, 2010).
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress, SilentProgress
from core.synthesis.protocol import EngineInfo

Mask = npt.NDArray[np.bool_]
Open: TypeAlias = Mapping[str, Mask]


@dataclass(frozen=True, slots=True)
class Filler:
    """Which engine fills, and how often blocks that are not nested are drawn again."""

    info: EngineInfo
    params: object
    rounds: int = 2

    def __post_init__(self) -> None:
        if not self.info.takes_context:
            raise InvalidInput(
                f"The engine {self.info.name!r} cannot draw some columns given others. "
                "Use one that can, such as forest."
            )


def fill(
    frame: pd.DataFrame,
    open_cells: Open,
    table: Table,
    filler: Filler,
    *,
    train: pd.DataFrame | None = None,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """``frame`` with its open cells filled; all others stay as they are.

    Parameters
    ----------
    frame
        Canonical, the columns of ``table``.
    open_cells
        For columns with open cells: which rows are open.
    train
        Rows to learn from, whose missing values are values like any other; without them, a
        block is learned from the rows of ``frame`` in which it is not open.
    """
    progress = progress or SilentProgress()
    blocks = _blocks(open_cells)
    nested = _are_nested([open_cells[names[0]] for names in blocks])
    steps = len(blocks) * (1 if nested else 1 + filler.rounds)
    waiting = {name for names in blocks for name in names}
    current = frame.copy()
    for step in range(steps):
        names = blocks[step % len(blocks)]
        progress.step(step, steps, f"filling {', '.join(names)}")
        waiting -= set(names)
        unused = waiting if nested else set()
        given = tuple(n for n in table.names if n not in names and n not in unused)
        rows = open_cells[names[0]]
        learn = current[~rows] if train is None else train
        if train is not None and not nested:
            learn = _with_holes(train, {name: open_cells[name][rows] for name in waiting}, rng)
        own = table.select((*given, *names))
        drawn = _draw(learn, own, given, current.loc[rows, list(given)], filler, rng)
        for name in names:
            current.loc[rows, name] = drawn[name].array
    progress.step(steps, steps, "all cells")
    return current


def _draw(
    learn: pd.DataFrame,
    table: Table,
    given: tuple[str, ...],
    around: pd.DataFrame,
    filler: Filler,
    rng: np.random.Generator,
) -> pd.DataFrame:
    engine, silent = filler.info.make(filler.params), SilentProgress()
    rows = learn[list(table.names)].reset_index(drop=True)
    engine.fit(rows, table, rng=rng, progress=silent, context=given)
    known = around.reset_index(drop=True) if given else None
    return engine.sample(len(around), rng=rng, progress=silent, given=known)


def _with_holes(train: pd.DataFrame, holes: Open, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with holes in these columns, each as in one of the rows to fill."""
    if not holes:
        return train
    likes = rng.integers(len(next(iter(holes.values()))), size=len(train))
    gone = {name: train[name].mask(rows[likes]) for name, rows in sorted(holes.items())}
    return train.assign(**gone)


def _blocks(open_cells: Open) -> list[tuple[str, ...]]:
    """Columns by their open rows, fewest open rows first; columns without any are left out."""
    found: dict[bytes, list[str]] = {}
    for name, rows in open_cells.items():
        if rows.any():
            found.setdefault(rows.tobytes(), []).append(name)
    blocks = [tuple(names) for names in found.values()]
    return sorted(blocks, key=lambda names: int(open_cells[names[0]].sum()))


def _are_nested(masks: list[Mask]) -> bool:
    return all(bool((low <= high).all()) for low, high in itertools.pairwise(masks))
