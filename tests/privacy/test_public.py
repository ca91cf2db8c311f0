"""What a public schema may say, and how it becomes cells."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import InvalidInput
from core.privacy.discover import build_domain
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger
from core.privacy.public import (
    PublicColumn,
    PublicTable,
    public_from_dict,
    public_to_dict,
    read_public,
)

YAML = """
rows: 1200
columns:
  age: {low: 17, high: 90}
  price: {low: 0, high: 500, step: 0.5, missing: true}
  born: {low: 1930-01-01, high: 2005-12-31}
  opens: {low: "08:00:00", high: "18:00:00"}
  country: {values: [NO, DE, yes, 01, "?"]}
"""
TABLE = Table(
    "t",
    (
        Column("age", ColumnType.INTEGER),
        Column("price", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("born", ColumnType.DATE),
        Column("opens", ColumnType.TIME, format=ValueFormat(pattern="%H:%M")),
        Column("country", ColumnType.CATEGORY),
    ),
)


def read(tmp_path, text: str) -> PublicTable:
    path = tmp_path / "schema.yaml"
    path.write_text(text, encoding="utf-8")
    return read_public(path)


def test_a_schema_is_read_as_it_is_written(tmp_path):
    public = read(tmp_path, YAML)
    public.check(TABLE)
    assert public.rows == 1200
    assert public.columns["country"].values == ("NO", "DE", "yes", "01", "?")
    assert public.columns["price"] == PublicColumn("price", 0.0, 500.0, 0.5, (), True)
    assert public.columns["born"].range_of(TABLE["born"]) == (-14610.0, 13148.0)
    assert public.columns["opens"].range_of(TABLE["opens"]) == (28800.0, 64800.0)
    assert public_from_dict(public_to_dict(public)) == public


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    text = """
rows: many
colour: red
columns:
  a: {low: 1}
  b: {low: 1, high: 5, values: [x]}
  c: {values: []}
  d: {values: [x, x]}
  e: 7
  f: {low: 1, high: 2, step: -1, missing: perhaps, hight: 3}
"""
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, text)
    assert len(caught.value.problems) == 10
    assert "`hight` is not known" in str(caught.value)


@pytest.mark.parametrize("text", ["columns: [", "- a\n- b", "\x00", "just words"])
def test_what_is_no_schema_is_refused(tmp_path, text):
    with pytest.raises(InvalidInput):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no file"):
        read_public(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("name", "column", "word"),
    [
        ("nobody", PublicColumn("nobody", 0.0, 1.0), "no column"),
        ("country", PublicColumn("country", 0.0, 1.0), "give `values`"),
        ("age", PublicColumn("age", 9.0, 1.0), "below"),
        ("age", PublicColumn("age", "young", "old"), "no bounds"),
        ("age", PublicColumn("age", 1.0, 5.0, 10.0), "larger"),
        ("age", PublicColumn("age", 0.5, 9.0), "whole"),
        ("age", PublicColumn("age", values=("x",)), "numbers"),
        ("age", PublicColumn("age", values=("1.5",)), "whole"),
        ("born", PublicColumn("born", 1.0, 2.0), "no bounds"),
        ("born", PublicColumn("born", values=("1990-01-01",)), "low"),
        ("opens", PublicColumn("opens", "early", "late"), "no bounds"),
    ],
)
def test_what_does_not_fit_the_table_is_refused(name, column, word):
    with pytest.raises(InvalidInput, match=word):
        PublicTable({name: column}).check(TABLE)


def cells(column: Column, public: PublicColumn, values):
    series = pd.Series(values, dtype=column.type.dtype, name=column.name)
    frame, table = pd.DataFrame({column.name: series}), Table("t", (column,))
    ledger = Ledger(Guarantee(1e3, 1e-5))
    domain = build_domain(frame, table, PublicTable({column.name: public}), ledger, 50.0)
    return domain, frame


def test_few_whole_numbers_are_a_cell_each():
    column = TABLE["age"]
    domain, frame = cells(column, PublicColumn("age", 17.0, 90.0), [17, 40, 90, 12, 120])
    assert domain.sizes == (74,)
    codes = domain.encode(frame)[:, 0]
    assert codes.tolist() == [0, 23, 73, 0, 73]
    back = domain.decode(codes[:, None], np.random.default_rng(1))["age"]
    assert back.tolist() == [17, 40, 90, 17, 90]


def test_a_wide_range_has_a_cell_for_each_of_its_ends():
    column = Column("gain", ColumnType.INTEGER)
    domain, frame = cells(column, PublicColumn("gain", 0.0, 99_999.0), [0, 1, 99_999])
    codes = domain.encode(frame)[:, 0]
    assert domain.sizes == (302,)
    assert codes.tolist() == [0, 1, 301]
    drawn = domain.decode(np.repeat(codes, 200)[:, None], np.random.default_rng(1))["gain"]
    assert (drawn[:200] == 0).all()
    assert drawn[200:400].between(1, 334).all()
    assert (drawn[400:] == 99_999).all()


def test_decimals_stay_in_their_cell():
    column = TABLE["price"]
    domain, frame = cells(
        column, PublicColumn("price", 0.0, 1.0, 0.1, missing=True), [0.1, 0.3, 0.7, 1.0, None]
    )
    codes = domain.encode(frame)
    back = domain.decode(codes, np.random.default_rng(1))
    pd.testing.assert_frame_equal(back, frame)


def test_numbers_can_have_a_code_list():
    column = Column("code", ColumnType.INTEGER)
    domain, frame = cells(column, PublicColumn("code", values=("7", "40")), [7, 40, 7])
    back = domain.decode(domain.encode(frame), np.random.default_rng(1))
    pd.testing.assert_frame_equal(back, frame)
    assert domain.from_dict(domain.to_dict()).encode(frame).tolist() == [[0], [1], [0]]


def test_truth_values_are_declared_in_any_case():
    column = Column("new", ColumnType.BOOLEAN)
    domain, frame = cells(column, PublicColumn("new", values=("true", "false")), [True, False])
    assert domain.encode(frame).tolist() == [[1], [0]]


def test_the_schema_of_census_can_be_used():
    from pathlib import Path

    path = Path(__file__).parents[2] / "bench" / "schemas" / "census.yaml"
    public = read_public(path)
    assert len(public.columns) == 15
    assert "Trinadad&Tobago" in public.columns["native_country"].values
    assert public.columns["income"].values == ("<=50K", ">50K")


def test_a_column_declared_twice_is_refused(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("columns:\n  a: {values: [x]}\n  a: {values: [x, y]}\n")
    with pytest.raises(InvalidInput, match="there twice"):
        read_public(path)
