"""Masking: each value becomes a token of the same format, the same value always the same token.

A keyed hash (HMAC-SHA-256) chooses the characters: letters become letters of the same case and
script, digits digits; separators and length stay. Without the key nobody can go back or test a
guess. With few possible values a token can equal another real value; it still is not that value's
own. Two values never share a token within a column while there is room for that.
"""

import hmac
import string
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.moments import DAY, from_microseconds, to_microseconds
from core.data.schema import Column, ColumnType


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
        tokens = _distinct_tokens(_written(distinct, column), key)
        masked = pd.Series(tokens, dtype=object).map(_reader(column)).astype(values.dtype)
    taken = masked.reindex(np.where(codes < 0, -1, codes))
    return pd.Series(taken.array, index=values.index, name=values.name).astype(values.dtype)


def token(text: str, key: bytes, salt: int = 0) -> str:
    """One string of the same format."""
    stream = _stream(text, key, salt)
    chars = []
    for place, char in enumerate(text):
        number = int.from_bytes(stream[4 * place : 4 * place + 4], "big")
        choices = _like(char)
        if char in "123456789" and (place == 0 or not text[place - 1].isdigit()):
            choices = choices[1:]
        chars.append(choices[number % len(choices)])
    return "".join(chars)


def _stream(text: str, key: bytes, salt: int) -> bytes:
    blocks = -(-4 * len(text) // 32)
    message = text.encode()
    return b"".join(
        hmac.digest(key, f"{salt}.{block}.".encode() + message, "sha256") for block in range(blocks)
    )


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


def _distinct_tokens(texts: list[str], key: bytes) -> list[str]:
    taken: set[str] = set()
    tokens = []
    for text in texts:
        made = next((t for t in (token(text, key, s) for s in range(20)) if t not in taken), None)
        tokens.append(made if made is not None else token(text, key))
        taken.add(tokens[-1])
    return tokens


def _written(distinct: pd.Series, column: Column) -> list[str]:
    if column.type is ColumnType.NUMBER and column.format.decimals is not None:
        return [f"{number:.{column.format.decimals}f}" for number in distinct]
    return [str(value) for value in distinct]


def _reader(column: Column) -> Callable[[str], object]:
    if column.type is ColumnType.INTEGER:
        return lambda text: min(int(text), 2**63 - 1)
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
