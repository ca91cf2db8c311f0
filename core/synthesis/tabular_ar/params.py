"""What can be set of the ``tabular_ar`` engine, and the presets for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.synthesis.params import param

ORDERS = ("auto", "few values first", "as in the table")
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class TabularArParams:
    """Parameters of the ``tabular_ar`` engine."""

    epochs: int = param(
        24,
        "Epochs, at most",
        "How often training may see the whole table. It ends before when rows that are held back "
        "are written down no better; steps shrink toward the last epoch, so more is also slower.",
        low=1,
        high=10_000,
    )
    patience: int = param(
        5,
        "Patience",
        "Training ends after so many epochs without gain on held-out rows.",
        low=1,
        high=1_000,
    )
    width: int = param(
        192,
        "Width",
        "Numbers that a row is held in inside the network, at most one for 20 rows of the table. "
        "More takes more time and memory.",
        low=8,
        high=2_048,
    )
    protect_rare: int = param(
        5,
        "Protect rare values",
        "Numbers seen fewer times than this are not replayed but drawn between their neighbours; "
        "labels seen fewer times are left out where common ones cover the column.",
        low=1,
        high=1_000,
    )
    minutes: float = param(
        0.0,
        "Minutes, at most",
        "Training ends after the step in which this time is over; 0 sets no end. With an end, "
        "what is learned depends on how fast the machine is.",
        low=0.0,
        high=100_000.0,
    )
    depth: int = param(
        2,
        "Depth",
        "Residual blocks of two layers each.",
        low=1,
        high=16,
        advanced=True,
    )
    batch_size: int = param(
        512,
        "Batch size",
        "Rows of one training step; small tables take fewer, so that an epoch has 40 steps.",
        low=8,
        high=65_536,
        advanced=True,
    )
    rate: float = param(
        2e-3,
        "Learning rate",
        "Highest step size of training.",
        low=1e-6,
        high=0.1,
        advanced=True,
    )
    dropout: float = param(
        0.1,
        "Dropout",
        "Share of the inner numbers of a block that is left out at random in training; twice as "
        "much in tables under 5,000 rows.",
        low=0.0,
        high=0.9,
        advanced=True,
    )
    any_order: float = param(
        0.3,
        "Share of any order",
        "Share of training rows of which any columns are known, so that rows can be drawn given "
        "any columns. The others know the columns before one in the drawing order.",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    bins: int = param(
        64,
        "Bins",
        "Into how many stretches numbers are cut for the first of their two draws.",
        low=4,
        high=80,
        advanced=True,
    )
    order: str = param(
        "auto",
        "Drawing order",
        "In which order columns are drawn when nothing is given: few distinct values first, or "
        "numbers first where they hang together closely (auto tries both), or as in the table.",
        choices=ORDERS,
        advanced=True,
    )
    device: str = param(
        "auto",
        "Device",
        "Where training and drawing are computed; auto takes a GPU when there is one.",
        choices=DEVICES,
        advanced=True,
    )


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick look": {"epochs": 6, "width": 96, "order": "few values first"},
    "balanced": {},
    "best": {"epochs": 80, "width": 320, "depth": 3, "patience": 8},
}
