"""A back-off model of characters and of where texts end, as sorted arrays.

For each length of context, from none to the longest, it holds those contexts and next characters
that at least ``FEW`` different texts have, with the number of texts. A next character is drawn from
the longest context that is known; with a share that interpolated absolute discounting gives (Ney,
Essen, Kneser 1994), and with that of characters that too few texts have, from the next shorter one.

Whether a text ends is drawn before each character, by the characters before and by how long the
text is already, so that lengths come out as they are in the column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.texts.alphabet import Alphabet
from core.data.texts.guards import FEW
from core.data.texts.packing import distinct_counts, packed, unpacked

DISCOUNT = 0.75
LENGTHS = 12
_END_CONTEXT = 6
_END_WEIGHT = 0.5
_BUCKET_BITS = 4
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Order:
    """The contexts of one length.

    Attributes
    ----------
    grams
        Context and next character in one number, sorted; the character in the lowest bits.
    counts
        How many different texts have each.
    own
        Of each gram's context: the share of draws that are its own, and do not go to a shorter
        one. Equal for all grams of a context.
    sums
        Discounted counts, cumulated, with a nought before them.
    """

    grams: Keys
    counts: npt.NDArray[np.uint32]
    own: npt.NDArray[np.float32]
    sums: Floats

    @classmethod
    def of(
        cls, grams: Keys, counts: npt.NDArray[np.uint32], own: npt.NDArray[np.float32]
    ) -> "Order":
        """With the sums of the counts."""
        return cls(grams, counts, own, np.r_[0.0, np.cumsum(counts - DISCOUNT)])


@dataclass(frozen=True, slots=True)
class Ends:
    """For one length of context: context and bucket of length, sorted, and the chance to end."""

    keys: Keys
    chances: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """All that is learned of the characters; ``edges`` are lengths that bound the buckets."""

    alphabet: Alphabet
    orders: tuple[Order, ...]
    ends: tuple[Ends, ...]
    edges: npt.NDArray[np.int64]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Model":
        """The inverse of :meth:`to_dict`."""
        orders = tuple(Order.of(*map(unpacked, parts)) for parts in data["orders"])
        ends = tuple(Ends(*map(unpacked, parts)) for parts in data["ends"])
        return cls(Alphabet.of(data["characters"]), orders, ends, np.array(data["edges"]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "characters": self.alphabet.characters,
            "orders": [[packed(o.grams), packed(o.counts), packed(o.own)] for o in self.orders],
            "ends": [[packed(e.keys), packed(e.chances)] for e in self.ends],
            "edges": self.edges.tolist(),
        }

    @property
    def longest(self) -> int:
        """Characters of the longest context."""
        return len(self.orders) - 1

    @property
    def most(self) -> int:
        """Characters of the longest text that is made."""
        return int(self.edges[-1])


def learn_model(texts: Sequence[str], alphabet: Alphabet) -> Model:
    """Learn texts, each of which is different from the others."""
    longest = 64 // alphabet.bits - 1
    codes, owners, places = _flat(texts, alphabet, longest)
    lengths = np.array([len(text) for text in texts])
    wanted = np.linspace(0.02, 0.98, LENGTHS + 1)
    edges = np.unique(np.quantile(lengths, wanted, method="nearest").astype(np.int64))
    orders = tuple(
        _learn_order(codes, owners, places, size, alphabet) for size in range(longest + 1)
    )
    return Model(
        alphabet, orders, _learn_ends(codes, owners, places, lengths, edges, alphabet), edges
    )


def _flat(
    texts: Sequence[str], alphabet: Alphabet, pad: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All texts in a row, each after ``pad`` starts and before one: codes, text, place in it."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    widths = lengths + pad + 1
    owners = np.repeat(np.arange(len(texts)), widths)
    places = np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths) - pad
    codes = np.zeros(len(owners), dtype=np.uint64)
    codes[(places >= 0) & (places < lengths[owners])] = alphabet.encode("".join(texts))
    return codes, owners, places


def _contexts(codes: Keys, size: int, alphabet: Alphabet) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """The ``size`` characters before each, in one number, and whether all of them are known."""
    keys = np.zeros(len(codes), dtype=np.uint64)
    known = np.ones(len(codes), dtype=bool)
    for back in range(size, 0, -1):
        before = np.zeros_like(codes)
        before[back:] = codes[:-back]
        keys = (keys << np.uint64(alphabet.bits)) | before
        known &= before != alphabet.unknown
    return keys, known


def _learn_order(
    codes: Keys,
    owners: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    size: int,
    alphabet: Alphabet,
) -> Order:
    bits = np.uint64(alphabet.bits)
    contexts, known = _contexts(codes, size, alphabet)
    known &= (places >= 0) & (codes != 0)
    grams, counts = distinct_counts((contexts << bits | codes)[known], owners[known])
    may = (grams & np.uint64(alphabet.unknown)) != alphabet.unknown
    common = may & (counts >= FEW)
    starts = np.flatnonzero(np.r_[True, (grams[1:] >> bits) != (grams[:-1] >> bits)])[: len(grams)]
    sizes = np.diff(np.r_[starts, len(grams)])

    def summed(values: npt.NDArray[Any]) -> Floats:
        return np.add.reduceat(values.astype(np.float64), starts) if len(starts) else values

    total, kept = summed(counts), summed(np.where(common, counts, 0))
    kinds = summed(common)
    own = np.where(kept > 0, (kept - DISCOUNT * kinds) / np.maximum(total, 1.0), 0.0)
    spread = np.repeat(own, sizes)[common]
    return Order.of(grams[common], counts[common].astype(np.uint32), spread.astype(np.float32))


def _learn_ends(
    codes: Keys,
    owners: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    edges: npt.NDArray[np.int64],
    alphabet: Alphabet,
) -> tuple[Ends, ...]:
    at = places >= 0
    is_end = (places == lengths[owners])[at]
    buckets = np.searchsorted(edges, places[at], side="right").astype(np.uint64)
    found: list[Ends] = []
    for size in range(min(_END_CONTEXT, 56 // alphabet.bits) + 1):
        contexts, known = _contexts(codes, size, alphabet)
        known = known[at]
        keys = (contexts[at] << np.uint64(_BUCKET_BITS) | buckets)[known]
        every, texts = distinct_counts(keys, owners[at][known])
        where = np.searchsorted(every, keys)
        seen = np.bincount(where, minlength=len(every))
        ended = np.bincount(where, weights=is_end[known], minlength=len(every))
        ended = np.where(ended >= FEW, ended, 0.0) if size else ended
        below = end_chances(found, every, alphabet.bits) if size else ended / seen
        weight = _END_WEIGHT if size else 0.0
        chances = (ended + weight * below) / (seen + weight)
        common = texts >= FEW
        found.append(Ends(every[common], chances[common].astype(np.float32)))
    return tuple(found)


def end_chances(ends: Sequence[Ends], keys: Keys, bits: int) -> Floats:
    """The chance to end of each key, by the longest context that is known.

    ``bits`` are those of a character.
    """
    chances = np.zeros(len(keys))
    left = np.arange(len(keys))
    for size in range(len(ends) - 1, -1, -1):
        level = ends[size]
        if not len(level.keys):
            continue
        wanted = keys[left] & np.uint64((1 << (bits * size + _BUCKET_BITS)) - 1)
        where = np.searchsorted(level.keys, wanted).clip(max=len(level.keys) - 1)
        hit = level.keys[where] == wanted
        chances[left[hit]] = level.chances[where[hit]]
        left = left[~hit]
    return chances


def end_keys(contexts: Keys, lengths: npt.NDArray[np.int64], model: Model) -> Keys:
    """What :func:`end_chances` looks up: the last characters, and the bucket of the length."""
    size = len(model.ends) - 1
    mask = np.uint64((1 << (model.alphabet.bits * size)) - 1)
    buckets = np.searchsorted(model.edges, lengths, side="right").astype(np.uint64)
    return (contexts & mask) << np.uint64(_BUCKET_BITS) | buckets
