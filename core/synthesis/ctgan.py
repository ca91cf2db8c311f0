"""CTGAN of SDV: a generator and a discriminator that train each other, conditioned on categories.

Learns interactions that a copula cannot, given many rows and epochs. Slow without a GPU.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.progress import Progress
from core.synthesis.encoding import TableCoder
from core.synthesis.protocol import EngineInfo
from core.synthesis.sdv_nets.fitted import Network
from core.synthesis.sdv_nets.gan import FIGURES, GanParams, train_gan
from core.synthesis.sdv_nets.params import encode
from core.synthesis.sdv_support import LICENCE, Recipe, SdvEngine, load_engine


@dataclass(frozen=True, slots=True)
class CtganParams(GanParams):
    """Parameters of CTGAN."""


def _train(
    _: TableCoder,
    plain: pd.DataFrame,
    params: CtganParams,
    rng: np.random.Generator,
    progress: Progress,
) -> Network:
    return train_gan(plain, params, rng, progress)


_RECIPE = Recipe(encode, _train, Network.of_parts, with_torch=True)


def make(params: CtganParams) -> SdvEngine:
    """An unfitted CTGAN."""
    return SdvEngine(params, _RECIPE)


def load(blob: bytes) -> SdvEngine:
    """A fitted CTGAN from the bytes of its ``dump``."""
    return load_engine(blob, CtganParams, _RECIPE)


INFO = EngineInfo(
    name="ctgan",
    title="CTGAN",
    summary="Two neural networks that train each other until made-up rows pass for real ones.",
    good_at="Interactions of many columns, given 10,000 rows or more and time, best on a GPU.",
    not_for="Small tables, short deadlines, exact shares of rare categories.",
    licence=LICENCE,
    params=CtganParams,
    make=make,
    load=load,
    presets={
        "quick look": {"epochs": 10, "batch_size": 1_000, "layer_width": 128},
        "balanced": {"epochs": 150},
        "best": {"epochs": 500, "discriminator_steps": 2},
    },
    seconds_per_cell=6e-4,
    figures=FIGURES,
)
