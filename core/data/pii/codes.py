"""Tests of codes that say where somebody lives, what ails them, or which file is theirs."""

import re
from collections.abc import Sequence

_ICD = re.compile(r"[A-TV-Z]\d[0-9AB](?:\.[0-9A-Z]{1,4}|[0-9A-Z]{0,4})", re.IGNORECASE)
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]|ZZ", re.IGNORECASE)
_NINO_REST = re.compile(r"\d{6}[A-DFMPT]?", re.IGNORECASE)
_DATED = re.compile(r"(?:19|20)?(\d{6})[-+/](\d{3,4}[A-Z]?|\d{7})", re.IGNORECASE)
_CHINESE = re.compile(r"\d{6}((?:19|20)\d{6})\d{3}[\dX]", re.IGNORECASE)
_PATIENT = re.compile(r"(?:MRN|PAT|PT|MR|KH|HN|NHC)[-_ :#]?[A-Z0-9-]{4,12}", re.IGNORECASE)

# Postcodes whose way of writing few other codes share, by country.
_WRITTEN = (
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",  # United Kingdom
    r"[A-Z]\d[A-Z][ -]?\d[A-Z]\d",  # Canada
    r"[1-9]\d{3} ?[A-Z]{2}",  # Netherlands
    r"\d{2}-\d{3}",  # Poland
    r"\d{5}-?\d{3}",  # Brazil
    r"\d{4}-\d{3}",  # Portugal
    r"\d{3}-\d{4}",  # Japan
    r"\d{3} \d{2}",  # Czechia, Slovakia, Sweden, Greece
    r"\d{5}-\d{4}|\d{5}",  # United States, mixed with short ones
    r"[A-Z]\d{2} ?[A-Z0-9]{4}",  # Ireland
    r"(?:AD|LV|LT|SI|MD|AZ|HR|DK|CH|ΤΚ|TK|D|A|F|H)[- ]?\d{3,6}",  # written with the country
)
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _WRITTEN)
_PLAIN_DIGITS = re.compile(r"\d{5}|\d{6}|\d{4}")


def is_icd10(value: str) -> bool:
    """Whether this is written as an ICD-10 code, with or without its point."""
    return _ICD.fullmatch(value) is not None


def are_icd10(values: Sequence[str]) -> bool:
    """Whether codes are spread and written as diagnoses are: several chapters, several lengths."""
    chapters = {value[0].upper() for value in values}
    lengths = {len(value) for value in values}
    pointed = sum("." in value for value in values) >= 0.3 * len(values)
    return len(chapters) >= 5 and len(lengths) >= 2 and (pointed or len(chapters) >= 9)


def is_national_insurance(value: str) -> bool:
    """Whether this is written as a British national insurance number."""
    plain = re.sub(r"[ .-]", "", value)
    return bool(_NINO.fullmatch(plain[:2]) and _NINO_REST.fullmatch(plain[2:])) and plain.isalnum()


def is_dated_id(value: str) -> bool:
    """Whether this is a number of a person that holds a valid day, as in Korea, China or Sweden."""
    short, long = _DATED.fullmatch(value), _CHINESE.fullmatch(value)
    if long:
        return _is_day(long[1][2:])
    return short is not None and (
        _is_day(short[1]) or _is_day(short[1][4:] + short[1][2:4] + short[1][:2])
    )


def _is_day(digits: str) -> bool:
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) <= 31


def is_patient_number(value: str) -> bool:
    """Whether this begins as numbers of patients' files do."""
    return _PATIENT.fullmatch(value) is not None


def written_postcodes(values: Sequence[str]) -> tuple[str, ...]:
    """Values that fit the one country's way of writing postcodes that fits most of them.

    Plain digits count where others have a mark (``12345-6789`` among ``12345``).
    """
    fits = [tuple(v for v in values if pattern.fullmatch(v)) for pattern in _PATTERNS]
    best = max(fits, key=len)
    return best if any(not value.isdigit() for value in best) else ()


def zeroed_postcodes(values: Sequence[str]) -> tuple[str, ...]:
    """Digits of one length of which some, but not many, begin with a zero.

    A number would have lost the zero, and codes that are filled up with zeros have many.
    """
    plain = tuple(value for value in values if _PLAIN_DIGITS.fullmatch(value))
    zeros = sum(value[0] == "0" for value in plain)
    is_even = len({len(value) for value in plain}) == 1 and 0 < zeros <= 0.3 * len(plain)
    return plain if is_even and len({value[0] for value in plain}) >= 5 else ()


def plain_postcodes(values: Sequence[str]) -> tuple[str, ...]:
    """Numbers of four to six digits, all equally long and spread over the country."""
    plain = tuple(value for value in values if _PLAIN_DIGITS.fullmatch(value))
    firsts = {value[:1] for value in plain}
    return plain if len({len(value) for value in plain}) == 1 and len(firsts) >= 4 else ()
