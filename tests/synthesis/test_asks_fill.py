"""Completing, imputing and augmenting: what is known stays, what is open follows from it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.schema import Action, Column, ColumnType, Schema, Table, ValueFormat
from core.errors import InvalidInput, InvalidParameter
from core.synthesis.asks import complete, filler_of, impute, join_real
from core.synthesis.asks.complete import as_read
from core.synthesis.synthesizer import Synthesizer

TABLE = Table(
    "t",
    (
        Column("key", ColumnType.INTEGER),
        Column("kind", ColumnType.CATEGORY),
        Column("size", ColumnType.NUMBER, format=ValueFormat(decimals=1)),
        Column("twice", ColumnType.NUMBER, format=ValueFormat(decimals=1)),
        Column("day", ColumnType.DATE, format=ValueFormat(pattern="%d/%m/%Y")),
        Column("note", ColumnType.TEXT),
    ),
    "key",
)
LEARNED = ("kind", "size", "twice", "day")


def things(rows: int = 1500, seed: int = 0) -> pd.DataFrame:
    """Kind "b" is large and of spring, "a" small and of autumn; ``twice`` is twice the size."""
    rng = np.random.default_rng(seed)
    is_b = rng.random(rows) < 0.4
    size = np.round(np.where(is_b, 50, 10) + rng.normal(0, 3, rows), 1)
    day = np.where(is_b, 100, 270) + rng.integers(0, 20, rows)
    values = {
        "key": np.arange(rows) + 1000,
        "kind": np.where(is_b, "b", "a"),
        "size": size,
        "twice": np.round(2 * size, 1),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
        "note": [f"note number {i}" for i in range(rows)],
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in TABLE.columns}
    )


def with_holes(frame: pd.DataFrame, share: float, seed: int = 9) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    holed = frame.copy()
    for name in LEARNED:
        holed.loc[rng.random(len(frame)) < share, name] = None
    return holed


def test_only_missing_cells_change_and_none_is_left() -> None:
    holed = with_holes(things(), 0.2)
    done = impute(holed, TABLE, times=2, rng=np.random.default_rng(1))
    for table in done.tables:
        assert not table[list(LEARNED)].isna().any().any()
        for name in TABLE.names:
            known = holed[name].notna()
            pd.testing.assert_series_equal(table.loc[known, name], holed.loc[known, name])
            assert table[name].dtype == TABLE[name].type.dtype
    assert done.filled == {name: int(holed[name].isna().sum()) for name in LEARNED}
    assert not done.left


def test_imputed_values_follow_from_the_others() -> None:
    """The size is known from the kind (a spread of 3), or from its double (exactly)."""
    frame = things()
    holed = with_holes(frame, 0.2)
    (filled,) = impute(holed, TABLE, rng=np.random.default_rng(1)).tables
    hole = holed["size"].isna()
    error = (filled["size"] - frame["size"])[hole].abs()
    marginal = frame["size"].sample(frac=1, random_state=0).to_numpy() - frame["size"].to_numpy()
    assert error.mean() < 0.1 * np.abs(marginal).mean()
    twice_known = hole & holed["twice"].notna()
    assert (filled["twice"] - 2 * filled["size"])[twice_known].abs().median() < 0.5
    kinds = holed["kind"].isna()
    assert (filled["kind"] == frame["kind"])[kinds].mean() > 0.97
    days = holed["day"].isna()
    assert ((filled["day"] - frame["day"])[days].abs() < pd.Timedelta(days=21)).mean() > 0.97


def test_cells_that_are_missing_at_random_do_not_bias_the_mean() -> None:
    """Small ones are missing far more often; the mean of those that are there is too large."""
    frame = things()
    rng = np.random.default_rng(4)
    holed = frame.copy()
    gone = rng.random(len(frame)) < np.where(frame["kind"] == "a", 0.7, 0.1)
    holed.loc[gone, ["size", "twice"]] = None
    (filled,) = impute(holed, TABLE, rng=np.random.default_rng(1)).tables
    assert abs(holed["size"].mean() - frame["size"].mean()) > 5
    assert abs(filled["size"].mean() - frame["size"].mean()) < 0.5


def test_completions_differ_and_seeds_repeat() -> None:
    holed = with_holes(things(400), 0.2)
    first, second = (impute(holed, TABLE, times=2, rng=np.random.default_rng(1)) for _ in range(2))
    pd.testing.assert_frame_equal(first.tables[0], second.tables[0])
    assert not first.tables[0].equals(first.tables[1])


def test_what_cannot_be_imputed_is_left_with_a_reason() -> None:
    frame = things(200)
    frame.loc[:9, ["key", "note", "kind"]] = None
    frame["day"] = pd.Series([None] * 200, dtype="datetime64[us]")
    done = impute(frame, TABLE, rng=np.random.default_rng(1))
    assert set(done.left) == {"key", "note", "day"}
    assert set(done.filled) == {"kind"}
    assert done.tables[0]["note"].isna().sum() == 10
    with pytest.raises(InvalidInput, match="no missing cell"):
        impute(things(50), TABLE, rng=np.random.default_rng(1))
    with pytest.raises(InvalidParameter, match="times"):
        impute(frame, TABLE, times=0, rng=np.random.default_rng(1))


def test_engines_that_take_no_context_cannot_fill() -> None:
    with pytest.raises(InvalidInput, match="forest"):
        filler_of("copula")


@settings(max_examples=15)
@given(st.data())
def test_any_pattern_of_holes_is_filled(data: st.DataObject) -> None:
    frame = things(30)
    rows = data.draw(st.lists(st.sets(st.sampled_from(LEARNED)), min_size=30, max_size=30))
    holed = frame.copy()
    for row, names in enumerate(rows):
        holed.loc[row, list(names)] = None
    if not holed.isna().any().any():
        return
    done = impute(holed, TABLE, rng=np.random.default_rng(1))
    empty = [name for name in LEARNED if holed[name].isna().all()]
    assert set(done.left) == set(empty)
    (filled,) = done.tables
    assert filled.drop(columns=empty).notna().all().all()
    known = holed.notna()
    assert (filled.where(known) == holed.where(known)).where(known, True).all().all()


def test_absent_columns_are_drawn_given_the_others() -> None:
    partial = pd.DataFrame({"kind": ["a", "b"] * 100}).astype("string[pyarrow]")
    done = complete(things(), TABLE, partial, rng=np.random.default_rng(1))
    made = done.frame
    assert tuple(made.columns) == TABLE.names
    assert done.given == ("kind",)
    assert made["kind"].tolist() == ["a", "b"] * 100
    sizes = made.groupby("kind")["size"].mean()
    assert sizes["a"] == pytest.approx(10, abs=1)
    assert sizes["b"] == pytest.approx(50, abs=1)
    assert (made["twice"] - 2 * made["size"]).abs().median() < 0.5
    assert ((made["day"] < "2024-07-01") == (made["kind"] == "b")).mean() > 0.97
    assert made["key"].is_unique
    assert made["note"].notna().all()


def test_partial_rows_of_any_pattern() -> None:
    partial = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-04-12", None, None]).astype("datetime64[us]"),
            "size": [None, 11.0, None],
            "note": pd.array(["mine", None, None], dtype="string[pyarrow]"),
            "key": pd.array([7, None, 9], dtype="Int64"),
        }
    )
    made = complete(things(), TABLE, partial, rng=np.random.default_rng(1)).frame
    assert made["kind"].tolist()[:2] == ["b", "a"]
    assert made["day"][0] == pd.Timestamp("2024-04-12")
    assert made["size"][1] == 11.0
    assert abs(made["size"][0] - 50) < 12
    assert made["note"][0] == "mine"
    assert made["key"].tolist()[::2] == [7, 9]
    assert made.notna().all().all()


def test_partial_rows_that_were_read_apart() -> None:
    """Their file made the sizes whole numbers and the kind free text; days were not understood."""
    found = Table(
        "partial",
        (
            Column("size", ColumnType.INTEGER),
            Column("kind", ColumnType.TEXT),
            Column("day", ColumnType.TEXT),
        ),
    )
    partial = pd.DataFrame(
        {
            "size": pd.array([9, None], dtype="Int64"),
            "kind": pd.array(["a", "zebra"], dtype="string[pyarrow]"),
            "day": pd.array(["11/10/2024", None], dtype="string[pyarrow]"),
        }
    )
    done = complete(things(), TABLE, partial, found, rng=np.random.default_rng(1))
    assert done.frame["size"][0] == 9.0
    assert done.frame["day"][0] == pd.Timestamp("2024-10-11")
    assert done.frame["kind"].tolist() == ["a", "zebra"]
    assert done.unseen == {"kind": 1}


def test_partial_rows_that_cannot_be_read() -> None:
    partial = pd.DataFrame({"size": ["large"], "nope": ["x"], "day": ["x"]}).astype(
        "string[pyarrow]"
    )
    found = Table("p", tuple(Column(name, ColumnType.TEXT) for name in partial))
    with pytest.raises(InvalidInput) as caught:
        as_read(partial, TABLE, found)
    assert len(caught.value.problems) == 3
    assert "large" not in str(caught.value)


def test_masked_and_dropped_columns_do_not_come_through() -> None:
    columns = {
        "kind": Column("kind", ColumnType.CATEGORY, action=Action.MASK),
        "day": Column("day", ColumnType.DATE, action=Action.DROP),
    }
    table = TABLE.with_column(columns["kind"]).with_column(columns["day"])
    partial = pd.DataFrame({"kind": ["b"] * 50}).astype("string[pyarrow]")
    rng = np.random.default_rng(1)
    made = complete(things(), table, partial, mask_key=bytes(range(32)), rng=rng).frame
    assert "day" not in made
    assert made["kind"].nunique() == 1
    assert made["size"].mean() == pytest.approx(50, abs=2)


def test_no_partial_rows_give_none() -> None:
    partial = pd.DataFrame({"kind": pd.array([], dtype="string[pyarrow]")})
    made = complete(things(), TABLE, partial, rng=np.random.default_rng(1)).frame
    assert len(made) == 0
    assert tuple(made.columns) == TABLE.names


def test_extra_rows_behind_the_real_ones_have_keys_of_their_own() -> None:
    real = things(300)
    made = Synthesizer(Schema((TABLE,)), "forest")
    made.fit({"t": real}, rng=np.random.default_rng(1))
    extra = made.sample({"t": 200}, rng=np.random.default_rng(2))["t"]
    extra["key"] = real["key"].iloc[:200].array
    joined = join_real(real, extra, made, mark="synthetic", rng=np.random.default_rng(3))
    assert len(joined.frame) == 500
    pd.testing.assert_frame_equal(joined.frame.iloc[:300][list(TABLE.names)], real)
    assert joined.frame["key"].is_unique
    assert joined.frame["synthetic"].tolist() == [False] * 300 + [True] * 200
    assert joined.table.names == (*TABLE.names, "synthetic")
    with pytest.raises(InvalidParameter, match="already"):
        join_real(real, extra, made, mark="kind", rng=np.random.default_rng(3))


def test_text_keys_are_made_anew_where_they_collide() -> None:
    table = TABLE.with_column(Column("key", ColumnType.TEXT))
    real = things(60)
    real["key"] = pd.array([f"K-{i:04d}" for i in range(60)], dtype="string[pyarrow]")
    made = Synthesizer(Schema((table,)), "forest")
    made.fit({"t": real}, rng=np.random.default_rng(1))
    extra = made.sample({"t": 40}, rng=np.random.default_rng(2))["t"]
    extra["key"] = real["key"].iloc[:40].array
    joined = join_real(real, extra, made, rng=np.random.default_rng(3))
    assert joined.frame["key"].is_unique
    assert joined.frame["key"].str.fullmatch(r"K-\d{4}").all()
