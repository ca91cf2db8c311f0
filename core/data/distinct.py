"""Providers of values that all differ, over all blocks of a table: keys, numbers, addresses.

Each continues where the block before ended (``core.data.issued``). Kinds of value that cannot be
counted out (names, addresses in words, prose) are drawn, and get the number of their row in all
blocks after the first.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.fake_codes import card_texts, iban_texts, ip_text, mac_texts
from core.data.issued import Characters, Form, Issued
from core.data.patterns import CLASSES, Texts


@dataclass(frozen=True, slots=True)
class Space:
    """Texts of one form that are counted out, without those of the forms in ``taken``."""

    name: str
    form: Form
    taken: Sequence[Form]


Count = Callable[[Mapping[str, Any], int, np.random.Generator, Issued], Texts]
_LEVELS = 3
_TEMPLATE = {"#": string.digits, "%": string.digits[1:], "?": string.ascii_uppercase}


def count_pattern(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """Strings of the learned shapes, by how frequent each shape is.

    Where a shape has no string left, its fixed digits are set free, then its fixed letters, and
    in the end digits are added to the longest shape.
    """
    shapes = settings["shapes"]
    longest = max(range(len(shapes)), key=lambda place: len(shapes[place]["classes"]))

    def space(place: int, level: int) -> Space:
        if level < _LEVELS:
            below = [_shape_form(shapes[place], level - 1)] if level else []
            return Space(f"{place}.{level}", _shape_form(shapes[place], level), below)
        tail = [string.digits] * (level - 2)
        return Space(f"level {level}", [*_shape_form(shapes[longest], 2), *tail], [])

    return _by_share(shapes, space, size, rng, issued)


def _shape_form(shape: Mapping[str, Any], level: int) -> Form:
    """The characters of each place; with ``level`` 1 no digit is fixed, with 2 no letter."""
    form = []
    for place, (kind, char) in enumerate(zip(shape["classes"], shape["fixed"], strict=True)):
        freed = (level > 0 and char.isdigit()) or (level > 1 and char.isalnum())
        letters = CLASSES.get(kind, string.ascii_lowercase)
        is_first_digit = place == 0 and kind == "9" and len(shape["classes"]) > 1
        free = letters[1:] if is_first_digit else letters
        form.append(free if char == "\0" or freed else char)
    return form


def count_codes(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """Templates filled; where one has nothing left, digits are added to the longest."""
    return _by_share(*_templates(settings), size, rng, issued)


def count_cards(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """Card numbers that differ before their check digit."""
    closed = {**settings, "templates": [_closed(t) for t in settings["templates"]]}
    return card_texts(_by_share(*_templates(closed), size, rng, issued))


def _closed(template: str) -> str:
    """The template with its last digit fixed: the check digit comes in its place."""
    last = max((place for place, char in enumerate(template) if char in "#%"), default=-1)
    return template if last < 0 else f"{template[:last]}0{template[last + 1 :]}"


def count_ibans(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """IBANs that differ in the account they name."""
    return iban_texts(_by_share(*_templates(settings), size, rng, issued), settings["spaced"])


def _templates(settings: Mapping[str, Any]) -> tuple[Any, Callable[[int, int], Space]]:
    known = [[_TEMPLATE.get(char, char) for char in text] for text in settings["templates"]]
    longest = max(known, key=len)

    def space(place: int, level: int) -> Space:
        if level == 0:
            earlier = [form for form in known[:place] if _overlap(form, known[place])]
            return Space(f"{place}", known[place], earlier)
        return Space(f"level {level}", [*longest, *[string.digits] * level], [])

    return [{"count": count} for count in settings["counts"]], space


def _overlap(one: Form, other: Form) -> bool:
    """Whether some text is of both forms."""
    return len(one) == len(other) and all(set(a) & set(b) for a, b in zip(one, other, strict=True))


def _by_share(
    kinds: Any,
    space: Callable[[int, int], Space],
    size: int,
    rng: np.random.Generator,
    issued: Issued,
) -> Texts:
    """Texts of each kind by its share; a kind that is used up goes on at the next level."""
    weights = np.array([kind["count"] for kind in kinds], dtype=float)
    chosen = rng.choice(len(weights), size=size, p=weights / weights.sum())
    texts = np.empty(size, dtype=object)
    for place in range(len(weights)):
        rows = np.flatnonzero(chosen == place)
        level = issued.used.get(f"of {place}", 0)
        while len(rows):
            of = space(place, level)
            chars = issued.texts(of.name, of.form, len(rows), rng)
            if not len(chars):
                level += 1
                issued.used[f"of {place}"] = level
                continue
            fresh = _joined(chars[~_is_any(chars, of.taken)])
            texts[rows[: len(fresh)]] = fresh
            rows = rows[len(fresh) :]
    return texts


def _is_any(chars: Characters, forms: Sequence[Form]) -> npt.NDArray[np.bool_]:
    """Which texts are of one of the forms."""
    is_any = np.zeros(len(chars), dtype=bool)
    for form in forms:
        fits = np.ones(len(chars), dtype=bool)
        for place, letters in enumerate(form):
            fits &= np.isin(chars[:, place], list(letters))
        is_any |= fits
    return is_any


def _joined(chars: Characters) -> Texts:
    """Texts of their characters."""
    if not chars.shape[1]:
        return np.full(len(chars), "", dtype=object)
    whole = np.ascontiguousarray(chars).view(f"U{chars.shape[1]}").ravel()
    return np.array(whole.tolist(), dtype=object)


def count_macs(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """Locally administered addresses."""
    return mac_texts(settings, issued.numbers("mac", size, 2**40).tolist())


def count_ips(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, issued: Issued
) -> Texts:
    """Private addresses; where all of IPv4 are given out, those of IPv6."""
    wanted = int((rng.random(size) >= settings["six"]).sum())
    four = issued.numbers("four", wanted, 256 * 256 * 254).tolist()
    six = issued.numbers("six", size - len(four), 2**60).tolist()
    made = [ip_text([n // 254 % 256, n // 65_024, n % 254], six=False) for n in four]
    for number in six:
        groups = [number >> 48, *(number >> shift & 0xFFFF for shift in (32, 16, 0))]
        made.append(ip_text([0, 0, 0, 0, *groups], six=True))
    return np.array(made, dtype=object)[rng.permutation(size)]


COUNTS: Mapping[str, Count] = {
    "pattern": count_pattern,
    "phone": count_codes,
    "iban": count_ibans,
    "credit_card": count_cards,
    "mac": count_macs,
    "ip": count_ips,
}


def marked(texts: Texts, kind: str, issued: Issued) -> Texts:
    """Texts with the number of their row, in blocks after the first; the first stays as it is."""
    if not issued.rows:
        return texts
    numbers = range(issued.rows + 1, issued.rows + len(texts) + 1)
    pairs = zip(texts, numbers, strict=True)
    if kind == "email":
        made = [f"{t.rpartition('@')[0]}-{n}@{t.rpartition('@')[2]}" for t, n in pairs]
    else:
        gap = {"username": "-", "url": "/"}.get(kind, " ")
        made = [f"{text}{gap}{number}" for text, number in pairs]
    return np.array(made, dtype=object)
