"""The Gaussian copula of SDV: each column's own distribution, tied together by one correlation.

Fast and robust, good for a first look and for tables whose columns depend on each other in one
direction. Interactions of three columns and more are beyond it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.progress import Progress
from core.synthesis.coder_file import Arrays
from core.synthesis.curves import EMPIRICAL, SHAPES, shapes_of
from core.synthesis.encoding import Floats, Plain, TableCoder
from core.synthesis.latent import LevelCoder, QuantileCoder, code_latent
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from core.synthesis.sdv_support import (
    LICENCE,
    TABLE,
    Recipe,
    SdvEngine,
    load_engine,
    own_marginals_param,
    protect_rare_param,
    sdv_metadata,
)

_MOST_RELATED = 100_000


@dataclass(frozen=True, slots=True)
class CopulaParams:
    """Parameters of the Gaussian copula."""

    marginals: str = param(
        EMPIRICAL,
        "Shape of number columns",
        "`empirical` follows each column's own quantiles. The others fit a named curve, smoother "
        "and further from single records; `gaussian_kde` smooths two thousand rows.",
        choices=SHAPES,
    )
    own_marginals: str = own_marginals_param()
    protect_rare: int = protect_rare_param()
    few_values: int = param(
        50,
        "Exact values up to",
        "A number column with at most this many distinct values gets exactly these values back; "
        "with more, values in between may appear.",
        low=0,
        high=10_000,
        advanced=True,
    )


@dataclass(frozen=True, slots=True)
class Copula:
    """One correlation of standard normal scores, and how far each column's scores spread.

    ``root`` times independent scores has that correlation.
    """

    names: tuple[str, ...]
    root: Floats
    spreads: Floats

    def draw(self, rows: int, rng: np.random.Generator) -> Plain:
        """Plain columns of new rows."""
        scores = rng.standard_normal((rows, len(self.names))) @ self.root.T * self.spreads
        return {name: scores[:, place] for place, name in enumerate(self.names)}

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What JSON and arrays hold of it."""
        return {"names": list(self.names)}, {"root": self.root, "spreads": self.spreads}

    @classmethod
    def of_parts(cls, about: Mapping[str, Any], arrays: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`parts`."""
        return cls(tuple(about["names"]), arrays["root"], arrays["spreads"])


def _encode(
    frame: pd.DataFrame,
    table: Table,
    params: CopulaParams,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[TableCoder, pd.DataFrame]:
    shapes = shapes_of(table, params.marginals, params.own_marginals)

    def told(place: int, count: int) -> None:
        progress.step(place, count + 1, f"column {place + 1} of {count}")

    return code_latent(frame, table, rng, shapes=shapes, few=params.few_values, told=told)


def _train(
    coder: TableCoder,
    plain: pd.DataFrame,
    params: CopulaParams,
    rng: np.random.Generator,
    progress: Progress,
) -> Copula:
    from sdv.single_table import GaussianCopulaSynthesizer

    whole = len(coder.coders) + 1
    progress.step(whole - 1, whole, "relating the columns")
    seen = plain
    if len(plain) > _MOST_RELATED:
        seen = plain.take(rng.choice(len(plain), _MOST_RELATED, replace=False))
    model = GaussianCopulaSynthesizer(
        sdv_metadata(plain),
        enforce_min_max_values=False,
        enforce_rounding=False,
        default_distribution="norm",
    )
    model.fit_processed_data({TABLE: seen})
    found = model._model.correlation
    spreads = dict.fromkeys(map(str, found.columns), 1.0) | _spreads(coder)
    valid = strengthen(found, spreads)
    progress.step(whole, whole, f"{len(plain.columns)} columns")
    root = np.linalg.cholesky(valid.to_numpy())
    return Copula(tuple(spreads), root, np.array(list(spreads.values())))


def _spreads(coder: TableCoder) -> dict[str, float]:
    """How far the mean scores of each column of levels spread."""
    own = [c.missing if isinstance(c, QuantileCoder) else c for c in coder.coders]
    return {level.name: level.spread for level in own if isinstance(level, LevelCoder)}


def strengthen(correlation: pd.DataFrame, spreads: Mapping[str, float]) -> pd.DataFrame:
    """The correlation of the scores behind columns of which only mean scores of levels are seen.

    To first order, seeing only levels weakens a correlation by the product of the spreads of both
    columns' mean scores (a polychoric correlation in its simplest form). The result is brought
    back to a valid correlation matrix by raising negative eigenvalues.
    """
    spread = np.array([spreads[str(name)] for name in correlation.columns])
    raised = correlation.to_numpy() / np.outer(spread, spread)
    np.clip(raised, -0.999, 0.999, out=raised)
    np.fill_diagonal(raised, 1.0)
    values, vectors = np.linalg.eigh(raised)
    valid = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(valid))
    valid = valid / np.outer(scale, scale)
    return pd.DataFrame(valid, index=correlation.index, columns=correlation.columns)


_RECIPE = Recipe(_encode, _train, Copula.of_parts, with_torch=False)


def make(params: CopulaParams) -> SdvEngine:
    """An unfitted Gaussian copula."""
    return SdvEngine(params, _RECIPE)


def load(blob: bytes) -> SdvEngine:
    """A fitted Gaussian copula from the bytes of its ``dump``."""
    return load_engine(blob, CopulaParams, _RECIPE)


INFO = EngineInfo(
    name="copula",
    title="Gaussian copula",
    summary="Each column's own distribution, and one correlation between any two.",
    good_at="A first look within seconds, wide tables, smooth numbers.",
    not_for="Rules and interactions between three or more columns.",
    licence=LICENCE,
    params=CopulaParams,
    make=make,
    load=load,
    presets={
        "quick look": {},
        "balanced": {},
        "best": {"few_values": 200},
    },
    seconds_per_cell=5e-6,
)
