"""Masking: each value becomes a token of the same format, the same value always the same token.

Letters become letters of the same case and script, digits digits; separators and length stay.
Among the texts of one format the tokens are a keyed permutation (a Feistel network over the
places, as in NIST SP 800-38G, with HMAC-SHA-256 for its rounds): two values never share a token,
and a value has the same token in whatever column or table it stands, so that joins survive.
Without the key nobody can go back or test a guess. With few possible values a token can equal
another real value, or even the value itself.
"""

import hashlib
import re
import string
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np
import pandas as pd

from core.data.moments import DAY, from_microseconds, to_microseconds
from core.data.schema import Column, ColumnType

_ROUNDS = 8
_BLOCK = 64
_DIGITS = frozenset(string.digits)
_NOT_FIRST = re.compile("(?<=[01])1|1(?![01])")

_Keyed = tuple["hashlib._Hash", "hashlib._Hash"]


def mask(values: pd.Series, column: Column, key: bytes) -> pd.Series:
    """The column with every value replaced by its token; missing values stay missing.

    Integers keep sign and number of digits, numbers also their decimals, dates move within their
    year, times within the day. Booleans have no second value to hide behind and stay.
    """
    if column.type is ColumnType.BOOLEAN:
        return values
    codes, levels = pd.factorize(values)
    distinct = pd.Series(levels, dtype=values.dtype)
    if column.type in {ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME}:
        masked = _mask_moments(distinct, column, key)
    else:
        tokens = [_fitting(text, column, key) for text in _written(distinct, column)]
        masked = pd.Series(tokens, dtype=object).map(_reader(column)).astype(values.dtype)
    taken = masked.reindex(np.where(codes < 0, -1, codes))
    return pd.Series(taken.array, index=values.index, name=values.name).astype(values.dtype)


def token(text: str, key: bytes) -> str:
    """One string of the same format."""
    form = _form(_NOT_FIRST.sub("0", text.translate(_FIRSTS)))
    if form.sides is None:
        return "".join(
            char
            if len(choices) < 2
            else _single(choices, text[:place] + text[place + 1 :], key)[char]
            for place, (char, choices) in enumerate(zip(text, form.letters, strict=True))
        )
    own, other = form.sides
    value, beside = own.number(text), other.number(text)
    keyed = _keyed(key)
    for head in form.heads:
        value = (value + _wide(keyed, b"%b%d" % (head, beside), own.blocks)) % own.size
        own, other, value, beside = other, own, beside, value
    made = list(text)
    own.write(value, made)
    other.write(beside, made)
    return "".join(made)


@lru_cache(maxsize=4096)
def _single(letters: str, around: str, key: bytes) -> dict[str, str]:
    """The permutation of the characters of a text's only place that is not fixed."""
    drawn = sorted(letters, key=lambda char: _drawn(key, f"{char}.{around}", 2**64))
    return dict(zip(letters, drawn, strict=True))


class _Side:
    """Some places of a text, read as one whole number in mixed radix."""

    def __init__(self, places: Sequence[int], letters: Sequence[str]) -> None:
        chosen = [letters[place] for place in places]
        numbers = [_numbers(choices) for choices in chosen]
        self._read = list(zip(places, map(len, chosen), numbers, strict=True))
        self._write = list(zip(places, map(len, chosen), chosen, strict=True))[::-1]
        self.size = prod(map(len, chosen))
        self.blocks = _blocks(self.size)

    def number(self, text: str) -> int:
        value = 0
        for place, size, numbers in self._read:
            value = value * size + numbers[text[place]]
        return value

    def write(self, value: int, made: list[str]) -> None:
        for place, size, letters in self._write:
            value, number = divmod(value, size)
            made[place] = letters[number]


@dataclass(frozen=True, slots=True)
class _Form:
    """What all texts of one format share.

    Attributes
    ----------
    letters
        The characters that may stand at each place.
    sides
        The places that are not fixed, in two halves; None where there are fewer than two.
    heads
        How what is drawn from begins in each round.
    """

    letters: Sequence[str]
    sides: tuple[_Side, _Side] | None = None
    heads: tuple[bytes, ...] = ()


@lru_cache(maxsize=8192)
def _form(firsts: str) -> _Form:
    """The form of texts by the first characters of their kinds.

    A digit at which a number of several begins is ``0`` where it is none, else ``1``; all other
    digits are ``0``.
    """
    letters = _places(firsts)
    free = [place for place, choices in enumerate(letters) if len(choices) > 1]
    if len(free) < 2:
        return _Form(letters)
    half = (len(free) + 1) // 2
    sides = _Side(free[:half], letters), _Side(free[half:], letters)
    heads = (f"{turn}.{firsts}.".encode("utf-8", "surrogatepass") for turn in range(_ROUNDS))
    return _Form(letters, sides, tuple(heads))


@lru_cache(maxsize=1024)
def _numbers(letters: str) -> dict[str, int]:
    """The place of each character among those that may stand somewhere."""
    return {char: number for number, char in enumerate(letters)}


def _drawn(key: bytes, message: str, size: int) -> int:
    """A number below ``size``."""
    return _wide(_keyed(key), message.encode("utf-8", "surrogatepass"), _blocks(size)) % size


def _blocks(size: int) -> int:
    """How many digests make a number so long that all below ``size`` are as likely."""
    return -(-(size.bit_length() + 64) // 256)


def _wide(keyed: _Keyed, message: bytes, blocks: int) -> int:
    """A whole number of so many digests of a message."""
    if blocks == 1:
        return int.from_bytes(_digest(keyed, b"0." + message), "big")
    digests = [_digest(keyed, b"%d.%b" % (block, message)) for block in range(blocks)]
    return int.from_bytes(b"".join(digests), "big")


def _digest(keyed: _Keyed, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) from states that have read the key: a third of ``hmac``'s time."""
    inner, outer = keyed[0].copy(), keyed[1].copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> _Keyed:
    """The inner and the outer hash once they have read the padded key."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return inner, outer


def _places(text: str) -> list[str]:
    """For each place of a text the characters that may stand there.

    A number of several digits keeps a leading zero, and has none where it had none.
    """
    found = []
    for place, char in enumerate(text):
        letters = _like(char)
        is_first = char in string.digits and (place == 0 or text[place - 1] not in string.digits)
        if is_first and text[place + 1 : place + 2] in _DIGITS:
            letters = "0" if char == "0" else letters[1:]
        found.append(letters)
    return found


@lru_cache(maxsize=4096)
def _like(char: str) -> str:
    """The characters that may stand in for this one; itself for what is no letter or digit."""
    for alphabet in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if char in alphabet:
            return alphabet
    kind = unicodedata.category(char)
    if kind not in {"Lu", "Ll", "Lo", "Nd"}:
        return char
    start = ord(char) // 64 * 64
    return "".join(c for c in map(chr, range(start, start + 64)) if unicodedata.category(c) == kind)


class _Firsts(dict[int, str]):
    """For :meth:`str.translate`: the first character of each one's kind; of digits 0, or 1."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = first = "1" if char in "123456789" else _like(char)[0]
        return first


_FIRSTS = _Firsts()


def _written(distinct: pd.Series, column: Column) -> list[str]:
    if column.type is ColumnType.NUMBER and column.format.decimals is not None:
        return [f"{number:.{column.format.decimals}f}" for number in distinct]
    return [str(value) for value in distinct]


def _fitting(text: str, column: Column, key: bytes) -> str:
    """The token; of a whole number the next one that a column of those can hold."""
    made = token(text, key)
    while column.type is ColumnType.INTEGER and not -(2**63) <= int(made) < 2**63:
        made = token(made, key)
    return made


def _reader(column: Column) -> Callable[[str], object]:
    if column.type is ColumnType.INTEGER:
        return int
    return float if column.type is ColumnType.NUMBER else str


def _mask_moments(distinct: pd.Series, column: Column, key: bytes) -> pd.Series:
    """Dates drawn within their year with the time of day kept; times drawn within the day."""
    numbers, keyed = to_microseconds(distinct), _keyed(key)
    drawn = np.array(
        [int.from_bytes(_digest(keyed, str(n).encode())[:8], "big") for n in numbers],
        dtype=np.uint64,
    )
    if column.type is ColumnType.TIME:
        masked = (drawn % np.uint64(86_400)).astype(np.int64) * 1_000_000
    else:
        year = distinct.to_numpy().astype("datetime64[Y]").astype("datetime64[us]").view("int64")
        days = (drawn % np.uint64(365)).astype(np.int64)
        masked = year + days * DAY + numbers % DAY
    return from_microseconds(masked, distinct)
