"""``mst``: the quick differentially private engine; see ``core.synthesis.marginals.spanning``."""

from dataclasses import dataclass

import numpy as np

from core.synthesis.marginals.adaptive import Told
from core.synthesis.marginals.engine import MarginalEngine
from core.synthesis.marginals.learn import Cells
from core.synthesis.marginals.model import GraphicalModel
from core.synthesis.marginals.spanning import fit_tree
from core.synthesis.protocol import EngineInfo, PrivateParams

NAME = "mst"


@dataclass(frozen=True, slots=True)
class MstParams(PrivateParams):
    """Parameters of the ``mst`` engine."""


class MstEngine(MarginalEngine[MstParams]):
    """Measures a tree of pairs of columns, then some pairs beside it."""

    def _model(
        self, cells: Cells, params: MstParams, rng: np.random.Generator, told: Told
    ) -> GraphicalModel:
        return fit_tree(cells, rng, told)


INFO = EngineInfo(
    name=NAME,
    title="MST (differentially private, quick)",
    summary="Measures counts of pairs of columns that make up a tree and of some beside it, with "
    "noise, and fits a graphical model to them. A proven bound on what the result tells about one "
    "person.",
    good_at="A first private table within seconds; many columns.",
    not_for="Dependencies of three and more columns at once; several related tables.",
    licence="part of Synth Studio",
    params=MstParams,
    make=MstEngine,
    load=MstEngine.load,
    presets={"quick look": {}, "balanced": {}, "best": {}},
    formal_guarantee=True,
    seconds_per_cell=5e-6,
)
