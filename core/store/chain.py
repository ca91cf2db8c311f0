"""Rows that are only ever added, each with a keyed hash over its fields and the hash before it.

Nobody without the key can change, insert, remove or reorder rows unnoticed. That the last ones were
not cut off has to be told from outside the chain.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Protocol

START_HASH = "0" * 64


class Link(Protocol):
    """A row of a chain; numbers count from 1."""

    number: Any
    previous_hash: Any
    hash: Any


def canonical(value: object) -> bytes:
    """Canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode()


def link_hash(fields: Sequence[object], secret: bytes) -> str:
    """HMAC-SHA256 over the canonical JSON of a row's fields, the hash before it last, as hex."""
    return hmac.new(secret, canonical(list(fields)), hashlib.sha256).hexdigest()


def problem_of(row: Link, expected: int, previous: str, true_hash: str) -> str | None:
    """Why a row is not the next one of a chain; None when it is.

    Parameters
    ----------
    expected, previous
        The number that comes next, and the hash of the row before.
    true_hash
        What the row's hash has to be by its fields.
    """
    if row.number > expected:
        return missing(expected, row.number - 1)
    if row.number < expected:
        return f"Record {row.number} was inserted."
    if not hmac.compare_digest(true_hash, row.hash):
        return f"Record {row.number} was changed after it was written."
    if row.previous_hash != previous:
        return f"Record {row.number} does not follow record {row.number - 1}."
    return None


def missing(first: int, last: int) -> str:
    """The words for rows that are not there."""
    if first == last:
        return f"Record {first} is missing."
    return f"Records {first} to {last} are missing."
