"""What is kept of a trained network: its generating half, as plain numbers.

Rows are drawn with numpy alone, so that a model trained on a GPU gives the same rows on a machine
without, needs neither SDV nor torch to be used, and is no pickle. Codes are drawn by the chances
that the network gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.synthesis.encoding import Array, Floats, Plain
from core.synthesis.sdv_nets.modes import Modes
from core.synthesis.sdv_nets.rows import Layout, Singles, Span

Arrays = dict[str, npt.NDArray[Any]]
Weights = tuple[Singles, Singles]

_SETTLING = 8_192
_LEAST = 1e-5
_MODES = ("means", "deviations", "weights")


@dataclass(frozen=True, slots=True)
class Network:
    """The layers from random numbers to a layout's outputs.

    Attributes
    ----------
    hidden
        Weights (outputs by inputs) and biases of the hidden layers, each followed by a ramp.
    norms
        Of CTGAN: scale and shift of each hidden layer's outputs before the ramp. With them a
        layer's outputs stand beside its inputs for the next; without, they take their place.
    last
        Weights and biases of the outputs.
    noise
        Random numbers that a row is made from.
    asked
        Of CTGAN: how often each code that rows can be asked by occurs, each column's adding up
        to one. One code of each row, of any column, is given to the network by these.
    blur
        Of TVAE: the deviation of each output that is a number's place.
    """

    layout: Layout
    hidden: tuple[Weights, ...]
    norms: tuple[Weights, ...]
    last: Weights
    noise: int
    asked: Floats
    blur: Singles

    def settled(self, rng: np.random.Generator) -> Self:
        """The network with its layers' outputs centred and scaled over many rows as drawn.

        CTGAN's layers do so within each batch that is drawn, so that a row would depend on those
        that are drawn beside it.
        """
        made, norms = self._inputs(_SETTLING, rng), list(self.norms)
        for place, (scale, shift) in enumerate(self.norms):
            weights, bias = self.hidden[place]
            out = made @ weights.T + bias
            scale = scale / np.sqrt(out.var(axis=0) + _LEAST)
            norms[place] = (scale, shift - out.mean(axis=0) * scale)
            made = np.concatenate([np.maximum(out * scale + norms[place][1], 0), made], axis=1)
        return replace(self, norms=tuple(norms))

    def draw(self, rows: int, rng: np.random.Generator) -> Plain:
        """Plain columns of new rows."""
        made = self._inputs(rows, rng)
        for place, (weights, bias) in enumerate(self.hidden):
            out = made @ weights.T + bias
            if self.norms:
                scale, shift = self.norms[place]
                made = np.concatenate([np.maximum(out * scale + shift, 0), made], axis=1)
            else:
                made = np.maximum(out, 0)
        return self._plain(made @ self.last[0].T + self.last[1], rng)

    def _inputs(self, rows: int, rng: np.random.Generator) -> Singles:
        noise = rng.standard_normal((rows, self.noise), dtype=np.float32)
        if not len(self.asked):
            return noise
        ends = np.cumsum(self.asked)
        codes = np.searchsorted(ends, rng.random(rows) * ends[-1], side="right")
        ones = np.zeros((rows, len(self.asked)), dtype=np.float32)
        ones[np.arange(rows), np.minimum(codes, len(self.asked) - 1)] = 1
        return np.concatenate([noise, ones], axis=1)

    def _plain(self, outputs: Singles, rng: np.random.Generator) -> Plain:
        plain: Plain = {}
        for span, start in zip(self.layout.spans, self.layout.starts, strict=True):
            first = start + (span.modes is not None)
            codes = _drawn(outputs[:, first : start + span.width], rng)
            if span.modes is None:
                plain[span.name] = codes
                continue
            place = np.tanh(outputs[:, start].astype(np.float64))
            if len(self.blur):
                place += self.blur[start] * rng.standard_normal(len(place))
            plain[span.name] = span.modes.decode(place, codes)
        return plain

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What JSON and arrays hold of it."""
        arrays: Arrays = {"asked": self.asked, "blur": self.blur}
        for name, layers in (("hidden", self.hidden), ("norm", self.norms), ("last", (self.last,))):
            for number, (first, second) in enumerate(layers):
                arrays |= {f"{name}{number}a": first, f"{name}{number}b": second}
        for number, span in enumerate(self.layout.spans):
            if span.modes is not None:
                arrays |= {f"{part}{number}": getattr(span.modes, part) for part in _MODES}
        spans = [[span.name, span.codes, span.modes is not None] for span in self.layout.spans]
        about = {"spans": spans, "noise": self.noise}
        return about | {"layers": len(self.hidden), "norms": len(self.norms)}, arrays

    @classmethod
    def of_parts(cls, about: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """The inverse of :meth:`parts`."""

        def layers(name: str, count: int) -> tuple[Weights, ...]:
            return tuple((arrays[f"{name}{n}a"], arrays[f"{name}{n}b"]) for n in range(count))

        spans = tuple(
            Span(name, codes, Modes(*(arrays[f"{part}{n}"] for part in _MODES)) if has else None)
            for n, (name, codes, has) in enumerate(about["spans"])
        )
        return cls(
            layout=Layout(spans),
            hidden=layers("hidden", about["layers"]),
            norms=layers("norm", about["norms"]),
            last=layers("last", 1)[0],
            noise=about["noise"],
            asked=arrays["asked"],
            blur=arrays["blur"],
        )


def _drawn(logits: Singles, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """A code for each row, by the chances that the logits are of."""
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    ends = np.cumsum(chances, axis=1, dtype=np.float64)
    codes = (ends <= rng.random((len(logits), 1)) * ends[:, -1:]).sum(axis=1)
    return np.asarray(np.minimum(codes, logits.shape[1] - 1))


def weights_of(layer: Any) -> Weights:
    """Weights and biases of a torch layer, wherever it was trained."""
    return (
        layer.weight.detach().cpu().numpy().copy(),
        layer.bias.detach().cpu().numpy().copy(),
    )
