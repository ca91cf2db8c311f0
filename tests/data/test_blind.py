"""Columns that are made up without looking at them."""

import numpy as np
import pandas as pd
import pytest

from core.data.blind import blind_fake, is_made_up, prepare_blind
from core.data.fake_kinds import PROVIDERS
from core.data.schema import Action, Column, ColumnType, Role, Table

ROWS = 300


def made(column: Column, *, key: bool = False, around=None) -> pd.Series:
    return blind_fake(column, key=key, around=around).make(ROWS, np.random.default_rng(1))


@pytest.mark.parametrize("kind", list(ColumnType))
@pytest.mark.parametrize("key", [False, True])
def test_every_type_can_be_made_up(kind, key):
    values = made(Column("x", kind), key=key)
    assert values.dtype == kind.dtype
    assert values.notna().all()
    if key and kind is not ColumnType.BOOLEAN:
        assert values.is_unique


@pytest.mark.parametrize("semantic", [*sorted(PROVIDERS), "national_id", "unheard of"])
@pytest.mark.parametrize("kind", [ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.INTEGER])
@pytest.mark.parametrize("role", [Role.PLAIN, Role.IDENTIFIER])
def test_every_semantic_type_can_be_made_up(semantic, kind, role):
    values = made(Column("x", kind, role=role, semantic=semantic))
    assert values.dtype == kind.dtype
    assert values.notna().all()
    if role is Role.IDENTIFIER:
        assert values.is_unique


def test_public_ranges_are_kept():
    values = made(Column("x", ColumnType.INTEGER), around=(5, 9))
    assert set(values) == {5, 6, 7, 8, 9}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("c", ColumnType.CATEGORY), False),
        (Column("c", ColumnType.CATEGORY, action=Action.KEEP, semantic="city"), False),
        (Column("c", ColumnType.CATEGORY, action=Action.MASK), True),
        (Column("c", ColumnType.NUMBER, action=Action.REPLACE), True),
        (Column("c", ColumnType.TEXT), True),
        (Column("c", ColumnType.INTEGER, role=Role.IDENTIFIER), True),
        (Column("key", ColumnType.INTEGER), True),
        (Column("who", ColumnType.CATEGORY), True),
    ],
)
def test_what_is_made_up_follows_from_decisions_alone(column, expected):
    assert is_made_up(column, Table("t", (column,), primary_key="key"), "who") is expected


def test_other_rows_change_nothing_about_what_is_made_up():
    table = Table(
        "t",
        (
            Column("id", ColumnType.INTEGER),
            Column("mail", ColumnType.CATEGORY, semantic="email", action=Action.REPLACE),
            Column("gone", ColumnType.INTEGER, action=Action.DROP),
            Column("kept", ColumnType.INTEGER),
        ),
        primary_key="id",
    )
    one = pd.DataFrame({"id": [1], "mail": ["a@b.org"], "gone": [1], "kept": [5]})
    two = pd.DataFrame({"id": [77, 9], "mail": [None, "x"], "gone": [1, 2], "kept": [6, 7]})
    first, learned = prepare_blind(one, table, None)
    second, _ = prepare_blind(two, table, None)
    assert first.to_dict() == second.to_dict()
    assert list(learned) == ["kept"]
    restored = first.restore(
        pd.DataFrame({"kept": pd.array([1, 2, 3], "Int64")}), rng=np.random.default_rng(1)
    )
    assert list(restored) == ["id", "mail", "kept"]
    assert restored["id"].tolist() == [1, 2, 3]
