"""Why a column was not flagged: what its values resemble, and what kept them from counting."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from core.data.pii import codes, names, patterns, places, streets
from core.data.pii.finding import Finding
from core.data.pii.match import percent
from core.data.pii.semantics import SEMANTICS
from core.data.pii.view import View, view
from core.data.schema import Column, ColumnType

_DATES = {ColumnType.DATE, ColumnType.DATETIME}
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Likeness:
    """What values may resemble, the test for it, and why that is not enough."""

    what: str
    test: Callable[[str], bool]
    but: str


LIKENESSES = (
    Likeness("e-mail addresses", patterns.is_email, "too few are"),
    Likeness("IBANs", patterns.iban_shaped, "their checksums are wrong"),
    Likeness(
        "card numbers",
        patterns.card_shaped,
        "too few have a card's first digits and a correct check digit; one number in ten has the "
        "digit by chance",
    ),
    Likeness(
        "phone numbers",
        patterns.phone_shaped,
        "they have no country code, no zero before groups of digits and no marks of dialling, are "
        "not valid numbers of one country, and the column's name does not speak of phones",
    ),
    Likeness("diagnosis codes", codes.is_icd10, "they are not spread as diagnoses are"),
    Likeness("first names", names.is_first_name, "too few are, or the column's name is of a thing"),
    Likeness("last names", names.is_last_name, "too few are, or the column's name is of a thing"),
    Likeness("places", places.is_city, "too few are, or the column's name is of a thing"),
    Likeness("street addresses", streets.is_street_address, "too few are"),
    Likeness("postcodes", patterns.is_uk_postcode, "too few are"),
)


def why_not(values: pd.Series, column: Column, finding: Finding | None = None) -> str:
    """Say why a column does not count as personal data, without any of its values.

    Parameters
    ----------
    values
        The column of a canonical frame.
    finding
        What was found, where it is no personal data, such as the number of an order.
    """
    if finding is not None:
        return f"{SEMANTICS[finding.semantic].explanation} {finding.why}"
    seen = view(values, column, key=False)
    if not seen.present:
        return "The column is empty."
    likenesses = _likenesses(seen) if seen.sample else []
    return " ".join([*likenesses, _general(seen)])


def _likenesses(seen: View) -> list[str]:
    shares = [(seen.share(seen.matching(like.test)), like) for like in LIKENESSES]
    told = sorted((pair for pair in shares if pair[0] >= _LEAST), key=lambda pair: -pair[0])
    return [
        f"{percent(share)} of the different values checked look like {like.what}, but {like.but}."
        for share, like in told[:3]
    ]


def _general(seen: View) -> str:
    if seen.column.type in _DATES:
        return (
            "The days are not spread as days of birth are, and the column's name does not speak "
            "of birth."
        )
    if seen.strings and seen.distinct <= 20:
        return f"It has only {seen.distinct} different values, none of which is a known detail."
    if seen.column.type in {ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN}:
        return "Its numbers are no known kind of number of a person, and its name tells of none."
    return "Its values match no known kind of personal data well enough, nor does its name."
