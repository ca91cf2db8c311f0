"""The network: what is known of a row as a sum of embeddings, a few residual blocks, all heads.

A row enters as the sum of one learned vector for each column (that of its class, or that of "not
known") and a linear map of its known numbers, as in the orderless autoregressive networks of Uria,
Murray and Larochelle ("A deep and tractable density estimator", ICML 2014). One pass gives the
logits of every column at once. A network is a mapping of arrays by name, so that it can be kept
without pickle and moved between devices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.synthesis.tabular_ar.columns import FEATURES, Field, Float32

Weights = Mapping[str, Any]
_LEAST = 0.5
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network.

    Attributes
    ----------
    classes, slots
        For each column, the values of its first and of its second token.
    numbers
        The columns that enter as numbers, too.
    """

    classes: tuple[int, ...]
    slots: tuple[int, ...]
    numbers: tuple[int, ...]
    width: int
    depth: int

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.classes)

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where each column's classes begin among all; the last is their number."""
        return np.cumsum([0, *self.classes])

    @property
    def split(self) -> tuple[int, ...]:
        """The columns with a second token."""
        return tuple(place for place, slots in enumerate(self.slots) if slots > 1)

    @property
    def slot_starts(self) -> dict[int, int]:
        """Where the slots of each such column begin among all outputs."""
        sizes = [self.slots[place] for place in self.split]
        starts = int(self.starts[-1]) + np.cumsum([0, *sizes])
        return dict(zip(self.split, starts.tolist(), strict=False))

    @property
    def outputs(self) -> int:
        """Logits in all."""
        return int(self.starts[-1]) + sum(self.slots[place] for place in self.split)


def shape_of(fields: tuple[Field, ...], width: int, depth: int) -> Shape:
    """The sizes of a network for these columns."""
    numbers = tuple(place for place, field in enumerate(fields) if field.is_number)
    classes = tuple(field.classes for field in fields)
    return Shape(classes, tuple(field.slots for field in fields), numbers, width, depth)


def first_weights(
    shape: Shape, fields: tuple[Field, ...], rng: np.random.Generator
) -> dict[str, Float32]:
    """Weights with which every column has its own distribution, whatever is known."""
    width, entries = shape.width, int(shape.starts[-1]) + shape.columns
    made = {"embedding": rng.normal(0, shape.columns**-0.5, (entries, width))}
    if shape.numbers:
        inputs = FEATURES * len(shape.numbers)
        made["numbers"] = rng.normal(0, inputs**-0.5, (inputs, width))
    for block in range(shape.depth):
        for half in "ab":
            bound = width**-0.5
            made[f"{block}.{half}"] = rng.uniform(-bound, bound, (width, width))
            made[f"{block}.{half}.bias"] = np.zeros(width)
        made[f"{block}.scale"], made[f"{block}.shift"] = np.ones(width), np.zeros(width)
    made["scale"], made["shift"] = np.ones(width), np.zeros(width)
    made["heads"] = np.zeros((shape.outputs, width))
    made["heads.bias"] = np.zeros(shape.outputs)
    for field, start in zip(fields, shape.starts[:-1], strict=True):
        mass = field.slot_mass().sum(axis=1)
        made["heads.bias"][start : start + field.classes] = log_shares(mass)
    return {name: value.astype(np.float32) for name, value in made.items()}


def log_shares(mass: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Logarithms of shares along the last axis; what no row has is never drawn."""
    counts = mass + _LEAST
    logs = np.log(counts / counts.sum(axis=-1, keepdims=True))
    return np.where(mass > 0, logs, _NEVER)


def hidden(weights: Weights, shape: Shape, ids: Any, numbers: Any, dropout: float = 0.0) -> Any:
    """What the network makes of rows, before the heads (rows x width).

    Parameters
    ----------
    ids
        For each row and column the entry of the embedding (int64, rows x columns).
    numbers
        Features of the known numbers, 0 where not known (rows x features).
    dropout
        Share of the inner numbers that is left out, in training.
    """
    from torch.nn import functional as f

    size = (shape.width,)
    row = f.embedding_bag(ids, weights["embedding"], mode="sum")
    if shape.numbers:
        row = row + numbers @ weights["numbers"]
    for block in range(shape.depth):
        seen = f.layer_norm(row, size, weights[f"{block}.scale"], weights[f"{block}.shift"])
        inner = f.relu(f.linear(seen, weights[f"{block}.a"], weights[f"{block}.a.bias"]))
        if dropout:
            inner = f.dropout(inner, dropout)
        row = row + f.linear(inner, weights[f"{block}.b"], weights[f"{block}.b.bias"])
    return f.relu(f.layer_norm(row, size, weights["scale"], weights["shift"]))


def logits(weights: Weights, row: Any, start: int = 0, stop: int | None = None) -> Any:
    """The logits of the outputs from ``start`` to ``stop`` (rows x outputs)."""
    from torch.nn import functional as f

    return f.linear(row, weights["heads"][start:stop], weights["heads.bias"][start:stop])


def slot_biases(fields: tuple[Field, ...], shape: Shape) -> dict[int, Float32]:
    """For each column with a second token, the logarithm of each slot's share of its class."""
    return {
        place: log_shares(fields[place].slot_mass()).astype(np.float32) for place in shape.split
    }
