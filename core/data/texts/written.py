"""A column whose texts somebody writes by its description: what is kept, asked, taken and drawn.

Learned from the column are the guards, lengths in tens and the labels of another column that many
rows share. A writer is asked for a bounded pool of different texts; each is checked against the
guards, and the pool is kept with the fitted model, so that the same seed draws the same texts. The
guards are let go then. Where there is no pool, plain words are made.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.data.patterns import RARE, Settings, Texts, learn_pattern, make_pattern
from core.data.schema import Column, WrittenText
from core.data.texts.alphabet import normalised
from core.data.texts.checks import broken_promise, is_pasted
from core.data.texts.guards import FEW, Guards
from core.data.texts.learn import guards_of
from core.data.texts.port import Brief, TextWriter
from core.errors import LanguageModelFailed
from core.progress import Progress

POOL = 300
"""Different texts that are kept of a column."""
LEAST_POOL = 20
"""Texts below which plain words are made instead."""
LEAST_LABEL = 5
MOST_LABELS = 12
_MOST_DRY = 4
_MOST_AT_ONCE = 25
_FEW_AT_ONCE = 3
_CHARACTERS_AT_ONCE = 5_000
_USUAL = 100
_LONGEST = 2_000
_LONGEST_LABEL = 80
_UNFIT = "empty, too long or not plain text"
_AGAIN = "there already"


def learn_written(
    values: Sequence[str], labels: Sequence[str] = (), typed: Sequence[str] = ()
) -> Settings:
    """What is needed to have texts written for a column, as plain data without any of them.

    Parameters
    ----------
    labels
        Of each value the label of its row that the text is to fit, if there is such a column.
        Only labels that ``RARE`` rows share are kept, the most frequent ``MOST_LABELS``.
    typed
        What a person said of the column: nothing is asked where a piece of a text is among it.
    """
    counts = Counter(label for label in labels if _may_be_told(label))
    common = [label for label, count in sorted(counts.items()) if count >= RARE]
    return {
        "spare": learn_pattern(list(values)),
        "guards": guards_of(values).to_dict(),
        "lengths": list(_lengths(values)),
        "labels": sorted(common, key=lambda label: -counts[label])[:MOST_LABELS],
        "pasted": any(is_pasted(text, values) for text in typed),
        "pools": {},
        "told": {},
    }


def _may_be_told(label: str) -> bool:
    return 0 < len(label) <= _LONGEST_LABEL and label.isprintable()


def _lengths(values: Sequence[str]) -> tuple[int, ...]:
    """A short, a usual and a long text's characters, in tens; no length of fewer than ``FEW``."""
    sizes = [len(value) for value in values]
    if len(sizes) * 0.1 < FEW:
        return ()
    return tuple(int(-(-q // 10) * 10) for q in np.quantile(sizes, [0.1, 0.5, 0.9]))


def is_waiting(settings: Mapping[str, Any]) -> bool:
    """Whether nobody was asked yet."""
    return not settings["told"]


def have_written(
    settings: Mapping[str, Any], column: Column, rows: int, writer: TextWriter, progress: Progress
) -> Settings:
    """The settings with a pool of texts and what is told of them; without the guards.

    Where fewer than ``LEAST_POOL`` texts came that may be used there is no pool, and it is told
    why.
    """
    ordering = _Ordering(column, settings, writer, progress)
    pools = ordering.pools(_pool_of(rows))
    left = {name: settings[name] for name in ("spare", "labels", "lengths")}
    return {**left, "pools": pools, "told": ordering.told(pools)}


def least_questions(rows: int, long: int = 0) -> int:
    """The fewest questions for a column's pool, where every text that comes may be taken.

    Parameters
    ----------
    rows
        Of the table that is learned.
    long
        Characters of a long text; 0 where that is not known.
    """
    return -(-_pool_of(rows) // _at_once(long or _USUAL))


def _pool_of(rows: int) -> int:
    return min(POOL, max(LEAST_POOL, rows))


def _at_once(long: int) -> int:
    """How many texts one question asks for."""
    return max(min(_MOST_AT_ONCE, _CHARACTERS_AT_ONCE // long), _FEW_AT_ONCE)


class _Ordering:
    """The questions of one column, and what came of them."""

    def __init__(
        self,
        column: Column,
        settings: Mapping[str, Any],
        writer: TextWriter,
        progress: Progress,
    ) -> None:
        asked = column.written or WrittenText("")
        lengths = tuple(settings["lengths"])
        self._brief = Brief(column.name, asked.description, asked.language, lengths)
        self._beside, self._labels = asked.beside, settings["labels"] if asked.beside else []
        self._guards = Guards.from_dict(settings["guards"])
        self._is_pasted = bool(settings.get("pasted", True))
        self._writer, self._progress = writer, progress
        self._seen: set[str] = set()
        self._refused: Counter[str] = Counter()
        self._questions, self._spent, self._why = 0, writer.spent, ""

    def pools(self, wanted: int) -> dict[str, list[str]]:
        """Texts by label, under "" those that fit any; empty where too few came."""
        if self._is_pasted:
            self._why = (
                "The description, or the language, repeats a piece of a training text, so that it "
                "was not sent. Say it in other words."
            )
            return {}
        each = max(LEAST_LABEL, wanted // (len(self._labels) + 1))
        found = {"": self._pool(self._brief, max(each, LEAST_POOL))}
        if len(found[""]) < LEAST_POOL:
            self._why = self._why or self._too_few(found[""])
            return {}
        for label in self._labels:
            pool = self._pool(replace(self._brief, beside=(self._beside, label)), each)
            found |= {label: pool} if len(pool) >= LEAST_LABEL else {}
        return found

    def told(self, pools: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Who wrote, what was asked and what of it was taken; no text."""
        briefs = [replace(self._brief, beside=(self._beside, label)) for label in self._labels]
        sent = "\0".join(self._writer.words(brief) for brief in (self._brief, *briefs))
        return {
            "model": self._writer.name,
            "prompt": hashlib.sha256(sent.encode()).hexdigest()[:16],
            "questions": self._questions,
            "tokens": self._writer.spent - self._spent,
            "texts": sum(map(len, pools.values())),
            "refused": dict(sorted(self._refused.items())),
            "why": self._why,
        }

    def _pool(self, brief: Brief, wanted: int) -> list[str]:
        pool: list[str] = []
        part = dry = 0
        while len(pool) < wanted and dry < _MOST_DRY and not self._why:
            note = f"{brief.column}: texts written by a language model"
            self._progress.step(len(pool), wanted, note)
            if not self._writer.may_go_on:
                self._why = "The tokens that a run may use were used up."
                break
            fresh = self._taken(self._written(brief, part))
            dry = 0 if fresh else dry + 1
            pool += fresh
            part += 1
        return pool[:wanted]

    def _written(self, brief: Brief, part: int) -> Sequence[str]:
        count = _at_once(max(brief.lengths[2:] or (_USUAL,)))
        self._questions += 1
        try:
            return self._writer.write(brief, count, part)
        except LanguageModelFailed as error:
            self._why = str(error)
            return ()

    def _taken(self, texts: Sequence[str]) -> list[str]:
        taken = []
        for raw in texts:
            text = " ".join(raw.split())
            if problem := self._problem(text):
                self._refused[problem] += 1
            else:
                self._seen.add(normalised(text))
                taken.append(text)
        return taken

    def _problem(self, text: str) -> str:
        most = min(_LONGEST, 2 * max(self._brief.lengths or (_LONGEST,)))
        if not 0 < len(text) <= most or not text.isprintable():
            return _UNFIT
        return _AGAIN if normalised(text) in self._seen else broken_promise(text, self._guards)

    def _too_few(self, pool: Sequence[str]) -> str:
        return (
            f"Only {len(pool)} texts came that may be used; {LEAST_POOL} are needed. A clearer "
            "description may help."
        )


def make_written(
    settings: Mapping[str, Any],
    size: int,
    rng: np.random.Generator,
    labels: Texts | None = None,
) -> Texts:
    """Texts of the pool, each as often as any other; plain words where there is none.

    Parameters
    ----------
    labels
        Of each row the label that the text is to fit; rows of others get texts that fit any.
    """
    pools = settings["pools"]
    if not pools:
        return make_pattern(settings["spare"], size, rng)
    found = [""] * size if labels is None else [x if x in pools else "" for x in labels]
    own, made = np.array(found, dtype=object), np.empty(size, dtype=object)
    for label, pool in pools.items():
        rows = np.flatnonzero(own == label)
        made[rows] = np.array(pool, dtype=object)[_dealt(len(pool), len(rows), rng)]
    return made


def _dealt(count: int, size: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Places among ``count``, shuffled anew each time that all were dealt."""
    rounds = [rng.permutation(count) for _ in range(-(-size // count))]
    return np.concatenate([*rounds, np.zeros(0, dtype=np.intp)])[:size]
