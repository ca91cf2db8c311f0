"""Characters as small numbers: those that many texts have, and how case and space are folded."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint16]
START = 0
NARROW, WIDE = 254, 65_534
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that can be made; code ``i + 1`` is character ``i``, code 0 the start.

    Attributes
    ----------
    folded
        By code, what the character is taken for where case does not matter, as a code point; all
        white space is one.
    """

    characters: str
    folded: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, characters: str) -> "Alphabet":
        """An alphabet of these characters, each once."""
        points = [0, *(ord(fold(char)) for char in characters)]
        return cls(characters, np.array(points, dtype=np.uint32))

    @property
    def bits(self) -> int:
        """Bits that a code takes."""
        return 8 if len(self.characters) <= NARROW else 16

    @property
    def unknown(self) -> int:
        """The code of every other character; it is met in training only."""
        return (1 << self.bits) - 1

    @property
    def is_space(self) -> npt.NDArray[np.bool_]:
        """By code, whether it is white space."""
        return np.array([False, *(char.isspace() for char in self.characters)])

    @property
    def is_word(self) -> npt.NDArray[np.bool_]:
        """By code, whether it is a letter or a digit."""
        return np.array([False, *(fold(char).isalnum() for char in self.characters)])

    def encode(self, text: str) -> Codes:
        """The codes of a text, in which others' characters are ``unknown``."""
        points = points_of(text)
        known = points_of(self.characters)
        order = np.argsort(known)
        place = np.searchsorted(known, points, sorter=order).clip(max=len(known) - 1)
        codes = order[place] + 1
        return np.where(known[order[place]] == points, codes, self.unknown).astype(np.uint16)

    def decode(self, codes: Codes, lengths: npt.NDArray[np.integer]) -> list[str]:
        """Texts: of each row of codes, so many of the first ones."""
        points = np.r_[np.zeros(1, dtype=np.uint32), points_of(self.characters)]
        inside = np.arange(codes.shape[1]) < lengths[:, None]
        joined = points[codes[inside]].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        ends = np.cumsum(lengths).tolist()
        return [joined[end - size : end] for end, size in zip(ends, lengths.tolist(), strict=True)]


def common_characters(texts: Sequence[str], few: int) -> str:
    """The characters that at least ``few`` texts have, the most frequent first."""
    counts = Counter(char for text in texts for char in set(text))
    known = [(-count, char) for char, count in counts.items() if count >= few]
    return "".join(char for _, char in sorted(known)[:WIDE])


def points_of(text: str) -> npt.NDArray[np.uint32]:
    """Code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def fold(char: str) -> str:
    """The one character that this one is taken for where case and kind of space do not matter."""
    return " " if char.isspace() else (char.casefold()[:1] or char)


def folded(text: str) -> str:
    """A text without case, and with single spaces; what runs of characters are compared by."""
    return _SPACES.sub(" ", "".join(map(fold, text))).lstrip()


def normalised(text: str) -> str:
    """A whole text as it is compared with others: without case, width, and spaces around it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
