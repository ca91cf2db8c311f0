"""Strings of the same make: codes, keys and texts that look like a column's without repeating it.

From a column's values are learned how they are built (``AB-1234``: two letters, a hyphen, four
digits), which characters nearly all share, and how long texts are. No value itself is kept, only
a short one-way hash of each rare one, so that a string that occurs fewer than ``RARE`` times in the
data is never made again, not even by chance. The hashes could confirm a guessed value to whoever
holds them, so what was learned is to be kept as safe as a model.
"""

import base64
import hashlib
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

RARE = 10
_SHAPES = 100
_EFFORTS = 12
CLASSES = {
    "9": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "x": string.digits + string.ascii_lowercase,
    "X": string.digits + string.ascii_uppercase,
    "w": string.digits + string.ascii_letters,
}
Texts = npt.NDArray[np.object_]
Settings = dict[str, Any]


def shape_of(value: str) -> str:
    """Digits as 9, letters as A and a (with case) or as themselves where they have none."""
    return "".join(_class_of(char) for char in value)


def _class_of(char: str) -> str:
    if char.isdigit():
        return "9"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char


def learn_pattern(values: Sequence[str]) -> Settings:
    """How these strings are built; see :func:`make_pattern`.

    Returns
    -------
    dict
        ``kind`` is ``shapes`` or ``words``; ``avoid`` the hashes of rare values.
    """
    values = values or ["00000000"]
    counts = Counter(values)
    rare = [value for value, count in counts.items() if count < RARE]
    settings: Settings = {"avoid": fingerprints(rare)}
    if _is_prose(values):
        return settings | _learn_words(values)
    shapes = _learn_shapes(values, [shape_of(v) for v in values])
    if shapes["covered"] < 0.5:
        kind = _alphabet("".join(values[:500]))
        loose = _learn_shapes(values, [_loose_shape(v, kind) for v in values])
        shapes = loose if loose["covered"] > shapes["covered"] else shapes
    if shapes["covered"] < 0.5 and any(" " in v for v in values[:1000]):
        return settings | _learn_words(values)
    return settings | shapes


def _is_prose(values: Sequence[str]) -> bool:
    some = values[:2000]
    return bool(some) and float(np.mean([v.count(" ") for v in some])) >= 2.5


def _learn_words(values: Sequence[str]) -> Settings:
    lengths = [len(v) for v in values] or [0]
    ends = sum(v.rstrip().endswith((".", "!", "?")) for v in values) / max(len(values), 1)
    deciles = np.quantile(lengths, np.linspace(0.05, 0.95, 11)).round().astype(int)
    return {"kind": "words", "lengths": deciles.tolist(), "stop": ends > 0.5}


def _loose_shape(value: str, kind: str) -> str:
    """Every letter and digit as one class: for hex strings, tokens and the like."""
    return "".join(kind if char.isalnum() else char for char in value)


def _alphabet(text: str) -> str:
    used = {char for char in text if char.isalnum()}
    for kind in "9hHxXw":
        if used <= set(CLASSES[kind]):
            return kind
    return "w"


def _learn_shapes(values: Sequence[str], shapes: Sequence[str]) -> Settings:
    members: dict[str, list[str]] = {}
    for value, shape in zip(values, shapes, strict=True):
        members.setdefault(shape, []).append(value)
    largest = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))[:_SHAPES]
    kept = [item for item in largest if len(item[1]) >= 2] or largest[:1]
    found = [
        {"classes": shape, "fixed": _shared(shape, group), "count": len(group)}
        for shape, group in kept
    ]
    covered = sum(len(group) for _, group in kept) / max(len(values), 1)
    return {"kind": "shapes", "shapes": found, "covered": covered}


def _shared(shape: str, group: Sequence[str]) -> str:
    """Characters that all members share, a NUL elsewhere; separators always stay."""
    chars = []
    for place in range(len(shape)):
        first = group[0][place]
        known = len(group) >= RARE and all(value[place] == first for value in group)
        chars.append(first if known or not first.isalnum() else "\0")
    return "".join(chars)


def make_pattern(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, *, unique: bool = False
) -> Texts:
    """Fresh strings of the learned make.

    With ``unique``, all differ. Where the learned make leaves too few free characters for that,
    or for staying clear of rare training values, fixed ones are set free and then digits added.
    """
    texts = _draw(settings, size, rng, 0)
    bad, effort = np.ones(size, dtype=bool), 0.0
    while effort < _EFFORTS:
        before = int(bad.sum())
        bad = are_known(texts, settings["avoid"])
        if unique:
            bad |= _repeats(texts)
        if not bad.any():
            break
        effort += 1 if bad.sum() > before / 2 else 0.2
        texts[bad] = _draw(settings, int(bad.sum()), rng, int(effort))
    return texts


def _draw(settings: Mapping[str, Any], size: int, rng: np.random.Generator, effort: int) -> Texts:
    """Strings; with ``effort`` 1 no digit is fixed, with 2 no letter, above it digits are added."""
    if settings["kind"] == "words":
        texts = _draw_words(settings, size, rng)
    else:
        texts = _draw_shapes(settings["shapes"], size, rng, free=effort)
    if effort > 2:
        tails = rng.integers(0, 10 ** min(effort - 2, 9), size)
        texts = np.array([f"{t}{tail}" for t, tail in zip(texts, tails, strict=True)], dtype=object)
    return texts


def _draw_shapes(
    shapes: Sequence[Mapping[str, Any]], size: int, rng: np.random.Generator, *, free: int
) -> Texts:
    weights = np.array([shape["count"] for shape in shapes], dtype=float)
    chosen = rng.choice(len(shapes), size=size, p=weights / weights.sum())
    texts = np.empty(size, dtype=object)
    for place, shape in enumerate(shapes):
        rows = np.flatnonzero(chosen == place)
        texts[rows] = _draw_shape(shape["classes"], shape["fixed"], len(rows), rng, free)
    return texts


def _draw_shape(
    classes: str, fixed: str, size: int, rng: np.random.Generator, free: int
) -> list[str]:
    if not classes or not size:
        return [""] * size
    chars = np.empty((size, len(classes)), dtype="U1")
    for place, (kind, char) in enumerate(zip(classes, fixed, strict=True)):
        freed = (free > 0 and char.isdigit()) or (free > 1 and char.isalnum())
        if char != "\0" and not freed:
            chars[:, place] = char
            continue
        letters = np.array(list(CLASSES.get(kind, string.ascii_lowercase)))
        first_digit = place == 0 and kind == "9" and len(classes) > 1
        chars[:, place] = rng.choice(letters[1:] if first_digit else letters, size=size)
    return chars.view(f"U{len(classes)}").ravel().tolist()


def _draw_words(settings: Mapping[str, Any], size: int, rng: np.random.Generator) -> Texts:
    lengths = np.interp(rng.random(size), np.linspace(0, 1, 11), settings["lengths"])
    words = np.array(_WORDS)
    texts = np.empty(size, dtype=object)
    for row, length in enumerate(lengths.astype(int)):
        picked = " ".join(rng.choice(words, size=max(1, int(length) // 5 + 1)))
        whole = (
            picked[: max(int(length), 1) + 1].rpartition(" ")[0] or picked[: max(int(length), 1)]
        )
        texts[row] = whole.capitalize() + ("." if settings["stop"] else "")
    return texts


def _repeats(texts: Texts) -> npt.NDArray[np.bool_]:
    _, first = np.unique(texts.astype(str), return_index=True)
    repeated = np.ones(len(texts), dtype=bool)
    repeated[first] = False
    return repeated


def _hashes(texts: Sequence[str] | Texts) -> npt.NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(t.encode(), digest_size=8).digest() for t in texts)
    return np.frombuffer(digests, dtype=np.uint64)


def fingerprints(texts: Sequence[str]) -> str:
    """Short one-way hashes of texts, for :func:`are_known`."""
    return base64.b64encode(np.sort(_hashes(texts)).tobytes()).decode()


def are_known(texts: Texts, known: str) -> npt.NDArray[np.bool_]:
    """Which texts are among those whose :func:`fingerprints` are given."""
    return np.isin(_hashes(texts), np.frombuffer(base64.b64decode(known), dtype=np.uint64))


_LOREM = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut "
    "labore et dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris "
    "nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit voluptate velit esse "
    "cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa "
    "qui officia deserunt mollit anim id est laborum"
)
_WORDS = tuple(_LOREM.split(" "))
