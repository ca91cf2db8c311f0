"""Names of persons and companies, known by the name lists of many languages.

The lists are those of Faker's locales. They hold words that also mean other things (``Virginia``,
``Hill``), so a single value proves nothing: the detectors ask what share of a column is in them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from core.data.pii.hints import fold

_FIRST_LISTS = re.compile(r"first_(romanized_|kana_)?names(_\w+)?|middle_names(_\w+)?")
_LAST_LISTS = re.compile(r"(\w+_)?last_(romanized_|kana_)?names(_\w+)?")
_FEMININE = re.compile(r"([sc]k|dzk|zk)i$")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _listed(
    "mr mrs ms miss mx dr prof sir dame lord lady rev hon herr frau dipl ing med phd md dds dvm jr "
    "sr ii iii iv mag msc bsc ba ma mba univ hr fr mme mlle mgr sig sra srta don dona bc judr mudr "
    "dott"
)
_COMPANY = _listed(
    "inc llc ltd plc gmbh ag kg ohg gbr corp co company group sons & und and sa sl sarl sas bv nv "
    "spa srl oy ab as aps kft zrt se e.v. ev stiftung et y i e holding bank"
)
_NAME_SHAPE = re.compile(r"[^\W\d_]+(?:[’'´`\-. ]+[^\W\d_]+)*\.?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Folded first and last names."""

    first: frozenset[str]
    last: frozenset[str]


@cache
def gazetteer() -> Gazetteer:
    """Collect the names of all Faker locales, once."""
    people = import_module("faker.providers.person")
    found = [f"{people.__name__}.{module.name}" for module in iter_modules(people.__path__)]
    providers = [import_module(name).Provider for name in found]
    last = _names(providers, _LAST_LISTS)
    women = frozenset(_FEMININE.sub(r"\1a", name) for name in last)
    return Gazetteer(_names(providers, _FIRST_LISTS), last | women)


def _names(providers: Iterable[object], lists: re.Pattern[str]) -> frozenset[str]:
    held = (
        names
        for provider in providers
        for key, names in vars(provider).items()
        if lists.fullmatch(key) and isinstance(names, Iterable)
    )
    folded = (fold(entry).strip() for names in held for entry in names if isinstance(entry, str))
    return frozenset(name for name in folded if len(name) > 1 or not name.isascii())


def name_shaped(value: str) -> bool:
    """Whether this has only letters, spaces and the marks that names have."""
    return len(value) <= 60 and _NAME_SHAPE.fullmatch(value) is not None


def is_first_name(value: str) -> bool:
    """Whether a value, or the first part of a double name, is a known first name."""
    return _known(value, gazetteer().first)


def is_last_name(value: str) -> bool:
    """Whether a value, or the last part of a double name, is a known last name."""
    return _known(value, gazetteer().last)


def _known(value: str, names: frozenset[str]) -> bool:
    folded = fold(value)
    return folded in names or all(part in names for part in re.split(r"[ \-]+", folded))


def is_full_name(value: str) -> bool:
    """Whether a value has both a known first name and a known last name."""
    tokens = _tokens(value)
    names = gazetteer()
    if len(tokens) == 1:
        return _CJK.fullmatch(tokens[0]) is not None and _splits(tokens[0])
    if not 2 <= len(tokens) <= 6:
        return False
    first = {i for i, token in enumerate(tokens) if _known(token, names.first)}
    last = {i for i, token in enumerate(tokens) if _known(token, names.last)}
    return bool(first) and bool(last) and len(first | last) >= 2


def _splits(token: str) -> bool:
    names = gazetteer()
    cuts = range(1, len(token))
    return any(token[:i] in names.last and token[i:] in names.first for i in cuts) or any(
        token[:i] in names.first and token[i:] in names.last for i in cuts
    )


def _tokens(value: str) -> list[str]:
    """Words of a name without titles; none when something says that it is no person."""
    if not re.fullmatch(r"[^\d@/\\_:;!?&+#]{2,70}", value):
        return []
    tokens = [fold(token).strip(".,'’") for token in re.split(r"[\s,]+", value)]
    if any(token in _COMPANY for token in tokens):
        return []
    return [token for token in tokens if len(token) > 1 and token not in _TITLES]


def is_company(value: str) -> bool:
    """Whether a value ends as company names do."""
    last = fold(value).replace(",", " ").split()[-1:]
    endings = _COMPANY - {"&", "und", "and", "et", "y", "i", "e", "as", "se"}
    return bool(last) and last[0].strip(".") in endings and " " in value.strip()
