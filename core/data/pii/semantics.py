"""The semantic types: what a column can mean beyond how its values are stored.

One registry serves the detection, the review page and the fakes: what a type is called, what it
tells about a person, what to do with it unless a person decides otherwise, and which kind of fake
value takes its place.
"""

from dataclasses import dataclass

from core.data.schema import Action, Role
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Semantic:
    """One semantic type.

    Attributes
    ----------
    name
        Key in :data:`SEMANTICS`, kept in ``Column.semantic``.
    title
        What the review page calls it.
    explanation
        One sentence for a reader who has never met the term.
    fake
        Kind of fake value that replaces it; the fakes module maps each to a provider.
    action, role
        What is suggested where a column of this type is found.
    direct
        Whether one value alone points to one person.
    personal
        Whether it is personal data at all; numbers of orders and names of companies are not, but
        the review shows them, since they are not to be learned as they are.
    """

    name: str
    title: str
    explanation: str
    fake: str
    action: Action
    role: Role
    direct: bool
    personal: bool = True


def _direct(name: str, title: str, explanation: str) -> Semantic:
    return Semantic(name, title, explanation, name, Action.REPLACE, Role.IDENTIFIER, True)


def _quasi(name: str, title: str, explanation: str) -> Semantic:
    return Semantic(name, title, explanation, name, Action.KEEP, Role.QUASI_IDENTIFIER, False)


_ALL = (
    _direct("email", "E-mail address", "Reaches one person and often holds the name."),
    _direct("phone", "Phone number", "Reaches one person or household."),
    _direct("iban", "Bank account (IBAN)", "Names one bank account and through it its owner."),
    _direct("credit_card", "Payment card number", "Names one card; must not leave the company."),
    _direct("national_id", "National or tax number", "Given by a state to one person for life."),
    _direct("ip", "IP address", "Points to a device or connection; law treats it as personal."),
    _direct("mac", "MAC address", "Names one network device, for as long as the device lives."),
    _direct("first_name", "First name", "With anything else in the row, it points to a person."),
    _direct("last_name", "Last name", "With anything else in the row, it points to a person."),
    _direct("full_name", "Full name", "Names a person."),
    _direct("username", "User name", "Names a person's account, often the same on many sites."),
    _direct("street_address", "Street address", "Says where a person lives."),
    _direct("url", "Web address", "May lead to a person's profile or document."),
    _direct(
        "identifier",
        "Record number",
        "A key or code that differs in each row and finds the record again in other systems.",
    ),
    _direct(
        "medical_record",
        "Medical record number",
        "Finds a patient's file again in the hospital that gave the number.",
    ),
    Semantic(
        "record_number",
        "Number of an order or thing",
        "Differs in each row and finds an order, invoice or device again in other systems.",
        "record_number",
        Action.REPLACE,
        Role.IDENTIFIER,
        True,
        personal=False,
    ),
    Semantic(
        "free_text",
        "Free text",
        "Sentences that people wrote; they may mention names, addresses or anything else.",
        "free_text",
        Action.DROP,
        Role.SENSITIVE,
        True,
    ),
    _quasi("date_of_birth", "Date of birth", "With sex and postcode it singles out most people."),
    _quasi("postcode", "Postcode", "With age and sex it narrows down to a few people."),
    _quasi("city", "City or place", "Narrows down who a person can be."),
    _quasi("coordinates", "Coordinates", "A point on the map; precise ones lead to a front door."),
    _quasi("age", "Age", "Harmless alone; with place and sex it narrows down to a few people."),
    _quasi("gender", "Sex or gender", "Harmless alone; with age and place it narrows down."),
    _quasi("country", "Country or nationality", "Narrows down who a person can be."),
    _quasi("occupation", "Occupation", "A rare job can single a person out."),
    Semantic(
        "company",
        "Company",
        "The name of a company; it points to a person where the company is one person's.",
        "company",
        Action.KEEP,
        Role.QUASI_IDENTIFIER,
        False,
        personal=False,
    ),
    Semantic(
        "icd10",
        "Diagnosis code (ICD-10)",
        "Says what a person suffers from: health data, which law protects specially.",
        "icd10",
        Action.KEEP,
        Role.SENSITIVE,
        False,
    ),
    Semantic(
        "sensitive",
        "Sensitive attribute",
        "Health, ethnicity, religion, politics or the like: law protects it specially.",
        "sensitive",
        Action.KEEP,
        Role.SENSITIVE,
        False,
    ),
)

SEMANTICS: dict[str, Semantic] = {semantic.name: semantic for semantic in _ALL}


def semantic_type(name: str) -> Semantic:
    """The semantic type of this name.

    Raises
    ------
    NotFound
        With the names that are known.
    """
    try:
        return SEMANTICS[name]
    except KeyError:
        known = ", ".join(SEMANTICS)
        raise NotFound(f"There is no semantic type {name!r}. Known are: {known}.") from None
