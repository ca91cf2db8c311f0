"""``dp_vae``: a variational autoencoder trained through noise; see ``synthesis.neural.vae``."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.progress import Progress
from core.synthesis.marginals.engine import CellEngine
from core.synthesis.marginals.learn import Cells
from core.synthesis.neural.decoder import Decoder, FittedDecoder, shares_of
from core.synthesis.neural.engine import COUNTING, TrainedParams, with_steps
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo

NAME = "dp_vae"


@dataclass(frozen=True, slots=True)
class DpVaeParams(TrainedParams):
    """Parameters of the ``dp_vae`` engine."""

    latent_width: int = param(
        8,
        "Numbers of a row's code",
        "How many numbers a row is encoded in between the two halves of the network.",
        low=1,
        high=256,
        advanced=True,
    )
    rate: float = param(
        0.01,
        "Learning rate",
        "Highest step size of training.",
        low=1e-5,
        high=1.0,
        advanced=True,
    )


class DpVaeEngine(CellEngine[DpVaeParams]):
    """Learns rows of cells by private training; single columns by their noisy counts."""

    made = FittedDecoder

    def _learn(
        self, cells: Cells, params: DpVaeParams, rng: np.random.Generator, progress: Progress
    ) -> FittedDecoder:
        from core.synthesis.neural.training import plan_training
        from core.synthesis.neural.vae import VaeShape, train_vae

        ledger = cells.private.ledger
        shares = shares_of(cells.counted_again(COUNTING))
        plan = plan_training(ledger, params.sample_share, params.steps, params.clip)
        shape = VaeShape(params.latent_width, params.hidden_width, params.rate)
        first, after = rng.spawn(2)

        def train(told: Callable[[int], None]) -> Decoder:
            return train_vae(
                cells.codes,
                shares,
                shape,
                plan,
                rows=cells.rows,
                ledger=ledger,
                rng=first,
                told=told,
            )

        decoder = with_steps(train, plan.steps, ledger, progress)
        return FittedDecoder(cells.grouped, decoder.toward(shares, after))


INFO = EngineInfo(
    name=NAME,
    title="TVAE (differentially private)",
    summary="A small neural network that learns to write rows down in a few numbers and to read "
    "them back, every step of it through noise. A proven bound on what the result tells about one "
    "person.",
    good_at="many weak dependences of many columns at once; tables that train another model",
    not_for="small tables; exact counts of pairs of columns, where AIM is closer",
    licence="our own, free of further terms; Opacus and torch are free software",
    params=DpVaeParams,
    make=DpVaeEngine,
    load=DpVaeEngine.load,
    presets={
        "quick look": {"steps": 200, "sample_share": 0.05, "hidden_width": 64},
        "balanced": {},
        "best": {"steps": 1_500},
    },
    formal_guarantee=True,
    seconds_per_cell=1e-4,
)
