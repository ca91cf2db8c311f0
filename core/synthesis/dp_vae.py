"""``dp_vae``: a variational autoencoder trained through noise; see ``synthesis.neural.vae``."""

from dataclasses import dataclass

from core.synthesis.neural.decoder import Decoder
from core.synthesis.neural.engine import TrainedEngine, TrainedParams, Training
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


class DpVaeEngine(TrainedEngine[DpVaeParams]):
    """Learns rows of cells by private training; single columns by their noisy counts."""

    def _train(self, params: DpVaeParams, training: Training) -> Decoder:
        from core.synthesis.neural.vae import VaeShape, train_vae

        return train_vae(training, VaeShape(params.latent_width, params.hidden_width, params.rate))


INFO = EngineInfo(
    name=NAME,
    title="TVAE (differentially private)",
    summary="A small neural network that learns to write rows down in a few numbers and to read "
    "them back, every step of it through noise. A proven bound on what the result tells about one "
    "person.",
    good_at="Many weak dependences of many columns at once; tables that train another model.",
    not_for="Small tables; exact counts of pairs of columns, where AIM is closer.",
    licence="part of Synth Studio; Opacus and torch are free software",
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
