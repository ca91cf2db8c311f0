"""Recall over labelled columns of several locales, and precision on columns that mislead."""

import random

import pandas as pd
import pytest
from faker import Faker

from core.data.pii import SEMANTICS, find_pii
from core.data.schema import Column, ColumnType, Table

ROWS = 60
LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "ja_JP", "tr_TR")
LABELLED = {
    "email": ("email", "email"),
    "phone": ("phone", "phone_number"),
    "first_name": ("first_name", "first_name"),
    "last_name": ("surname", "last_name"),
    "full_name": ("customer", "name"),
    "street_address": ("address", "address"),
    "iban": ("iban", "iban"),
    "credit_card": ("card_number", "credit_card_number"),
    "ip": ("ip", "ipv4"),
    "url": ("website", "url"),
}
TELLING = ("email", "full_name", "iban", "credit_card", "ip", "url", "street_address")
MISLEADING = ("company", "job", "country", "color_name", "month_name", "word", "file_name", "time")


def semantic_of(name: str, values: list[str]) -> str | None:
    table = Table("t", (Column(name, ColumnType.TEXT),))
    frame = pd.DataFrame({name: pd.Series(values, dtype="string[pyarrow]")})
    finding = find_pii(frame, table).get(name)
    return finding.semantic if finding else None


def column(locale: str, provider: str) -> list[str]:
    faker = Faker(locale)
    faker.seed_instance(7)
    return [str(getattr(faker, provider)()) for _ in range(ROWS)]


def test_recall_with_a_telling_name():
    results = [
        semantic_of(name, column(locale, provider)) == semantic
        for locale in LOCALES
        for semantic, (name, provider) in LABELLED.items()
    ]
    assert sum(results) / len(results) >= 0.97


def test_recall_without_a_telling_name():
    results = [
        semantic_of("c17", column(locale, LABELLED[semantic][1])) == semantic
        for locale in LOCALES
        for semantic in TELLING
    ]
    assert sum(results) / len(results) >= 0.9


@pytest.mark.parametrize("name", ["c17", "kind"])
def test_precision_on_misleading_columns(name):
    wrong = {
        (locale, provider)
        for locale in LOCALES
        for provider in MISLEADING
        if (semantic := semantic_of(name, column(locale, provider)))
        and SEMANTICS[semantic].direct
        and semantic not in {"identifier", "free_text"}
    }
    assert wrong == set()


def test_places_are_not_persons():
    for locale in LOCALES:
        semantic = semantic_of("neighbourhood", column(locale, "city"))
        assert semantic not in {"first_name", "last_name", "full_name"}


def test_random_codes_are_not_numbers_of_persons():
    source = random.Random(5)
    for digits in (8, 9, 10, 11, 13, 16):
        values = ["".join(source.choices("0123456789", k=digits)) for _ in range(ROWS)]
        assert semantic_of("value", values) in {None, "record_number"}
