"""Training SDV's CTGAN: what ``ctgan`` and ``copulagan`` share."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.progress import Progress
from core.synthesis.params import param
from core.synthesis.sdv_nets.fitted import Network, weights_of
from core.synthesis.sdv_nets.params import NetworkParams
from core.synthesis.sdv_nets.rows import CodedRows, Conditions, Prepared, code_rows
from core.synthesis.sdv_nets.training import Watch, on_gpu, replaced
from core.synthesis.sdv_support import TABLE, sdv_metadata

FIGURES = {
    "generator_loss": "what the network that makes rows tries to lower, of the last batch of each "
    "epoch; it may be below zero, and rises where the other network gets better.",
    "discriminator_loss": "likewise of the network that judges rows. Both swing; that they settle, "
    "not that they fall, is the sign of a good end.",
}


@dataclass(frozen=True, slots=True)
class GanParams(NetworkParams):
    """Parameters of CTGAN."""

    noise_width: int = param(
        128,
        "Noise width",
        "Random numbers that each row is made from.",
        low=2,
        high=1_024,
        advanced=True,
    )
    discriminator_width: int = param(
        0,
        "Discriminator's layer width",
        "Width of the hidden layers of the network that judges; 0 is that of the other.",
        low=0,
        high=2_048,
        advanced=True,
    )
    generator_rate: float = param(
        2e-4,
        "Generator's learning rate",
        "Step size of the generator.",
        low=1e-6,
        high=0.1,
        advanced=True,
    )
    discriminator_rate: float = param(
        2e-4,
        "Discriminator's learning rate",
        "Step size of the discriminator.",
        low=1e-6,
        high=0.1,
        advanced=True,
    )
    generator_decay: float = param(
        1e-6,
        "Generator's weight decay",
        "Pull of the generator's weights towards zero.",
        low=0.0,
        high=0.1,
        advanced=True,
    )
    discriminator_decay: float = param(
        1e-6,
        "Discriminator's weight decay",
        "Pull of the discriminator's weights towards zero.",
        low=0.0,
        high=0.1,
        advanced=True,
    )
    discriminator_steps: int = param(
        1,
        "Discriminator steps",
        "Updates of the discriminator for each update of the generator.",
        low=1,
        high=10,
        advanced=True,
    )
    pac: int = param(
        10,
        "Rows judged together",
        "The discriminator sees so many rows at once, which keeps the generator from making the "
        "same row again and again. Batches are rounded down to a multiple.",
        low=1,
        high=50,
        advanced=True,
    )
    balance_rare: bool = param(
        True,
        "Show rare categories more often",
        "The training sees categories by the logarithm of how often they occur, so that rare ones "
        "are learned. Drawn rows follow the true frequencies either way.",
        advanced=True,
    )


def fitting_batch(wanted: int, rows: int, pac: int = 10) -> int:
    """The batch size: even, a multiple of ``pac``, and no larger than the table needs."""
    step = math.lcm(2, pac)
    return max(step, min(wanted // step * step, -(-rows // step) * step))


def train_gan(
    plain: pd.DataFrame, params: GanParams, rng: np.random.Generator, progress: Progress
) -> Network:
    """A generator of plain columns.

    Raises
    ------
    InvalidParameter
        A GPU was asked for where there is none.
    """
    batch = fitting_batch(params.batch_size, len(plain), params.pac)
    steps = max(len(plain) // batch, 1) * (params.discriminator_steps + 1)
    watch = Watch(progress, params.epochs, steps)
    gpu = on_gpu(params.device)
    rows = code_rows(plain, params.modes, rng, watch.coding)
    conditions = Conditions(rows, params.balance_rare, rng, watch.tick)
    model = _synthesizer(plain, params, batch, gpu)
    watch.losses = lambda: _losses(model._model.loss_values)
    _train(model, plain, rows, conditions, watch)
    return _kept(model._model._generator.seq, rows, conditions, params).settled(rng)


def _synthesizer(plain: pd.DataFrame, params: GanParams, batch: int, gpu: bool) -> Any:
    from sdv.single_table import CTGANSynthesizer

    judging = params.discriminator_width or params.layer_width
    return CTGANSynthesizer(
        sdv_metadata(plain),
        enforce_min_max_values=False,
        enforce_rounding=False,
        epochs=params.epochs,
        batch_size=batch,
        pac=params.pac,
        embedding_dim=params.noise_width,
        generator_dim=(params.layer_width,) * params.layers,
        discriminator_dim=(judging,) * params.layers,
        generator_lr=params.generator_rate,
        discriminator_lr=params.discriminator_rate,
        generator_decay=params.generator_decay,
        discriminator_decay=params.discriminator_decay,
        discriminator_steps=params.discriminator_steps,
        log_frequency=params.balance_rare,
        enable_gpu=gpu,
    )


def _train(
    model: Any, plain: pd.DataFrame, rows: CodedRows, conditions: Conditions, watch: Watch
) -> None:
    """SDV's training, on rows that are coded already; SDV's own checks see the first."""
    import ctgan.synthesizers.ctgan as training

    with replaced(
        training,
        tqdm=watch.over,
        DataTransformer=lambda: Prepared(rows),
        DataSampler=lambda *_: conditions,
    ):
        model.fit_processed_data({TABLE: plain.head(1)})


def _losses(told: pd.DataFrame) -> dict[str, float]:
    """Both losses of the epoch's last batch, all that CTGAN tells."""
    last = told.iloc[-1]
    return {
        "generator_loss": float(last["Generator Loss"]),
        "discriminator_loss": float(last["Discriminator Loss"]),
    }


def _kept(layers: Any, rows: CodedRows, conditions: Conditions, params: GanParams) -> Network:
    *hidden, last = layers
    return Network(
        layout=rows.layout,
        hidden=tuple(weights_of(layer.fc) for layer in hidden),
        norms=tuple(weights_of(layer.bn) for layer in hidden),
        last=weights_of(last),
        noise=params.noise_width,
        asked=conditions.shares,
        blur=np.zeros(0, np.float32),
    )
