"""Hashes fit one password only, and weak ones are named."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.governance.passwords import (
    check_password,
    hash_password,
    impossible_hash,
    password_problems,
)

FAST = 4


@given(st.text(max_size=100), st.text(max_size=100))
@settings(max_examples=30, deadline=None)
def test_only_the_same_password_fits(one: str, two: str) -> None:
    hashed = hash_password(one, FAST)
    assert check_password(one, hashed)
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", two)
    assert check_password(two, hashed) == same


def test_characters_beyond_the_72nd_count() -> None:
    hashed = hash_password("a" * 100 + "b", FAST)
    assert check_password("a" * 100 + "b", hashed)
    assert not check_password("a" * 100 + "c", hashed)
    assert not check_password("a" * 72, hashed)


def test_a_zero_byte_does_not_end_a_password() -> None:
    assert not check_password("abc\0x", hash_password("abc\0y", FAST))


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert check_password("pässword-café", hash_password("pa\u0308ssword-cafe\u0301", FAST))


def test_equal_passwords_have_different_hashes_of_the_set_cost() -> None:
    assert hash_password("x", FAST) != hash_password("x", FAST)
    assert hash_password("x", FAST).startswith("$2b$04$")
    assert hash_password("x").startswith("$2b$12$")


def test_no_password_has_the_impossible_hash() -> None:
    for password in ("", "x", "." * 31):
        assert not check_password(password, impossible_hash(FAST))


def test_a_huge_password_is_simply_wrong() -> None:
    for length in (0, 1_000, 1_000_000):
        assert not check_password("a" * 1_000_000, hash_password("a" * length, FAST))


@pytest.mark.parametrize(
    ("password", "count"),
    [
        ("correct horse battery", 0),
        ("Twelve-chars", 0),
        ("elevenchars", 1),
        ("aaaaaaaaaaaa", 1),
        ("Ada.Lovelace@Example", 1),
        ("aaa", 2),
        ("", 2),
        ("abcdef" * 200, 1),
    ],
)
def test_problems_are_all_found_and_never_repeat_the_password(password: str, count: int) -> None:
    problems = password_problems(password, "ada.lovelace@example")
    assert len(problems) == count
    assert not password or all(password not in problem for problem in problems)
