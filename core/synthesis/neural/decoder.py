"""What is kept of a trained network: the layers that turn random numbers into rows of cells.

It is plain numpy: nothing but these layers, which were made from noisy gradients, and noisy counts
of cells. How often each cell comes out is brought to its noisy count by one number a cell, which
looks at no row, and draws are spread evenly, so that chance adds little to what the model says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InvalidInput
from core.privacy.domain import Codes, Domain
from core.synthesis.marginals.fitted import Arrays, GroupedDomain
from core.synthesis.marginals.sample import draw_evenly, spread_normals

Floats = npt.NDArray[np.float64]
Layer = tuple[Floats, Floats]

_ROWS_AT_ONCE = 25_000
_ROUNDS = 60
_BLOCK = 16
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Decoder:
    """Layers from standard normal numbers to the chance of each cell of each column.

    Attributes
    ----------
    sizes
        Cells of each column.
    layers
        Weights (outputs by inputs) and biases; a hyperbolic tangent between them.
    conditions
        Of a conditional network: noisy shares of the cells of each column. One cell of each row,
        of any column, is drawn by them and given as ones and zeros beside the random numbers.
    """

    sizes: tuple[int, ...]
    layers: tuple[Layer, ...]
    conditions: tuple[Floats, ...] = ()

    def inputs(self, rows: int, rng: np.random.Generator) -> Floats:
        """What rows are made from: random numbers, then conditions where there are any."""
        given = sum(len(share) for share in self.conditions)
        numbers = spread_normals(rows, int(self.layers[0][0].shape[1]) - given, rng)
        if not given:
            return numbers
        chances = np.concatenate(self.conditions)[None, :] / len(self.conditions)
        drawn = draw_evenly(chances, np.zeros(rows, np.int64), rng)
        return np.concatenate([numbers, np.eye(given)[drawn]], axis=1)

    def chances(self, numbers: Floats) -> list[Floats]:
        """For each column: rows by cells, each row adding up to one."""
        return [_softmax(logits) for logits in self._logits(numbers)]

    def toward(self, shares: list[Floats], rng: np.random.Generator) -> "Decoder":
        """The decoder whose cells come out with these shares on the whole."""
        logits = self._logits(self.inputs(_ROWS_AT_ONCE, rng))
        moves = [_offset(own, share) for own, share in zip(logits, shares, strict=True)]
        weights, bias = self.layers[-1]
        last = (weights, bias + np.concatenate([*moves, np.zeros(0)]))
        return replace(self, layers=(*self.layers[:-1], last))

    def draw(self, rows: int, rng: np.random.Generator) -> Codes:
        """Rows of cells."""
        parts = [np.zeros((0, len(self.sizes)), np.int32)]
        for start in range(0, rows, _ROWS_AT_ONCE):
            size = min(_ROWS_AT_ONCE, rows - start)
            chances = self.chances(self.inputs(size, rng))
            drawn = [draw_cells(own, rng) for own in chances]
            parts.append(np.stack(drawn, axis=1).astype(np.int32))
        return np.concatenate(parts)

    def _logits(self, numbers: Floats) -> list[Floats]:
        for weights, bias in self.layers[:-1]:
            numbers = np.tanh(numbers @ weights.T + bias)
        weights, bias = self.layers[-1]
        logits = numbers @ weights.T + bias
        ends = np.cumsum([0, *self.sizes])
        return [logits[:, start:end] for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class FittedDecoder:
    """All that a trained engine keeps: cells, and the decoder of their groups."""

    cells: GroupedDomain
    decoder: Decoder

    @property
    def domain(self) -> Domain:
        """The cells of each column."""
        return self.cells.domain

    def sample(self, rows: int, rng: np.random.Generator) -> pd.DataFrame:
        """Rows with values drawn inside their cells."""
        return self.cells.values(self.decoder.draw(rows, rng), rng)

    def dump(self) -> bytes:
        """JSON and arrays, without pickle."""
        arrays: Arrays = {}
        for i, (weights, bias) in enumerate(self.decoder.layers):
            arrays |= {f"weights{i}": weights.astype(np.float32), f"bias{i}": bias}
        arrays |= {f"condition{i}": share for i, share in enumerate(self.decoder.conditions)}
        counted = {"layers": len(self.decoder.layers), "conditions": len(self.decoder.conditions)}
        return self.cells.pack(counted, arrays)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`; raises ``InvalidInput`` for other bytes."""
        cells, about, arrays = GroupedDomain.unpack(blob, "trained model over cells")
        try:
            layers = tuple(_layer(arrays, i) for i in range(about["layers"]))
            given = range(about.get("conditions", 0))
            conditions = tuple(arrays[f"condition{i}"] for i in given)
        except KeyError as error:
            raise InvalidInput("These bytes are no trained model over cells.") from error
        return cls(cells, Decoder(cells.sizes, layers, conditions))


def shares_of(noisy: Sequence[Floats]) -> list[Floats]:
    """How often each group of each column should come out, by noisy counts; none is zero."""
    held = [np.maximum(counts, 0.5) for counts in noisy]
    return [counts / counts.sum() for counts in held]


def draw_cells(chances: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """A cell for each row by its chances, with uniform numbers spread evenly over like rows."""
    rows, cells = chances.shape
    order = np.argsort(chances[:, int(chances.sum(axis=0).argmax())], kind="stable")
    block = np.arange(rows) // _BLOCK
    shuffled = order[np.lexsort(np.stack([rng.random(rows), block]))]
    held = np.bincount(block, minlength=1)[block] if rows else block
    uniform = np.empty(rows)
    uniform[shuffled] = (np.arange(rows) % _BLOCK + rng.random(rows)) / held
    ends = np.cumsum(chances, axis=1)
    places = (ends < uniform[:, None]).sum(axis=1)
    drawn: npt.NDArray[np.int64] = np.minimum(places, cells - 1)
    return drawn


def _layer(arrays: dict[str, npt.NDArray[Any]], number: int) -> Layer:
    return arrays[f"weights{number}"].astype(np.float64), arrays[f"bias{number}"]


def _offset(logits: Floats, share: Floats) -> Floats:
    """What to add to the logits so that the mean chance of each cell is its share."""
    offset = np.zeros(len(share))
    for _ in range(_ROUNDS):
        found = _softmax(logits + offset).mean(axis=0)
        offset = offset + np.log(share / np.maximum(found, _LEAST))
    return offset


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances: Floats = raised / raised.sum(axis=1, keepdims=True)
    return chances
