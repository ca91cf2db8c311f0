"""What the engines that train SDV's networks are asked alike, and how their columns are coded."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.progress import Progress
from core.synthesis.encoding import TableCoder
from core.synthesis.one_hot import Coding, code_one_hot
from core.synthesis.params import param
from core.synthesis.sdv_nets.training import DEVICES
from core.synthesis.sdv_support import protect_rare_param


def width_param(default: int) -> Any:
    """The parameter that says how wide hidden layers are."""
    return param(
        default,
        "Layer width",
        "Width of the hidden layers. Wider can hold more and takes longer.",
        low=8,
        high=2_048,
    )


@dataclass(frozen=True, slots=True)
class NetworkParams:
    """Parameters of every network of SDV's."""

    epochs: int = param(
        150, "Epochs", "How often the training sees the whole table.", low=1, high=10_000
    )
    batch_size: int = param(
        500,
        "Batch size",
        "Rows of one training step; never more than the table has. Larger is faster for each "
        "epoch and learns less from it.",
        low=10,
        high=50_000,
    )
    layer_width: int = width_param(256)
    protect_rare: int = protect_rare_param()
    device: str = param(
        "auto",
        "Train on",
        "`auto` takes a GPU where there is one. Rows are drawn on the processor either way, and "
        "a model can be used on any machine.",
        choices=DEVICES,
    )
    layers: int = param(
        2,
        "Hidden layers",
        "Hidden layers of each network.",
        low=1,
        high=6,
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
    few_values: int = param(
        12,
        "Numbers as categories up to",
        "A number column with at most this many distinct values is learned as categories, and "
        "gets exactly these values back.",
        low=1,
        high=1_000,
        advanced=True,
    )
    modes: int = param(
        10,
        "Modes of a number column",
        "A number column is taken apart into at most this many bell curves.",
        low=1,
        high=50,
        advanced=True,
    )


def encode(
    frame: pd.DataFrame,
    table: Table,
    params: NetworkParams,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[TableCoder, pd.DataFrame]:
    """Coders and plain columns for a network."""

    def told(place: int, count: int) -> None:
        progress.step(0, params.epochs, f"reading column {place + 1} of {count}")

    coding = Coding(params.max_categories, params.few_values)
    return code_one_hot(frame, table, rng, coding, told)
