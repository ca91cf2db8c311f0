"""``dp_copula``: one noisy correlation a pair of columns; see ``synthesis.marginals.copula``."""

from dataclasses import dataclass

import numpy as np

from core.progress import Progress
from core.synthesis.marginals.copula import FittedCopula, fit_copula
from core.synthesis.marginals.engine import CellEngine, telling
from core.synthesis.marginals.learn import Cells
from core.synthesis.protocol import EngineInfo, PrivateParams

NAME = "dp_copula"


@dataclass(frozen=True, slots=True)
class DpCopulaParams(PrivateParams):
    """Parameters of the ``dp_copula`` engine."""


class DpCopulaEngine(CellEngine[DpCopulaParams]):
    """Counts single columns, then coarse tables of all pairs, and keeps a correlation of each."""

    made = FittedCopula

    def _learn(
        self, cells: Cells, params: DpCopulaParams, rng: np.random.Generator, progress: Progress
    ) -> FittedCopula:
        return fit_copula(cells, telling(progress))


INFO = EngineInfo(
    name=NAME,
    title="Gaussian copula (differentially private, quick)",
    summary="Counts each column and, coarsely, each pair of columns with noise, and keeps one "
    "correlation of each pair. A proven bound on what the result tells about one person.",
    good_at="A first private table within a second; numbers that rise and fall together.",
    not_for="Dependences of labels that no order of them shows; several related tables.",
    licence="part of Synth Studio",
    params=DpCopulaParams,
    make=DpCopulaEngine,
    load=DpCopulaEngine.load,
    presets={"quick look": {}, "balanced": {}, "best": {}},
    formal_guarantee=True,
    seconds_per_cell=4e-6,
)
