"""Fresh fake values: right in form, unique where the original is, never the original's own."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum import luhn

from core.data.fake_kinds import PROVIDERS
from core.data.fake_people import _first_names
from core.data.fakes import Fake, learn_fake
from core.data.locales import guess_locale
from core.data.patterns import learn_pattern, make_pattern, shape_of
from core.data.pii.semantics import SEMANTICS
from core.data.prepare import prepare
from core.data.schema import Action, Column, ColumnType, Table
from core.data.sexes import FEMALE, MALE

TEXT = ColumnType.TEXT


def fake_of(values, semantic=None, kind=TEXT, locale="en_US", key=False) -> Fake:
    series = pd.Series(values, dtype=kind.dtype)
    return learn_fake(series, Column("c", kind, semantic=semantic), locale, key=key)


def made(fake: Fake, rows: int, seed: int = 1, row=None) -> pd.Series:
    return fake.make(rows, np.random.default_rng(seed), row)


IBANS = ["DE89 3704 0044 0532 0130 00", "DE12 5001 0517 0648 4898 90", "NL91 ABNA 0417 1643 00"]
EXAMPLES = {
    "email": ["anna.b@web.de", "c_d7@gmx.de", "e.f@mail.ch"],
    "phone": ["+49 151 1234567", "+49 30 998877", "+41 44 668 18 00"],
    "iban": IBANS,
    "credit_card": ["4111 1111 1111 1111", "5500 0000 0000 0004"],
    "ip": ["192.168.3.4", "2001:db8::1"],
    "mac": ["AA:BB:CC:00:11:22", "AA:BB:CC:00:11:23"],
    "url": ["https://a.de/x", "https://b.de"],
    "coordinates": ["52.5200, 13.4050", "48.1351, 11.5820"],
    "national_id": ["123-45-6789", "987-65-4321"],
    "date_of_birth": ["1.2.1970", "3.12.1985"],
}


@pytest.mark.parametrize("semantic", sorted(SEMANTICS))
def test_every_semantic_type_has_fakes_that_are_no_original(semantic):
    values = EXAMPLES.get(semantic, ["Anna Berg", "Bert Cole-Dahl", "Übel Ö."])
    result = made(fake_of(values, semantic), 40)
    assert result.notna().all()
    assert result.is_unique
    assert not set(result) & set(values)


@pytest.mark.parametrize("semantic", sorted(PROVIDERS))
@pytest.mark.parametrize("values", [[], [None, None], ["x"], [""], ["日本", None]])
def test_every_provider_takes_odd_columns(semantic, values):
    fake = fake_of(values, semantic)
    result = made(fake, 6)
    assert len(result) == 6
    assert result.dtype == TEXT.dtype
    if values == [None, None]:
        assert result.isna().all()


def test_ibans_have_valid_check_digits_countries_and_spacing():
    result = made(fake_of(IBANS * 30, "iban"), 500)
    assert result.str.match(r"^[A-Z]{2}\d\d( [A-Z\d]{1,4})+$").all()
    countries = result.str[:2].value_counts(normalize=True)
    assert set(countries.index) == {"DE", "NL"}
    for value in result:
        compact = value.replace(" ", "")
        number = int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4]))
        assert number % 97 == 1
    assert stdnum_iban.is_valid(result[result.str.startswith("DE")].iloc[0])


def test_cards_pass_luhn_and_keep_brand_and_groups():
    result = made(fake_of(["4111 1111 1111 1111", "4012 8888 8888 1881"], "credit_card"), 200)
    assert result.str.match(r"^4\d{3}( \d{4}){3}$").all()
    assert all(luhn.is_valid(value.replace(" ", "")) for value in result)


def test_phones_keep_country_code_and_form():
    result = made(fake_of(["+49 151 1234567", "+49 160 7654321"], "phone"), 100)
    assert result.str.match(r"^\+49 [1-9]\d\d \d{7}$").all()


def test_emails_lie_in_reserved_domains_and_fit_the_names():
    rows, row = 300, {}
    first = made(fake_of(["Anna", "Bert"], "first_name", locale="de_DE"), rows, 1, row)
    last = made(fake_of(["Berg", "Cole"], "last_name", locale="de_DE"), rows, 2, row)
    email = made(fake_of(["anna.berg@web.de", "b.c@gmx.de"], "email"), rows, 3, row)
    assert email.str.match(r"^[a-z0-9._]+@example\.(com|org|net)$").all()
    assert email.is_unique
    expected = [f"{f}.{la}".lower() for f, la in zip(first, last, strict=True)]
    plain = [e for e in expected if e.isascii() and "-" not in e and " " not in e]
    assert sum(e.split("@")[0].rstrip("0123456789") in plain for e in email) > len(plain) * 0.9


def test_full_names_fit_first_and_last_names():
    row = {}
    full = made(fake_of(["Berg, Anna", "Cole, Bert"], "full_name"), 50, 1, row)
    first = made(fake_of(["Anna", "Bert"], "first_name"), 50, 2, row)
    ahead = full.str.split(", ").str
    assert (
        ahead[1].str.replace(r" \d+$", "", regex=True)
        == first.str.replace(r" \d+$", "", regex=True)
    ).all()


def test_upper_case_names_stay_upper_case():
    assert made(fake_of(["BERG", "COLE"], "last_name"), 30).str.isupper().all()


def test_values_repeat_as_often_as_in_the_data():
    values = ["Berlin"] * 70 + ["Bonn"] * 20 + ["Ulm"] * 10
    counts = made(fake_of(values, "city"), 1000).value_counts(normalize=True)
    assert len(counts) == 3
    np.testing.assert_allclose(counts.to_numpy(), [0.7, 0.2, 0.1], atol=0.05)


def test_missing_share_is_kept():
    result = made(fake_of(["a@b.de", None, None, "c@d.de"] * 50, "email"), 2000)
    assert abs(result.isna().mean() - 0.5) < 0.05


def test_whole_number_keys_go_on_after_the_largest():
    fake = fake_of([7, 3, 5], kind=ColumnType.INTEGER, key=True)
    assert made(fake, 3).tolist() == [8, 9, 10]


def test_keys_too_long_for_floats_stay_unique():
    fake = fake_of([2**60 + 1, 2**60 + 2], kind=ColumnType.INTEGER, key=True)
    assert made(fake, 3).tolist() == [2**60 + 3, 2**60 + 4, 2**60 + 5]
    assert made(fake_of([2**63 - 2], kind=ColumnType.INTEGER, key=True), 3).is_unique


def test_unique_full_names_need_no_numbers():
    values = [f"A{i} B{i}" for i in range(50)]
    result = made(fake_of(values, "full_name"), 3000)
    assert result.is_unique
    assert not result.str.contains(r"\d").any()


def test_date_keys_keep_start_and_step():
    days = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"])
    fake = fake_of(days, kind=ColumnType.DATE, key=True)
    assert made(fake, 2).tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-02")]


@pytest.mark.parametrize("kind", [ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN])
def test_replaced_numbers_stay_in_range(kind):
    values = [0, 1, 1, 1] * 20 if kind is ColumnType.BOOLEAN else [1, 1, 2, 9] * 20
    result = made(fake_of(values, kind=kind), 500).astype(float)
    assert result.between(0, 9).all()
    assert result.nunique() >= 2


def test_replaced_birth_dates_stay_in_range():
    days = pd.Series(pd.date_range("1950-01-01", periods=500, freq="17D")).sample(
        800, replace=True, random_state=1
    )
    result = made(fake_of(days.to_numpy(), "date_of_birth", ColumnType.DATE), 400)
    assert result.between(days.min(), days.max()).all()
    assert (result == result.dt.normalize()).all()


def test_whole_number_cards_stay_whole_numbers():
    fake = fake_of([4111111111111111, 4012888888881881], "credit_card", ColumnType.INTEGER)
    assert all(luhn.is_valid(str(value)) for value in made(fake, 20))


def test_known_state_holds_no_value_and_survives_json():
    values = [f"Geheim{i} Person{i}" for i in range(40)]
    for semantic in [*PROVIDERS, None]:
        fake = fake_of(values, semantic)
        text = json.dumps(fake.to_dict())
        assert not any(v in text for v in values)
        again = Fake.from_dict(json.loads(text))
        pd.testing.assert_series_equal(made(fake, 20), made(again, 20))


def test_same_seed_same_values():
    fake = fake_of(["a@b.de", "c@d.de"], "email")
    pd.testing.assert_series_equal(made(fake, 50, 4), made(fake, 50, 4))
    assert not made(fake, 50, 4).equals(made(fake, 50, 5))


# Patterns


def test_pattern_keeps_what_all_share_and_draws_the_rest():
    settings_ = learn_pattern([f"KD-{i:05d}" for i in range(200)])
    result = make_pattern(settings_, 150, np.random.default_rng(0), unique=True)
    assert all(re.fullmatch(r"KD-\d{5}", value) for value in result)
    assert len(set(result)) == 150
    assert not {f"KD-{i:05d}" for i in range(200)} & set(result)


def test_pattern_of_hex_tokens():
    rng = np.random.default_rng(3)
    tokens = [bytes(rng.integers(0, 256, 8).tolist()).hex() for _ in range(300)]
    result = make_pattern(learn_pattern(tokens), 100, rng)
    assert all(re.fullmatch(r"[0-9a-f]{16}", value) for value in result)


def test_prose_becomes_prose_of_like_length():
    values = [f"Customer number {i} called and was not amused." for i in range(100)]
    result = make_pattern(learn_pattern(values), 50, np.random.default_rng(0))
    lengths = [len(value) for value in result]
    assert 25 < np.mean(lengths) < 60
    assert not set(result) & set(values)
    assert all(value.endswith(".") for value in result)


def test_rare_strings_never_come_back_even_where_there_is_no_room():
    values = [f"{i}" for i in range(10)]
    result = make_pattern(learn_pattern(values), 30, np.random.default_rng(0), unique=True)
    assert len(set(result)) == 30
    assert not set(result) & set(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=30), st.integers(0, 5))
def test_any_strings_give_fresh_unique_strings(values, seed):
    result = make_pattern(learn_pattern(values), 20, np.random.default_rng(seed), unique=True)
    assert len(set(result)) == 20
    assert not {v for v in values if values.count(v) < 10} & set(result)


def test_shape():
    assert shape_of("Ab-12 é") == "Aa-99 a"


# Locales


@pytest.mark.parametrize(
    ("semantic", "value", "locale"),
    [
        ("phone", "+49 151 1234567", "de_DE"),
        ("phone", "0033 1 23 45 67 89", "fr_FR"),
        ("iban", "NL91ABNA0417164300", "nl_NL"),
        ("email", "x@firma.it", "it_IT"),
        ("last_name", "さとう", "ja_JP"),
        ("city", "Берлин", "ru_RU"),
        ("city", "Berlin", "en_US"),
        (None, "whatever", "en_US"),
    ],
)
def test_locale_is_guessed(semantic, value, locale):
    table = Table("t", (Column("c", TEXT, semantic=semantic),))
    frame = pd.DataFrame({"c": pd.Series([value] * 3, dtype=TEXT.dtype)})
    assert guess_locale(frame, table) == locale


def test_names_come_from_the_locale():
    result = made(fake_of(["佐藤 太郎", "鈴木 花子"], "full_name", locale="ja_JP"), 20)
    assert not any(value.isascii() for value in result)
    emails = made(fake_of(["a@b.jp", "c@d.jp"], "email", locale="ja_JP"), 20)
    assert all(value.isascii() for value in emails)


def test_extensions_of_phones_stay_marked():
    phones = made(fake_of(["(290) 354-1238x69", "290-354-1238 ext. 12"] * 5, "phone"), 50)
    assert phones.str.fullmatch(r"\(\d{3}\) \d{3}-\d{4}x\d\d|\d{3}-\d{3}-\d{4} ext\. \d\d").all()


@pytest.mark.parametrize("semantic", ["full_name", "email", "phone", "street_address"])
@pytest.mark.parametrize("repeats", [1, 2])
def test_fakes_that_happen_to_be_real_are_drawn_again(semantic, repeats):
    start = {"phone": "+49 30 12", "email": "a@b.de"}.get(semantic, "Anna Lee 1")
    real = made(fake_of([start, start], semantic), 600).tolist()
    again = made(fake_of(real * repeats, semantic), 600)
    assert not set(again) & set(real)


def test_prose_has_whole_words_and_one_full_stop():
    notes = made(fake_of([f"The customer called {i} times about this." for i in range(50)]), 300)
    assert notes.str.fullmatch(r"[A-Z][a-z]+( [a-z]+)*\.").all()
    assert not notes.str.contains(r"\b[b-z]\.$").any()


def test_places_that_repeat_get_no_numbers():
    cities = made(fake_of([f"Town {i // 2}" for i in range(3000)], "city"), 3000)
    assert not cities.str.contains(r"\d").any()


@pytest.mark.parametrize("codes", [("F", "M"), ("weiblich", "männlich"), ("M", "H")])
def test_first_names_fit_the_sex_that_was_learned(codes):
    female, male = codes
    sexes = [female, male] * 100
    names = [f"Name{i % 40}" for i in range(200)]
    table = Table(
        "t",
        (
            Column("sex", ColumnType.CATEGORY, semantic="gender", action=Action.KEEP),
            Column("name", ColumnType.CATEGORY, semantic="first_name", action=Action.REPLACE),
        ),
    )
    frame = pd.DataFrame({"sex": sexes, "name": names}, dtype="string[pyarrow]")
    preparation, learned = prepare(frame, table, mask_key=b"k" * 32)
    made = preparation.restore(learned, rng=np.random.default_rng(3))
    women, men = (set(made["name"][made["sex"] == code]) for code in codes)
    assert len(women) > 30
    assert len(men) > 30
    assert women <= set(_first_names("en_US", FEMALE))
    assert men <= set(_first_names("en_US", MALE))
