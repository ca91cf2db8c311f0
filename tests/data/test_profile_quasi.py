import pandas as pd
import pytest

from core.data.duck import duck
from core.data.profile import Source, exposure, exposures
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput, NotFound

ROWS = [
    ("f", "10115", 1970, "flu"),
    ("f", "10115", 1970, "flu"),
    ("f", "10115", 1971, "flu"),
    ("m", "10115", 1970, "flu"),
    ("m", "20095", 1970, "gout"),
    ("m", None, 1970, "flu"),
]
NAMES = ("sex", "plz", "born", "ill")
TABLE = Table("t", tuple(Column(name, ColumnType.CATEGORY) for name in NAMES))


@pytest.fixture
def source():
    with duck() as cursor:
        cursor.register("people", pd.DataFrame(ROWS, columns=["c0", "c1", "c2", "c3"]))
        yield Source(cursor, "people", len(ROWS))


def test_one_column_and_two_by_hand(source):
    one = exposure(source, TABLE, ["sex"])
    assert (one.classes, one.k, one.unique, one.few) == (2, 3, 0, 6)
    two = exposure(source, TABLE, ["sex", "plz"])
    assert (two.classes, two.k, two.unique, two.few) == (4, 1, 3, 6)
    assert two.unique_share == 0.5


def test_what_a_class_tells_of_a_sensitive_column(source):
    told = exposure(source, TABLE, ["sex"], "ill")
    assert (told.l_diversity, told.told) == (1, 3)
    assert exposure(source, TABLE, ["born"], "ill").told == 1
    assert exposure(source, TABLE, ["sex"]).l_diversity is None


def test_the_worst_combinations_come_first(source):
    found = exposures(source, TABLE, ["sex", "plz", "born"])
    assert len(found) == 7
    assert found[0].columns == ("sex", "plz", "born")
    assert [one.unique for one in found] == sorted((one.unique for one in found), reverse=True)


@pytest.mark.parametrize("columns", [[], list("abcde"), ["ill"]])
def test_too_few_too_many_or_the_sensitive_one(source, columns):
    with pytest.raises(InvalidInput, match="one to 4 different columns"):
        exposure(source, TABLE, columns, "ill")


def test_an_unknown_column(source):
    with pytest.raises(NotFound, match="no column 'x'"):
        exposure(source, TABLE, ["x"])


def test_an_empty_table():
    with duck() as cursor:
        cursor.register("none", pd.DataFrame({"c0": pd.Series([], dtype="str")}))
        found = exposure(Source(cursor, "none", 0), TABLE, ["sex"])
    assert (found.k, found.unique, found.unique_share) == (0, 0, 0.0)
