"""Where a number is among many: hash tables in arrays, asked for many numbers at once.

A binary search of an array that does not fit a processor's cache costs several times as much.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ROOM = 4
_SIEVE_BITS = 24


@dataclass(frozen=True, slots=True)
class Index:
    """Different numbers in a table with open addressing, the next slot being tried in turn.

    Attributes
    ----------
    slots
        By hash, the place of the number among ``keys``; -1 where there is none.
    shift
        A hash is the number times the golden ratio, without so many of its lowest bits.
    probes
        Slots that have to be looked at, at most.
    """

    keys: Keys
    slots: npt.NDArray[np.int64]
    shift: np.uint64
    probes: int

    @classmethod
    def of(cls, keys: Keys) -> "Index":
        """A table of numbers that are all different."""
        bits = max(4, (_ROOM * len(keys)).bit_length())
        shift, probes = np.uint64(64 - bits), 0
        slots = np.full(1 << bits, -1, dtype=np.int64)
        left, where = np.arange(len(keys)), _hashed(keys, shift)
        while len(left):
            free = slots[where] < 0
            slots[where[free]] = left[free]
            missed = slots[where] != left
            left, where = left[missed], (where[missed] + 1) & (len(slots) - 1)
            probes += 1
        return cls(keys, slots, shift, probes)

    def find(self, keys: Keys) -> tuple[Places, Flags]:
        """The place of each number, and whether it is there; where not, a place without meaning."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys), dtype=bool)
        where = _hashed(keys, self.shift)
        places = self.slots[where]
        known = self.keys[places] == keys
        known &= places >= 0
        open_ = np.flatnonzero((places >= 0) & ~known)
        for step in range(1, self.probes):
            if not len(open_):
                break
            found = self.slots[(where[open_] + step) & (len(self.slots) - 1)]
            places[open_] = found
            known[open_] = (found >= 0) & (self.keys[found] == keys[open_])
            open_ = open_[(found >= 0) & ~known[open_]]
        return np.maximum(places, 0), known


def _hashed(keys: Keys, shift: np.uint64) -> Places:
    return ((keys * _GOLDEN) >> shift).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Numbers of 32 bits, sorted, and a bit for each beginning that one of them has."""

    known: npt.NDArray[np.uint32]
    bits: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, known: npt.NDArray[np.uint32]) -> "Sieve":
        """Of sorted numbers."""
        flags = np.zeros(1 << _SIEVE_BITS, dtype=bool)
        flags[known >> np.uint32(32 - _SIEVE_BITS)] = True
        return cls(known, np.packbits(flags, bitorder="little"))

    def have(self, values: npt.NDArray[np.uint32]) -> Flags:
        """Which values are among the numbers."""
        starts = values >> np.uint32(32 - _SIEVE_BITS)
        found = (self.bits[starts >> np.uint32(3)] >> (starts & np.uint32(7)).astype(np.uint8)) & 1
        flags: Flags = found.astype(bool)
        likely = np.flatnonzero(flags)
        if len(likely):
            at = np.minimum(np.searchsorted(self.known, values[likely]), len(self.known) - 1)
            flags[likely] = self.known[at] == values[likely]
        return flags
