"""CopulaGAN of SDV: CTGAN on numbers that were first brought to a bell shape by fitted curves.

Each number column is fitted with a curve (a copula's margin) and becomes standard normal scores;
CTGAN learns these; drawn scores go back through the curve. SDV's own class holds the same two
steps; here they are its curves (``core.synthesis.curves``) and its CTGAN, so that the curves may be
chosen for each column, follow the column's own quantiles, and are kept as tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from core.progress import Progress
from core.synthesis.coder_file import Arrays
from core.synthesis.curves import SHAPES, Curve, curve_parts, curves_of_parts, fit_curve, shapes_of
from core.synthesis.encoding import NumberCoder, Plain, TableCoder
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from core.synthesis.sdv_nets.fitted import Network
from core.synthesis.sdv_nets.gan import FIGURES, GanParams, train_gan
from core.synthesis.sdv_nets.params import encode
from core.synthesis.sdv_support import (
    LICENCE,
    Recipe,
    SdvEngine,
    load_engine,
    own_marginals_param,
)


@dataclass(frozen=True, slots=True)
class CopulaGanParams(GanParams):
    """Parameters of CopulaGAN: those of CTGAN, and the curves."""

    marginals: str = param(
        "beta",
        "Shape of number columns",
        "The curve that brings a number column to a bell shape. `empirical` follows the column's "
        "own quantiles; `gaussian_kde` smooths two thousand rows.",
        choices=SHAPES,
    )
    own_marginals: str = own_marginals_param()


@dataclass(frozen=True, slots=True)
class CurvedNetwork:
    """A network of scores, and the curves of the columns that are numbers."""

    network: Network
    curves: Mapping[str, Curve]

    def draw(self, rows: int, rng: np.random.Generator) -> Plain:
        """Plain columns of new rows."""
        scores = self.network.draw(rows, rng)
        return scores | {name: own.to_values(scores[name]) for name, own in self.curves.items()}

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What JSON and arrays hold of it."""
        about, arrays = self.network.parts()
        return about | {"curves": list(self.curves)}, arrays | curve_parts(self.curves)

    @classmethod
    def of_parts(cls, about: Mapping[str, Any], arrays: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`parts`."""
        return cls(Network.of_parts(about, arrays), curves_of_parts(about["curves"], arrays))


def _train(
    coder: TableCoder,
    plain: pd.DataFrame,
    params: CopulaGanParams,
    rng: np.random.Generator,
    progress: Progress,
) -> CurvedNetwork:
    shapes = shapes_of(coder.table, params.marginals, params.own_marginals)
    numbers = [own for own in coder.coders if isinstance(own, NumberCoder)]
    curves: dict[str, Curve] = {}
    for place, own in enumerate(numbers):
        progress.step(0, params.epochs, f"fitting curve {place + 1} of {len(numbers)}")
        values = plain[own.name].to_numpy(dtype=np.float64)
        curves[own.name] = fit_curve(values, shapes[own.column.name], rng)
    scores = {name: own.to_scores(plain[name].to_numpy()) for name, own in curves.items()}
    return CurvedNetwork(train_gan(plain.assign(**scores), params, rng, progress), curves)


_RECIPE = Recipe(encode, _train, CurvedNetwork.of_parts, with_torch=True)


def make(params: CopulaGanParams) -> SdvEngine:
    """An unfitted CopulaGAN."""
    return SdvEngine(params, _RECIPE)


def load(blob: bytes) -> SdvEngine:
    """A fitted CopulaGAN from the bytes of its ``dump``."""
    return load_engine(blob, CopulaGanParams, _RECIPE)


INFO = EngineInfo(
    name="copulagan",
    title="CopulaGAN",
    summary="CTGAN on numbers that fitted curves have brought to a bell shape first.",
    good_at="What CTGAN is good at, where numbers are skewed or bounded.",
    not_for="Small tables, short deadlines, numbers with several peaks.",
    licence=LICENCE,
    params=CopulaGanParams,
    make=make,
    load=load,
    presets={
        "quick look": {"epochs": 10, "batch_size": 1_000, "layer_width": 128},
        "balanced": {"epochs": 150},
        "best": {"epochs": 500, "discriminator_steps": 2, "marginals": "empirical"},
    },
    seconds_per_cell=6e-4,
    figures=FIGURES,
)
