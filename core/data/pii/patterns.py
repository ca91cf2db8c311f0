"""Tests of single values: whether a string means what it seems to, by pattern and checksum."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module

import phonenumbers
from stdnum import iban as stdnum_iban
from stdnum import luhn

Test = Callable[[str], bool]

EMAIL = r"[A-Za-z0-9._%+'\-]+@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,24}"
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}")
_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s/$.?#][^\s]*\.[^\s]+|https?://\S+", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
_IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"0604\d{8}|(?:2131|1800)\d{11}|(?:2[2-7]|3\d|4\d)\d{11,17}|[56]\d{11,18}")
_PHONE_SHAPE = re.compile(
    r"\(?(?:\+|00)?[\s(]*\d[\d\s()./\-–]*\d(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.I
)
_MARKED = re.compile(r"\(?\+ ?\(?\d|(\+|00)?\d{0,3} ?\(\d{1,5}\)[ \-/]?\d|00[1-9]\d[\d ]")
_GROUPED = re.compile(r"\d[\s()./\-]+\d")
_CHINESE_MOBILE = re.compile(r"(?:\+?86 ?)?1[3-9]\d{9}")
_DATE_SHAPE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_ID_SHAPE = re.compile(r"(?=(?:\D*\d){5})[A-Z0-9][A-Z0-9 ./\-]{4,22}[A-Z0-9]", re.IGNORECASE)
_POINT = re.compile(r"[(\[]?\s*-?\d{1,3}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}\s*[)\]]?")
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")
_POSTCODE_SHAPE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 \-]{1,9}", re.IGNORECASE)
_USERNAME = re.compile(r"[\w.\-@]{3,40}")

# Numbers with a check digit strong enough to be recognised by itself, by country.
_CHECKED_IDS = (
    "be.nn", "bg.egn", "br.cpf", "ch.ssn", "cl.rut", "cn.ric", "cz.rc", "de.idnr", "ee.ik",
    "es.dni", "es.nie", "fi.hetu", "fr.nir", "gb.nhs", "gr.amka", "hr.oib", "it.codicefiscale",
    "kr.rrn", "lt.asmens", "mx.curp", "nl.bsn", "no.fodselsnummer", "pl.pesel", "pt.nif", "ro.cnp",
    "se.personnummer", "sg.uen", "tr.tckimlik", "za.idnr", "in_.aadhaar", "in_.pan", "il.idnr",
    "th.pin", "dk.cpr", "ie.pps", "is_.kennitala", "si.emso", "at.vnr", "ca.sin",
    "au.tfn", "eu.vat", "ru.inn", "ar.cuit", "co.nit", "ec.ci", "do.cedula", "my.nric",
    "ve.rif", "us.itin", "ua.rntrc", "bg.pnf", "es.cif", "mx.rfc", "ch.uid", "no.orgnr",
)  # fmt: skip
_REGIONS = (
    "US", "GB", "DE", "FR", "ES", "IT", "IN", "BR", "NL", "CH", "AT", "PL", "SE", "AU", "JP",
)  # fmt: skip


def digits(value: str) -> str:
    """Return only the digits of a value."""
    return re.sub(r"\D", "", value)


def is_email(value: str) -> bool:
    """Whether this is one e-mail address."""
    return _EMAIL.fullmatch(value) is not None


def is_mac(value: str) -> bool:
    """Whether this is a MAC address of six pairs."""
    return _MAC.fullmatch(value) is not None


def is_url(value: str) -> bool:
    """Whether this is a web address with its protocol or ``www``."""
    return _URL.fullmatch(value) is not None


def is_ip(value: str) -> bool:
    """Whether this is an IPv4 or IPv6 address."""
    if value.count(".") != 3 and value.count(":") < 2:
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def is_opaque(value: str) -> bool:
    """Whether this is a UUID or a hexadecimal digest."""
    return bool(_UUID.fullmatch(value) or _HASH.fullmatch(value)) and not value.isalpha()


def is_iban(value: str) -> bool:
    """Whether this is an IBAN with a correct checksum."""
    return _IBAN_SHAPE.fullmatch(value.upper()) is not None and bool(
        stdnum_iban.is_valid(value, check_country=False)
    )


def iban_shaped(value: str) -> bool:
    """Whether this is written like an IBAN, whatever its checksum."""
    return _IBAN_SHAPE.fullmatch(value.upper()) is not None


def is_card(value: str) -> bool:
    """Whether this is a payment card's number with a known prefix and a correct check digit."""
    number = re.sub(r"[ \-]", "", value)
    return _CARD.fullmatch(number) is not None and bool(luhn.is_valid(number))


def card_shaped(value: str) -> bool:
    """Whether this has the digits of a card's number, whatever the check digit."""
    return re.fullmatch(r"\d{12,19}", re.sub(r"[ \-]", "", value)) is not None


def is_international_phone(value: str) -> bool:
    """Whether this is a possible phone number with its country code."""
    if not value.startswith(("+", "00")) or not phone_shaped(value):
        return False
    try:
        number = phonenumbers.parse("+" + value.removeprefix("+").removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def phone_shaped(value: str) -> bool:
    """Whether this is written as phone numbers are."""
    if _PHONE_SHAPE.fullmatch(value) is None or _DATE_SHAPE.fullmatch(value):
        return False
    return 7 <= len(digits(re.split(r"x|ext", value, flags=re.IGNORECASE)[0])) <= 15


def has_dialling_marks(value: str) -> bool:
    """Whether a number has what hardly any other has: a plus before it, an area in brackets."""
    return _MARKED.match(value) is not None


def is_trunk_phone(value: str) -> bool:
    """Whether a number begins with a zero and is written in groups, as at home."""
    return value.startswith("0") and _GROUPED.search(value) is not None


def is_chinese_mobile(value: str) -> bool:
    """Whether this is a mobile number in China, which is written without groups."""
    return _CHINESE_MOBILE.fullmatch(value) is not None


def written_as_phones(values: Sequence[str]) -> bool:
    """Whether numbers, all written with few digits, are more likely phones than anything else.

    Some have a plus or an area in brackets; or nearly all begin with a zero and come in groups; or
    half of them do, and there is more than one way of grouping.
    """
    marked = sum(map(has_dialling_marks, values)) / len(values)
    trunk = sum(map(is_trunk_phone, values)) / len(values)
    grouped = all(_GROUPED.search(value) for value in values)
    shapes = {re.sub(r"\d", "9", value) for value in values}
    return marked >= 0.15 or trunk >= 0.9 or (grouped and trunk >= 0.5 and len(shapes) > 1)


def national_phones(values: Sequence[str]) -> tuple[str, ...]:
    """Values that are valid numbers of the one country that fits them best.

    Only values with a separator between groups of digits count: a bare number is just a number.
    """
    written = [v for v in values if phone_shaped(v) and re.search(r"\d[\s()./\-]+\d", v)]
    if len(written) < 0.5 * len(values):
        return ()
    first = written[:60]
    best = max(_REGIONS, key=lambda region: sum(_is_valid_in(v, region) for v in first))
    return tuple(v for v in written if _is_valid_in(v, best))


def _is_valid_in(value: str, region: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, region)))
    except phonenumbers.NumberParseException:
        return False


def is_ssn(value: str) -> bool:
    """Whether this is written as a United States social security number."""
    return _SSN.fullmatch(value) is not None


def id_shaped(value: str) -> bool:
    """Whether this could be a number on an identity document: digits, perhaps with letters."""
    return _ID_SHAPE.fullmatch(value) is not None


@cache
def _id_tests() -> dict[str, Test]:
    return {name: import_module(f"stdnum.{name}").is_valid for name in _CHECKED_IDS}


def national_ids(values: Sequence[str]) -> tuple[str, ...]:
    """Values with a correct check digit under the one national scheme that fits them best."""
    first = [value for value in values[:60] if _id_sized(value)]
    if not first or len(first) < 0.5 * len(values[:60]):
        return ()
    tests = {name: t for name, t in _id_tests().items() if _half_pass(t, first[:8])}
    fits = {name: sum(bool(test(value)) for value in first) for name, test in tests.items()}
    best = max(fits, key=lambda name: fits[name], default="")
    if not best or fits[best] < 0.5 * len(first):
        return ()
    return tuple(value for value in values if tests[best](value))


def _half_pass(test: Test, values: Sequence[str]) -> bool:
    return sum(bool(test(value)) for value in values) >= 0.5 * len(values)


def _id_sized(value: str) -> bool:
    """Whether a value has about as many characters and digits as national numbers have."""
    return 8 <= len(value) <= 22 and len(digits(value)) >= 5


def is_point(value: str) -> bool:
    """Whether this is a pair of coordinates with at least three decimals."""
    return _POINT.fullmatch(value) is not None


def is_uk_postcode(value: str) -> bool:
    """Whether this is written as a British postcode."""
    return _UK_POSTCODE.fullmatch(value) is not None


def postcode_shaped(value: str) -> bool:
    """Whether this could be a postcode: short, with a digit."""
    return _POSTCODE_SHAPE.fullmatch(value) is not None


def username_shaped(value: str) -> bool:
    """Whether this is one word as user names are."""
    return _USERNAME.fullmatch(value) is not None and not value.isdigit()
