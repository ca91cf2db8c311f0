"""Masking: each value becomes a token of the same format, the same value always the same token.

Letters become letters of the same case and script, digits digits; separators and length stay.
Among the texts of one format the tokens are a keyed permutation (a Feistel network over the
places, as in NIST SP 800-38G, with HMAC-SHA-256 for its rounds): two values never share a token,
and a value has the same token in whatever column or table it stands, so that joins survive.
Without the key nobody can go back or test a guess. With few possible values a token can equal
another real value, or even the value itself.
"""

import hmac
import string
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod

import numpy as np
import pandas as pd

from core.data.moments import DAY, from_microseconds, to_microseconds
from core.data.schema import Column, ColumnType

_ROUNDS = 8
_DIGITS = frozenset(string.digits)


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
    letters = _places(text)
    free = [place for place, choices in enumerate(letters) if len(choices) > 1]
    if len(free) < 2:
        return "".join(
            char
            if len(choices) < 2
            else _single(choices, text[:place] + text[place + 1 :], key)[char]
            for place, (char, choices) in enumerate(zip(text, letters, strict=True))
        )
    half = (len(free) + 1) // 2
    sides = [_Side([letters[p] for p in free[:half]]), _Side([letters[p] for p in free[half:]])]
    form = "".join(choices[0] for choices in letters)
    values = [
        side.number([text[p] for p in places])
        for side, places in zip(sides, (free[:half], free[half:]), strict=True)
    ]
    for turn in range(_ROUNDS):
        own, other = turn % 2, 1 - turn % 2
        drawn = _drawn(key, f"{turn}.{form}.{values[other]}", sides[own].size)
        values[own] = (values[own] + drawn) % sides[own].size
    made = list(text)
    chars = [*sides[0].text(values[0]), *sides[1].text(values[1])]
    for place, char in zip(free, chars, strict=True):
        made[place] = char
    return "".join(made)


@lru_cache(maxsize=4096)
def _single(letters: str, around: str, key: bytes) -> dict[str, str]:
    """The permutation of the characters of a text's only place that is not fixed."""
    drawn = sorted(letters, key=lambda char: _drawn(key, f"{char}.{around}", 2**64))
    return dict(zip(letters, drawn, strict=True))


class _Side:
    """Some places of a text, read as one whole number in mixed radix."""

    def __init__(self, letters: Sequence[str]) -> None:
        self._letters = letters
        self.size = prod(map(len, letters))

    def number(self, chars: Sequence[str]) -> int:
        value = 0
        for char, choices in zip(chars, self._letters, strict=True):
            value = value * len(choices) + choices.index(char)
        return value

    def text(self, value: int) -> list[str]:
        chars = []
        for choices in reversed(self._letters):
            value, place = divmod(value, len(choices))
            chars.append(choices[place])
        return chars[::-1]


def _drawn(key: bytes, message: str, size: int) -> int:
    """A number below ``size``; its digest is long enough that all are as likely."""
    wide = size.bit_length() + 64
    blocks = -(-wide // 256)
    data = message.encode("utf-8", "surrogatepass")
    digest = b"".join(hmac.digest(key, b"%d." % block + data, "sha256") for block in range(blocks))
    return int.from_bytes(digest, "big") % size


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
    numbers = to_microseconds(distinct)
    drawn = np.array(
        [int.from_bytes(hmac.digest(key, str(n).encode(), "sha256")[:8], "big") for n in numbers],
        dtype=np.uint64,
    )
    if column.type is ColumnType.TIME:
        masked = (drawn % np.uint64(86_400)).astype(np.int64) * 1_000_000
    else:
        year = distinct.to_numpy().astype("datetime64[Y]").astype("datetime64[us]").view("int64")
        days = (drawn % np.uint64(365)).astype(np.int64)
        masked = year + days * DAY + numbers % DAY
    return from_microseconds(masked, distinct)
