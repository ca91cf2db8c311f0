"""How single values of :mod:`bench.pii_corpus` are made: personal ones, and ones that mislead."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from bench.pii_corpus import Make, Maker

_BORN, _TODAY = date(1931, 1, 1), date(2026, 1, 1)
_STYLES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
_BRANDS = """
Bosch Siemens Philips Dyson Miele Braun Ford Chandler Harper Mason Carter Hudson Logan Lincoln
Bentley Porsche Ferrari Hilton Marriott Kellogg Campbell Wilson Prince Jordan Martin Gibson Fender
Steinway Yamaha Honda Suzuki Levi Wrangler Lee Armani Versace Gucci Prada Dior Chanel"""
_PRODUCTS = _BRANDS.split()
_GOODS = "chair table lamp desk shelf sofa stool cabinet mirror rug bench frame"
_THINGS = _GOODS.split()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def phone(m: Maker) -> str:
    """A phone number as the locale writes it; in the kept style also prefixed or all digits."""
    written = str(m.faker.phone_number())
    return written.replace("-", " ").replace(".", " ") if m.kept else written


def full_name(m: Maker) -> str:
    """First and last name, in the kept style sometimes turned round."""
    if m.kept and m.chance.random() < 0.5:
        return f"{m.faker.last_name()}, {m.faker.first_name()}"
    return str(m.faker.name())


def address(m: Maker) -> str:
    """A street with its number, or a whole address in one line."""
    street = str(m.faker.street_address())
    return street if not m.kept else str(m.faker.address()).replace("\n", ", ")


def born(m: Maker) -> str:
    """A date of birth of somebody between 18 and 94 years old."""
    day = _BORN + timedelta(days=m.chance.randrange(28_000))
    style = "%d.%m.%Y" if m.kept else "%Y-%m-%d"
    return day.strftime(style)


def iban(m: Maker) -> str:
    """An IBAN, in the kept style in groups of four."""
    plain = str(m.faker.iban())
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4)) if m.kept else plain


def card(m: Maker) -> str:
    """A card's number, in the kept style in groups of four."""
    plain = str(m.faker.credit_card_number())
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4)) if m.kept else plain


def national(m: Maker) -> str:
    """The number that the locale's state gives."""
    return str(m.faker.ssn())


def ip(m: Maker) -> str:
    """An address of either version."""
    six = m.kept and m.chance.random() < 0.3
    return str(m.faker.ipv6() if six else m.faker.ipv4())


def mac(m: Maker) -> str:
    """A hardware address, with colons or hyphens or as Cisco writes it."""
    plain = str(m.faker.mac_address())
    return plain.replace(":", "-").upper() if m.kept else plain


def url(m: Maker) -> str:
    """A web address, in the kept style of a person's profile and without protocol."""
    if m.kept:
        return f"www.{m.faker.domain_name()}/in/{m.faker.user_name()}"
    return str(m.faker.url())


def point(m: Maker) -> str:
    """Latitude and longitude in one cell."""
    lat, lon = m.chance.uniform(-60, 60), m.chance.uniform(-170, 170)
    return f"({lat:.5f} {lon:.5f})" if m.kept else f"{lat:.4f}, {lon:.4f}"


def medical(m: Maker) -> str:
    """The number of a patient's record."""
    return f"MRN-{m.number(7)}" if m.kept else m.number(8)


def icd(m: Maker) -> str:
    """A diagnosis by its ICD-10 code."""
    letter, place = m.pick(*"ABCDEFGIJKLMNRST"), m.chance.randrange(99)
    tail = m.pick("", ".0", ".1", ".9", ".41")
    return f"{letter}{place:02d}{tail.replace('.', '') if m.kept else tail}"


def text(m: Maker) -> str:
    """A note; every third one names somebody, an address or a number."""
    sentence = str(m.faker.sentence(nb_words=9))
    if m.chance.random() > 0.34:
        return sentence
    inside = m.pick(m.faker.email(), m.faker.name(), f"+49 30 {m.number(7)}")
    return f"{sentence} {inside} {m.faker.sentence(nb_words=4)}"


FOUND: Mapping[str, Make] = {
    "email": lambda m: str(m.faker.company_email() if m.kept else m.faker.email()),
    "phone": phone,
    "first_name": lambda m: str(m.faker.first_name()),
    "last_name": lambda m: str(m.faker.last_name()),
    "full_name": full_name,
    "street_address": address,
    "city": lambda m: str(m.faker.city()),
    "postcode": lambda m: str(m.faker.postcode()),
    "date_of_birth": born,
    "iban": iban,
    "credit_card": card,
    "national_id": national,
    "ip": ip,
    "mac": mac,
    "url": url,
    "username": lambda m: str(m.faker.user_name()),
    "coordinates": point,
    "medical": medical,
    "icd": icd,
    "free_text": text,
}


def _recent(m: Maker) -> str:
    return (_TODAY - timedelta(days=m.chance.randrange(1_200))).strftime(m.pick(_STYLES[0]))


MISLEADING: Mapping[str, Mapping[str, Make]] = {
    "plain": {
        "order_no": lambda m: f"0{m.number(9)}",
        "product_name": lambda m: m.pick(*_PRODUCTS),
        "amount": lambda m: m.number(9),
        "device_serial": lambda m: m.number(15),
        "order_date": _recent,
        "sensor_x": lambda m: f"{m.chance.uniform(-90, 90):.4f}",
        "version": lambda m: ".".join(str(m.chance.randrange(9)) for _ in range(4)),
        "sku": lambda m: f"{m.pick('AX', 'BR', 'CU')}-{m.chance.randrange(40):03d}",
        "color": lambda m: str(m.faker.color_name()),
        "status": lambda m: m.pick("open", "closed", "on hold"),
        "quantity": lambda m: str(m.chance.randrange(200)),
        "ean": lambda m: str(m.faker.ean13()),
        "file_name": lambda m: str(m.faker.file_name()),
        "price": lambda m: f"{m.chance.uniform(1, 900):.2f}",
        "timestamp": lambda m: str(1_600_000_000 + m.chance.randrange(100_000_000)),
        "remark_code": lambda m: m.pick("late delivery", "wrong item", "broken box", "no reply"),
    },
    "kept": {
        "tracking_number": lambda m: f"{m.number(3)}-{m.number(3)}-{m.number(4)}",
        "article": lambda m: f"{m.pick(*_PRODUCTS)} {m.pick(*_THINGS)}",
        "balance_cents": lambda m: m.number(11),
        "batch": lambda m: m.number(16),
        "shipped_at": lambda m: _recent(m) + f" {m.chance.randrange(24):02d}:15:00",
        "tilt": lambda m: f"{m.chance.uniform(-180, 180):.6f}",
        "checksum": lambda m: m.number(10),
        "part": lambda m: f"{m.pick('P', 'Q')}{m.chance.randrange(60):04d}",
        "month": lambda m: str(m.faker.month_name()),
        "grade": lambda m: m.pick("A", "B", "C", "D"),
        "score": lambda m: str(m.chance.randrange(18, 90)),
        "isbn": lambda m: str(m.faker.isbn13()),
        "mime": lambda m: str(m.faker.mime_type()),
        "weight": lambda m: f"{m.chance.gauss(70, 9):.1f}",
        "founded": lambda m: str(m.chance.randrange(1900, 2024)),
        "currency": lambda m: str(m.faker.currency_code()),
        "style": lambda m: m.pick("Jazz", "Rock", "Folk", "Blues", "Metal", "Soul"),
        "department": lambda m: m.pick("Sales", "Legal", "Research", "Support", "Finance"),
    },
}
