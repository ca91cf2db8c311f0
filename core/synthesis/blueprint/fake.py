"""Fake values of a blueprint: the studio's own kinds in a locale, and plain methods of Faker."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from core.data.fake_people import Row
from core.data.fakes import Fake, learn_fake, numbered
from core.data.patterns import RARE, Texts
from core.data.schema import Column
from core.synthesis.blueprint.plan import ColumnPlan

_EXAMPLES = 60
_POOL = 2_000
_METHODS = {
    "full_name": "name",
    "username": "user_name",
    "phone": "phone_number",
    "credit_card": "credit_card_number",
    "ip": "ipv4",
    "mac": "mac_address",
    "occupation": "job",
}
_REFUSED = frozenset(
    {"binary", "zip", "tar", "image", "json", "json_bytes", "csv", "dsv", "psv", "tsv", "xml",
     "fixed_width", "enum", "password", "profile", "simple_profile", "pystruct", "texts"}
)  # fmt: skip


def kind_of(plan: ColumnPlan, kind: str, locale: str) -> Fake:
    """What makes values of a semantic type, written as is usual in a locale."""
    column = Column(plan.name, plan.type, semantic=kind)
    examples = pd.Series(list(_examples(kind, locale)), dtype=plan.type.dtype)
    fake = learn_fake(examples, column, locale, key=plan.unique)
    rows = 1 if plan.unique else 20 * _POOL
    return replace(fake, rows=rows, distinct=_POOL if rows > 1 else 1, spectrum=(1.0,), missing=0.0)


def make_faker(
    plan: ColumnPlan, method: str, locale: str, rows: int, rng: np.random.Generator
) -> pd.Series:
    """Values of a method of Faker: all drawn anew up to some, else from a pool of them."""
    call = _seeded(locale, int(rng.integers(2**31)), method)
    size = rows if plan.unique else min(rows, _POOL)
    pool: Texts = np.array([str(call()) for _ in range(size)], dtype=object)
    if plan.unique:
        return pd.Series(numbered(pool, " "), dtype=plan.type.dtype)
    drawn = pool if rows == size else pool[rng.integers(0, size, rows)]
    return pd.Series(drawn, dtype=plan.type.dtype)


def make_kind(fake: Fake, rows: int, rng: np.random.Generator, people: Row) -> pd.Series:
    """Values of a semantic type that fit the people of the rows."""
    return fake.make(rows, rng, people)


@lru_cache(maxsize=512)
def is_faker_method(name: str) -> bool:
    """Whether Faker has a method of this name that needs nothing and gives one plain value."""
    if not name.isidentifier() or name.startswith(("_", "seed", "add", "get", "set", "py")):
        return False
    if name in _REFUSED:
        return False
    try:
        value = _seeded("en_US", 1, name)()
    except (AttributeError, TypeError, ValueError):
        return False
    return isinstance(value, str | int | float) or hasattr(value, "isoformat")


@lru_cache(maxsize=128)
def _examples(kind: str, locale: str) -> tuple[str, ...]:
    if kind == "gender":
        return ("female",) * RARE + ("male",) * RARE
    if kind == "coordinates":
        return ("40.7128, -74.0060",)
    call = _seeded(locale, 20_240_117, _METHODS.get(kind, kind))
    return tuple(str(call()) for _ in range(_EXAMPLES))


def _seeded(locale: str, seed: int, method: str) -> Callable[[], Any]:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(seed)
    call: Callable[[], Any] = getattr(fake, method)
    return call
