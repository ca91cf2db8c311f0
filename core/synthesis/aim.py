"""``aim``: the most faithful of the differentially private engines; see ``marginals.adaptive``."""

from dataclasses import dataclass

import numpy as np

from core.synthesis.marginals.adaptive import Effort, Told, fit_adaptively
from core.synthesis.marginals.engine import MarginalEngine
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo, PrivateParams

NAME = "aim"


@dataclass(frozen=True, slots=True)
class AimParams(PrivateParams):
    """Parameters of the ``aim`` engine."""

    rounds: int = param(
        4,
        "Rounds a column",
        "Into how many rounds for each column the budget is shared out at first. More rounds "
        "measure more, each with more noise.",
        low=1,
        high=64,
        advanced=True,
    )
    model_cells: int = param(
        120_000,
        "Cells of the model",
        "Bound on memory and time; more lets more columns be modelled together.",
        low=1_000,
        high=20_000_000,
        advanced=True,
    )
    triple_cells: int = param(
        3_000,
        "Cells of a triple",
        "Three columns are measured together where they have at most so many cells; 0 for pairs "
        "only.",
        low=0,
        high=1_000_000,
        advanced=True,
    )
    most_seconds: float = param(
        600.0,
        "Time for measuring, in seconds",
        "After so long by the clock, what is left of the budget is spent on one last measurement. "
        "A busy machine may measure less in it.",
        low=1.0,
        high=86_400.0,
        advanced=True,
    )


class AimEngine(MarginalEngine[AimParams]):
    """Measures what its model gets most wrong, round by round."""

    def _model(
        self, cells: Cells, params: AimParams, rng: np.random.Generator, told: Told
    ) -> GraphicalModel:
        effort = Effort(params.rounds, params.model_cells, params.triple_cells, params.most_seconds)
        return fit_adaptively(cells, effort, rng, told)


INFO = EngineInfo(
    name=NAME,
    title="AIM (differentially private)",
    summary="Measures counts of those columns that its model gets most wrong, with noise, and "
    "fits a graphical model to them. A proven bound on what the result tells about one person.",
    good_at="The closest tables under differential privacy, up to some 100 columns.",
    not_for="Several related tables; exact values of numbers with many digits.",
    licence="part of Synth Studio",
    params=AimParams,
    make=AimEngine,
    load=AimEngine.load,
    presets={
        "quick look": {"rounds": 2, "model_cells": 30_000, "triple_cells": 0},
        "balanced": {},
        "best": {"model_cells": 400_000, "triple_cells": 6_000},
    },
    formal_guarantee=True,
    seconds_per_cell=5e-5,
)
