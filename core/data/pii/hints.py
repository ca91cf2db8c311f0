"""What a column's name says about its meaning, in the languages that table headers are written in.

A hint is a phrase of lower-case words without accents. It fits a name whose words (split at
underscores, spaces and capitals) contain the phrase in any order side by side, or as one word:
``first name`` fits ``FirstName``, ``name_first``, ``customer_firstname`` and ``first-name``.
"""

import re
import unicodedata

from core.data.pii.headings import EMPTY, MORE, THINGS

__all__ = ["EMPTY", "Phrases", "fold", "is_thing", "says", "words"]

Phrases = tuple[str, ...]

_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^\w]+|_+|(?<=\D)(?=\d)")


def fold(text: str) -> str:
    """Lower case without accents: ``Prénom`` becomes ``prenom``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", plain)


def words(name: str) -> tuple[str, ...]:
    """The folded words of a column's name."""
    return tuple(fold(part) for part in _SPLIT.split(name) if part)


def says(name: tuple[str, ...], phrases: Phrases) -> bool:
    """Whether the words of a column's name contain one of the phrases."""
    joined = "".join(name)
    return any(_fits(name, joined, phrase.split()) for phrase in phrases)


def _fits(name: tuple[str, ...], joined: str, phrase: list[str]) -> bool:
    whole = "".join(phrase)
    if whole.startswith("="):
        return joined == whole[1:]
    if whole in name or whole == joined or (not whole.isascii() and whole in joined):
        return True
    size = len(phrase)
    spans = (name[i : i + size] for i in range(len(name) - size + 1))
    return size > 1 and any(sorted(span) == sorted(phrase) for span in spans)


def is_thing(name: tuple[str, ...]) -> bool:
    """Whether a column's name speaks of an order, a product, a device or the like."""
    return any(
        word == thing or (len(thing) > 4 and thing in word) for word in name for thing in THINGS
    )


def _more(kind: str) -> Phrases:
    return tuple(fold(phrase) for phrase in MORE[kind].split("|"))


EMAIL = (
    *_more("email"),
    "email",
    "e mail",
    "mail",
    "correo",
    "courriel",
    "mailadresse",
    "epost",
    "e post",
)
PHONE = (
    *_more("phone"),
    "phone", "telephone", "tel", "telefon", "telefono", "mobile", "mobil", "cell", "cellphone",
    "phone number", "handy", "fax", "msisdn", "gsm", "whatsapp", "telefone", "celular", "movil",
    "telefonnummer", "telefoon", "puhelin", "телефон", "電話", "电话", "전화",
)  # fmt: skip
IBAN = ("iban",)
ACCOUNT = (
    *_more("iban"),
    "account number",
    "account no",
    "bank account",
    "kontonummer",
    "konto",
    "cuenta",
    "acct",
)
CARD = (
    *_more("card"),
    "credit card", "card number", "card no", "cc number", "pan", "debit card", "kreditkarte",
    "kartennummer", "tarjeta", "cardnum", "ccnum",
)  # fmt: skip
NATIONAL = (
    *_more("national"),
    "ssn", "social security", "social security number", "national id", "national number", "nin",
    "personal id", "personal number", "passport", "passport number", "tax id", "tax number", "tin",
    "nino", "nhs number", "cpf", "dni", "nie", "nif", "bsn", "pesel", "curp", "rut", "aadhaar",
    "codice fiscale", "steuer id", "steuernummer", "personnummer", "birth number", "rodne cislo",
    "id card", "identity card", "driver license", "drivers license", "driving licence", "nir",
    "sozialversicherungsnummer", "svnr", "egn", "cnp", "oib", "hetu", "amka", "numero securite",
    "ausweis", "reisepass", "personalausweis", "cedula",
)  # fmt: skip
IP = ("ip", "ip address", "ipv4", "ipv6", "ipaddr", "client ip", "remote addr")
MAC = ("mac", "mac address", "macaddr")
URL = ("url", "website", "web site", "homepage", "web", "link", "webseite")
FIRST_NAME = (
    *_more("first_name"),
    "first name", "given name", "forename", "fname", "vorname", "prenom", "nombre", "nome",
    "middle name", "voornaam", "fornamn", "fornavn", "imie", "etunimi", "christian name", "имя",
    "名",
)  # fmt: skip
LAST_NAME = (
    *_more("last_name"),
    "last name", "surname", "family name", "lname", "nachname", "familienname", "apellido",
    "apellidos", "cognome", "sobrenome", "achternaam", "efternamn", "etternavn", "nazwisko",
    "sukunimi", "nom", "nom de famille", "maiden name", "фамилия", "姓",
)  # fmt: skip
FULL_NAME = (
    *_more("full_name"),
    "full name", "customer name", "client name", "patient name", "person name", "contact name",
    "employee name", "holder name", "owner name", "member name", "guest name", "passenger name",
    "student name", "teacher name", "doctor name", "manager name", "user full name", "holder",
    "account holder", "card holder", "cardholder", "contact person", "nombre completo",
    "nom complet", "vollstandiger name", "nome completo", "氏名", "姓名", "이름", "фио",
)  # fmt: skip
PERSON = (
    "name", "customer", "client", "patient", "person", "contact", "employee", "owner", "member",
    "guest", "passenger", "student", "teacher", "doctor", "manager", "author", "sender",
    "recipient", "kunde", "inhaber", "kundenname", "naam", "navn", "namn", "nimi", "nazwa",
)  # fmt: skip
NO_PERSON = (
    "product", "item", "brand", "file", "table", "column", "field", "company", "team", "city",
    "street", "country", "state", "region", "event", "course", "category", "model", "domain",
    "server", "device", "species", "station", "store", "shop", "project", "plan", "campaign",
    "class", "type", "group", "hotel", "restaurant", "venue", "movie", "song", "album", "game",
    "stage", "bank", "school", "university", "place", "county", "district", "neighbourhood",
    "neighborhood", "drug", "medication", "organization", "organisation", "employer", "county",
    "id", "count", "number", "status", "segment", "sensor",
)  # fmt: skip
USERNAME = (
    *_more("username"),
    "username", "user name", "login", "nickname", "nick", "handle", "screen name", "user login",
    "benutzername", "usuario", "login name", "account name",
)  # fmt: skip
ADDRESS = (
    *_more("street_address"),
    "address", "addr", "street", "street address", "address line", "strasse", "adresse",
    "anschrift", "direccion", "indirizzo", "endereco", "calle", "rue", "adres", "domicilio",
    "адрес", "住所", "address 1", "home address", "mailing address", "residence",
)  # fmt: skip
NO_ADDRESS = ("ip", "email", "mail", "mac", "web", "url", "city", "type", "number", "id", "zip")
POSTCODE = (
    *_more("postcode"),
    "postcode", "post code", "postal code", "zip", "zip code", "zipcode", "plz", "postleitzahl",
    "code postal", "codigo postal", "cap", "cep", "postnummer", "pincode", "pin code", "eircode",
)  # fmt: skip
CITY = (
    *_more("city"),
    "city", "town", "ort", "stadt", "wohnort", "ville", "ciudad", "citta", "cidade", "municipality",
    "commune", "gemeente", "village", "birthplace", "birth place", "place of birth",
)  # fmt: skip
COUNTRY = (
    *_more("country"),
    "country", "nationality", "native country", "citizenship", "nation", "land", "pays", "pais",
    "country of birth", "staatsangehorigkeit",
)  # fmt: skip
BIRTH = (
    *_more("birth"),
    "dob", "birth date", "birthdate", "birthday", "date of birth", "born", "born on", "birth year",
    "year of birth", "yob", "birth", "geburtsdatum", "geburtstag", "geburtsjahr",
    "fecha nacimiento", "date naissance", "naissance", "nacimiento", "data nascita", "nascita",
    "nascimento", "fodselsdato", "syntymaaika", "geboortedatum",
)  # fmt: skip
LATITUDE = ("latitude", "lat", "breitengrad", "latitud")
LONGITUDE = ("longitude", "lon", "lng", "long", "langengrad", "longitud")
POINT = ("coordinates", "coords", "geo", "location", "gps", "lat lon", "lat lng", "position")
AGE = (*_more("age"), "age", "alter", "edad", "idade", "eta", "leeftijd", "age years",
)  # fmt: skip
GENDER = (
    *_more("gender"),
    "sex",
    "gender",
    "geschlecht",
    "sexe",
    "sexo",
    "genero",
    "genre",
    "sesso",
    "kjonn",
)
OCCUPATION = ("occupation", "job", "job title", "profession", "beruf", "profesion", "ocupacion")
COMPANY = (
    "company", "company name", "employer", "firm", "firma", "organisation", "organization",
    "empresa", "entreprise", "azienda", "unternehmen", "arbeitgeber",
)  # fmt: skip
SENSITIVE = (
    *_more("icd"),
    "race", "ethnicity", "ethnic group", "ethnic", "religion", "faith", "disability", "disabled",
    "disease", "hiv", "illness", "medical condition", "health condition",
    "union member", "trade union", "political", "party affiliation", "sexual orientation",
    "criminal record", "conviction", "blood type", "skin color", "skin colour", "caste",
)  # fmt: skip
IDENTIFIER = (
    "license plate", "licence plate", "plate", "kennzeichen", "matricula", "vin", "customer number",
    "id", "uuid", "guid", "key", "ids", "no", "nr", "number", "num", "code", "ref", "reference",
    "identifier", "kennung", "nummer", "numero", "index", "rowid", "record", "token", "hash",
    "account", "serial", "order number", "invoice", "acc no", "acct no", "account no", "cust no",
    "customer no", "client no", "kunden nr", "emp no", "employee no", "member no", "patient no",
    "policy no", "order no", "invoice no", "user no", "case no",
)  # fmt: skip
MEDICAL = _more("medical")
ICD = (*_more("icd"), "condition")
NO_PLACE = (
    "name", "brand", "model", "color", "colour", "person", "drug", "species", "team", "class",
    "genre", "style", "material", "street", "company",
)  # fmt: skip
PERSON_RECORD = (
    "user", "account", "subscriber", "applicant", "policy", "insured", "cust", "emp", "staff",
    "worker", "voter", "donor", "borrower", "tenant", "resident", "subject", "participant",
)  # fmt: skip
KEY = ("id", "uuid", "guid", "key", "identifier", "pk", "fk")
VERSION = ("version", "release", "firmware", "build", "revision")
