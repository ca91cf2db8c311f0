"""A pair of columns counted together, on tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from core.data.duck import duck
from core.data.frames import canonical
from core.data.profile import Source, pair, profile_relation
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput

T = ColumnType


def paired(left: str, right: str, *, person: str = "", **columns: tuple[ColumnType, list]):
    table = Table("t", tuple(Column(name, kind) for name, (kind, _) in columns.items()))
    frame = pd.DataFrame({name: pd.Series(v, dtype="object") for name, (_, v) in columns.items()})
    frame = canonical(frame, table).set_axis([f"c{i}" for i in range(len(columns))], axis=1)
    with duck() as cursor:
        cursor.register("cells_of_t", frame)
        profile = profile_relation(cursor, "cells_of_t", table)
        cell = f"c{table.names.index(person)}" if person else ""
        source = Source(cursor, "cells_of_t", len(frame), cell)
        return pair(source, table, profile, left, right)


def test_two_categories_are_counted_and_small_cells_are_withheld():
    found = paired(
        "a",
        "b",
        a=(T.CATEGORY, ["x"] * 10 + ["y"] * 8 + ["rare"] * 2),
        b=(T.BOOLEAN, [True] * 10 + [False] * 7 + [True] + [None, True]),
    )
    assert found.measure == "Cramér's V"
    assert found.rows == 19
    assert (found.grid.rows, found.grid.columns) == (
        ("x", "y", "(all others)"),
        ("true", "false", "(all others)"),
    )
    assert found.grid.counts == ((10, 0, 0), (0, 7, 0), (0, 0, 0))
    assert found.grid.withheld == 2


def test_two_numbers_are_counted_by_bins_and_have_signed_coefficients():
    found = paired(
        "a",
        "b",
        a=(T.INTEGER, [1, 2, 3] * 10),
        b=(T.INTEGER, [30, 20, 10] * 10),
    )
    assert (found.measure, found.strength, found.pearson) == ("Pearson's correlation", 1.0, -1.0)
    assert found.grid.rows == ("1", "2", "3")
    counts = np.asarray(found.grid.counts)
    assert counts.sum() == 30
    firsts = [found.grid.columns[i].split()[0] for i in counts.argmax(axis=1)]
    assert firsts == ["30", "20", "10"]


def test_bins_hold_the_ends_and_values_near_the_end_of_float64():
    values = [-1e308, 1e308, *np.linspace(-1, 1, 98).tolist()]
    found = paired("a", "b", a=(T.NUMBER, values), b=(T.NUMBER, list(range(100))))
    assert found.rows == 100
    assert sum(map(sum, found.grid.counts)) + found.grid.withheld <= 100


def test_a_number_by_category_gives_boxes_and_pools_small_categories():
    found = paired(
        "size",
        "kind",
        size=(T.NUMBER, [*range(1, 42), *range(101, 142), *[500.0] * 19, *[900.0] * 3]),
        kind=(T.CATEGORY, ["a"] * 41 + ["b"] * 41 + ["few"] * 19 + ["one"] * 3),
    )
    assert (found.measure, found.number) == ("Correlation ratio", "size")
    first, second, others = found.boxes
    assert (first.label, first.rows, first.points) == ("a", 41, (3, 11, 21, 31, 39))
    assert second.points[2] == 121
    assert (others.label, others.rows, others.points[2]) == ("(all others)", 22, 500)


def test_cells_and_categories_are_of_enough_people_and_not_of_enough_rows():
    """Five rows of one person are one person; rows of nobody known are one person together."""
    columns = {
        "a": (T.CATEGORY, ["x"] * 30 + ["alone"] * 6 + ["nobody"] * 6),
        "b": (T.CATEGORY, ["u"] * 25 + ["v"] * 5 + ["u"] * 12),
        "who": (T.INTEGER, [*range(25), *[7] * 5, *[3] * 6, *[None] * 6]),
    }
    assert paired("a", "b", **columns).grid.rows == ("x", "alone", "nobody", "(all others)")
    grid = paired("a", "b", person="who", **columns).grid
    assert (grid.rows, grid.columns) == (("x", "(all others)"), ("u", "(all others)"))
    assert grid.counts == ((25, 0), (0, 0))
    assert grid.withheld == 17


def test_the_ends_of_a_box_are_no_values_of_rows():
    """Of 21 rows the quantile at 5 % would be the second smallest."""
    size = [float(2**i) for i in range(21)]
    kinds = (T.CATEGORY, ["a"] * 21 + ["b"] * 2)
    (box,) = paired("size", "kind", size=(T.NUMBER, [*size, 0.1, 0.2]), kind=kinds).boxes
    ends = [sum(size[:5]) / 5, sum(size[3:8]) / 5, sum(size[8:13]) / 5]
    assert box.points[:3] == pytest.approx(ends)
    assert box.points[4] == pytest.approx(sum(size[16:]) / 5)
    assert not set(box.points) & set(size)


def test_a_box_is_of_enough_people_at_each_of_its_points():
    size = [*range(100, 120), *[1000] * 15, *[5000] * 30]
    who = [*range(20), *[99] * 15, *range(15), *range(15)]
    columns = {
        "size": (T.INTEGER, size),
        "kind": (T.CATEGORY, ["a"] * 35 + ["b"] * 30),
        "who": (T.INTEGER, who),
    }
    assert paired("size", "kind", **columns).boxes[0].points[-1] == 1000
    (box,) = paired("size", "kind", person="who", **columns).boxes
    assert (box.label, box.rows) == ("a", 35)
    assert 119 < box.points[-1] < 1000
    assert list(box.points) == sorted(box.points)


def test_values_at_the_end_of_float64_have_boxes():
    size = [1.7e308] * 20 + [-1.7e308] * 20
    kinds = ["a", "b"] * 20
    found = paired("size", "kind", size=(T.NUMBER, size), kind=(T.CATEGORY, kinds))
    assert np.isfinite([box.points for box in found.boxes]).all()


def test_dates_are_labelled_by_the_first_and_last_day_of_a_bin():
    days = list(pd.date_range("2024-01-01", periods=10)) * 6
    found = paired("d", "n", d=(T.DATE, days), n=(T.INTEGER, list(range(10)) * 6))
    assert found.grid.rows[0] == "2024-01-01"
    assert found.grid.rows[-1] == "2024-01-10"


@pytest.mark.parametrize(("left", "right"), [("a", "a"), ("a", "note"), ("a", "unknown")])
def test_what_is_no_pair_is_refused(left, right):
    with pytest.raises(InvalidInput, match="two different columns"):
        paired(
            left,
            right,
            a=(T.INTEGER, list(range(30))),
            note=(T.TEXT, [f"t{i}" for i in range(30)]),
        )
