import pytest

from core.data.pii import patterns
from core.data.pii.hints import fold, says, words
from core.data.pii.masking import mask
from core.data.pii.names import is_company, is_first_name, is_full_name, is_last_name
from core.data.pii.streets import is_street_address


@pytest.mark.parametrize(
    ("test", "good", "bad"),
    [
        (patterns.is_email, "jane.doe+x@mail.example.co.uk", "jane@doe"),
        (patterns.is_email, "müller@bücher.de", "two@mails.com, other@mails.com"),
        (patterns.is_iban, "DE89 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"),
        (patterns.is_iban, "gb29nwbk60161331926819", "GB29"),
        (patterns.is_card, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        (patterns.is_card, "378282246310005", "1234567890123452"),
        (patterns.is_ip, "192.168.0.255", "192.168.0.256"),
        (patterns.is_ip, "2001:db8::1", "12:30"),
        (patterns.is_mac, "00:1B:44:11:3A:B7", "00:1B:44-11:3A:B7"),
        (patterns.is_url, "https://example.com/a?b=1", "example"),
        (patterns.is_opaque, "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        (patterns.is_international_phone, "+49 30 901820", "+999 1"),
        (patterns.phone_shaped, "(030) 90-18 20", "2024-05-17"),
        (patterns.is_ssn, "123-45-6789", "000-45-6789"),
        (patterns.is_point, "40.7128, -74.0060", "40.7, -74.0"),
        (patterns.is_uk_postcode, "SW1A 1AA", "SW1A1"),
        (is_first_name, "Anne-Marie", "Wednesday"),
        (is_last_name, "Müller", "Kitchen"),
        (is_full_name, "Dr. Jane Smith", "Jane Smith Ltd"),
        (is_full_name, "佐藤 太郎", "東京"),
        (is_full_name, "Smith, John", "Bay Ridge"),
        (is_street_address, "12 Main Street", "Columbia St"),
        (is_street_address, "Hauptstraße 12a", "Station 12"),
        (is_company, "Acme Tools GmbH", "GmbH"),
    ],
)
def test_single_values(test, good, bad):
    assert test(good)
    assert not test(bad)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("nameFirst", ("name", "first")),
        ("E-Mail_Address", ("e", "mail", "address")),
        ("HTTPServerID", ("http", "server", "id")),
        ("Prénom", ("prenom",)),
        ("addr2", ("addr", "2")),
        ("", ()),
    ],
)
def test_names_fall_into_words(name, split):
    assert words(name) == split


def test_phrases_fit_in_any_order_and_joined():
    assert says(words("nameFirst"), ("first name",))
    assert says(words("customer_firstname"), ("first name",))
    assert says(words("FirstName"), ("first name",))
    assert not says(words("first_street_name"), ("first name",))
    assert not says(words("discipline"), ("ip",))


def test_fold_keeps_hangul_whole():
    assert fold("권승민") == "권승민"


@pytest.mark.parametrize(
    ("value", "semantic", "masked"),
    [
        ("jane.doe@example.com", "email", "j•••@•••.com"),
        ("jd@example.com", "email", "•••@•••.com"),
        ("Jane Mary Doe", "full_name", "J••• M••• D•••"),
        ("Bo", "first_name", "•••"),
        ("+49 30 1234", "phone", "+•• •• ••••"),
        ("https://example.com/jane", "url", "https://•••"),
        ("12 Main\nStreet", "street_address", "•• •••• ••••••"),
    ],
)
def test_masks(value, semantic, masked):
    assert mask(value, semantic) == masked


def test_a_mask_never_grows_long():
    assert len(mask("9" * 500, "identifier")) <= 28


def test_national_ids_need_one_scheme_for_all():
    assert patterns.national_ids(["11144477735", "52998224725"]) != ()
    assert patterns.national_ids([]) == ()


def test_bare_numbers_are_not_phones():
    assert patterns.national_phones(["2025550123", "2025550199"]) == ()
    assert len(patterns.national_phones(["202-456-1414", "(202) 456-1111"])) == 2
