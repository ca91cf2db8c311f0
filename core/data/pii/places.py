"""Cities, regions and countries, known by the place lists of many languages.

The lists are those of Faker's locales, with the endings that its made-up places have. As with
names, a single value proves little: the detectors ask what share of a column is in them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from core.data.pii.hints import fold

_CITIES = (
    "cities", "city_names", "towns", "villages", "communes", "municipalities", "boroughs", "places",
    "real_city_names", "settlements", "localities", "freguesias", "concelhos",
    "metropolitan_cities", "cap_city_province", "city_adjectives", "metro_manila_lgus",
    "province_lgus",
)  # fmt: skip
_REGIONS = (
    "states", "provinces", "regions", "counties", "departments", "cantons", "districts", "estados",
    "prefectures", "distritos", "region_names", "bairros",
)  # fmt: skip
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,10}[市区區町村县縣郡군시구]")
_BEGINNINGS = "nueva nuevo vieja viejo nova novo nowa nowy bad san santa santo sankt"
_LONGEST, _SHORT = 60, 3
_ATTACHED = frozenset({"ton"})


@dataclass(frozen=True, slots=True)
class Places:
    """Folded names of places, and the endings and beginnings that many share."""

    cities: frozenset[str]
    regions: frozenset[str]
    countries: frozenset[str]
    endings: tuple[str, ...]
    beginnings: frozenset[str]


@cache
def places() -> Places:
    """Collect the places of all Faker locales, once."""
    address = import_module("faker.providers.address")
    found = [f"{address.__name__}.{module.name}" for module in iter_modules(address.__path__)]
    providers = [import_module(name).Provider for name in found]
    endings = _collect(providers, ("city_suffixes", "town_suffixes", "village_suffixes"))
    return Places(
        cities=_collect(providers, _CITIES),
        regions=_collect(providers, _REGIONS),
        countries=_collect(providers, ("countries",))
        | _collect([address.Provider], ("countries",)),
        endings=tuple(sorted(word for word in endings if len(word) > 2)),
        beginnings=_collect(providers, ("city_prefixes",)) | frozenset(_BEGINNINGS.split()),
    )


def _collect(providers: Iterable[object], lists: tuple[str, ...]) -> frozenset[str]:
    held = (getattr(provider, key, ()) for provider in providers for key in lists)
    words = (word for values in held for value in values for word in _strings(value))
    return frozenset(place for word in words if len(place := fold(word).strip(" .-")) > 1)


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list)):
        return (word for word in value if isinstance(word, str))
    return ()


def is_city(value: str) -> bool:
    """Whether a value is a known city or region, or made up of parts that cities have."""
    if not 1 < len(value) <= _LONGEST or re.search(r"[\d@_/:;!?&+#]", value):
        return False
    if _CJK.fullmatch(value):
        return True
    known, folded = places(), fold(value).strip()
    plain = re.sub(r"^(?:г|с|д|п|клх|ст|к)\.? |\s*\(.*\)$", "", folded)
    if plain in known.cities or plain in known.regions:
        return True
    return _has_part(plain.split(), known)


def _has_part(words: list[str], known: Places) -> bool:
    """``Port Maria``, ``Neustadt am See``, ``Ashleychester``: words around a stem."""
    if not words or len(words) > 5:
        return False
    tails = {" ".join(words[i:]) for i in range(1, len(words))}
    if len(words) > 1 and (words[0] in known.beginnings or not tails.isdisjoint(known.endings)):
        return True
    last = words[-1]
    return any(
        len(last) > len(part) + 2 and last.endswith(part)
        for part in known.endings
        if len(part) > _SHORT or part in _ATTACHED
    )


def is_country(value: str) -> bool:
    """Whether a value is the name of a country in one of many languages."""
    return fold(value).strip() in places().countries
