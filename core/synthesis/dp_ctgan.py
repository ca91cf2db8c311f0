"""``dp_ctgan``: a conditional GAN trained through noise; see ``synthesis.neural.gan``."""

from dataclasses import dataclass

from core.synthesis.neural.decoder import Decoder
from core.synthesis.neural.engine import TrainedEngine, TrainedParams, Training
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo

NAME = "dp_ctgan"


@dataclass(frozen=True, slots=True)
class DpCtganParams(TrainedParams):
    """Parameters of the ``dp_ctgan`` engine."""

    noise_width: int = param(
        8,
        "Noise width",
        "Random numbers that each row is made from, beside its condition.",
        low=1,
        high=1_024,
        advanced=True,
    )
    generator_rate: float = param(
        1e-3,
        "Generator's learning rate",
        "Highest step size of the generator.",
        low=1e-6,
        high=1.0,
        advanced=True,
    )
    discriminator_rate: float = param(
        2e-3,
        "Discriminator's learning rate",
        "Highest step size of the discriminator.",
        low=1e-6,
        high=1.0,
        advanced=True,
    )


class DpCtganEngine(TrainedEngine[DpCtganParams]):
    """Learns rows of cells by a private discriminator; single columns by their noisy counts."""

    def _train(self, params: DpCtganParams, training: Training) -> Decoder:
        from core.synthesis.neural.gan import GanShape, train_gan

        rates = (params.generator_rate, params.discriminator_rate)
        return train_gan(training, GanShape(params.noise_width, params.hidden_width, rates))


INFO = EngineInfo(
    name=NAME,
    title="CTGAN (differentially private)",
    summary="Two neural networks that train each other; the one that sees rows learns through "
    "noise, the one that writes rows learns from the first alone. A proven bound on what the "
    "result tells about one person.",
    good_at="Comparison with the network that is best known for tables.",
    not_for="The closest table for a budget: AIM and the private TVAE come closer; small ε.",
    licence="part of Synth Studio; Opacus and torch are free software",
    params=DpCtganParams,
    make=DpCtganEngine,
    load=DpCtganEngine.load,
    presets={
        "quick look": {
            "steps": 300,
            "hidden_width": 64,
            "generator_rate": 3e-3,
            "discriminator_rate": 3e-3,
        },
        "balanced": {},
        "best": {"steps": 1_000},
    },
    formal_guarantee=True,
    seconds_per_cell=2e-4,
)
