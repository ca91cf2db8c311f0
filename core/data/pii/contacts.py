"""Detectors of what reaches or names one person by number or address, by pattern and checksum."""

import ipaddress
from dataclasses import dataclass

from core.data.pii import codes, hints, patterns
from core.data.pii.finding import Finding
from core.data.pii.hints import Phrases
from core.data.pii.match import by_shape, by_value
from core.data.pii.patterns import Test
from core.data.pii.streets import (
    address_shaped,
    is_house_numbered,
    is_street_address,
    street_of,
)
from core.data.pii.view import View

FEWEST_NUMBERS = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """A semantic type that shows in single values.

    Attributes
    ----------
    semantic, what
        The type, and what the evidence calls its values.
    phrases, not_phrases
        Column names that hint at it, and those that speak against it.
    test
        Strict test of one value.
    alone, hinted
        Share of values that must pass when the name gives no hint, and when it does.
    shape, shaped
        Loose test that is enough with a hint, and the share that must pass it.
    integers
        Whether integers are tested too; without a hint at least 20 different ones.
    """

    semantic: str
    what: str
    phrases: Phrases
    test: Test
    alone: float
    hinted: float
    not_phrases: Phrases = ()
    shape: Test | None = None
    shaped: float = 0.7
    integers: bool = False

    def __call__(self, view: View) -> Finding | None:
        """Judge one column."""
        if not view.sample or not (view.strings or (self.integers and view.integers)):
            return None
        hint = view.says(self.phrases) and not view.says(self.not_phrases)
        matching = view.matching(self.test)
        share = view.share(matching)
        enough = view.strings or len(view.sample) >= FEWEST_NUMBERS
        if share >= (self.hinted if hint else self.alone) and (hint or enough):
            return by_value(view, self.semantic, self.what, matching, hinted=hint)
        if hint and self.shape:
            shaped = view.matching(self.shape)
            if view.share(shaped) >= self.shaped:
                return by_shape(view, self.semantic, self.what, shaped)
        return None


EMAIL = Rule("email", "e-mail addresses", hints.EMAIL, patterns.is_email, alone=0.5, hinted=0.1)
IBAN = Rule(
    "iban", "IBANs with a correct checksum", (*hints.IBAN, *hints.ACCOUNT), patterns.is_iban,
    alone=0.5, hinted=0.2, shape=patterns.iban_shaped,
)  # fmt: skip
CARD = Rule(
    "credit_card", "card numbers with a correct check digit", hints.CARD, patterns.is_card,
    alone=0.7, hinted=0.4, shape=patterns.card_shaped, integers=True,
)  # fmt: skip
MAC = Rule("mac", "MAC addresses", hints.MAC, patterns.is_mac, alone=0.6, hinted=0.3)
URL = Rule("url", "web addresses", hints.URL, patterns.is_url, alone=0.6, hinted=0.3)
ADDRESS = Rule(
    "street_address", "street addresses with a house number", hints.ADDRESS, is_street_address,
    alone=0.6, hinted=0.2, not_phrases=hints.NO_ADDRESS, shape=address_shaped, shaped=0.6,
)  # fmt: skip


def phone(view: View) -> Finding | None:
    """Phone numbers: with a country code, or written with separators, or under a telling name."""
    if not (view.strings or view.integers):
        return None
    hint = view.says(hints.PHONE)
    if view.strings:
        international = view.matching(patterns.is_international_phone)
        if view.share(international) >= (0.3 if hint else 0.6):
            what = "phone numbers with a country code"
            return by_value(view, "phone", what, international, hinted=hint)
    if hint:
        shaped = view.matching(patterns.phone_shaped)
        enough = view.share(shaped) >= 0.6
        return by_shape(view, "phone", "phone numbers", shaped) if enough else None
    if hints.is_thing(view.words) or view.says((*hints.POSTCODE, *hints.NATIONAL)):
        return None
    if view.strings and len(view.sample) >= FEWEST_NUMBERS:
        national = patterns.national_phones(view.sample)
        if view.share(national) >= 0.9:
            return by_value(view, "phone", "valid phone numbers", national, hinted=False)
        written = view.matching(patterns.phone_shaped)
        if view.share(written) >= 0.95 and patterns.written_as_phones(written):
            return by_value(view, "phone", "written as phone numbers are", written, hinted=False)
    mobile = view.matching(patterns.is_chinese_mobile)
    if view.share(mobile) >= 0.98 and len(mobile) >= FEWEST_NUMBERS and view.anonymous:
        return by_value(view, "phone", "mobile numbers in China", mobile, hinted=False)
    return None


def ip(view: View) -> Finding | None:
    """IP addresses; four small numbers with dots are taken for a version, not an address."""
    matching = view.matching(patterns.is_ip) if view.strings else ()
    hint = view.says(hints.IP)
    if not matching or view.share(matching) < (0.3 if hint else 0.6):
        return None
    large = [value for value in matching if ipaddress.ip_address(value).packed[0] > 9]
    if not hint and (view.says(hints.VERSION) or len(large) < 0.5 * len(matching)):
        return None
    return by_value(view, "ip", "IP addresses", matching, hinted=hint)


_WRITTEN_IDS: tuple[tuple[Test, str], ...] = (
    (codes.is_national_insurance, "written as national insurance numbers"),
    (codes.is_dated_id, "numbers of persons that begin with a day of birth"),
)


def national_id(view: View) -> Finding | None:
    """Numbers that a state gives: known by check digit, by shape under a telling name."""
    if not (view.strings or view.integers) or not view.sample:
        return None
    hint = view.says(hints.NATIONAL)
    ssn = view.matching(patterns.is_ssn)
    if view.strings and view.share(ssn) >= (0.4 if hint else 0.75):
        return by_value(view, "national_id", "written as social security numbers", ssn, hinted=hint)
    for test, what in _WRITTEN_IDS:
        written = view.matching(test)
        if view.share(written) >= (0.4 if hint else 0.98) and (hint or len(written) >= 15):
            return by_value(view, "national_id", what, written, hinted=hint)
    checked = patterns.national_ids(view.sample)
    many = len(view.sample) >= FEWEST_NUMBERS
    if view.share(checked) >= (0.6 if hint else 0.95) and (hint or many):
        what = "national numbers with a correct check digit"
        return by_value(view, "national_id", what, checked, hinted=hint)
    shaped = view.matching(patterns.id_shaped) if hint else ()
    if view.share(shaped) >= 0.7 and view.distinct_share > 0.5:
        return by_shape(view, "national_id", "numbers of identity documents", shaped)
    return None


def house_numbers(view: View) -> Finding | None:
    """Words with a number before or behind, the words nearly all different: streets and houses."""
    if not (view.strings and view.anonymous) or len(view.sample) < FEWEST_NUMBERS:
        return None
    numbered = view.matching(lambda v: is_house_numbered(v) or is_street_address(v))
    stems = {street_of(value) for value in numbered}
    if view.share(numbered) < 0.9 or len(stems) < 0.5 * len(numbered):
        return None
    what = "written as a street with its number is"
    return by_value(view, "street_address", what, numbered, hinted=False)


def username(view: View) -> Finding | None:
    """User names: single words, nearly all different, under a telling name."""
    if not view.strings or not view.says(hints.USERNAME) or view.distinct_share < 0.3:
        return None
    shaped = view.matching(patterns.username_shaped)
    return by_shape(view, "username", "user names", shaped) if view.share(shaped) >= 0.7 else None
