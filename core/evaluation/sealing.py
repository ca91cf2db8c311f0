"""The hash of a report's contents, so that a copy can be told from the original."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

HASH = "content_hash"


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A report as plain values with the hash of all the others."""
    return {**data, HASH: hash_of(data)}


def hash_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of all values but the hash itself, as 64 hex digits."""
    values = {name: value for name, value in data.items() if name != HASH}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(data: Mapping[str, Any]) -> bool:
    """Whether a report as plain values is still what was sealed."""
    return bool(data.get(HASH)) and data[HASH] == hash_of(data)
