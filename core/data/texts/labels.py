"""What the words of a label are, told character by character: texts that follow a label.

For the beginning of a word, the characters that at least ``FEW`` different texts have next are
held, of the whole column and within each label. How much likelier a label makes a character than
the whole column does weighs it when it is drawn. Over the characters of a word that multiplies up
to how much likelier the label makes the word (unigram rescaling; Gildea, Hofmann 1999).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.texts.alphabet import Alphabet
from core.data.texts.index import Index
from core.data.texts.model import DISCOUNT, Corpus, Floats, Keys, Order, order_of

LABEL_BITS = 8
MOST_LABELS = (1 << LABEL_BITS) - 1
_LEAST = 1e-3
Rows = npt.NDArray[np.intp]


def _sharper(weights: Floats) -> Floats:
    """Weights below 1 squared: a character is chosen before the rest of its word is known."""
    return np.where(weights < 1, weights**2, weights)


def longest_start(bits: int) -> int:
    """Characters of a word's beginning that are looked at, of ``bits`` each: the last ones."""
    return (64 - LABEL_BITS) // bits - 1


@dataclass(frozen=True, slots=True)
class Labelled:
    """Beginnings of words and their next characters, of all texts and within labels.

    Attributes
    ----------
    grams
        Where each label, beginning and next character is; with its weight in ``weights``.
    others
        By label and beginning, the weight of every other character.
    """

    whole: Order
    own: Order
    grams: Index
    weights: Floats
    others: Floats

    @classmethod
    def learn(cls, texts: Sequence[str], labels: Keys, alphabet: Alphabet) -> "Labelled":
        """Of texts with the numbers of their labels; each of them is in the whole's.

        ``texts`` may have a text several times, with different labels.
        """
        named = np.flatnonzero(labels).tolist()
        whole = Corpus.of(list(dict.fromkeys(texts)), alphabet)
        own = Corpus.of([texts[place] for place in named], alphabet, labels[named])
        return cls.of(_order(whole), _order(own), alphabet.bits)

    @classmethod
    def of(cls, whole: Order, own: Order, bits: int) -> "Labelled":
        """With the weights: the chance within the label, smoothed, by that in the whole."""
        beginnings = np.uint64((1 << (bits * (longest_start(bits) + 1))) - 1)
        places, known = Index.of(whole.grams).find(own.grams & beginnings)
        usual = np.where(known, _shares(whole)[places], 1.0)
        of_gram = np.repeat(np.arange(len(own.starts) - 1), np.diff(own.starts))
        others = np.maximum(1.0 - own.own[own.starts[:-1]].astype(np.float64), _LEAST)
        weights = _shares(own) / usual + others[of_gram]
        return cls(whole, own, Index.of(own.grams), _sharper(weights), _sharper(others))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], bits: int) -> "Labelled":
        """The inverse of :meth:`to_dict`."""
        whole, own = (Order.from_list(data[name], bits) for name in ("whole", "own"))
        return cls.of(whole, own, bits)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"whole": self.whole.to_list(), "own": self.own.to_list()}


def _order(corpus: Corpus) -> Order:
    """The beginnings of words and what comes next, of texts with labels within these."""
    bits = corpus.alphabet.bits
    longest = longest_start(bits)
    is_word = np.r_[corpus.alphabet.is_word, np.zeros(1, dtype=bool)]
    codes = np.minimum(corpus.codes, np.uint64(len(is_word) - 1)).astype(np.intp)
    inside = is_word[codes]
    places = np.arange(len(codes))
    breaks = np.maximum.accumulate(np.where(inside, -1, places))
    lengths = np.minimum(np.r_[0, (places - breaks)[:-1]], longest)
    contexts, known = corpus.contexts(longest)
    keys = begun(contexts, lengths, bits)
    keys |= corpus.labels[corpus.owners] << np.uint64(bits * longest)
    return order_of(corpus, keys, known)


def begun(contexts: Keys, lengths: npt.NDArray[np.integer], bits: int) -> Keys:
    """The last characters of contexts: as many as ``lengths`` say are of the word under way."""
    masks = [(1 << (bits * size)) - 1 for size in range(longest_start(bits) + 1)]
    return np.asarray(contexts & np.array(masks, dtype=np.uint64)[lengths])


def _shares(order: Order) -> Floats:
    """Of each gram: its chance after its context, without what is left to others."""
    contexts = np.repeat(np.arange(len(order.starts) - 1), np.diff(order.starts))
    sums = np.diff(order.sums[order.starts])
    return np.asarray(order.own * (order.counts - DISCOUNT) / sums[contexts])


@dataclass(frozen=True, slots=True)
class Tilt:
    """The labels of texts under way: ``keys`` have label and beginning of the word.

    Attributes
    ----------
    others
        By text, the weight of characters that its label does not have here.
    is_tilted
        By text, whether its label has the beginning at all; if not, nothing is weighed.
    """

    labelled: Labelled
    keys: Keys
    others: Floats
    is_tilted: npt.NDArray[np.bool_]
    bits: int

    @classmethod
    def at(
        cls,
        labelled: Labelled,
        labels: Keys,
        contexts: Keys,
        lengths: npt.NDArray[np.integer],
        bits: int,
    ) -> "Tilt":
        """Of texts: their labels, last characters, and how many are of the word under way."""
        longest = longest_start(bits)
        keys = begun(contexts, np.minimum(lengths, longest), bits)
        keys |= labels << np.uint64(bits * longest)
        places, known = labelled.own.contexts.find(keys)
        others = np.ones(len(keys))
        others[known] = labelled.others[places[known]]
        return cls(labelled, keys, others, known, bits)

    def of(self, rows: Rows) -> "Tilt":
        """Those of some texts."""
        return Tilt(self.labelled, self.keys[rows], self.others[rows], self.is_tilted[rows],
                    self.bits)  # fmt: skip

    def weights(self, rows: Rows, codes: Keys) -> Floats:
        """How much likelier each of these texts' labels makes a character."""
        found = self.others[rows]
        asked = np.flatnonzero(self.is_tilted[rows])
        grams = self.keys[rows[asked]] << np.uint64(self.bits) | codes[asked]
        places, known = self.labelled.grams.find(grams)
        found[asked[known]] = self.labelled.weights[places[known]]
        return found
