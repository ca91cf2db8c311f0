"""Drawing a next character: from the longest context that is known, and from shorter ones.

Where texts follow a label, the characters of a context are weighed by the label's words first. A
context whose characters the label seldom has is passed over more often, one that it often has less.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.texts.labels import Tilt
from core.data.texts.model import DISCOUNT, Keys, Model, Order

Codes = npt.NDArray[np.uint16]
Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def next_codes(
    model: Model, contexts: Keys, rng: np.random.Generator, longest: int, tilt: Tilt | None = None
) -> Codes:
    """The next character of each context, from contexts of at most ``longest`` characters."""
    codes = np.zeros(len(contexts), dtype=np.uint16)
    left: Rows = np.arange(len(contexts))
    bits = model.alphabet.bits
    for size in range(min(longest, model.longest), -1, -1):
        if not len(left):
            break
        order, keys = model.orders[size], contexts[left] & np.uint64((1 << (bits * size)) - 1)
        places, known = order.contexts.find(keys)
        at = _Contexts(order, places, known, is_last=size == 0)
        if tilt is None:
            chosen, found = at.plain(rng)
        else:
            chosen, found = at.tilted(rng, tilt.of(left), np.uint64(model.alphabet.unknown))
        own = order.grams[found] & np.uint64(model.alphabet.unknown)
        codes[left[chosen]] = own.astype(np.uint16)
        left = left[~chosen]
    return codes


@dataclass(frozen=True, slots=True)
class _Contexts:
    """Of one length, where each text's context is in the order, and whether it is known."""

    order: Order
    places: Rows
    known: Flags
    is_last: bool

    def plain(self, rng: np.random.Generator) -> tuple[Flags, Rows]:
        """Which texts take a character of their context here, and of these the grams."""
        order, chosen = self.order, self.known.copy()
        if not self.is_last:
            chosen &= rng.random(len(chosen)) < order.own[order.starts[self.places]]
        first, last = self._bounds(chosen)
        several = np.flatnonzero(last > first + 1)
        first_of, low = first[several], order.sums[first[several]]
        target = low + rng.random(len(several)) * (order.sums[last[several]] - low)
        found = np.searchsorted(order.sums, target, side="right") - 1
        first[several] = np.minimum(np.maximum(found, first_of), last[several] - 1)
        return chosen, first

    def tilted(self, rng: np.random.Generator, tilt: Tilt, low: np.uint64) -> tuple[Flags, Rows]:
        """The same with weighed characters; ``low`` has the bits of a gram's character."""
        order, rows = self.order, np.flatnonzero(self.known)
        first, last = self._bounds(self.known)
        sizes = last - first
        starts = np.cumsum(sizes) - sizes
        owners = np.repeat(np.arange(len(rows)), sizes)
        grams = np.arange(len(owners)) + np.repeat(first - starts, sizes)
        weights = order.counts[grams] - DISCOUNT
        weights *= tilt.weights(rows[owners], order.grams[grams] & low)
        ends = np.r_[0.0, np.cumsum(weights)]
        sums = ends[starts + sizes] - ends[starts]
        own = order.own[first] * sums / (order.sums[last] - order.sums[first])
        stay = own / (own + 1 - order.own[first]) if not self.is_last else np.ones(len(rows))
        here = rng.random(len(rows)) < stay
        target = ends[starts] + rng.random(len(rows)) * sums
        found = np.searchsorted(ends, target, side="right") - 1
        found = np.minimum(np.maximum(found, starts), starts + sizes - 1)
        chosen = np.zeros(len(self.known), dtype=bool)
        chosen[rows[here]] = True
        return chosen, grams[found[here]]

    def _bounds(self, flags: Flags) -> tuple[Rows, Rows]:
        places = self.places[flags]
        return self.order.starts[places], self.order.starts[places + 1]
