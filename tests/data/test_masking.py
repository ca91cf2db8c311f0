"""Tokens of masks: recorded outputs, since what is masked later has to join what was before."""

import hashlib
import hmac
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import masking
from core.data.masking import mask, token
from core.data.schema import Column, ColumnType

KEY = bytes(range(32))
RECORDED = [
    ("anna.meier@example.org", "jqhe.vzdqw@iapxkck.nkq"),
    ("Anna.Meier+7@Example.org", "Tdqh.Ougip+9@Pogfkvm.xnj"),
    ("x", "z"),
    ("7", "2"),
    ("07", "04"),
    ("10", "26"),
    ("0", "1"),
    ("00120", "00031"),
    ("A1-b2", "L6-y5"),
    ("", ""),
    ("-", "-"),
    ("Z\xfcrich", "E\xffzwya"),
    ("\u0391\u0392\u03b3 12", "\u039b\u039b\u03b2 89"),
    ("\u6771\u4eac12", "\u6764\u4ea415"),
    ("\u0663\u0664", "\u0661\u0662"),
    ("1.05", "5.02"),
    ("-42", "-32"),
    ("CH93 0076 2011 6238 5295 7", "IO17 0040 6573 8704 9955 6"),
    ("b\xe9b\xe9", "c\xf0e\xee"),
    ("a\ud800b", "z\ud800i"),
    ("\ufb00", "\ufb14"),
    ("\u21679", "\u21671"),
    ("\x00\x01a9", "\x00\x01x8"),
    ("9007199254740993", "4635060926713513"),
]
LONG = (
    "KRHIERKGIBYKBOQHRLNBENOOUAHQDOIHGFGPRZCHGGFOVEYIEDDEJXMUKTBSNHUGRUYWDBEFQLXXQGZLOVOXIMSCSIUULS"
    "DXKOFPKTILFPADDAPCQIQUSRXW"
)


@pytest.mark.parametrize(("text", "made"), RECORDED)
def test_a_text_has_the_token_that_it_always_had(text: str, made: str) -> None:
    assert token(text, KEY) == made


def test_a_long_text_takes_several_digests_a_round() -> None:
    assert token("W" * 120, KEY) == LONG


def test_thousands_of_texts_have_the_tokens_that_they_always_had() -> None:
    signs = "abzABZ0019 .-@\xe4\xdf\u03a9\u0663"
    texts = ["".join(random.Random(n).choice(signs) for _ in range(n % 17)) for n in range(3000)]
    made = hashlib.sha256("\n".join(token(text, KEY) for text in texts).encode()).hexdigest()
    assert made == "b18292111a75fa4354cef25b1191f386c28baaa07580a9fb6718b5c4174ed44b"


@given(key=st.binary(max_size=200), message=st.binary(max_size=200))
def test_what_is_drawn_from_is_the_standard_hmac(key: bytes, message: bytes) -> None:
    made = masking._digest(masking._keyed(key), message)
    assert made == hmac.digest(key, message, "sha256")


@given(st.text(alphabet="aZ019 \xe9\u0663", max_size=12))
def test_a_token_has_the_form_of_its_text(text: str) -> None:
    made = token(text, KEY)
    assert masking._places(made) == masking._places(text)


def test_forms_do_not_multiply_with_the_digits_of_numbers() -> None:
    masking._form.cache_clear()
    values = pd.Series([f"{n:08d}" for n in range(10_000_000, 10_002_000)], dtype="string")
    made = mask(values, Column("n", ColumnType.TEXT), KEY)
    assert made.nunique() == len(values)
    assert masking._form.cache_info().currsize == 1


def test_columns_have_the_tokens_that_they_always_had() -> None:
    whole = mask(pd.Series([5, -42, None, 5], dtype="Int64"), Column("i", ColumnType.INTEGER), KEY)
    assert whole[0] == whole[3]
    assert (whole[1], whole.isna().sum()) == (-32, 1)
    days = pd.Series(np.array(["2020-02-29", "1999-12-31"], dtype="datetime64[us]"))
    moved = mask(days, Column("d", ColumnType.DATE), KEY)
    drawn = [
        int.from_bytes(hmac.digest(KEY, str(n).encode(), "sha256")[:8], "big") % 365
        for n in days.to_numpy().view("int64")
    ]
    assert [one.dayofyear for one in moved] == [1 + n for n in drawn]
