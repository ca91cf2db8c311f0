"""Invented people: first and last names of a locale, and the addresses made from them.

A row has one invented person. Whatever columns a table has, first name, last name, full name,
user name and e-mail of a row fit each other, and names that were kept are used where they exist.
E-mail addresses lie in the domains that are reserved for examples, so none reaches anybody.
"""

import unicodedata
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.patterns import Settings, Texts
from core.data.sexes import FEMALE, MALE, sexes_of

_POOL = 700
_DOMAINS = ("example.com", "example.org", "example.net")
Row = MutableMapping[str, Texts]


def learn_names(values: Sequence[str], locale: str) -> Settings:
    """How names are written: case, ``Last, First``, and whether they are parted by a space."""
    some = list(values[:2000])
    count = max(len(some), 1)
    cased = [v for v in some if v.upper() != v.lower()]
    return {
        "locale": locale,
        "upper": bool(cased) and sum(v.isupper() for v in cased) > len(cased) / 2,
        "lower": bool(cased) and sum(v.islower() for v in cased) > len(cased) / 2,
        "comma": sum("," in v for v in some) > count / 2,
        "spaced": sum(" " in v for v in some) > count / 2,
    }


def make_first_names(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """First names of the rows' people."""
    return _cased(person(row, settings["locale"], size, rng)[0], settings)


def make_last_names(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Last names of the rows' people."""
    return _cased(person(row, settings["locale"], size, rng)[1], settings)


def make_full_names(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Full names of the rows' people, written as in the data."""
    first, last = person(row, settings["locale"], size, rng)
    if settings["comma"]:
        return _cased(last + ", " + first, settings)
    family_first = settings["locale"] in {"ja_JP", "zh_CN", "ko_KR", "hu_HU"}
    gap = " " if settings["spaced"] else ""
    return _cased(last + gap + first if family_first else first + " " + last, settings)


def learn_addresses(values: Sequence[str], locale: str) -> Settings:
    """How the part before the @ is built: shares of dots, underscores and digits."""
    locals_ = [v.split("@")[0] for v in values[:5000]] or [""]
    count = len(locals_)
    return {
        "locale": locale,
        "dot": sum("." in v for v in locals_) / count,
        "underscore": sum("_" in v for v in locals_) / count,
        "digits": sum(v[-1:].isdigit() for v in locals_) / count,
    }


def make_usernames(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """User names made from the names; repeats get a number."""
    first, last = (_ascii(part, rng) for part in person(row, settings["locale"], size, rng))
    initials = np.array([f[:1] for f in first], dtype=object)
    kind = rng.random(size)
    joined = np.where(kind < 0.7, initials, first) + last
    dotted, under = settings["dot"], settings["dot"] + settings["underscore"]
    joined = np.where(kind < under, first + "_" + last, joined)
    joined = np.where(kind < dotted, first + "." + last, joined)
    numbers = rng.integers(1, 100, size).astype(str).astype(object)
    with_digits = rng.random(size) < settings["digits"]
    return _numbered(np.where(with_digits, joined + numbers, joined))


def make_emails(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """E-mail addresses of the rows' people in domains reserved for examples."""
    users = row.get("username")
    users = make_usernames(settings, size, rng, row) if users is None else users
    domains = np.array(_DOMAINS, dtype=object)[rng.integers(0, len(_DOMAINS), size)]
    clean = np.array([str(u).replace(" ", "") or "user" for u in users], dtype=object)
    return np.asarray(clean + "@" + domains, dtype=object)


def person(row: Row, locale: str, size: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    """First and last name of each row: those in the row where it has them, else invented."""
    if "_first" not in row:
        row["_first"] = np.empty(size, dtype=object)
        row["_last"] = np.empty(size, dtype=object)
        _invent(row, np.ones(size, dtype=bool), locale, rng)
        if "full_name" in row and not {"first_name", "last_name"} & row.keys():
            row["_first"], row["_last"] = _split(row["full_name"], row["_first"], row["_last"])
        for semantic, part in (("first_name", "_first"), ("last_name", "_last")):
            if semantic in row:
                given = row[semantic]
                row[part] = np.where(given == "", row[part], given)
    return row["_first"], row["_last"]


def redraw(row: Row, rows: npt.NDArray[np.bool_], locale: str, rng: np.random.Generator) -> bool:
    """Give some rows other people; not possible any more once a column shows the names."""
    if {"first_name", "last_name", "full_name"} & row.keys() or "_first" not in row:
        return False
    _invent(row, rows, locale, rng)
    return True


def _invent(row: Row, rows: npt.NDArray[np.bool_], locale: str, rng: np.random.Generator) -> None:
    """Names for some rows; where their sex is known, first names that fit it."""
    first, last = _name_pools(locale)
    count = int(rows.sum())
    row["_first"][rows] = first[rng.integers(0, len(first), count)]
    row["_last"][rows] = last[rng.integers(0, len(last), count)]
    if "gender" not in row:
        return
    sexes = sexes_of(row["gender"])
    for sex in (FEMALE, MALE):
        pool, own = _first_names(locale, sex), rows & (sexes == sex)
        row["_first"][own] = pool[rng.integers(0, len(pool), int(own.sum()))]


def _split(names: Texts, first: Texts, last: Texts) -> tuple[Texts, Texts]:
    """First and last part of full names; where a name is missing, the ones given."""
    firsts, lasts = first.copy(), last.copy()
    for place, name in enumerate(names):
        if name:
            ahead, _, behind = str(name).partition(",")
            parts = f"{behind} {ahead}".split()
            firsts[place], lasts[place] = parts[0], parts[-1]
    return firsts, lasts


@lru_cache(maxsize=64)
def _first_names(locale: str, sex: str) -> Texts:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(20_240_118)
    draw = fake.first_name_female if sex == FEMALE else fake.first_name_male
    return np.array(sorted({draw() for _ in range(_POOL)}), dtype=object)


@lru_cache(maxsize=32)
def _name_pools(locale: str) -> tuple[Texts, Texts]:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(20_240_117)
    first = sorted({fake.first_name() for _ in range(_POOL)})
    last = sorted({fake.last_name() for _ in range(_POOL)})
    return np.array(first, dtype=object), np.array(last, dtype=object)


def _cased(texts: Texts, settings: Mapping[str, Any]) -> Texts:
    if settings["upper"]:
        return np.array([t.upper() for t in texts], dtype=object)
    return np.array([t.lower() for t in texts], dtype=object) if settings["lower"] else texts


def _ascii(names: Texts, rng: np.random.Generator) -> Texts:
    """Lower-case ASCII of names; names in other scripts give way to Latin ones."""
    spare = _name_pools("en_US")[0]
    plain = {name: _fold(str(name)) for name in set(names)}
    drawn = spare[rng.integers(0, len(spare), len(names))]
    pairs = zip(names, drawn, strict=True)
    return np.array([plain[n] or _fold(str(d)) for n, d in pairs], dtype=object)


def _fold(name: str) -> str:
    spelled = name.lower()
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "o")):
        spelled = spelled.replace(letter, letters)
    folded = unicodedata.normalize("NFKD", spelled)
    return "".join(c for c in folded if c.isascii() and c.isalnum())


def _numbered(texts: Texts) -> Texts:
    """Repeats of a text get numbers that no other text has."""
    taken = set(texts)
    seen: dict[str, int] = {}
    made = texts.copy()
    for place, text in enumerate(texts):
        if text not in seen:
            seen[text] = 1
            continue
        while f"{text}{seen[text]}" in taken:
            seen[text] += 1
        made[place] = f"{text}{seen[text]}"
        taken.add(made[place])
    return made
