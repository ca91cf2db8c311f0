"""Making texts: many at once, character by character, each character checked as it comes.

A character that would complete a rare run, or end a rare word, is drawn again, in the end from
shorter contexts. A text that becomes stuck, equals a training text, or is there already is made
again; what is left after some rounds is made of plain words or letters without the model.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.patterns import Texts, make_pattern
from core.data.texts.guards import LAST, RUN, Guards, rolled
from core.data.texts.model import Model, Order, end_chances, end_keys

_TRIES = 10
_PATIENCE = 4
_ROUNDS = 12
_AT_ONCE = 8_192
Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Maker:
    """A model, its guards, and what is looked up by code.

    Attributes
    ----------
    longest
        Characters of the longest context that is used.
    shares
        By bucket of length: the share of drawn texts that is taken, so that lengths come out as
        they are in the column.
    accepted
        The share that is taken over all lengths.
    """

    model: Model
    guards: Guards
    numbers: npt.NDArray[np.uint64]
    is_space: Flags
    is_word: Flags
    longest: int
    shares: tuple[float, ...]
    accepted: float


def make_texts(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, *, distinct: bool = False
) -> Texts:
    """Texts in the style of a column, none of them a training text.

    Parameters
    ----------
    settings
        From :func:`core.data.texts.learn_texts`.
    distinct
        Whether all are to differ.
    """
    if not settings["model"]:
        return make_pattern(settings["spare"], size, rng, unique=distinct)
    maker = _opened(settings["model"])
    made = np.full(size, "", dtype=object)
    left: Rows = np.arange(size)
    seen: set[str] = set()
    for turn in range(_ROUNDS):
        if not len(left):
            return made
        longest = max(1, maker.longest - max(0, turn - _PATIENCE))
        wanted = int(len(left) / maker.accepted) + 1
        good = _good(maker, drawn_texts(maker, wanted, rng, longest), rng)
        fresh = [text for text in dict.fromkeys(good) if text not in seen] if distinct else good
        fresh = fresh[: len(left)]
        seen.update(fresh if distinct else ())
        made[left[: len(fresh)]] = fresh
        left = left[len(fresh) :]
    made[left] = make_pattern(settings["spare"], len(left), rng, unique=distinct)
    return made


def _good(maker: Maker, drawn: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Those that are no training text, in the shares that lengths have in the column."""
    lengths = np.array([len(text) for text in drawn])
    shares = np.array(maker.shares)[np.searchsorted(maker.model.edges, lengths, side="right")]
    good = ~maker.guards.are_training(drawn) & (rng.random(len(drawn)) < shares)
    return [text for text, is_good in zip(drawn, good, strict=True) if is_good and text.strip()]


@lru_cache(maxsize=8)
def _opened(blob: str) -> Maker:
    data = json.loads(blob)
    model, guards = Model.from_dict(data["model"]), Guards.from_dict(data["guards"])
    maker = maker_of(model, guards)
    return replace(
        maker,
        longest=data["longest"],
        shares=tuple(data["shares"]),
        accepted=data["accepted"],
    )


def maker_of(model: Model, guards: Guards) -> Maker:
    """A maker that uses the longest contexts and takes every length."""
    shares = (1.0,) * (len(model.edges) + 1)
    alphabet = model.alphabet
    numbers = guards.character_hashes(alphabet)
    kinds = (alphabet.is_space, alphabet.is_word)
    return Maker(model, guards, numbers, *kinds, model.longest, shares, 1.0)


def drawn_texts(maker: Maker, size: int, rng: np.random.Generator, longest: int) -> list[str]:
    """So many texts; empty where one became stuck."""
    texts: list[str] = []
    for start in range(0, size, _AT_ONCE):
        batch = _Batch(maker, min(_AT_ONCE, size - start), longest)
        texts.extend(batch.run(rng))
    return texts


class _Batch:
    """Texts under way: their characters, and the hashes of their last run and word."""

    def __init__(self, maker: Maker, size: int, longest: int) -> None:
        self.maker, self.longest = maker, longest
        most = maker.model.most
        self.codes = np.zeros((size, most + 1), dtype=np.uint16)
        self.lengths = np.zeros(size, dtype=np.int64)
        self.contexts = np.zeros(size, dtype=np.uint64)
        self.plain = np.zeros((size, most + 1), dtype=np.uint64)
        self.plain_lengths = np.zeros(size, dtype=np.int64)
        self.runs = np.zeros(size, dtype=np.uint64)
        self.words = np.zeros(size, dtype=np.uint64)
        self.in_word = np.zeros(size, dtype=bool)
        self.is_over = np.zeros(size, dtype=bool)
        self.is_stuck = np.zeros(size, dtype=bool)

    def run(self, rng: np.random.Generator) -> list[str]:
        """Draw characters until each text has ended or is stuck."""
        while len(active := np.flatnonzero(~(self.is_over | self.is_stuck))):
            pending = active
            for attempt in range(_TRIES):
                longest = max(1, self.longest - max(0, attempt - _PATIENCE))
                pending = self._step(pending, rng, longest, may_end=attempt == 0)
                if not len(pending):
                    break
            self.is_stuck[pending] = True
        decode = self.maker.model.alphabet.decode
        return [
            "" if stuck else decode(codes[:length])
            for codes, length, stuck in zip(self.codes, self.lengths, self.is_stuck, strict=True)
        ]

    def _step(self, rows: Rows, rng: np.random.Generator, longest: int, *, may_end: bool) -> Rows:
        """One character, or the end, for each row; the rows that may not have what was drawn."""
        model = self.maker.model
        chances = np.zeros(len(rows))
        if may_end:
            keys = end_keys(self.contexts[rows], self.lengths[rows], model)
            chances = end_chances(model.ends, keys, model.alphabet.bits)
        ends = rng.random(len(rows)) < chances
        rare = self.in_word[rows] & self.maker.guards.are_rare_words(self.words[rows])
        self.is_over[rows[ends & ~rare]] = True
        is_full = self.lengths[rows] >= model.most
        self.is_stuck[rows[is_full & ~(ends & ~rare)]] = True
        going = ~ends & ~is_full
        drawn = _next_codes(model, self.contexts[rows[going]], rng, longest)
        bad = self._extended(rows[going], drawn, rare[going])
        again = rows[going][bad]
        return np.concatenate([again, rows[ends & rare & ~is_full]])

    def _extended(self, rows: Rows, codes: npt.NDArray[np.uint16], rare: Flags) -> Flags:
        """Add a character to each row where it may be; the rows where it may not."""
        maker = self.maker
        is_word, is_space = maker.is_word[codes], maker.is_space[codes]
        numbers = maker.numbers[codes]
        lengths = self.plain_lengths[rows]
        before = self.plain[rows, np.maximum(lengths - 1, 0)]
        counts = ~(is_space & ((lengths == 0) | (before == numbers)))
        oldest = np.where(lengths > RUN, self.plain[rows, np.maximum(lengths - RUN - 1, 0)], 0)
        runs = rolled(self.runs[rows] - oldest.astype(np.uint64) * LAST, numbers)
        runs = np.where(counts, runs, self.runs[rows])
        bad = counts & (lengths >= RUN) & maker.guards.are_rare_runs(runs)
        bad |= ~is_word & rare
        self._add(rows[~bad], codes[~bad], runs[~bad], counts[~bad])
        return np.asarray(bad)

    def _add(
        self,
        rows: Rows,
        codes: npt.NDArray[np.uint16],
        runs: npt.NDArray[np.uint64],
        counts: Flags,
    ) -> None:
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
        self.in_word[rows] = is_word
        added = rows[counts]
        self.plain[added, self.plain_lengths[added]] = numbers[counts]
        self.plain_lengths[added] += 1


def _next_codes(
    model: Model, contexts: npt.NDArray[np.uint64], rng: np.random.Generator, longest: int
) -> npt.NDArray[np.uint16]:
    """The next character of each context, from the longest that is known and is not passed over."""
    codes = np.zeros(len(contexts), dtype=np.uint16)
    left: Rows = np.arange(len(contexts))
    bits = model.alphabet.bits
    for size in range(min(longest, model.longest), -1, -1):
        order = model.orders[size]
        own = contexts[left] & np.uint64((1 << (bits * size)) - 1)
        chosen, codes_here = _chosen(order, own, bits, rng, is_last=size == 0)
        codes[left[chosen]] = codes_here
        left = left[~chosen]
    return codes


def _chosen(
    order: Order,
    contexts: npt.NDArray[np.uint64],
    bits: int,
    rng: np.random.Generator,
    *,
    is_last: bool,
) -> tuple[Flags, npt.NDArray[np.uint16]]:
    """Which contexts take a character of their own here, and which."""
    shifted = contexts << np.uint64(bits)
    first = np.searchsorted(order.grams, shifted)
    last = np.searchsorted(order.grams, shifted | np.uint64((1 << bits) - 1), side="right")
    known = first < last
    own = order.own[first.clip(max=max(len(order.own) - 1, 0))] if len(order.own) else 0.0
    coins, places = rng.random(len(contexts)), rng.random(len(contexts))
    chosen = known & (is_last | (coins < own))
    low, high = order.sums[first[chosen]], order.sums[last[chosen]]
    target = low + places[chosen] * (high - low)
    found = np.searchsorted(order.sums, target, side="right") - 1
    found = np.clip(found, first[chosen], last[chosen] - 1)
    return chosen, (order.grams[found] & np.uint64((1 << bits) - 1)).astype(np.uint16)
