"""Values that never repeat, over any number of blocks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from core.data.fakes import learn_fake
from core.data.issued import Issued, shuffled
from core.data.patterns import shape_of
from core.data.schema import Column, ColumnType

CODES = [f"AB-{i:04d}" for i in range(60)]


def blocks(values: list, semantic: str | None, sizes: list[int], kind=ColumnType.TEXT) -> pd.Series:
    column = Column("c", kind, semantic=semantic)
    fake = learn_fake(pd.Series(values, dtype=kind.dtype), column, "en_US", key=True)
    issued, rng = Issued(7), np.random.default_rng(1)
    made = [fake.make(size, rng, None, issued) for size in sizes]
    assert issued.rows == sum(sizes)
    return pd.concat(made, ignore_index=True)


@given(st.integers(1, 3000), st.integers(0, 2**63), st.integers(1, 400))
def test_a_permutation_in_pieces_gives_every_number_once(space: int, seed: int, step: int) -> None:
    pieces = [shuffled(i, min(step, space - i), space, seed) for i in range(0, space, step)]
    assert sorted(np.concatenate(pieces).tolist()) == list(range(space))


def test_a_permutation_is_not_the_order_itself_and_depends_on_the_seed() -> None:
    first, other = shuffled(0, 1000, 10**6, 1), shuffled(0, 1000, 10**6, 2)
    assert not np.array_equal(first, other)
    assert abs(np.corrcoef(np.arange(1000), first.astype(float))[0, 1]) < 0.1
    assert first.max() > 900_000


def test_numbers_end_when_a_space_is_used_up() -> None:
    issued = Issued(3)
    parts = [issued.numbers("x", size, 10) for size in (4, 4, 4, 4)]
    assert [len(part) for part in parts] == [4, 4, 2, 0]
    assert sorted(np.concatenate(parts).tolist()) == list(range(10))


@pytest.mark.parametrize(
    ("semantic", "values"),
    [
        (None, CODES),
        (None, ["0f8a-22", "91bc-7e", "aa00-1d"] * 1 + [f"{i:04x}-{i:02x}" for i in range(40)]),
        (None, ["", "x"]),
        (None, ["one two three four.", "five six seven eight nine."]),
        ("phone", ["+49 151 1234567", "+49 30 998877", "+1 212 555 0100", "+1242 555 0100"]),
        ("iban", ["DE89 3704 0044 0532 0130 00", "NL91 ABNA 0417 1643 00"]),
        ("credit_card", ["4111 1111 1111 1111", "5500 0000 0000 0004"]),
        ("ip", ["192.168.3.4", "2001:db8::1"]),
        ("mac", ["AA:BB:CC:00:11:22", "AA:BB:CC:00:11:23"]),
        ("url", ["https://a.de/x", "https://b.de"]),
        ("coordinates", ["52.52, 13.40", "48.14, 11.58"]),
        ("email", ["anna.b@web.de", "c_d7@gmx.de"]),
        ("username", ["anna.b", "c_d7"]),
        ("full_name", ["Anna Berg", "Bert Cole"]),
        ("company", ["Berg Ltd", "Cole & Sons"]),
        ("street_address", ["1 Main Street", "22 Low Road"]),
    ],
)
def test_keys_of_any_kind_go_on_over_blocks(semantic: str | None, values: list[str]) -> None:
    made = blocks(values, semantic, [700, 1, 300, 999])
    assert len(made) == 2000
    assert made.notna().all()
    assert made.is_unique
    assert not set(made) & set(values)


def test_keys_keep_their_shape_until_it_is_used_up() -> None:
    made = blocks(CODES, None, [4000, 4000, 4000])
    shaped = made.str.fullmatch(r"AB-\d{4}")
    assert shaped.iloc[:9_000].all()
    assert int(shaped.sum()) == 10_000 - len(CODES)
    assert made.is_unique
    assert {shape_of(v) for v in made} == {"AA-9999"}


def test_cards_have_their_check_digit_in_every_block() -> None:
    made = blocks(["4111 1111 1111 1111", "4012 8888 8888 1881"], "credit_card", [50, 50])
    assert all(luhn.is_valid(value.replace(" ", "")) for value in made)


def test_numbers_and_dates_go_on_by_their_step() -> None:
    numbers = blocks([4, 5, 6], None, [3, 2], ColumnType.INTEGER)
    assert numbers.tolist() == [7, 8, 9, 10, 11]
    days = pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-05"]).to_list()
    made = blocks(days, None, [3, 3], ColumnType.DATE)
    assert made.diff().dropna().eq(pd.Timedelta(days=2)).all()


def test_values_that_repeat_come_from_one_pool() -> None:
    column = Column("c", ColumnType.TEXT, semantic="company")
    values = pd.Series([f"Firm {i % 20}" for i in range(1000)], dtype="string[pyarrow]")
    fake = learn_fake(values, column, "en_US")
    issued, rng = Issued(7), np.random.default_rng(1)
    first, second = (fake.make(500, rng, None, issued) for _ in range(2))
    assert set(second) <= set(first)
    assert len(set(first)) <= 20
