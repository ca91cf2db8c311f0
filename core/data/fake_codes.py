"""Invented numbers of accounts, cards, phones and devices: right in form, checksums included.

Country, brand, length and separators follow the data; every other digit is drawn.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.data.fake_people import Row
from core.data.locales import dialling_code
from core.data.patterns import Settings, Texts

_TEMPLATES = 100
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER = re.compile(r"(?i)(?<![^\W\d_])(ext|x)(?=\W*\d)|[^\W\d_]")


def _templates(values: Sequence[str], template: Any) -> Settings:
    counts = Counter(template(v) for v in values)
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TEMPLATES]
    return {"templates": [t for t, _ in common], "counts": [c for _, c in common]}


def _fill(settings: Mapping[str, Any], size: int, rng: np.random.Generator) -> Texts:
    """Templates by frequency, ``#`` as a digit, ``%`` as a digit from 1, ``?`` as a letter."""
    weights = np.array(settings["counts"], dtype=float)
    chosen = rng.choice(len(weights), size=size, p=weights / weights.sum())
    filled = np.empty(size, dtype=object)
    for place, template in enumerate(settings["templates"]):
        rows = np.flatnonzero(chosen == place)
        chars = np.empty((len(rows), len(template)), dtype="U1")
        for position, char in enumerate(template):
            if char in "#%":
                chars[:, position] = rng.integers(int(char == "%"), 10, len(rows)).astype(str)
            elif char == "?":
                chars[:, position] = np.array(list(_LETTERS))[rng.integers(0, 26, len(rows))]
            else:
                chars[:, position] = char
        filled[rows] = ["".join(line) for line in chars]
    return filled


def learn_phones(values: Sequence[str], locale: str) -> Settings:
    """Templates that keep country code, trunk zero, separators and what marks an extension."""
    return _templates(values, _phone_template)


def _phone_template(phone: str) -> str:
    code = dialling_code(phone)
    end = re.match(rf"\s*(?:\+|00)\s*{code}", phone) if code else None
    head = end[0] if end else ("0" if phone.startswith("0") else "")
    rest = _LETTER.sub(lambda found: found[1] or "?", phone[len(head) :])
    rest = re.sub(r"\d", "#", rest)
    return head + rest.replace("#", "%", 1)


def make_codes(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """Templates filled at random."""
    return _fill(settings, size, rng)


def learn_ibans(values: Sequence[str], locale: str) -> Settings:
    """Country, length and kind of characters; whether they are written in groups of four."""
    spaced = sum(" " in v for v in values) > len(values) / 2
    return _templates(values, _iban_template) | {"spaced": spaced}


def _iban_template(iban: str) -> str:
    compact = re.sub(r"[^A-Z0-9]", "", iban.upper())
    if not re.match(r"[A-Z]{2}\d\d[A-Z0-9]{4}", compact):
        return "XX00" + "#" * 14
    body = re.sub(r"[A-Z]", "?", re.sub(r"\d", "#", compact[4:]))
    return compact[:2] + "00" + body


def make_ibans(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """IBANs with valid check digits (ISO 7064, mod 97-10), countries as in the data."""
    return iban_texts(_fill(settings, size, rng), settings["spaced"])


def iban_texts(bodies: Texts, spaced: bool) -> Texts:
    """IBANs of filled templates: the check digits put in, in groups of four where asked for."""
    made = [_with_iban_check(text) for text in bodies]
    if spaced:
        made = [" ".join(t[i : i + 4] for i in range(0, len(t), 4)) for t in made]
    return np.array(made, dtype=object)


def _with_iban_check(text: str) -> str:
    number = "".join(str(int(c, 36)) for c in text[4:] + text[:2] + "00")
    return f"{text[:2]}{98 - int(number) % 97:02d}{text[4:]}"


def learn_cards(values: Sequence[str], locale: str) -> Settings:
    """Brand (the first digit), length and separators."""
    return _templates(values, lambda v: re.sub(r"\d", "#", v).replace("#", v.strip()[:1], 1))


def make_cards(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """Card numbers whose last digit is right by the Luhn formula."""
    return card_texts(_fill(settings, size, rng))


def card_texts(bodies: Texts) -> Texts:
    """Filled templates with the last digit put right."""
    return np.array([_with_luhn(text) for text in bodies], dtype=object)


def _with_luhn(text: str) -> str:
    digits = [int(c) for c in text if c.isdigit()]
    total = 0
    for place, digit in enumerate(reversed(digits[:-1])):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    last = max((i for i, c in enumerate(text) if c.isdigit()), default=-1)
    return text if last < 0 else f"{text[:last]}{-total % 10}{text[last + 1 :]}"


def learn_ips(values: Sequence[str], locale: str) -> Settings:
    """The share of IPv6."""
    return {"six": sum(":" in v for v in values) / max(len(values), 1)}


def make_ips(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """Addresses of private networks (10.0.0.0/8, fd00::/8), which belong to nobody."""
    parts = rng.integers(0, 2**16, (size, 8))
    six = rng.random(size) < settings["six"]
    made = np.empty(size, dtype=object)
    for place, (groups, is_six) in enumerate(zip(parts.tolist(), six, strict=True)):
        made[place] = ip_text(groups, six=bool(is_six))
    return made


def ip_text(groups: Sequence[int], *, six: bool) -> str:
    """An address in fd00::/8 of eight groups, or in 10.0.0.0/8 of the first three."""
    if six:
        return ":".join(["fd00", *(f"{g:x}" for g in groups[1:])])
    return f"10.{groups[0] % 256}.{groups[1] % 256}.{groups[2] % 254 + 1}"


def learn_macs(values: Sequence[str], locale: str) -> Settings:
    """Separator and case."""
    first = next(iter(values), "00:00")
    separator = next((s for s in ":-." if s in first), "")
    group = 4 if separator == "." else 2
    return {
        "separator": separator,
        "group": group,
        "upper": first.upper() == first != first.lower(),
    }


def make_macs(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """Locally administered addresses (``02…``), which no maker gives out."""
    return mac_texts(settings, rng.integers(0, 2**40, size).tolist())


def mac_texts(settings: Mapping[str, Any], tails: Sequence[int]) -> Texts:
    """Addresses that end in these 40-bit numbers, written as in the data."""
    plain = [f"02{tail:010x}" for tail in tails]
    step, separator = settings["group"], settings["separator"]
    made = [separator.join(t[i : i + step] for i in range(0, 12, step)) for t in plain]
    return np.array([t.upper() for t in made] if settings["upper"] else made, dtype=object)


def learn_coordinates(values: Sequence[str], locale: str) -> Settings:
    """Decimals and separator of points written as text."""
    first = next(iter(values), "0.0, 0.0")
    decimals = re.search(r"\.(\d+)", first)
    separator = re.search(r"\d\s*([,; ])\s*[-\d]", first)
    gap = ", " if ", " in first else (separator[1] if separator else ",")
    return {"decimals": min(len(decimals[1]), 8) if decimals else 0, "gap": gap}


def make_coordinates(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Points anywhere between the polar circles."""
    points = rng.uniform((-60, -180), (70, 180), (size, 2))
    decimals = settings["decimals"]
    made = [f"{a:.{decimals}f}{settings['gap']}{b:.{decimals}f}" for a, b in points]
    return np.array(made, dtype=object)


def learn_urls(values: Sequence[str], locale: str) -> Settings:
    """Whether addresses have a scheme and a path."""
    count = max(len(values), 1)
    with_path = sum(v.split("://")[-1].strip("/").count("/") > 0 for v in values)
    return {"scheme": sum("://" in v for v in values) / count, "path": with_path / count}


def make_urls(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    """Addresses in domains reserved for examples."""
    numbers = rng.integers(0, 36**6, size).tolist()
    schemes = np.where(rng.random(size) < settings["scheme"], "https://", "")
    paths = rng.random(size) < settings["path"]
    made = [
        f"{scheme}www.example.com/{_base36(n)}" if path else f"{scheme}{_base36(n)}.example.com"
        for n, scheme, path in zip(numbers, schemes, paths, strict=True)
    ]
    return np.array(made, dtype=object)


def _base36(number: int) -> str:
    return np.base_repr(number, 36).lower()
