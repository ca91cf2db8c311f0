"""Street addresses, known by the words for streets in many languages and a house number."""

import re
from functools import cache
from importlib import import_module

from core.data.pii.hints import fold

_WORDS = (
    "street st avenue ave av road rd lane ln drive dr boulevard blvd bvd bul court ct way place pl "
    "square sq terrace crescent highway hwy parkway pkwy trail close grove alley circle row mews "
    "rue chemin impasse quai allee cours calle c avenida avda plaza paseo via viale corso piazza "
    "vicolo largo strada contrada rua travessa alameda ulica ul aleja al plac os prospekt "
    "soseaua bulevardul aleea calea intrarea jalan jl gang khu khom pho hameau вулиця просп "
    "бульвар бульв провулок набережна шоссе переулок "
    "ул улица пр наб бул пер ш проспект apt suite ste cesta sokak sk cadde cd utca ut namesti"
)
_NOT_ALONE = "station point port unit box flat key well light lock park mission floor room gate"
_LOCALES = ("en_US", "en_GB", "es_ES", "es_MX", "it_IT", "pt_BR", "nl_NL", "sv_SE", "fr_FR")
_ATTACHED = re.compile(
    r"(?:str|strasse|strase|gasse|weg|allee|platz|ring|damm|ufer|straat|laan|plein|gata|gatan|"
    r"vagen|grand|stigen|torget|vej|gade|katu|tie|kuja|veien|gaten|stieg|steig|chaussee|singel|"
    r"baan|dreef|gracht|kade|utca)$"
)
_EAST_ASIAN = re.compile(
    r"[丁番路街巷弄道].{0,12}[号座室楼樓\d]|[동가로길리]\s*\d+|\d+\s*(?:丁目|番|号|หมู่)|[로길]\s*(?:지하)?\d+"
)
_WORD = r"[^\W\d_][^\d_@:;!?]{2,45}"
_HOUSE = r"\d{1,4} ?[a-zA-Z]?(?:\s?[-/]\s?\d{1,4}[a-zA-Z]?)?"
_HOUSE_NUMBERED = re.compile(rf"{_WORD}[ ,]\s?{_HOUSE}\.?|{_HOUSE},?\s{_WORD}")
_NUMBER = re.compile(r"\d{1,6}[a-z]?(?:[-/]\d{1,4}[a-z]?)?")


@cache
def _street_words() -> frozenset[str]:
    """Words for streets that stand by themselves."""
    lists = ("street_suffixes", "street_prefixes", "street_prefixes_long", "street_suffixes_long")
    providers = (import_module(f"faker.providers.address.{name}").Provider for name in _LOCALES)
    found = (word for p in providers for key in lists for word in getattr(p, key, ()))
    folded = {fold(word).strip(" .") for word in found}
    words = {word for word in folded if len(word) > 2 and " " not in word}
    return frozenset(words - set(_NOT_ALONE.split())) | frozenset(_WORDS.split())


def is_street_address(value: str) -> bool:
    """Whether a value has a house number and a word for a street."""
    if len(value) > 200:
        return False
    if _EAST_ASIAN.search(value):
        return True
    if not re.search(r"\d", value) or _is_sentence(value):
        return False
    tokens = [token.strip(".") for token in re.split(r"[\s,;]+", fold(value)) if token]
    attached = any(len(token) > 5 and _ATTACHED.search(token) for token in tokens)
    marked = attached or (len(tokens) > 2 and any(token in _street_words() for token in tokens))
    return marked and any(_NUMBER.fullmatch(token) for token in tokens)


def is_house_numbered(value: str) -> bool:
    """Whether this is one to six words with a number before or behind, and no sentence."""
    return _HOUSE_NUMBERED.fullmatch(" ".join(value.split())) is not None and not _is_sentence(
        value
    )


def street_of(value: str) -> str:
    """The folded words of an address without its numbers."""
    return fold(re.sub(r"[\d/,.-]+[a-zA-Z]?\b", " ", value)).strip()


def address_shaped(value: str) -> bool:
    """Whether a value has letters and a number in at least two words."""
    return bool(re.search(r"\d", value) and re.search(r"[^\W\d_]{2}", value) and " " in value)


def _is_sentence(value: str) -> bool:
    """Whether most of many words begin with a small letter, as in no address."""
    words = [word for word in value.split() if word[0].isalpha()]
    return len(words) > 5 and sum(word[0].islower() for word in words) > 0.5 * len(words)
