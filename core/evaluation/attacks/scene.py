"""What an attack sees: training rows, control rows that nobody learned from, and judged rows.

One table is set up three times. *Synthetic*: the synthetic rows are judged, the holdout is the
control. *Copy*: training rows stand in for the synthetic ones, as many as there are of those.
*Fresh*: one half of the holdout stands in, the other half is the control.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.schema import Column, Table
from core.evaluation.attacks.distances import Distances, PointSets, measure_distances
from core.evaluation.attacks.limits import FULL, LIGHT, Effort
from core.evaluation.case import Case
from core.evaluation.encoding import Matrix
from core.evaluation.nearest import Cloud, place
from core.evaluation.values import NotMeasured


@dataclass(frozen=True, slots=True)
class Frames:
    """Rows as they are."""

    train: pd.DataFrame
    control: pd.DataFrame
    judged: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Cells:
    """Judged columns as float matrices; see ``core.evaluation.encoding``."""

    names: tuple[str, ...]
    levels: npt.NDArray[np.int64]
    train: Matrix
    control: Matrix
    judged: Matrix


@dataclass(frozen=True, slots=True)
class Scene:
    """One set-up; ``seed`` starts every attack's own stream of random numbers."""

    table: Table
    columns: tuple[Column, ...]
    frames: Frames
    cells: Cells
    points: PointSets
    distances: Distances | NotMeasured
    effort: Effort
    small_group: int
    seed: int

    def rng(self) -> np.random.Generator:
        """A stream of random numbers, the same each time."""
        return np.random.default_rng(self.seed)


@dataclass(frozen=True, slots=True)
class _Maker:
    """What the three scenes of a table share."""

    case: Case
    small_group: int
    seed: int

    def scene(self, frames: Frames, cells: Cells, points: PointSets, effort: Effort) -> Scene:
        return Scene(
            self.case.table,
            self.case.judged,
            frames,
            cells,
            points,
            measure_distances(points, effort, np.random.default_rng(self.seed)),
            effort,
            self.small_group,
            self.seed,
        )

    def cells(self, control: Matrix, judged: Matrix) -> Cells:
        encoded = self.case.encoded
        return Cells(encoded.names, encoded.levels, encoded.train, control, judged)


def set_scenes(case: Case, small_group: int, rng: np.random.Generator) -> Iterator[Scene]:
    """The three scenes of a table, one after the other: synthetic, copy, fresh."""
    cloud = place(case.encoded, rng)
    maker = _Maker(case, small_group, int(rng.integers(2**62)))
    yield _synthetic(maker, cloud)
    yield _copy(maker, cloud, rng)
    yield _fresh(maker, cloud, rng)


def _synthetic(maker: _Maker, cloud: Cloud) -> Scene:
    case = maker.case
    return maker.scene(
        Frames(case.train, case.holdout, case.synthetic),
        maker.cells(case.encoded.holdout, case.encoded.synthetic),
        PointSets(cloud.train, cloud.holdout, cloud.synthetic),
        FULL,
    )


def _copy(maker: _Maker, cloud: Cloud, rng: np.random.Generator) -> Scene:
    """As many training rows as there are synthetic ones."""
    case, encoded = maker.case, maker.case.encoded
    rows = len(case.synthetic)
    chosen = rng.permutation(len(case.train))[:rows]
    cells = encoded.train[rng.permutation(len(encoded.train))[: len(encoded.synthetic)]]
    points = cloud.train[rng.permutation(len(cloud.train))[: len(cloud.synthetic)]]
    return maker.scene(
        Frames(case.train, case.holdout, case.train.iloc[chosen].reset_index(drop=True)),
        maker.cells(encoded.holdout, cells),
        PointSets(cloud.train, cloud.holdout, points),
        LIGHT,
    )


def _fresh(maker: _Maker, cloud: Cloud, rng: np.random.Generator) -> Scene:
    """One half of the holdout as if it were synthetic, the other as control."""
    case, encoded = maker.case, maker.case.encoded
    order = rng.permutation(len(case.holdout))
    first, second = (case.holdout.iloc[part] for part in _halves(order))
    cells, others = _halves(encoded.holdout[rng.permutation(len(encoded.holdout))])
    points, rest = _halves(cloud.holdout)
    return maker.scene(
        Frames(case.train, second.reset_index(drop=True), first.reset_index(drop=True)),
        maker.cells(others, cells),
        PointSets(cloud.train, rest, points),
        FULL,
    )


def _halves(rows: Any) -> tuple[Any, Any]:
    middle = len(rows) // 2
    return rows[:middle], rows[middle:]
