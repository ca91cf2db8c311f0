"""What a person decided about a column is carried out."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.masking import mask, token
from core.data.prepare import Preparation, prepare
from core.data.schema import Action, Column, ColumnType, Role, Table

KEY = b"secret"
TEXT, CATEGORY, INTEGER = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.INTEGER


def customers(rows: int = 60) -> tuple[pd.DataFrame, Table]:
    columns = (
        Column("id", INTEGER),
        Column("mail", TEXT, semantic="email", action=Action.REPLACE),
        Column("city", CATEGORY, action=Action.MASK),
        Column("secret", CATEGORY, action=Action.DROP),
        Column("note", TEXT, action=Action.KEEP),
        Column("tax", CATEGORY, role=Role.IDENTIFIER),
        Column("age", INTEGER),
        Column("seen", ColumnType.DATETIME),
    )
    hours = np.datetime64("2021-01-01T05:00") + np.arange(rows) * np.timedelta64(7, "h")
    values = {
        "id": range(1, rows + 1),
        "mail": [f"p{i}@web.de" for i in range(rows)],
        "city": ["Berlin", "Ulm", None] * (rows // 3),
        "secret": ["x"] * rows,
        "note": [f"Text {i} of a person" for i in range(rows)],
        "tax": [f"T{i:04d}" for i in range(rows)],
        "age": [20 + i % 50 for i in range(rows)],
        "seen": hours,
    }
    frame = pd.DataFrame({c.name: pd.Series(values[c.name], dtype=c.type.dtype) for c in columns})
    return frame, Table("customers", columns, "id")


def test_only_what_may_be_learned_reaches_the_engine():
    frame, table = customers()
    preparation, seen = prepare(frame, table, mask_key=KEY)
    assert list(seen.columns) == ["city", "age", "seen"]
    assert preparation.learned.names == ("city", "age", "seen")
    assert preparation.output.names == ("id", "mail", "city", "note", "tax", "age", "seen")
    assert not set(seen["city"].dropna()) & {"Berlin", "Ulm"}
    assert seen["city"].isna().equals(frame["city"].isna())


def test_the_full_table_comes_back():
    frame, table = customers()
    preparation, seen = prepare(frame, table, mask_key=KEY)
    made = preparation.restore(seen, rng=np.random.default_rng(1))
    assert list(made.columns) == list(preparation.output.names)
    assert made.dtypes.to_dict() == frame.drop(columns="secret").dtypes.to_dict()
    assert made["id"].is_unique
    assert not set(made["id"]) & set(frame["id"])
    for name in ("mail", "note", "tax"):
        assert made[name].notna().all()
        assert not set(made[name]) & set(frame[name])
    pd.testing.assert_series_equal(made["age"], frame["age"])


def test_resolution_of_times_is_kept():
    frame, table = customers()
    preparation, seen = prepare(frame, table, mask_key=KEY)
    blurred = seen.assign(seen=seen["seen"] + pd.to_timedelta(1234567, unit="us"))
    made = preparation.restore(blurred, rng=np.random.default_rng(1))
    pd.testing.assert_series_equal(made["seen"], frame["seen"])


def test_foreign_keys_are_given():
    frame, table = customers(6)
    preparation, seen = prepare(frame, table, mask_key=KEY, given=frozenset({"age"}))
    assert "age" not in seen
    keys = pd.Series([5, 5, None, 7, 8, 9], dtype="Int64")
    made = preparation.restore(seen, rng=np.random.default_rng(1), given={"age": keys})
    assert made["age"].tolist() == keys.tolist()


def test_addresses_fit_names_that_were_kept():
    columns = (
        Column("first", CATEGORY, semantic="first_name", action=Action.KEEP),
        Column("last", CATEGORY, semantic="last_name", action=Action.KEEP),
        Column("mail", TEXT, semantic="email", action=Action.REPLACE),
    )
    values = {"first": ["Ada", "Bob"], "last": ["Lowe", "Hill"], "mail": ["a.b@c.de", "d.e@f.de"]}
    frame = pd.DataFrame(values, dtype="string[pyarrow]")
    preparation, seen = prepare(frame, Table("t", columns), mask_key=KEY)
    made = preparation.restore(seen, rng=np.random.default_rng(1))
    assert [m.split("@")[0] for m in made["mail"]] == ["ada.lowe", "bob.hill"]


def test_a_preparation_survives_json_and_holds_no_secret():
    frame, table = customers()
    preparation, seen = prepare(frame, table, mask_key=KEY)
    text = json.dumps(preparation.to_dict())
    for name in ("mail", "note", "tax", "secret"):
        assert not any(f'"{value}"' in text for value in frame[name])
    again = Preparation.from_dict(json.loads(text))
    pd.testing.assert_frame_equal(
        preparation.restore(seen, rng=np.random.default_rng(3)),
        again.restore(seen, rng=np.random.default_rng(3)),
    )


def test_a_table_with_nothing_to_learn():
    frame, table = customers()
    table = table.select(("id", "note"))
    preparation, seen = prepare(frame, table, mask_key=KEY)
    assert seen.shape == (60, 0)
    assert preparation.restore(
        pd.DataFrame(index=range(5)), rng=np.random.default_rng(0)
    ).shape == (5, 2)


# Masking


@pytest.mark.parametrize("text", ["AB-12 cd.é", "日本-7", "x@y.de", "", "0042", "Łódź"])
def test_tokens_keep_their_format(text):
    made = token(text, KEY)
    assert len(made) == len(text)
    for old, new in zip(text, made, strict=True):
        assert (old.isdigit(), old.isupper(), old.islower(), old.isalpha()) == (
            new.isdigit(),
            new.isupper(),
            new.islower(),
            new.isalpha(),
        )
        assert old.isalnum() or old == new


def test_tokens_depend_on_the_key_and_on_nothing_else():
    assert token("Berlin", KEY) == token("Berlin", KEY)
    assert token("Berlin", KEY) != token("Berlin", b"other")
    assert token("Berlin", KEY) != token("Berlim", KEY)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(min_size=4, max_size=8)), min_size=1, max_size=30))
def test_equal_values_get_equal_tokens(values):
    series = pd.Series(values, dtype="string[pyarrow]")
    masked = mask(series, Column("c", TEXT), KEY)
    assert masked.isna().equals(series.isna())
    pairs = pd.DataFrame({"old": series, "new": masked}).dropna().drop_duplicates()
    assert pairs["old"].is_unique
    assert masked.dtype == series.dtype


def test_different_values_get_different_tokens():
    series = pd.Series([f"{i:03d}" for i in range(400)], dtype="string[pyarrow]")
    assert mask(series, Column("c", TEXT), KEY).is_unique


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (INTEGER, [1000, -25, None, 9_223_372_036_854_775_807]),
        (ColumnType.NUMBER, [10.25, -3.5, np.nan, 0.0]),
        (ColumnType.BOOLEAN, [True, None, False]),
        (ColumnType.DATE, pd.to_datetime(["2020-02-29", None, "1999-12-31"])),
        (ColumnType.DATETIME, pd.to_datetime(["2020-02-29 10:11:12", None])),
        (ColumnType.TIME, pd.to_timedelta(["10:11:12", None])),
    ],
)
def test_other_types_keep_type_and_gaps(kind, values):
    series = pd.Series(values, dtype=kind.dtype)
    masked = mask(series, Column("c", kind), KEY)
    assert masked.dtype == series.dtype
    assert masked.isna().equals(series.isna())
    if kind is ColumnType.DATE:
        assert (masked.dropna().dt.year == series.dropna().dt.year).all()
    if kind is INTEGER:
        assert 1000 <= masked[0] <= 9999
        assert -99 <= masked[1] <= -10


def test_free_texts_in_a_category_are_made_up():
    remarks = [f"Please call {i} again after lunch" for i in range(15)]
    values = ["done", "open today only", None] * 20 + remarks
    frame = pd.DataFrame({"state": pd.Series(values, dtype="string[pyarrow]")})
    table = Table("t", (Column("state", CATEGORY),))
    preparation, seen = prepare(frame, table, mask_key=KEY)
    assert not set(seen["state"].dropna()) & set(remarks)
    assert seen["state"].nunique() == 3
    again = Preparation.from_dict(json.loads(json.dumps(preparation.to_dict())))
    made = again.restore(seen, rng=np.random.default_rng(1))["state"]
    assert made.iloc[:60].equals(frame["state"].iloc[:60])
    assert made.iloc[60:].str.fullmatch(r"[A-Z][a-z]+( [a-z]+)+").all()
    assert frame["state"].iloc[60:].tolist() == remarks


def test_long_names_that_repeat_stay_categories():
    names = [f"Head of team {chr(65 + i % 12)}{i % 4}" for i in range(40)]
    frame = pd.DataFrame({"job": pd.Series(names + names[:30], dtype="string[pyarrow]")})
    seen = prepare(frame, Table("t", (Column("job", CATEGORY),)), mask_key=KEY)[1]
    assert seen["job"].equals(frame["job"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="aB7-é0", max_size=6), min_size=1, max_size=40, unique=True))
def test_no_two_texts_share_a_token_whatever_else_a_column_holds(texts):
    tokens = [token(text, KEY) for text in texts]
    assert len(set(tokens)) == len(texts)
    column = Column("c", TEXT)
    some = mask(pd.Series(texts[::-1], dtype="string[pyarrow]"), column, KEY)
    assert some.tolist() == tokens[::-1]


def test_joins_survive_masking_in_two_tables_and_in_two_types():
    codes = pd.Series(range(1000), dtype="Int64")
    parents = mask(codes, Column("id", INTEGER), KEY)
    words = codes.sample(200, random_state=1).astype("string[pyarrow]")
    children = mask(words, Column("parent", TEXT), KEY)
    assert parents.is_unique
    assert (children.astype("Int64") == parents[words.index]).all()
