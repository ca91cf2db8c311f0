"""Tables read apart come to one schema, or every reason why not is said."""

import pandas as pd
import pytest

from core.data.align import align
from core.data.frames import canonical
from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput

T = ColumnType


def read(name: str, **columns: tuple[ColumnType, list[object]]):
    table = Table(name, tuple(Column(c, kind) for c, (kind, _) in columns.items()))
    frame = pd.DataFrame({c: values for c, (_, values) in columns.items()})
    return {name: canonical(frame, table)}, Schema((table,))


def test_a_whole_number_column_widens_where_others_have_fractions() -> None:
    reference = read("train", x=(T.INTEGER, [1, 2, None]))
    frames, schema = align(reference, {"synthetic": read("s", x=(T.NUMBER, [1.5, 2, None]))})
    assert schema["train"]["x"].type is T.NUMBER
    assert frames["reference"]["train"]["x"].tolist()[:2] == [1.0, 2.0]
    assert frames["synthetic"]["train"]["x"].tolist()[:2] == [1.5, 2.0]


def test_numbers_read_from_a_category_column_stay_categories() -> None:
    reference = read("train", x=(T.CATEGORY, ["1", "a"]))
    frames, schema = align(reference, {"holdout": read("h", x=(T.INTEGER, [1, 2]))})
    assert schema["train"]["x"].type is T.CATEGORY
    assert frames["holdout"]["train"]["x"].tolist() == ["1", "2"]


def test_an_empty_column_takes_the_type() -> None:
    reference = read("train", x=(T.DATE, [pd.Timestamp("2024-01-01")]))
    frames, _ = align(reference, {"holdout": read("h", x=(T.CATEGORY, [None, None]))})
    assert frames["holdout"]["train"]["x"].isna().all()
    assert frames["holdout"]["train"]["x"].dtype == "datetime64[us]"


def test_extra_columns_are_left_out_and_order_is_the_reference() -> None:
    reference = read("t", a=(T.INTEGER, [1]), b=(T.INTEGER, [2]))
    other = read("u", b=(T.INTEGER, [3]), extra=(T.INTEGER, [9]), a=(T.INTEGER, [4]))
    frames, _ = align(reference, {"holdout": other})
    assert frames["holdout"]["t"].to_dict("list") == {"a": [4], "b": [3]}


def test_every_problem_is_said_at_once() -> None:
    reference = read("t", a=(T.INTEGER, [1]), b=(T.DATE, [pd.Timestamp("2024-01-01")]))
    with pytest.raises(InvalidInput) as caught:
        align(reference, {"synthetic": read("u", b=(T.BOOLEAN, [True]))})
    assert len(caught.value.problems) == 2


def test_several_tables_must_be_named_alike() -> None:
    one, two = read("a", x=(T.INTEGER, [1])), read("b", x=(T.INTEGER, [1]))
    reference = ({**one[0], **two[0]}, Schema(one[1].tables + two[1].tables))
    with pytest.raises(InvalidInput, match="no table b"):
        align(reference, {"holdout": one})
