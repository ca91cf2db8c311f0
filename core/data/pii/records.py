"""Detectors of record numbers: keys, and codes that differ in each row."""

import re
from collections import Counter

from core.data.pii import codes, hints, patterns
from core.data.pii.finding import Finding
from core.data.pii.match import by_shape, by_value, found
from core.data.pii.view import View

_MANY = 50
_CATEGORY_IDS = 100


def key(view: View) -> Finding | None:
    """Keys of the table and columns that refer to another table's key."""
    if not view.key or view.present == 0:
        return None
    why = "The column is a key: it finds a record again, here and in other systems."
    return found(view, _kind(view), 0.9, why, view.sample)


def medical_record(view: View) -> Finding | None:
    """Numbers of patients' files, under their name or with their usual beginning."""
    if view.present == 0 or not (view.strings or view.integers):
        return None
    marked = view.matching(codes.is_patient_number) if view.strings else ()
    if view.share(marked) >= 0.8 and view.distinct_share > 0.3:
        what = "written as numbers of patients' files"
        return by_value(view, "medical_record", what, marked, hinted=view.says(hints.MEDICAL))
    if not view.says(hints.MEDICAL) or view.distinct_share <= 0.3:
        return None
    coded = view.sample if view.integers else view.matching(_is_code)
    enough = view.share(coded) >= 0.8
    return by_shape(view, "medical_record", "numbers of patients", coded) if enough else None


def _kind(view: View, *, digits_only: bool = False) -> str:
    """Whether a number finds a person's record or that of an order or thing."""
    if view.says(hints.PERSON) or view.says(hints.PERSON_RECORD):
        return "identifier"
    is_thing = hints.is_thing(view.words)
    return "record_number" if is_thing or digits_only else "identifier"


def identifier(view: View) -> Finding | None:
    """Opaque codes, numbers under a telling name, numbers of rows, codes that never repeat."""
    if view.present == 0 or not (view.strings or view.integers):
        return None
    return _opaque(view) or _named(view) or _row_number(view) or _shaped(view)


def _opaque(view: View) -> Finding | None:
    matching = view.matching(patterns.is_opaque) if view.strings else ()
    if view.share(matching) < 0.8:
        return None
    return by_value(view, _kind(view), "codes made by a machine", matching, hinted=False)


def _named(view: View) -> Finding | None:
    """Numbers or codes under a telling name that hardly repeat, or point to many records."""
    if not view.says(hints.IDENTIFIER) or view.says(hints.POSTCODE):
        return None
    coded = view.sample if view.integers else view.matching(_is_code)
    if view.share(coded) < 0.8:
        return None
    if view.distinct_share >= 0.9 and view.distinct > 1:
        return by_shape(view, _kind(view), "record numbers, which hardly repeat", coded)
    ending = view.words[-1] if view.words else ""
    if ending in hints.KEY and view.distinct > max(_CATEGORY_IDS, 0.01 * view.present):
        return by_shape(view, _kind(view), "numbers of records that rows refer to", coded)
    return None


def _row_number(view: View) -> Finding | None:
    whole = view.integers and view.distinct == view.present == view.rows >= _MANY
    if not whole or view.high - view.low + 1 != view.distinct:
        return None
    why = "The values count the rows: each number occurs once, without a gap."
    return found(view, _kind(view), 0.8, why, view.sample)


def _shaped(view: View) -> Finding | None:
    """Codes of one shape, such as two letters and six digits, that never repeat."""
    if not view.strings or view.distinct_share < 0.98 or view.distinct < _MANY:
        return None
    coded = view.matching(_is_long_code)
    shapes = Counter(_shape(value) for value in coded)
    common = sum(count for _, count in shapes.most_common(3))
    if not coded or common < 0.8 * len(view.sample):
        return None
    why = "Nearly all values are codes of one shape, such as letters and digits, and none repeats."
    digits_only = sum(not re.search(r"[^\W\d_]", value) for value in coded) > 0.5 * len(coded)
    return found(view, _kind(view, digits_only=digits_only), 0.7, why, coded)


def _is_code(value: str) -> bool:
    """Whether a value is one word of letters and at least two digits."""
    return bool(re.fullmatch(r"(?=(?:.*\d){2})[\w./#:\-]{3,64}", value)) and "." not in value


def _is_long_code(value: str) -> bool:
    """Whether a code has letters too, or more digits than a date or an amount."""
    return _is_code(value) and re.search(r"[^\W\d_]|(?:\d.?){9}", value) is not None


def _shape(value: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "A", value))
