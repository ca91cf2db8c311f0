"""What was asked of a run and what came of it, as its result says it."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.components.asked import (
    error_text,
    fairness_frame,
    filled_frame,
    filled_words,
    method_words,
    number_or_reason,
)
from core.data.schema import ColumnType
from core.studio.values import Purpose, RunSpec, RunState
from core.synthesis.asks import Ask, Equals, Fairness
from tests.app.fake_studio import FakeRuns, FakeStudio, installed, people, run
from tests.app.harness import texts

BUILT = {
    "method": "construction",
    "acceptance": 1.0,
    "drawn": 0,
    "matching_training_rows": 1840,
    "rules": [],
    "columns": ["sex"],
}
RULE = {
    "rule": "a <= b",
    "how": "rejection",
    "kept_in_training": 0.99,
    "kept_as_drawn": 0.9,
    "repaired_rows": 0,
    "kept": 1.0,
}
SIDES = {"real": 0.2, "plain": 0.19, "fair": 0.02}
FAIR = {
    "degree": 1.0,
    "sensitive": "sex",
    "target": "outcome",
    "columns": [
        {"column": "age", "demographic_parity_difference": dict.fromkeys(SIDES, 0.01)},
        {"column": "outcome", "demographic_parity_difference": SIDES},
    ],
    "pairwise_similarity": {"plain": 0.97, "fair": 0.951, "lost": 0.019},
}
FILLED = {
    "copies": 3,
    "schema": people().schema.to_dict(),
    "cells": {"people": {"income": 1200, "sex": 4}},
    "left": {"people": {"note": "it is free text"}},
    "quality": {
        "people": [
            {"column": "income", "kind": "number", "filled": 1200.5, "baseline": 2401, "gain": 0.5},
            {
                "column": "sex",
                "kind": "label",
                "filled": {"reason": "Too few cells."},
                "baseline": {"reason": "Too few cells."},
                "gain": {"reason": "Too few cells."},
            },
        ]
    },
}


def show(spec: RunSpec, **result) -> AppTest:
    """Show what was asked of a run with this result."""

    def script(made):
        from app.components.asked import show_asked

        show_asked(made)

    rows = {"rows": {"people": 10}}
    made = run("r1", RunState.DONE, spec=spec, result={**rows, **result})
    app = AppTest.from_function(script, args=(made,)).run()
    assert not app.exception
    return app


def test_an_ordinary_run_shows_nothing():
    assert texts(show(RunSpec())) == ""


def test_rows_made_as_asked_say_what_they_rest_on():
    said = texts(show(RunSpec(ask=Ask((Equals("sex", "F"),))), asked=BUILT))
    assert "Only rows with `sex` = `F`." in said
    assert "none was thrown away. 1,840 training rows are like that." in said
    assert "rests on little" not in said


def test_few_matching_rows_and_a_low_acceptance_are_said():
    asked = {**BUILT, "method": "rejection", "acceptance": 0.012, "drawn": 90_000}
    spec = RunSpec(ask=Ask((Equals("sex", "F"),)))
    said = texts(show(spec, asked=asked | {"matching_training_rows": 12}))
    assert "1.2 % of 90,000 drawn rows did. 12 training rows" in said
    assert "rests on little" in said
    assert "A new fit with the same conditions" in said
    assert "training row" not in texts(show(spec, asked=asked | {"matching_training_rows": None}))


def test_rules_say_how_they_were_kept():
    app = show(RunSpec(rules={"people": ("a <= b",)}), asked={**BUILT, "rules": [RULE]})
    frame = app.dataframe[0].value
    assert list(frame["How it is kept"]) == ["redrawn"]
    assert list(frame["Kept in the result"]) == [1.0]


def test_fairness_shows_its_gain_and_its_cost():
    app = show(RunSpec(fairness=Fairness("sex", "outcome")), asked={**BUILT, "fairness": FAIR})
    said = texts(app)
    assert "0.970 without fairness, 0.951 with it" in said
    frame = app.dataframe[0].value
    assert list(frame["Column"]) == ["outcome", "age"]
    assert frame["With fairness"].iloc[0] == 0.02


def test_filling_shows_cells_quality_and_what_was_left():
    app = show(RunSpec(purpose=Purpose.IMPUTE, copies=3), filled=FILLED)
    said = texts(app)
    assert "1,204 missing cells in 2 columns filled, 3 times over." in said
    assert "`note`: it is free text" in said
    frame = filled_frame(FILLED)
    assert list(frame["Cells filled"]) == [1200, 4]
    assert list(frame["How well"]) == ["1,200", "not measured: Too few cells."]
    assert list(frame["Error taken away"]) == ["50%", "not measured: Too few cells."]


def test_words_of_single_things():
    assert "Every row was made as asked" in method_words(BUILT)
    one = {"copies": 1, "cells": {"a": {"b": 1}}}
    assert filled_words(one) == "1 missing cell in 1 column filled."
    assert filled_frame(one)["How well"].iloc[0] == "–"
    assert fairness_frame({"columns": []}).empty


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (12_345.6, ColumnType.NUMBER, "12,346"),
        (0.123456, ColumnType.NUMBER, "0.1235"),
        (3.25, ColumnType.DATE, "3.2 days"),
        (9.6e6, ColumnType.DATETIME, "111.1 days"),
        (90, ColumnType.TIME, "1.5 minutes"),
        (0.756, ColumnType.CATEGORY, "75.6% right"),
        (0.5, ColumnType.BOOLEAN, "50.0% right"),
        (None, ColumnType.NUMBER, "–"),
    ],
)
def test_errors_have_units_that_people_know(value, kind, text):
    assert error_text(value, kind) == text


def test_little_influence_is_said():
    none = {"column": "age", "demographic_parity_difference": dict.fromkeys(SIDES, 0.01)}
    spec = RunSpec(fairness=Fairness("sex"))
    said = texts(show(spec, asked={**BUILT, "fairness": {**FAIR, "columns": [none]}}))
    assert "hardly any influence" in said
    said = texts(show(spec, asked={**BUILT, "fairness": FAIR}))
    assert "hardly any influence" not in said


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.500"), (None, "–"), ({"reason": "why."}, "not measured: why."), (2, "2.000")],
)
def test_figures_that_were_not_taken_say_why(value, text):
    assert number_or_reason(value) == text


def filling_run(**changes):
    spec = RunSpec(purpose=Purpose.IMPUTE, copies=2)
    result = {"rows": {"people": 10}, "filled": {**FILLED, "copies": 2}}
    return run("r1", RunState.DONE, spec=spec, result=result, **changes)


def test_filled_tables_are_taken_from_the_jobs_page():
    with installed(FakeStudio(runs=FakeRuns(known=[filling_run()]))) as studio:
        app = studio.app("jobs")
        assert not app.exception
        addresses = {link.proto.url for link in app.get("link_button")}
        keys = {button.key for button in app.button}
    assert "/api/runs/r1/filled?format=csv&copy=2" in addresses
    assert len(addresses) == 8
    assert not {"result_r1", "again_r1", "retry_r1"} & keys
    assert "clone_r1" in keys


def test_the_jobs_page_says_what_was_asked():
    made = run("r1", RunState.DONE, spec=RunSpec(ask=Ask((Equals("sex", "F"),))))
    asked = {**made.result, "asked": BUILT}
    runs = FakeRuns(known=[run("r2", RunState.DONE), replace(made, result=asked)])
    with installed(FakeStudio(runs=runs)) as studio:
        said = texts(studio.app("jobs"))
    assert said.count("Only rows with `sex` = `F`.") == 1
