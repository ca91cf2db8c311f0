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
from core.data.texts.index import Index
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
    contexts, starts
        Where each context is, and where its grams begin; the last start is their number.
    """

    grams: Keys
    counts: npt.NDArray[np.uint32]
    own: npt.NDArray[np.float32]
    sums: Floats
    contexts: Index
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls, grams: Keys, counts: npt.NDArray[np.uint32], own: npt.NDArray[np.float32], bits: int
    ) -> "Order":
        """With the sums of the counts, and the contexts; ``bits`` are those of a character."""
        contexts = grams >> np.uint64(bits)
        starts = np.flatnonzero(np.r_[True, contexts[1:] != contexts[:-1]])[: len(grams)]
        sums = np.r_[0.0, np.cumsum(counts - DISCOUNT)]
        return cls(grams, counts, own, sums, Index.of(contexts[starts]), np.r_[starts, len(grams)])

    @classmethod
    def from_list(cls, data: Sequence[dict[str, str]], bits: int) -> "Order":
        """The inverse of :meth:`to_list`."""
        grams, counts, own = map(unpacked, data)
        return cls.of(grams, counts, own, bits)

    def to_list(self) -> list[dict[str, str]]:
        """Plain data for JSON."""
        return [packed(self.grams), packed(self.counts), packed(self.own)]


@dataclass(frozen=True, slots=True)
class Ends:
    """For one length of context: where context and bucket of length are, and the chance to end."""

    index: Index
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
        alphabet = Alphabet.of(data["characters"])
        orders = tuple(Order.from_list(parts, alphabet.bits) for parts in data["orders"])
        ends = tuple(Ends(Index.of(unpacked(k)), unpacked(c)) for k, c in data["ends"])
        return cls(alphabet, orders, ends, np.array(data["edges"]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "characters": self.alphabet.characters,
            "orders": [order.to_list() for order in self.orders],
            "ends": [[packed(e.index.keys), packed(e.chances)] for e in self.ends],
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


@dataclass(frozen=True, slots=True)
class Corpus:
    """All texts in a row, each after as many starts as the longest context, and before one.

    Attributes
    ----------
    codes, owners, places
        Of each character its code, which text it is of, and its place in that text.
    labels
        By text a number from 1; noughts where it has no label.
    """

    alphabet: Alphabet
    codes: Keys
    owners: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    labels: Keys

    @classmethod
    def of(cls, texts: Sequence[str], alphabet: Alphabet, labels: Keys | None = None) -> "Corpus":
        """Of these texts, each of which is different from the others of its label."""
        pad = 64 // alphabet.bits - 1
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        widths = lengths + pad + 1
        owners = np.repeat(np.arange(len(texts)), widths)
        places = np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths) - pad
        codes = np.zeros(len(owners), dtype=np.uint64)
        codes[(places >= 0) & (places < lengths[owners])] = alphabet.encode("".join(texts))
        own = np.zeros(len(texts), dtype=np.uint64) if labels is None else labels
        return cls(alphabet, codes, owners, places, lengths, own)

    @property
    def are_characters(self) -> npt.NDArray[np.bool_]:
        """Which are characters of a text, and no start before or after it."""
        return np.asarray((self.places >= 0) & (self.codes != 0))

    def contexts(self, size: int) -> tuple[Keys, npt.NDArray[np.bool_]]:
        """The ``size`` characters before each, in one number, and whether all of them are known."""
        keys = np.zeros(len(self.codes), dtype=np.uint64)
        known = np.ones(len(self.codes), dtype=bool)
        for back in range(size, 0, -1):
            before = np.zeros_like(self.codes)
            before[back:] = self.codes[:-back]
            keys = (keys << np.uint64(self.alphabet.bits)) | before
            known &= before != self.alphabet.unknown
        return keys, known


def learn_model(texts: Sequence[str], alphabet: Alphabet) -> Model:
    """Learn texts, each of which is different from the others."""
    corpus = Corpus.of(texts, alphabet)
    wanted = np.linspace(0.02, 0.98, LENGTHS + 1)
    edges = np.unique(np.quantile(corpus.lengths, wanted, method="nearest").astype(np.int64))
    return Model(alphabet, learn_orders(corpus), _learn_ends(corpus, edges), edges)


def learn_orders(corpus: Corpus) -> tuple[Order, ...]:
    """The contexts of all lengths."""
    return tuple(learn_order(corpus, size) for size in range(64 // corpus.alphabet.bits))


def learn_order(corpus: Corpus, size: int) -> Order:
    """The contexts of one length."""
    return order_of(corpus, *corpus.contexts(size))


def order_of(corpus: Corpus, contexts: Keys, known: npt.NDArray[np.bool_]) -> Order:
    """The contexts of a kind, given that of each character, and whether it is to be counted."""
    bits = np.uint64(corpus.alphabet.bits)
    counted = known & corpus.are_characters
    keys = (contexts << bits | corpus.codes)[counted]
    grams, counts = distinct_counts(keys, corpus.owners[counted])
    may = (grams & np.uint64(corpus.alphabet.unknown)) != corpus.alphabet.unknown
    common = may & (counts >= FEW)
    starts = np.flatnonzero(np.r_[True, (grams[1:] >> bits) != (grams[:-1] >> bits)])[: len(grams)]
    sizes = np.diff(np.r_[starts, len(grams)])

    def summed(values: npt.NDArray[Any]) -> Floats:
        return np.add.reduceat(values.astype(np.float64), starts) if len(starts) else values

    total, kept = summed(counts), summed(np.where(common, counts, 0))
    kinds = summed(common)
    own = np.where(kept > 0, (kept - DISCOUNT * kinds) / np.maximum(total, 1.0), 0.0)
    spread = np.repeat(own, sizes)[common].astype(np.float32)
    return Order.of(grams[common], counts[common].astype(np.uint32), spread, int(bits))


def _learn_ends(corpus: Corpus, edges: npt.NDArray[np.int64]) -> tuple[Ends, ...]:
    at, bits = corpus.places >= 0, corpus.alphabet.bits
    is_end = (corpus.places == corpus.lengths[corpus.owners])[at]
    buckets = np.searchsorted(edges, corpus.places[at], side="right").astype(np.uint64)
    found: list[Ends] = []
    for size in range(min(_END_CONTEXT, 56 // bits) + 1):
        contexts, known = corpus.contexts(size)
        known = known[at]
        keys = (contexts[at] << np.uint64(_BUCKET_BITS) | buckets)[known]
        every, texts = distinct_counts(keys, corpus.owners[at][known])
        where = np.searchsorted(every, keys)
        seen = np.bincount(where, minlength=len(every))
        ended = np.bincount(where, weights=is_end[known], minlength=len(every))
        ended = np.where(ended >= FEW, ended, 0.0) if size else ended
        below = end_chances(found, every, bits) if size else ended / seen
        weight = _END_WEIGHT if size else 0.0
        chances = (ended + weight * below) / (seen + weight)
        common = texts >= FEW
        found.append(Ends(Index.of(every[common]), chances[common].astype(np.float32)))
    return tuple(found)


def end_chances(ends: Sequence[Ends], keys: Keys, bits: int) -> Floats:
    """The chance to end of each key, by the longest context that is known.

    ``bits`` are those of a character.
    """
    chances = np.zeros(len(keys))
    left = np.arange(len(keys))
    for size in range(len(ends) - 1, -1, -1):
        level = ends[size]
        if not len(left):
            break
        wanted = keys[left] & np.uint64((1 << (bits * size + _BUCKET_BITS)) - 1)
        where, hit = level.index.find(wanted)
        chances[left[hit]] = level.chances[where[hit]]
        left = left[~hit]
    return chances


def end_keys(contexts: Keys, lengths: npt.NDArray[np.int64], model: Model) -> Keys:
    """What :func:`end_chances` looks up: the last characters, and the bucket of the length."""
    size = len(model.ends) - 1
    mask = np.uint64((1 << (model.alphabet.bits * size)) - 1)
    buckets = np.searchsorted(model.edges, lengths, side="right").astype(np.uint64)
    return (contexts & mask) << np.uint64(_BUCKET_BITS) | buckets


def last_codes(keys: Keys, alphabet: Alphabet) -> npt.NDArray[np.intp]:
    """The last character of each key of :class:`Ends` of a context that is not empty."""
    return ((keys >> np.uint64(_BUCKET_BITS)) & np.uint64(alphabet.unknown)).astype(np.intp)
