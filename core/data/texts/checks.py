"""Whether a text from outside keeps the promises that hold for texts made in here.

The same guards are asked, by the same hashes: no training text, no rare word, no rare run. What a
person typed of a column is looked at as well, since it is sent out: a piece of a training text may
have been pasted into it.
"""

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from core.data.texts.alphabet import Alphabet, folded, normalised
from core.data.texts.guards import FEW, RUN, Guards, Hashes, rolled

TRAINING, WORD, LONG_RUN = "a training text", "a rare word", "a rare run"
PASTED = 24
"""Characters in a row of rare runs from which on a description is taken for a pasted text."""
_WORD = re.compile(r"[^\W_]+")


def broken_promise(text: str, guards: Guards) -> str:
    """Which promise a text would break: one of the names above; empty for none."""
    if guards.are_training([text])[0]:
        return TRAINING
    plain, numbers = _numbered(text, guards)
    words = [_hashed(numbers[m.start() : m.end()]) for m in _WORD.finditer(plain)]
    if words and guards.are_rare_words(np.array(words, dtype=np.uint64)).any():
        return WORD
    return LONG_RUN if _rare_runs(numbers, guards).any() else ""


def is_pasted(text: str, values: Iterable[str]) -> bool:
    """Whether a text is one of ``values``, or has a long piece of one that few of them have.

    All of them are looked at, also where guards are of some.
    """
    own, texts = normalised(text), dict.fromkeys(map(normalised, values))
    if not own:
        return False
    return own in texts or _has_rare_piece(own, "\0".join(texts))


def _has_rare_piece(own: str, texts: str) -> bool:
    """Whether so many runs of ``own`` in a row as a pasted piece has are of few texts."""

    @cache
    def is_rare(place: int) -> bool:
        return 0 < _texts_with(own[place : place + RUN + 1], texts) < FEW

    runs, wide = len(own) - RUN, PASTED - RUN
    return any(
        all(map(is_rare, range(start, start + wide)))
        for place in range(wide - 1, runs, wide)
        if is_rare(place)
        for start in range(place - wide + 1, min(place, runs - wide) + 1)
    )


def _texts_with(piece: str, texts: str) -> int:
    """How many of ``texts``, with noughts between them, have a piece; counted up to ``FEW``."""
    found, place = 0, texts.find(piece)
    while place >= 0 and found < FEW:
        found += 1
        end = texts.find("\0", place)
        place = texts.find(piece, end) if end >= 0 else -1
    return found


def _numbered(text: str, guards: Guards) -> tuple[str, Hashes]:
    """A text as runs and words are compared, and the number of each of its characters."""
    plain = folded(text)
    alphabet = Alphabet.of("".join(sorted(set(plain))))
    if not plain:
        return plain, np.zeros(0, dtype=np.uint64)
    return plain, guards.character_hashes(alphabet)[alphabet.encode(plain)]


def _rare_runs(numbers: Hashes, guards: Guards) -> npt.NDArray[np.bool_]:
    """Of each run of more than ``RUN`` characters, in order, whether it is rare."""
    count = max(len(numbers) - RUN, 0)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(RUN + 1 if count else 0):
        hashes = rolled(hashes, numbers[place : count + place])
    return guards.are_rare_runs(hashes)


def _hashed(numbers: Hashes) -> int:
    total = np.zeros(1, dtype=np.uint64)
    for number in numbers:
        total = rolled(total, number.reshape(1))
    return int(total[0])
