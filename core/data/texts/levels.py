"""From which contexts a next character is drawn, and in which order these are asked.

Of the whole column there are contexts of each length; where texts follow the label of another
column, further ones within each label, in whose numbers the label stands before the characters.
Those of a label are asked before those of the whole column of the same length and of the next
longer one, and pass on to them as those of the whole pass on to shorter ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.texts.model import DISCOUNT, Floats, Keys, Model, Order

Codes = npt.NDArray[np.uint16]
Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
LEAD = 1
"""How much longer the whole column's contexts are that a label's are asked before."""


@dataclass(frozen=True, slots=True)
class Level:
    """Contexts of ``size`` characters: of the whole column, or within labels."""

    order: Order
    size: int
    of_label: bool

    def keys(self, contexts: Keys, labels: Keys, bits: int) -> Keys:
        """The numbers that contexts have here."""
        own = contexts & np.uint64((1 << (bits * self.size)) - 1)
        return own | labels << np.uint64(bits * self.size) if self.of_label else own


def levels_of(model: Model, labelled: tuple[Order, ...], longest: int) -> Iterator[Level]:
    """The levels in the order in which they are asked, from whole contexts of this length on."""
    for size in range(min(longest, model.longest), -1, -1):
        below = size - LEAD
        if 0 <= below < len(labelled) and len(labelled[below].grams):
            yield Level(labelled[below], below, of_label=True)
        yield Level(model.orders[size], size, of_label=False)


def next_codes(
    model: Model,
    levels: tuple[Level, ...],
    contexts: Keys,
    labels: Keys,
    rng: np.random.Generator,
) -> Codes:
    """The next character of each context, from the first level that knows it and keeps it."""
    codes = np.zeros(len(contexts), dtype=np.uint16)
    left: Rows = np.arange(len(contexts))
    for level in levels:
        if not len(left):
            break
        keys = level.keys(contexts[left], labels[left], model.alphabet.bits)
        is_last = level.size == 0 and not level.of_label
        chosen, found = _chosen(level.order, keys, rng, is_last=is_last)
        own = level.order.grams[found] & np.uint64(model.alphabet.unknown)
        codes[left[chosen]] = own.astype(np.uint16)
        left = left[~chosen]
    return codes


def _chosen(
    order: Order, keys: Keys, rng: np.random.Generator, *, is_last: bool
) -> tuple[Flags, Rows]:
    """Which contexts take a character of their own here, and which gram that is."""
    places, chosen = order.contexts.find(keys)
    if not is_last:
        chosen &= rng.random(len(keys)) < order.own[order.starts[places]]
    first, last = order.starts[places[chosen]], order.starts[places[chosen] + 1]
    several = np.flatnonzero(last > first + 1)
    first_of, low, high = first[several], order.sums[first[several]], order.sums[last[several]]
    target = low + rng.random(len(several)) * (high - low)
    found = np.searchsorted(order.sums, target, side="right") - 1
    first[several] = np.minimum(np.maximum(found, first_of), last[several] - 1)
    return chosen, first


def chances(
    model: Model, levels: tuple[Level, ...], contexts: Keys, labels: Keys, codes: Keys
) -> Floats:
    """How likely each code is after its context, as :func:`next_codes` draws; nought if never."""
    found = np.zeros(len(codes))
    bits = np.uint64(model.alphabet.bits)
    for level in reversed(levels):
        order, keys = level.order, level.keys(contexts, labels, int(bits))
        places, known = order.contexts.find(keys)
        first, last = order.starts[places], order.starts[places + 1]
        is_last = level.size == 0 and not level.of_label
        own = np.where(known, 1.0 if is_last else order.own[first], 0.0)
        grams = keys << bits | codes
        at = np.minimum(np.searchsorted(order.grams, grams), len(order.grams) - 1)
        counts = np.where(order.grams[at] == grams, order.counts[at] - DISCOUNT, 0.0)
        found = own * counts / (order.sums[last] - order.sums[first]) + (1 - own) * found
    return np.asarray(found)
