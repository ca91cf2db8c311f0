"""Detectors of what narrows a person down without naming one: birth, place, age and the like.

They rest on the column's name, and the values only have to fit; what is suggested is to keep the
column and to know its role.
"""

import math
import re
from dataclasses import dataclass

from core.data.pii import hints, patterns
from core.data.pii.finding import Finding
from core.data.pii.hints import Phrases
from core.data.pii.match import by_name, by_shape, by_value
from core.data.pii.names import is_company
from core.data.pii.view import View
from core.data.schema import ColumnType

_DAY_YEARS = 365.2425
_DATED = {ColumnType.DATE: _DAY_YEARS, ColumnType.DATETIME: _DAY_YEARS * 86_400}
_DATE_LIKE = r"\d{1,4}[-/. ]\w{1,9}[-/. ,]\s*\d{1,4}"


def date_of_birth(view: View) -> Finding | None:
    """Dates, or years, under a name that speaks of birth, between 1800 and 2100."""
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
    if view.strings:
        british = view.matching(patterns.is_uk_postcode)
        if british and view.share(british) >= 0.8:
            return by_value(view, "postcode", "British postcodes", british, hinted=False)
    if not view.says(hints.POSTCODE) or not view.sample:
        return None
    shaped = view.matching(patterns.postcode_shaped)
    return by_shape(view, "postcode", "postcodes", shaped) if view.share(shaped) >= 0.7 else None


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
