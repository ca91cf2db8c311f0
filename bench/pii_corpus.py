"""A labelled corpus of made-up columns in sixteen locales, for :mod:`bench.pii`.

Two styles of writing are kept apart. ``plain`` is what detectors may be tuned on. ``kept`` writes
the same things another way (other formats, headers, headings, lengths, misleading columns), and is
only for judging. Both take a seed, and judging takes seeds that tuning never saw.
"""

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faker import Faker

LOCALES = (
    "en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE",
    "cs_CZ", "tr_TR", "ja_JP", "ru_RU", "fi_FI", "de_CH",
)  # fmt: skip
HEADERS = {
    "email": "email|E-Mail|courriel|correo|mail_address|epost",
    "phone": "phone|Telefon|telephone|telefono|mobile_no|tel",
    "first_name": "first_name|Vorname|prenom|nombre|voornaam|imie",
    "last_name": "last_name|Nachname|nom|apellido|achternaam|nazwisko",
    "full_name": "customer_name|Kunde|patient|full_name|contact_person|holder",
    "street_address": "address|Adresse|rue|direccion|street|indirizzo",
    "city": "city|Wohnort|ville|ciudad|town|stad",
    "postcode": "postcode|PLZ|code_postal|codigo_postal|zip|kod_pocztowy",
    "date_of_birth": "date_of_birth|Geburtsdatum|date_naissance|fecha_nacimiento|dob|birthday",
    "iban": "iban|IBAN|Kontonummer|account_iban|bank_account|iban_nr",
    "credit_card": "card_number|Kreditkarte|cc_number|tarjeta|pan|card_no",
    "national_id": "ssn|national_id|Personalausweis|dni|pesel|tax_id",
    "ip": "ip|client_ip|ip_address|ipv4|remote_addr|IP-Adresse",
    "mac": "mac|mac_address|device_mac|MAC|macaddr|wifi_mac",
    "url": "website|url|homepage|web|profile_url|link",
    "username": "username|login|benutzername|usuario|nickname|user_name",
    "coordinates": "coordinates|gps|location|geo|lat_lon|coords",
    "medical": "mrn|patient_no|medical_record|Fallnummer|hospital_no|patient_id",
    "icd": "diagnosis|icd10|diagnose|icd_code|diagnostico|condition",
    "free_text": "notes|Bemerkung|comment|remarks|observaciones|message",
}
# Kinds that nobody could tell from other numbers or words without a heading.
NEEDS_NAME = frozenset({"username", "medical"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A column as it would stand in a file: its heading, cells, and what it is (None: nothing)."""

    locale: str
    name: str
    cells: tuple[str, ...]
    label: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Maker:
    """Where values come from: a seeded Faker of one locale and a source of chance."""

    faker: Faker
    chance: random.Random
    kept: bool

    def number(self, digits: int) -> str:
        """Return digits, the first of which is no zero."""
        rest = "".join(self.chance.choices(string.digits, k=digits - 1))
        return self.chance.choice("123456789") + rest

    def pick(self, *choices: str) -> str:
        """Return one of these."""
        return self.chance.choice(choices)


Make = Callable[[Maker], str]


def corpus(seed: int, style: str, locales: Sequence[str] = LOCALES) -> list[Labelled]:
    """All columns of all locales, written in one style (``plain`` or ``kept``)."""
    from bench.pii_values import FOUND, MISLEADING

    columns: list[Labelled] = []
    for place, locale in enumerate(locales):
        maker = _maker(locale, seed * 1_000 + place, kept=style == "kept")
        rows = maker.chance.choice((30, 60, 150) if maker.kept else (40, 100, 250))
        own: list[Labelled] = []
        for kind, make in FOUND.items():
            own.append(_column(maker, locale, kind, make, rows, place))
        for kind, misleading in MISLEADING[style].items():
            cells = _cells(maker, misleading, rows)
            own.append(Labelled(locale, kind, cells, None, kind))
        maker.chance.shuffle(own)
        columns.extend(own)
    return columns


def _maker(locale: str, seed: int, *, kept: bool) -> Maker:
    faker = Faker(locale)
    faker.seed_instance(seed)
    return Maker(faker, random.Random(seed), kept)


def _column(maker: Maker, locale: str, kind: str, make: Make, rows: int, place: int) -> Labelled:
    headers = HEADERS[kind].split("|")
    half = headers[3:] if maker.kept else headers[:3]
    cells = _cells(maker, make, rows)
    if maker.kept and kind not in {"email", "url", "free_text", "coordinates", "username"}:
        how = maker.chance.choice(("", "", "upper", "lower"))
        cells = tuple(getattr(cell, how)() if how else cell for cell in cells)
    return Labelled(locale, half[place % len(half)], cells, kind, kind)


def _cells(maker: Maker, make: Make, rows: int) -> tuple[str, ...]:
    missing = maker.chance.choice((0.0, 0.0, 0.1, 0.3))
    return tuple("" if maker.chance.random() < missing else make(maker) for _ in range(rows))
