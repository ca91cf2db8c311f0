"""Texts under way: drawn side by side, character by character, each checked as it comes.

A character that would complete a rare run, or end a rare word, is drawn again, in the end from
shorter contexts. Where none can follow, a few words are taken back and drawn anew; a text that
stays stuck all the same is given up.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.texts.guards import LAST, RUN, Guards, Hashes, rolled, short_hashes
from core.data.texts.index import Sieve
from core.data.texts.labels import Labelled, Tilt
from core.data.texts.levels import Codes, Flags, Rows, next_codes
from core.data.texts.model import Keys, Model, end_chances, end_keys, last_codes

PASSES = ((1, 0), (4, 0), (2, 1), (3, 4))
"""Of each try at a character: how many are drawn, and how much shorter the contexts are."""
_BACK = 2 * RUN
_SELDOM = 0.02
_REWINDS = 6


@dataclass(frozen=True, slots=True)
class Maker:
    """A model, its guards, and what is looked up by code.

    Attributes
    ----------
    labelled
        The words of labels; None where texts follow no label.
    may_end
        By code, whether a text may end after it.
    longest
        Characters of the longest context that is used.
    shares
        By bucket of length: the share of drawn texts that is taken, so that lengths come out as
        they are in the column.
    accepted
        The share of drawn texts that can be used.
    """

    model: Model
    guards: Guards
    labelled: Labelled | None
    numbers: Hashes
    is_space: Flags
    is_word: Flags
    may_end: Flags
    rare_runs: Sieve
    longest: int
    shares: tuple[float, ...]
    accepted: float


def maker_of(model: Model, guards: Guards, labelled: Labelled | None = None) -> Maker:
    """A maker that uses the longest contexts and takes every length."""
    shares = (1.0,) * (len(model.edges) + 1)
    alphabet = model.alphabet
    kinds = (guards.character_hashes(alphabet), alphabet.is_space, alphabet.is_word)
    checks = (_may_end(model), Sieve.of(guards.runs))
    return Maker(model, guards, labelled, *kinds, *checks, model.longest, shares, 1.0)


def _may_end(model: Model) -> Flags:
    """By code, whether texts end after it more often than once in a while."""
    most = np.zeros(len(model.alphabet.characters) + 1)
    for size, ends in enumerate(model.ends):
        if size:
            codes = last_codes(ends.index.keys, model.alphabet)
            np.maximum.at(most, codes, ends.chances)
    return np.asarray(most >= _SELDOM)


class Batch:
    """Texts under way: their characters, and the hashes of their last run and word.

    ``labels`` has a number for each text, nought for those that follow no label.
    """

    def __init__(self, maker: Maker, labels: Keys, longest: int) -> None:
        self.maker, self.labels, self.longest = maker, labels, longest
        self._labelled = maker.labelled if labels.any() else None
        size, most = len(labels), maker.model.most
        self.codes = np.zeros((size, most + 1), dtype=np.uint16)
        self.lengths = np.zeros(size, dtype=np.int64)
        self.contexts = np.zeros(size, dtype=np.uint64)
        self.plain = np.zeros((size, most + 1), dtype=np.uint64)
        self.plain_lengths = np.zeros(size, dtype=np.int64)
        self.runs = np.zeros(size, dtype=np.uint64)
        self.words = np.zeros(size, dtype=np.uint64)
        self.in_word = np.zeros(size, dtype=np.int64)
        self.is_over = np.zeros(size, dtype=bool)
        self.rewinds = np.zeros(size, dtype=np.int64)

    def run(self, rng: np.random.Generator) -> list[str]:
        """The texts, once each has ended; empty where one is stuck."""
        active: Rows = np.arange(len(self.labels))
        while len(active):
            going, stuck = self._ended(active, rng)
            for count, shorter in PASSES:
                if len(going):
                    longest = max(1, self.longest - shorter)
                    going = self._extended(going, count, longest, rng)
            self._rewind(np.concatenate([stuck, going]), rng)
            active = np.flatnonzero(~self.is_over & (self.rewinds <= _REWINDS))
        self.lengths[~self.is_over] = 0
        return self.maker.model.alphabet.decode(self.codes, self.lengths)

    def _ended(self, rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """Draw which texts end here; those that go on, and those that are full and cannot."""
        model = self.maker.model
        ends = self.maker.may_end[(self.contexts[rows] & np.uint64(model.alphabet.unknown))]
        asked = rows[ends]
        keys = end_keys(self.contexts[asked], self.lengths[asked], model)
        here = rng.random(len(asked)) < end_chances(model.ends, keys, model.alphabet.bits)
        ends[ends] = here & ~self._in_rare_word(asked)
        is_full = self.lengths[rows] >= model.most
        self.is_over[rows[ends]] = True
        return rows[~ends & ~is_full], rows[~ends & is_full]

    def _in_rare_word(self, rows: Rows) -> Flags:
        return np.asarray(
            (self.in_word[rows] > 0) & self.maker.guards.are_rare_words(self.words[rows]),
            dtype=bool,
        )

    def _extended(self, rows: Rows, count: int, longest: int, rng: np.random.Generator) -> Rows:
        """Add to each row the first of ``count`` characters that may be; the rows with none."""
        model, tried = self.maker.model, np.repeat(rows, count)
        codes = next_codes(model, self.contexts[tried], rng, longest, self._tilt(tried))
        runs, counts, may = self._checked(tried, codes)
        firsts = may.reshape(-1, count).argmax(axis=1) + np.arange(len(rows)) * count
        firsts = firsts[may[firsts]]
        self._add(tried[firsts], codes[firsts], runs[firsts], counts[firsts])
        return rows[~may.reshape(-1, count).any(axis=1)]

    def _tilt(self, rows: Rows) -> Tilt | None:
        if self._labelled is None:
            return None
        return Tilt.at(
            self._labelled,
            self.labels[rows],
            self.contexts[rows],
            self.in_word[rows],
            self.maker.model.alphabet.bits,
        )

    def _checked(self, rows: Rows, codes: Codes) -> tuple[Hashes, Flags, Flags]:
        """With a further character each: hashes of runs, whether it counts, whether it may be.

        A space after a space does not count, nor does one at the start.
        """
        maker = self.maker
        numbers, lengths = maker.numbers[codes], self.plain_lengths[rows]
        before = self.plain[rows, np.maximum(lengths - 1, 0)]
        counts = ~(maker.is_space[codes] & ((lengths == 0) | (before == numbers)))
        oldest = np.where(lengths > RUN, self.plain[rows, np.maximum(lengths - RUN - 1, 0)], 0)
        runs = rolled(self.runs[rows] - oldest.astype(np.uint64) * LAST, numbers)
        runs = np.where(counts, runs, self.runs[rows])
        bad = counts & (lengths >= RUN) & maker.rare_runs.have(short_hashes(runs))
        bad |= ~maker.is_word[codes] & self._in_rare_word(rows)
        return runs, counts, ~bad

    def _add(self, rows: Rows, codes: Codes, runs: Hashes, counts: Flags) -> None:
        """Add a character to each row; ``counts`` where it is no further space."""
        maker, numbers = self.maker, self.maker.numbers[codes]
        is_word, bits = maker.is_word[codes], maker.model.alphabet.bits
        self.codes[rows, self.lengths[rows]] = codes
        self.lengths[rows] += 1
        kept = np.uint64((1 << (bits * maker.model.longest)) - 1)
        self.contexts[rows] = (self.contexts[rows] << np.uint64(bits) | codes) & kept
        self.runs[rows] = runs
        words = rolled(self.words[rows], numbers)
        self.words[rows] = np.where(is_word, words, np.uint64(0))
        self.in_word[rows] = np.where(is_word, self.in_word[rows] + 1, 0)
        added = rows[counts]
        self.plain[added, self.plain_lengths[added]] = numbers[counts]
        self.plain_lengths[added] += 1

    def _rewind(self, rows: Rows, rng: np.random.Generator) -> None:
        """Take back the last few words of each row, back to where a word may begin."""
        if not len(rows):
            return
        self.rewinds[rows] += 1
        codes, places = self.codes[rows], np.arange(self.codes.shape[1])
        most = self.lengths[rows] - rng.integers(1, _BACK + 1, len(rows))
        begins = np.ones(codes.shape, dtype=bool)
        begins[:, 1:] = ~self.maker.is_word[codes[:, :-1]]
        begins &= places <= np.maximum(most, 0)[:, None]
        kept = codes.shape[1] - 1 - begins[:, ::-1].argmax(axis=1)
        self._restart(rows, kept)

    def _restart(self, rows: Rows, kept: npt.NDArray[np.int64]) -> None:
        """Have only so many characters in each row, at whose end no word is under way."""
        maker, codes = self.maker, self.codes[rows]
        spaces = maker.is_space[codes]
        counts = ~spaces
        counts[:, 1:] |= spaces[:, 1:] & ~spaces[:, :-1]
        counts &= np.arange(codes.shape[1]) < kept[:, None]
        self.lengths[rows], self.plain_lengths[rows] = kept, counts.sum(axis=1)
        self.words[rows], self.in_word[rows] = 0, 0
        self.contexts[rows], self.runs[rows] = 0, 0
        for back in range(maker.model.longest, 0, -1):
            before = np.where(
                kept >= back, codes[np.arange(len(rows)), np.maximum(kept - back, 0)], 0
            )
            self.contexts[rows] <<= np.uint64(maker.model.alphabet.bits)
            self.contexts[rows] |= before.astype(np.uint64)
        ends = self.plain_lengths[rows]
        for back in range(RUN + 1, 0, -1):
            before = np.where(ends >= back, self.plain[rows, np.maximum(ends - back, 0)], 0)
            self.runs[rows] = rolled(self.runs[rows], before.astype(np.uint64))
