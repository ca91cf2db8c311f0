"""The Gaussian copula of SDV: each column's own distribution, tied together by one correlation.

Fast and robust, good for a first look and for tables whose columns depend on each other in one
direction. Interactions of three columns and more are beyond it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.progress import Progress
from core.synthesis.encoding import TableCoder
from core.synthesis.latent import code_latent
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from core.synthesis.sdv_support import (
    LICENCE,
    Recipe,
    SdvEngine,
    load_engine,
    protect_rare_param,
    sdv_metadata,
)

MARGINALS = ("empirical", "beta", "truncnorm", "norm", "gamma", "uniform", "gaussian_kde")


@dataclass(frozen=True, slots=True)
class CopulaParams:
    """Parameters of the Gaussian copula."""

    marginals: str = param(
        "empirical",
        "Shape of number columns",
        "`empirical` follows each column's own quantiles. The others fit a named curve, smoother "
        "and further from single records; `gaussian_kde` is slow.",
        choices=MARGINALS,
    )
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


def _encode(
    frame: pd.DataFrame, table: Table, params: CopulaParams, rng: np.random.Generator
) -> tuple[TableCoder, pd.DataFrame, tuple[str, ...]]:
    empirical = params.marginals == "empirical"
    return code_latent(frame, table, rng, empirical=empirical, few=params.few_values)


def _train(
    plain: pd.DataFrame, raw: tuple[str, ...], params: CopulaParams, progress: Progress
) -> Any:
    from sdv.single_table import GaussianCopulaSynthesizer

    progress.step(0, 1, f"{len(plain.columns)} columns")
    model = GaussianCopulaSynthesizer(
        sdv_metadata(plain),
        enforce_min_max_values=False,
        enforce_rounding=False,
        numerical_distributions=dict.fromkeys(raw, params.marginals),
        default_distribution="norm",
    )
    model.fit({"t": plain})
    spreads = {str(n): 1.0 if n in raw else min(1.0, float(plain[n].std())) for n in plain}
    model._model.correlation = strengthen(model._model.correlation, spreads)
    progress.step(1, 1, f"{len(plain.columns)} columns")
    return model


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


_RECIPE = Recipe(_encode, _train, with_torch=False)


def make(params: CopulaParams) -> SdvEngine:
    """An unfitted Gaussian copula."""
    return SdvEngine(params, _RECIPE)


def load(blob: bytes) -> SdvEngine:
    """A fitted Gaussian copula from bytes that this installation made; they may run code."""
    return load_engine(blob, _RECIPE)


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
