"""Generalising: known values by hand, twice is as good as once, types and gaps stay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.blind import prepare_blind
from core.data.coarser import (
    WAYS,
    coarse_values,
    coarsened,
    generalised_problems,
    in_words,
    problems_of,
    read_coarser,
    usual,
)
from core.data.prepare import prepare
from core.data.schema import Action, Coarser, Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput

T = ColumnType
KEY = b"k" * 32


def coarse(kind: ColumnType, values: list, way: str, amount: float = 0.0) -> list:
    series = pd.Series(values, dtype=kind.dtype, name="c")
    column = Column("c", kind, action=Action.GENERALISE, coarser=Coarser(way, amount))
    once = coarse_values(series, column)
    assert once.dtype == series.dtype
    assert once.isna().equals(series.isna())
    pd.testing.assert_series_equal(coarse_values(once, column), once)
    return once.dropna().tolist()


@pytest.mark.parametrize(
    ("way", "wanted"),
    [
        ("month", ["2024-05-01", "1969-12-01"]),
        ("quarter", ["2024-04-01", "1969-10-01"]),
        ("year", ["2024-01-01", "1969-01-01"]),
    ],
)
def test_dates(way: str, wanted: list[str]) -> None:
    moments = pd.to_datetime(["2024-05-17 10:11:12", None, "1969-12-31 23:00:00"])
    found = coarse(T.DATETIME, list(moments), way)
    assert [str(one.date()) for one in found] == wanted
    assert all(one == one.normalize() for one in found)


def test_times_go_to_the_full_hour() -> None:
    found = coarse(T.TIME, list(pd.to_timedelta(["10:59:59", None, "00:00:01"])), "hour")
    assert [str(one)[-8:] for one in found] == ["10:00:00", "00:00:00"]


def test_bands_have_their_lower_end() -> None:
    assert coarse(T.INTEGER, [39, 40, None, -1], "band", 10) == [30, 40, -10]
    assert coarse(T.NUMBER, [0.3, 0.29, np.nan, -0.05], "band", 0.1) == [0.3, 0.2, -0.1]


def test_numbers_are_rounded_and_so_are_coordinates() -> None:
    assert coarse(T.NUMBER, [48.20849, np.nan], "round", 2) == [48.21]
    assert coarse(T.CATEGORY, ["48.20849, -16.3721", None], "round", 1) == ["48.2, -16.4"]


def test_codes_keep_their_first_characters() -> None:
    assert coarse(T.CATEGORY, [" 1070 ", "SW1A 1AA", None], "prefix", 2) == ["10", "SW"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
    st.sampled_from([0.1, 0.25, 1.0, 5.0, 7.0, 1000.0]),
)
def test_a_band_is_never_above_its_value_and_no_wider_than_said(values, width) -> None:
    series = pd.Series(values, dtype="float64")
    column = Column("c", T.NUMBER, action=Action.GENERALISE, coarser=Coarser("band", width))
    found = coarse_values(series, column)
    gap = (series - found).dropna()
    assert (gap > -1e-6).all()
    assert (gap < width + 1e-6).all()
    pd.testing.assert_series_equal(coarse_values(found, column), found)


@pytest.mark.parametrize("kind", [kind for kind in T if WAYS[kind]])
def test_every_type_has_a_usual_way_that_reads_back(kind: ColumnType) -> None:
    way = usual(Column("c", kind))
    assert read_coarser(in_words(way)) == way
    assert problems_of(Column("c", kind, action=Action.GENERALISE, coarser=way)) == []


def test_ways_that_do_not_fit_are_told() -> None:
    def problem(kind: ColumnType, way: str, amount: float = 0.0) -> str:
        return " ".join(problems_of(Column("c", kind, coarser=Coarser(way, amount))))

    assert "can be one of band" in problem(T.INTEGER, "month")
    assert "above 0" in problem(T.INTEGER, "band", 0)
    assert "whole number" in problem(T.INTEGER, "band", 2.5)
    assert "from 1" in problem(T.CATEGORY, "prefix", 0)
    assert problem(T.NUMBER, "band", 2.5) == ""
    with pytest.raises(InvalidInput, match="no coarser"):
        usual(Column("c", T.BOOLEAN))
    with pytest.raises(InvalidInput, match="no way"):
        read_coarser("a bit")


def table(**coarser: Coarser) -> Table:
    kinds = {"id": T.INTEGER, "age": T.INTEGER, "day": T.DATE, "town": T.CATEGORY}
    columns = tuple(
        Column(n, k, action=Action.GENERALISE if n in coarser else Action.KEEP,
               coarser=coarser.get(n))
        for n, k in kinds.items()
    )  # fmt: skip
    return Table("t", columns, "id")


def frame(rows: int) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=rows).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "id": pd.array(range(rows), dtype="Int64"),
            "age": pd.array([20 + i % 50 for i in range(rows)], dtype="Int64"),
            "day": days,
            "town": pd.array([f"{1000 + i % 90}" for i in range(rows)], dtype="string[pyarrow]"),
        }
    )


def test_engines_learn_coarse_values_and_only_such_come_out() -> None:
    wanted = table(age=Coarser("band", 10), day=Coarser("month"), town=Coarser("prefix", 2))
    preparation, learned = prepare(frame(200), wanted, mask_key=KEY)
    assert set(learned["age"]) == {20, 30, 40, 50, 60}
    assert set(learned["town"]) == {"10"}
    assert (learned["day"].dt.day == 1).all()
    invented = learned.assign(
        age=learned["age"] + 7, day=learned["day"] + pd.Timedelta(days=11), town="1099"
    )
    invented["town"] = invented["town"].astype("string[pyarrow]")
    made = preparation.restore(invented, rng=np.random.default_rng(1))
    assert set(made["age"] % 10) == {0}
    assert (made["day"].dt.day == 1).all()
    assert set(made["town"]) == {"10"}


def test_private_engines_learn_coarse_values_too() -> None:
    _, learned = prepare_blind(frame(50), table(age=Coarser("band", 25)), None)
    assert set(learned["age"]) == {0, 25, 50}


def test_keys_stay_as_they_are_and_cannot_be_generalised() -> None:
    broken = table(id=Coarser("band", 10))
    assert coarsened(frame(30), broken)["id"].is_unique
    child = Table("c", (Column("owner", T.INTEGER, action=Action.GENERALISE),))
    links = (Relationship("t", "id", "c", "owner"),)
    found = generalised_problems(Schema((broken, child), links))
    assert len(found) == 2
    assert all("no key" in one for one in found)


def test_the_schema_survives_its_dict() -> None:
    schema = Schema((table(age=Coarser("band", 5)),))
    assert Schema.from_dict(schema.to_dict()) == schema
