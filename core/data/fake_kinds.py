"""The kinds of made-up texts: of each what learns how they are written, and what makes new ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.data import fake_codes, fake_people, fake_places
from core.data.fake_people import Row
from core.data.patterns import RARE, Settings, Texts, learn_pattern, make_pattern
from core.data.texts import learn_texts, make_texts

Learn = Callable[[Sequence[str], str], Settings]
Make = Callable[[Mapping[str, Any], int, np.random.Generator, Row], Texts]
LEARNED = "learned text"
WRITTEN = "written text"
LABEL = "\0label"
"""Of a row: the label of another column that a written text is to fit; by column's name."""


def _learn_any(values: Sequence[str], locale: str) -> Settings:
    return learn_pattern(values)


def _make_any(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    return make_pattern(settings, size, rng)


def _learn_common(values: Sequence[str], locale: str) -> Settings:
    """Values that many rows share, with their counts; the rest as a pattern."""
    counts = pd.Series(list(values), dtype=object).value_counts()
    common = counts[counts >= RARE].sort_index()
    rare = [v for v in values if counts[v] < RARE]
    pattern = learn_pattern(rare) if rare else None
    return {"values": list(common.index), "counts": common.tolist(), "pattern": pattern}


def _make_common(
    settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row
) -> Texts:
    if not settings["values"]:
        return make_pattern(settings["pattern"], size, rng)
    shares = np.array(settings["counts"], dtype=float)
    drawn = rng.choice(len(shares), size=size, p=shares / shares.sum())
    return np.array(settings["values"], dtype=object)[drawn]


def _learn_text(values: Sequence[str], locale: str) -> Settings:
    return learn_texts(values)


def _make_text(settings: Mapping[str, Any], size: int, rng: np.random.Generator, row: Row) -> Texts:
    return make_texts(settings, size, rng)


_PEOPLE = fake_people.learn_names
_PLACE = fake_places.learn_place
PROVIDERS: dict[str, tuple[Learn, Make]] = {
    "first_name": (_PEOPLE, fake_people.make_first_names),
    "last_name": (_PEOPLE, fake_people.make_last_names),
    "full_name": (_PEOPLE, fake_people.make_full_names),
    "username": (fake_people.learn_addresses, fake_people.make_usernames),
    "email": (fake_people.learn_addresses, fake_people.make_emails),
    "phone": (fake_codes.learn_phones, fake_codes.make_codes),
    "iban": (fake_codes.learn_ibans, fake_codes.make_ibans),
    "credit_card": (fake_codes.learn_cards, fake_codes.make_cards),
    "ip": (fake_codes.learn_ips, fake_codes.make_ips),
    "mac": (fake_codes.learn_macs, fake_codes.make_macs),
    "url": (fake_codes.learn_urls, fake_codes.make_urls),
    "coordinates": (fake_codes.learn_coordinates, fake_codes.make_coordinates),
    "street_address": (_PLACE, fake_places.make_streets),
    "city": (_PLACE, fake_places.make_cities),
    "country": (_PLACE, fake_places.make_countries),
    "company": (_PLACE, fake_places.make_companies),
    "occupation": (_PLACE, fake_places.make_occupations),
    "gender": (_learn_common, _make_common),
    "sensitive": (_learn_common, _make_common),
    "pattern": (_learn_any, _make_any),
    LEARNED: (_learn_text, _make_text),
}
GENDER = "gender"
PERSONAL = ("first_name", "last_name", "full_name", "username", "email")
NAMES_ONE = frozenset(
    {"full_name", "username", "email", "phone", "iban", "credit_card", "ip", "mac", "url",
     "coordinates", "street_address"}
)  # fmt: skip
"""Kinds of which a value names one person or thing, so that no real one may be made."""
