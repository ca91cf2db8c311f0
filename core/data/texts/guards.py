"""What a made-up text may not be: a training text, or hold a rare word or a rare run of characters.

Of every training text a keyed hash of 64 bits is kept, without case and extra spaces; of each run
of more than :data:`RUN` characters and each word that fewer than :data:`FEW` different texts have,
32 bits of a keyed hash. The key is the model's own. Other texts than those that are kept can have
the same 32 bits, and are avoided as well: that errs on the safe side.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.issued import mixed
from core.data.texts.alphabet import Alphabet, folded, normalised, points_of
from core.data.texts.packing import distinct_counts, packed, unpacked

FEW = 5
RUN = 12
_BASE = np.uint64(0x9E3779B97F4A7C15)
_WORD = re.compile(r"[^\W_]+")
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Guards:
    """Hashes of what may not be made; ``key`` is 16 bytes."""

    key: bytes
    texts: Hashes
    runs: npt.NDArray[np.uint32]
    words: npt.NDArray[np.uint32]

    @classmethod
    def learn(cls, texts: Sequence[str], learned: Sequence[str]) -> "Guards":
        """Guards of all ``texts``, and of the runs and words of those that were ``learned``."""
        digest = hashlib.blake2b(digest_size=16)
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        key = digest.digest()
        plain = [folded(text) for text in learned]
        hashes = np.unique(_text_hashes(texts, key))
        return cls(key, hashes, _rare_runs(plain, key), _rare_words(plain, key))

    @classmethod
    def from_dict(cls, data: dict[str, dict[str, str]]) -> "Guards":
        """The inverse of :meth:`to_dict`."""
        key, texts, runs, words = (unpacked(data[n]) for n in ("key", "texts", "runs", "words"))
        return cls(key.tobytes(), texts, runs, words)

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Plain data for JSON."""
        return {
            "key": packed(np.frombuffer(self.key, dtype=np.uint8)),
            "texts": packed(self.texts),
            "runs": packed(self.runs),
            "words": packed(self.words),
        }

    def are_training(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which texts are training texts, whatever their case and spaces."""
        return _are_in(_text_hashes(texts, self.key), self.texts)

    def are_rare_runs(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Which hashes are of rare runs of ``RUN + 1`` characters."""
        return _are_in(short_hashes(hashes), self.runs)

    def are_rare_words(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Which hashes are of rare words."""
        return _are_in(short_hashes(hashes), self.words)

    def character_hashes(self, alphabet: Alphabet) -> Hashes:
        """By code, the number that stands for the folded character."""
        return _numbers(alphabet.folded, self.key)


LAST = np.uint64(pow(int(_BASE), RUN, 2**64))
"""What a character counts in a run's hash when it is the first of ``RUN + 1``."""


def rolled(hashes: Hashes, incoming: Hashes) -> Hashes:
    """Hashes of texts with one more character each, modulo 2^64."""
    return hashes * _BASE + incoming


def short_hashes(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """The 32 bits that are kept of a run's or a word's hash."""
    return (mixed(hashes) >> np.uint64(32)).astype(np.uint32)


def _numbers(points: npt.NDArray[np.uint32], key: bytes) -> Hashes:
    salt = np.uint64(int.from_bytes(key[:8], "little"))
    return mixed(points.astype(np.uint64) ^ salt) | np.uint64(1)


def _text_hashes(texts: Sequence[str], key: bytes) -> Hashes:
    parts = (normalised(text).encode("utf-8", "surrogatepass") for text in texts)
    digests = b"".join(hashlib.blake2b(p, digest_size=8, key=key).digest() for p in parts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _rare_runs(plain: Sequence[str], key: bytes) -> npt.NDArray[np.uint32]:
    numbers = _numbers(points_of("".join(plain)), key)
    lengths = np.array([len(text) for text in plain], dtype=np.int64)
    owners = np.repeat(np.arange(len(plain)), lengths)
    if len(numbers) <= RUN:
        return np.zeros(0, dtype=np.uint32)
    hashes = np.zeros(len(numbers) - RUN, dtype=np.uint64)
    for place in range(RUN + 1):
        hashes = rolled(hashes, numbers[place : len(numbers) - RUN + place])
    inside = owners[RUN:] == owners[: len(owners) - RUN]
    return _rare(hashes[inside], owners[RUN:][inside])


def _rare_words(plain: Sequence[str], key: bytes) -> npt.NDArray[np.uint32]:
    found = [(word, owner) for owner, text in enumerate(plain) for word in set(_WORD.findall(text))]
    codes = {word: place for place, word in enumerate(dict.fromkeys(word for word, _ in found))}
    hashes = np.array([_word_hash(word, key) for word in codes], dtype=np.uint64)
    places = np.array([codes[word] for word, _ in found], dtype=np.int64)
    owners = np.array([owner for _, owner in found], dtype=np.int64)
    return _rare(hashes[places], owners) if found else np.zeros(0, dtype=np.uint32)


def _word_hash(word: str, key: bytes) -> int:
    total, base = 0, int(_BASE)
    for number in _numbers(points_of(word), key).tolist():
        total = (total * base + number) % 2**64
    return total


def _rare(hashes: Hashes, owners: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    keys, counts = distinct_counts(hashes, owners)
    return np.unique(short_hashes(keys[counts < FEW]))


def _are_in(
    values: npt.NDArray[np.integer], known: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    found: npt.NDArray[np.bool_] = known[place] == values
    return found
