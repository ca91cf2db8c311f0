"""Detectors of what narrows a person down without naming one: birth, place, age and the like.

They rest on the column's name, and the values only have to fit; what is suggested is to keep the
column and to know its role.
"""

import math
import re
from dataclasses import dataclass, replace

from core.data.pii import codes, hints, patterns
from core.data.pii.finding import Finding
from core.data.pii.hints import Phrases
from core.data.pii.match import by_name, by_shape, by_value, found
from core.data.pii.names import is_company, is_last_name
from core.data.pii.places import is_city, is_country
from core.data.pii.view import View
from core.data.schema import ColumnType

_DAY_YEARS = 365.2425
_DATED = {ColumnType.DATE: _DAY_YEARS, ColumnType.DATETIME: _DAY_YEARS * 86_400}
_FEWEST_DATES = _FEWEST_CODES = 15
_FEWEST_PLACES, _FEWEST_COUNTRIES = 15, 5
_SEX_WORDS = """
m f male female w man woman mann frau mannlich weiblich männlich homme femme hombre mujer masculin
féminin masculino femenino feminino maschio femmina uomo donna d divers diverse x other non-binary
nonbinary unknown man kvinna mies nainen muž žena м ж мужской женский 男 女 남 여 kobieta mężczyzna
erkek kadın"""
_SEXES = frozenset(_SEX_WORDS.split())
_DATE_LIKE = r"\d{1,4}[-/. ]\w{1,9}[-/. ,]\s*\d{1,4}"


def date_of_birth(view: View) -> Finding | None:
    """Dates, or years, under a name that speaks of birth, between 1800 and 2100."""
    if view.anonymous:
        return _dates_of_lives(view)
    if not view.says(hints.BIRTH) or view.says(("place", "country", "city", "weight", "rate")):
        return None
    kind, what = view.column.type, "dates of birth"
    if kind in _DATED and 1800 <= 1970 + view.low / _DATED[kind] <= 2100:
        return by_name(view, "date_of_birth", what, 0.95)
    if view.integers and 1800 <= view.low <= view.high <= 2100:
        return by_name(view, "date_of_birth", "years of birth", 0.9)
    if not view.strings:
        return None
    shaped = view.matching(lambda v: re.fullmatch(_DATE_LIKE, v) is not None)
    return by_shape(view, "date_of_birth", what, shaped) if view.share(shaped) >= 0.6 else None


def _dates_of_lives(view: View) -> Finding | None:
    """Days spread over as many years as people live, from before 1968, whatever the name."""
    if view.column.type is not ColumnType.DATE or view.distinct < _FEWEST_DATES:
        return None
    low, early, late = (1970 + days / _DAY_YEARS for days in (view.low, view.early, view.late))
    if low < 1880 or early > 1966 or late > 2024 or late - early < 25:
        return None
    why = (
        "The days are spread over as many years as living people are born in, and begin long "
        "before records of a business do."
    )
    return replace(found(view, "date_of_birth", 0.6, why), share=1.0)


def coordinates(view: View) -> Finding | None:
    """Latitude or longitude under their names, or pairs of both in one string."""
    if view.strings:
        points = view.matching(patterns.is_point)
        hint = view.says(hints.POINT)
        if points and view.share(points) >= (0.5 if hint else 0.8):
            return by_value(view, "coordinates", "pairs of coordinates", points, hinted=hint)
        return None
    if view.column.type is not ColumnType.NUMBER or math.isnan(view.low):
        return None
    size = max(abs(view.low), abs(view.high))
    if (view.says(hints.LATITUDE) and size <= 90) or (view.says(hints.LONGITUDE) and size <= 180):
        return by_name(view, "coordinates", "coordinates", 0.9)
    return None


def postcode(view: View) -> Finding | None:
    """Postcodes under a telling name; British ones by their pattern."""
    if not view.sample:
        return None
    if view.says(hints.POSTCODE):
        shaped = view.matching(patterns.postcode_shaped)
        enough = view.share(shaped) >= 0.7
        return by_shape(view, "postcode", "postcodes", shaped) if enough else None
    british = view.matching(patterns.is_uk_postcode)
    if view.strings and british and view.share(british) >= 0.8:
        return by_value(view, "postcode", "British postcodes", british, hinted=False)
    if not (view.strings and view.anonymous) or len(view.sample) < _FEWEST_CODES:
        return None
    for test in (codes.written_postcodes, codes.zeroed_postcodes):
        written = test(view.sample)
        if view.share(written) >= 0.95:
            what = "written as postcodes of one country are"
            return by_value(view, "postcode", what, written, hinted=False)
    return None


def plain_postcode(view: View) -> Finding | None:
    """Digits of one length under no name, for a column that stands beside a city or a street."""
    plain = codes.plain_postcodes(view.sample) if view.anonymous else ()
    if len(plain) < _FEWEST_CODES or view.share(plain) < 0.98 or view.key:
        return None
    why = "The values are digits of one length, and the column beside it holds places or streets."
    return found(view, "postcode", 0.55, why, plain)


def diagnosis(view: View) -> Finding | None:
    """ICD-10 codes, under a name for diagnoses or by their way of writing alone."""
    if not view.strings or not view.sample:
        return None
    hint = view.says(hints.ICD)
    matching = view.matching(codes.is_icd10)
    alone = view.anonymous and len(matching) >= _FEWEST_CODES and codes.are_icd10(matching)
    if view.share(matching) >= (0.5 if hint else 0.95) and (hint or alone):
        return by_value(view, "icd10", "written as ICD-10 codes", matching, hinted=hint)
    return None


def city(view: View) -> Finding | None:
    """Cities and regions, by the column's name or because most values are known ones."""
    named = CITY(view)
    if named or not view.strings or len(view.sample) < _FEWEST_PLACES:
        return named
    if hints.is_thing(view.words) or view.says(hints.NO_PLACE):
        return None
    matching = view.matching(is_city)
    if view.anonymous and view.share(matching) >= 0.25:
        family = view.matching(lambda value: is_city(value) or is_last_name(value))
        enough = view.share(matching) >= 0.6 or view.share(family) >= 0.9
    else:
        enough = view.share(matching) >= 0.8
    if not enough:
        return None
    return by_value(view, "city", "known cities or regions", matching, hinted=False)


def country(view: View) -> Finding | None:
    """Countries, by the column's name or because nearly all values are known ones."""
    named = COUNTRY(view)
    if named or not (view.strings and view.anonymous) or len(view.sample) < _FEWEST_COUNTRIES:
        return named
    matching = view.matching(is_country)
    if view.share(matching) < 0.8:
        return None
    return by_value(view, "country", "names of countries", matching, hinted=False)


def gender(view: View) -> Finding | None:
    """Sex or gender, by the column's name or because all values are words for it."""
    named = GENDER(view)
    if named or not (view.strings and view.anonymous) or not 2 <= len(view.sample) <= 6:
        return named
    matching = view.matching(lambda value: value.casefold() in _SEXES)
    if len(matching) < len(view.sample):
        return None
    return by_value(view, "gender", "words for a sex", matching, hinted=False)


def age(view: View) -> Finding | None:
    """Ages in years, from 0 to 130."""
    numeric = view.column.type in {ColumnType.INTEGER, ColumnType.NUMBER}
    if numeric and view.says(hints.AGE) and view.low >= 0 and view.high <= 130:
        return by_name(view, "age", "ages", 0.85)
    return None


@dataclass(frozen=True, slots=True)
class Named:
    """A type known by the column's name, for strings of at most so many different values."""

    semantic: str
    what: str
    phrases: Phrases
    most: int
    coded: bool = False

    def __call__(self, view: View) -> Finding | None:
        """Judge one column."""
        fits = view.strings or (self.coded and view.column.type in _CODED)
        if not fits or not view.says(self.phrases) or not 1 <= view.distinct <= self.most:
            return None
        if view.words[-1] in {"id", "count", "code", "date", "number", "rate", "name"}:
            return None
        return by_name(view, self.semantic, self.what, 0.8)


_CODED = {ColumnType.INTEGER, ColumnType.BOOLEAN}

GENDER = Named("gender", "sex or gender", hints.GENDER, 20, coded=True)
COUNTRY = Named("country", "countries or nationalities", hints.COUNTRY, 400)
CITY = Named("city", "cities or places", hints.CITY, 1_000_000)
OCCUPATION = Named("occupation", "occupations", hints.OCCUPATION, 1_000_000)
SENSITIVE = Named(
    "sensitive", "an attribute that law protects specially", hints.SENSITIVE, 1_000, coded=True
)


def company(view: View) -> Finding | None:
    """Companies, by the endings of their names."""
    if not view.strings or not view.sample:
        return None
    hint = view.says(hints.COMPANY) and view.words[-1] not in {"id", "size", "type", "count"}
    matching = view.matching(is_company)
    if view.share(matching) >= (0.05 if hint else 0.5):
        return by_value(view, "company", "names of companies", matching, hinted=hint)
    return by_name(view, "company", "companies", 0.6) if hint else None
