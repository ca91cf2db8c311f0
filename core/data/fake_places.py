"""Invented places, companies and occupations from Faker's lists for a locale."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from core.data.fake_people import Row
from core.data.patterns import Settings, Texts

_POOL = 1_000


def learn_place(values: Sequence[str], locale: str) -> Settings:
    """The locale, and whether addresses hold more than street and number."""
    some = list(values[:1000])
    return {"locale": locale, "long": sum("," in v for v in some) > len(some) / 2}


def make_cities(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Cities."""
    return _from_pool(settings["locale"], "city", size, rng)


def make_companies(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Companies."""
    return _from_pool(settings["locale"], "company", size, rng)


def make_occupations(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Occupations."""
    return _from_pool(settings["locale"], "job", size, rng)


def make_countries(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Countries."""
    return _from_pool(settings["locale"], "country", size, rng)


def make_streets(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    """Streets with house numbers; with place and postcode where the data has them."""
    kind = "address" if settings["long"] else "street_address"
    drawn = _from_pool(settings["locale"], kind, size, rng)
    return np.array([_renumbered(text, rng) for text in drawn], dtype=object)


def _renumbered(text: str, rng: np.random.Generator) -> str:
    """The address with every digit drawn anew, the first of a number from 1."""

    def fresh(match: re.Match[str]) -> str:
        length = len(match[0])
        return str(rng.integers(10 ** (length - 1), 10**length))

    return re.sub(r"\d+", fresh, text)


def _from_pool(locale: str, kind: str, size: int, rng: np.random.Generator) -> Texts:
    pool = _pool(locale, kind)
    return pool[rng.integers(0, len(pool), size)]


@lru_cache(maxsize=64)
def _pool(locale: str, kind: str) -> Texts:
    """Faker's values of one kind, in one line each, in an order that never changes."""
    from faker import Faker

    fake = Faker(locale)
    if not hasattr(fake, kind):
        fake = Faker("en_US")
    fake.seed_instance(20_240_117)
    values = {", ".join(str(getattr(fake, kind)()).splitlines()) for _ in range(_POOL)}
    return np.array(sorted(values), dtype=object)
