"""CTGAN of SDV: a generator and a discriminator that train each other, conditioned on categories.

Learns interactions that a copula cannot, given many rows and epochs. Slow without a GPU.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.progress import Progress
from core.synthesis.encoding import TableCoder, code_one_hot
from core.synthesis.params import param
from core.synthesis.protocol import EngineInfo
from core.synthesis.sdv_support import (
    LICENCE,
    Recipe,
    SdvEngine,
    epochs_seen,
    load_engine,
    protect_rare_param,
    sdv_metadata,
)

_PAC = 10


@dataclass(frozen=True, slots=True)
class CtganParams:
    """Parameters of CTGAN."""

    epochs: int = param(
        150, "Epochs", "How often the training sees the whole table.", low=1, high=10_000
    )
    batch_size: int = param(
        500,
        "Batch size",
        "Rows of one training step, rounded down to a multiple of 10; never more than the table "
        "has. Larger is faster for each epoch and learns less from it.",
        low=10,
        high=50_000,
    )
    layer_width: int = param(
        256, "Layer width", "Width of the two hidden layers of both networks.", low=8, high=2_048
    )
    protect_rare: int = protect_rare_param()
    noise_width: int = param(
        128,
        "Noise width",
        "Random numbers that each row is made from.",
        low=2,
        high=1_024,
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
    discriminator_steps: int = param(
        1,
        "Discriminator steps",
        "Updates of the discriminator for each update of the generator.",
        low=1,
        high=10,
        advanced=True,
    )
    max_categories: int = param(
        100,
        "Most categories in a column",
        "Of a column with more, the most frequent are learned one by one; the rare ones share a "
        "few groups of similar frequency, and a value of a group is drawn by frequency. This "
        "bounds memory; the link between a rare value and other columns is that of its group.",
        low=4,
        high=5_000,
        advanced=True,
    )


def _encode(
    frame: pd.DataFrame, table: Table, params: CtganParams, rng: np.random.Generator
) -> tuple[TableCoder, pd.DataFrame, tuple[str, ...]]:
    return *code_one_hot(frame, table, rng, most=params.max_categories), ()


def fitting_batch(wanted: int, rows: int) -> int:
    """The batch size: a multiple of ``pac``, even, and no larger than the table needs."""
    needed = -(-rows // _PAC) * _PAC
    return max(_PAC, min(wanted // _PAC * _PAC, needed))


def _print_nothing(data: pd.DataFrame) -> None:
    """In place of SDV's advice on wide tables, which it prints."""


def _train(plain: pd.DataFrame, _: tuple[str, ...], params: CtganParams, progress: Progress) -> Any:
    import ctgan.synthesizers.ctgan as training
    from sdv.single_table import CTGANSynthesizer

    model = CTGANSynthesizer(
        sdv_metadata(plain),
        enforce_min_max_values=False,
        enforce_rounding=False,
        epochs=params.epochs,
        batch_size=fitting_batch(params.batch_size, len(plain)),
        pac=_PAC,
        embedding_dim=params.noise_width,
        generator_dim=(params.layer_width,) * 2,
        discriminator_dim=(params.layer_width,) * 2,
        generator_lr=params.generator_rate,
        discriminator_lr=params.discriminator_rate,
        discriminator_steps=params.discriminator_steps,
    )
    model._print_warning = _print_nothing

    def report(done: int, total: int) -> None:
        losses = model._model.loss_values.iloc[-1]
        values = {
            "generator_loss": float(losses["Generator Loss"]),
            "discriminator_loss": float(losses["Discriminator Loss"]),
        }
        progress.step(done, total, f"epoch {done} of {total}", values)

    progress.step(0, params.epochs, "preparing")
    with epochs_seen(training, report):
        model.fit({"t": plain})
    _sample_by_frequency(model._model._data_sampler)
    return model


def _sample_by_frequency(sampler: Any) -> None:
    """Let the conditions of sampled rows follow the real frequencies of categories.

    Training prefers rare categories (logarithms of frequencies) so that they are learned at all;
    CTGAN would sample with the same preference and make them too frequent. The row numbers of each
    category are needed for training only and are not kept.
    """
    for column, rows in enumerate(sampler._rid_by_cat_cols):
        counts = np.array([len(places) for places in rows], dtype=float)
        sampler._discrete_column_category_prob[column, : len(counts)] = counts / counts.sum()
    sampler._rid_by_cat_cols = []


_RECIPE = Recipe(_encode, _train, with_torch=True)


def make(params: CtganParams) -> SdvEngine:
    """An unfitted CTGAN."""
    return SdvEngine(params, _RECIPE)


def load(blob: bytes) -> SdvEngine:
    """A fitted CTGAN from bytes that this installation made; they may run code."""
    return load_engine(blob, _RECIPE)


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
)
