"""Labels beside texts: which other column of the row tells most about a column's texts.

Columns are compared by the words of texts that were held back: how much likelier these are under
word counts of their label, smoothed with those of all texts, than under those of all texts alone.
That estimates the mutual information of label and words without the praise that a column with many
labels gets on the texts it was counted on. The best one is used if further texts, that were held
back from the comparison too, are likelier by more than chance would make them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.texts.guards import FEW
from core.data.texts.labels import MOST_LABELS
from core.data.texts.model import Floats

LEAST_OF_LABEL = 8 * FEW
"""Different texts that a label needs for words of its own; others follow the whole column."""
_COMPARED = 5_000
_PARTS = 5
_COUNTED, _TRIED, _CONFIRMED = 0, 1, 2
_PRIOR = 50.0
_ERRORS = 2.0
_WORD = re.compile(r"[^\W_]+")
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Beside:
    """Another column: of each row the place of its label among ``labels``, or -1 for none."""

    name: str
    codes: Codes
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each text with each label that it has, once: the text's place, and a number of the label."""

    texts: Codes
    labels: Codes

    @classmethod
    def of(cls, texts: Codes, beside: Beside) -> "Pairs":
        """Of rows: the place of each one's text, or -1 where it is not learned."""
        there = (texts >= 0) & (beside.codes >= 0)
        width = len(beside.labels)
        keys = np.unique(texts[there] * width + beside.codes[there])
        return cls(keys // width, keys % width)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Pairs":
        """The pairs of some texts, told by place."""
        kept = chosen[self.texts]
        return Pairs(self.texts[kept], self.labels[kept])

    @property
    def few(self) -> "Pairs":
        """So many, taken evenly, that comparing them is quick."""
        step = max(1, len(self.texts) // (2 * _COMPARED))
        return Pairs(self.texts[::step], self.labels[::step])


def numbered(pairs: Pairs, count: int) -> Codes:
    """By place of a label its number from 1, or nought for one of too few texts."""
    texts = np.bincount(pairs.labels, minlength=count)
    order = np.argsort(-texts, kind="stable")[:MOST_LABELS]
    order = order[texts[order] >= LEAST_OF_LABEL]
    numbers = np.zeros(count, dtype=np.int64)
    numbers[order] = np.arange(1, len(order) + 1)
    return numbers


def telling(texts: Sequence[str], rows: Codes, besides: Sequence[Beside]) -> Beside | None:
    """The column that tells most about the texts, if one tells anything.

    Parameters
    ----------
    texts
        Different texts that are learned.
    rows
        Of each row the place of its text, or -1.
    """
    some = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _COMPARED)).astype(np.int64))
    part = np.full(len(texts), -1, dtype=np.int64)
    part[some] = np.maximum(np.arange(len(some)) % _PARTS - (_PARTS - 3), 0)
    words = _Words.of(texts, some)
    tried = [(words.gains(Pairs.of(rows, b), part, _TRIED), b) for b in besides]
    found = [(float(gains.sum()), beside) for gains, beside in tried]
    gain, best = max(found, key=lambda pair: pair[0], default=(0.0, None))
    if best is None or gain <= 0:
        return None
    gains = words.gains(Pairs.of(rows, best), part, _CONFIRMED)
    error = gains.std() / np.sqrt(max(len(gains), 1))
    return best if len(gains) and gains.mean() > _ERRORS * error else None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of texts as numbers: those of text ``i`` from ``starts[i]``, ``sizes[i]`` many."""

    words: Codes
    starts: Codes
    sizes: Codes
    count: int

    @classmethod
    def of(cls, texts: Sequence[str], some: Codes) -> "_Words":
        """Of some texts; where they have hardly any spaces, each three characters are a word."""
        plain = {place: texts[place].casefold() for place in some.tolist()}
        said = {place: set(_WORD.findall(text)) for place, text in plain.items()}
        if sum(map(len, said.values())) < 1.5 * len(said):
            said = {p: {t[i : i + 3] for i in range(len(t) - 2)} for p, t in plain.items()}
        known: dict[str, int] = {}
        numbers = [known.setdefault(w, len(known)) for own in said.values() for w in sorted(own)]
        sizes = np.zeros(len(texts), dtype=np.int64)
        sizes[some] = [len(said[place]) for place in some.tolist()]
        return cls(np.array(numbers, dtype=np.int64), np.cumsum(sizes) - sizes, sizes, len(known))

    def gains(self, pairs: Pairs, part: Codes, held: int) -> Floats:
        """By how much likelier, in nats, each held-back text is under the words of its label.

        Parameters
        ----------
        part
            By text, which part it is in; words are counted in the first.
        held
            The part that is looked at.
        """
        seen, fresh = pairs.where(part == _COUNTED).few, pairs.where(part == held).few
        if not len(seen.texts) or not len(fresh.texts):
            return np.zeros(0)
        counted, of_seen = self._said(seen)
        counts = np.bincount(counted, minlength=self.count)
        shares = (counts + 0.5) / (counts.sum() + 0.5 * self.count)
        width = int(pairs.labels.max()) + 1
        totals = np.bincount(seen.labels[of_seen], minlength=width)
        keys, ours = np.unique(seen.labels[of_seen] * self.count + counted, return_counts=True)
        words, of_fresh = self._said(fresh)
        wanted = fresh.labels[of_fresh] * self.count + words
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        own = np.where(keys[at] == wanted, ours[at], 0) if len(keys) else np.zeros(len(wanted))
        usual = _PRIOR * shares[words]
        likelier = (own + usual) / (totals[fresh.labels[of_fresh]] + _PRIOR) / shares[words]
        gains = np.where(counts[words] > 0, np.log(likelier), 0.0)
        return np.bincount(of_fresh, weights=gains, minlength=len(fresh.texts)).astype(np.float64)

    def _said(self, pairs: Pairs) -> tuple[Codes, Codes]:
        """Each word of each pair's text, and which pair that is."""
        sizes = self.sizes[pairs.texts]
        ends = np.cumsum(sizes)
        places = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
        words = self.words[places + np.repeat(self.starts[pairs.texts], sizes)]
        return words, np.repeat(np.arange(len(sizes)), sizes)
