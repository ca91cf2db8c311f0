"""The heat map of a profile, what a click on it does, and the pair that it opens."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from app.components import profile_pairs
from app.components.charts import clickable, heatmap
from app.components.pair_charts import pair_words, ticks
from app.components.profile_pairs import drawn_columns, follow_click, strongest_pairs
from core.data.profile import Pair
from core.governance.policy import UserRole
from tests.app.harness import House, texts


def matrix_of(size: int) -> pd.DataFrame:
    names = [f"col{i}" for i in range(size)]
    values = np.eye(size)
    values[0, -1] = values[-1, 0] = 0.9
    return pd.DataFrame(values, index=names, columns=names)


@pytest.fixture(scope="module")
def dataset(house: House):
    return house.sample(house.studio.datasets.samples()[0].key)


def test_the_strongest_pair_is_open_at_first_and_its_measure_is_named(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id, tab="What goes together")
    assert not app.exception
    first, second = app.selectbox(key="pair_first"), app.selectbox(key="pair_second")
    assert first.value != second.value
    said = texts(app)
    assert any(name in said for name in ("correlation", "Correlation ratio", "Cramér's V"))
    assert "rows have both values" in said


def test_another_pair_can_be_chosen_without_a_mouse(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id, tab="What goes together")
    other = next(o for o in app.selectbox(key="pair_first").options if o == "gender")
    app.selectbox(key="pair_first").select(other).run()
    assert not app.exception
    assert app.query_params["first"] in ("gender", ["gender"])
    assert app.selectbox(key="pair_second").value != "gender"


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([{"point_index": 5}], {"first": "b", "second": "c"}),
        ([{"point_index": 4}], {}),
        ([{"point_index": 99}], {}),
        ([], {}),
    ],
)
def test_a_click_puts_the_pair_into_the_address(monkeypatch, points, expected):
    state = {"map": SimpleNamespace(selection=SimpleNamespace(points=points))}
    address: dict[str, str] = {}
    fake = SimpleNamespace(session_state=state, query_params=address)
    monkeypatch.setattr(profile_pairs, "st", fake)
    follow_click(["a", "b", "c"], "map")
    assert address == expected
    assert st.session_state is not state


@pytest.mark.parametrize("size", [2, 40, 60])
def test_wide_tables_draw_the_columns_of_the_strongest_pairs(size):
    matrix = matrix_of(size)
    pairs = strongest_pairs(matrix)
    assert tuple(pairs.loc[0]) == ("col0", f"col{size - 1}", 0.9)
    drawn = drawn_columns(matrix, pairs)
    assert len(drawn) == min(size, 40)
    assert {"col0", f"col{size - 1}"} <= set(drawn)


def test_each_cell_has_a_mark_in_the_order_that_a_click_is_read_by():
    matrix = matrix_of(3)
    figure = clickable(heatmap(matrix, low=0, high=1), matrix, (0, 2))
    marks = figure.data[1]
    assert [(marks.y[i], marks.x[i]) for i in (0, 5)] == [("col0", "col0"), ("col1", "col2")]
    assert len(marks.x) == 9
    assert len(figure.layout.shapes) == 2


def test_a_measure_that_could_not_be_taken_says_so():
    pair = Pair("a", "b", 4, "Cramér's V", None, None, None, 4)
    assert "not measured" in pair_words(pair)
    whole = Pair("a", "b", 9, "Pearson's correlation", 0.5, -0.5, -0.25, 4)
    said = pair_words(whole)
    assert "**-0.50**" in said
    assert "measured on 4 rows" in said


def test_places_of_an_axis_are_short():
    short = ticks(["1.5 – 2.5", "a category with a very long name"])
    assert short["ticktext"] == ["1.5", "a category with …"]
