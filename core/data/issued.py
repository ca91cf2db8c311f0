"""Values that never repeat, however many are asked for and in however many blocks.

What has been given out is not remembered value by value but as a count: the values of a make
(``AB-1234``) are numbered, the numbers are shuffled by a keyed permutation, and the next ones in
that order are always new. Memory does not grow with the number of values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

MOST = 1 << 60
_ROUNDS = 4

Numbers = npt.NDArray[np.uint64]
Characters = npt.NDArray[np.str_]
Form = Sequence[str]
"""A text by its places: the characters that may stand at each; a single one is fixed."""


@dataclass(slots=True)
class Issued:
    """What a column has been given in earlier blocks of a table.

    Attributes
    ----------
    seed
        Key of the permutations; the same for all blocks.
    rows
        Rows made so far.
    used
        How many numbers of each space are gone.
    pool
        Values that repeat, which all blocks draw from.
    pools
        The same of texts that follow a label, by its number.
    """

    seed: int = 0
    rows: int = 0
    used: dict[str, int] = field(default_factory=dict)
    pool: npt.NDArray[np.object_] | None = None
    pools: dict[int, npt.NDArray[np.object_]] = field(default_factory=dict)

    def numbers(self, name: str, size: int, space: int) -> Numbers:
        """The next ``size`` numbers below ``space``, fewer where no more are left."""
        start = self.used.get(name, 0)
        count = max(0, min(size, space - start))
        self.used[name] = start + count
        return shuffled(start, count, space, self.seed)

    def texts(self, name: str, form: Form, size: int, rng: np.random.Generator) -> Characters:
        """The next ``size`` texts of a form as characters (texts x places), or fewer."""
        sizes = [len(letters) for letters in form]
        counted = _counted_places(sizes)
        space = int(np.prod([sizes[p] for p in counted], dtype=object)) if counted else 1
        left = self.numbers(name, size, space)
        chars = np.empty((len(left), len(form)), dtype="U1")
        for place, letters in enumerate(form):
            if place not in counted:
                chars[:, place] = np.array(list(letters))[rng.integers(0, sizes[place], len(left))]
        for place in counted:
            radix = np.uint64(sizes[place])
            chars[:, place] = np.array(list(form[place]))[(left % radix).astype(np.intp)]
            left = left // radix
        return chars


def _counted_places(sizes: Sequence[int]) -> list[int]:
    """The last places with a choice that together have at most ``MOST`` values."""
    places: list[int] = []
    space = 1
    for place in reversed(range(len(sizes))):
        if sizes[place] > 1:
            space *= sizes[place]
            if space > MOST:
                break
            places.append(place)
    return places


def shuffled(start: int, count: int, space: int, seed: int) -> Numbers:
    """Numbers ``start`` to ``start + count`` of a keyed permutation of ``range(space)``.

    A Feistel network over the next power of four; what falls outside goes through it again until
    it lies inside (cycle walking), which keeps it a permutation.
    """
    half = np.uint64(max(1, -(-max(space - 1, 1).bit_length() // 2)))
    numbers = _encrypt(np.arange(start, start + count, dtype=np.uint64), half, seed)
    outside = np.flatnonzero(numbers >= space)
    while len(outside):
        numbers[outside] = _encrypt(numbers[outside], half, seed)
        outside = outside[numbers[outside] >= space]
    return numbers


def _encrypt(numbers: Numbers, half: np.uint64, seed: int) -> Numbers:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for number in range(_ROUNDS):
        key = np.uint64((seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) % 2**64)
        left, right = right, left ^ (mixed(right ^ key) & mask)
    joined: Numbers = (left << half) | right
    return joined


def mixed(numbers: Numbers) -> Numbers:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    made = numbers + np.uint64(0x9E3779B97F4A7C15)
    made = (made ^ (made >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    made = (made ^ (made >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return made ^ (made >> np.uint64(31))
