"""Steps as a whole: told from the schema, written down, refused, and turned back."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.pipeline import (
    STEPS,
    FittedPipeline,
    Step,
    fit_pipeline,
    in_words,
    make_step,
    prepared_schema,
    private_problems,
    public_steps,
    steps_from_dict,
    steps_from_yaml,
    steps_problems,
    steps_to_dict,
    steps_to_yaml,
)
from core.data.schema import Action, Coarser, Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput, InvalidParameter

T = ColumnType
PEOPLE = Table(
    "people",
    (
        Column("id", T.INTEGER),
        Column("city", T.CATEGORY),
        Column("pay", T.TEXT),
        Column("age", T.INTEGER),
        Column("score", T.NUMBER),
        Column("born", T.DATE),
    ),
    "id",
)
VISITS = Table("visits", (Column("person", T.INTEGER), Column("at", T.DATETIME)))
SCHEMA = Schema((PEOPLE, VISITS), (Relationship("people", "id", "visits", "person"),))
ONE = Schema((PEOPLE,))

STRATEGIES = {
    "trim": {"inner": st.booleans(), "case": st.sampled_from(["keep", "lower", "upper", "title"])},
    "markers": {"words": st.lists(st.sampled_from(["", "a", "-", "Oslo"]), min_size=1)},
    "merge_rare": {"people": st.integers(2, 6), "few": st.sampled_from(["missing", "join"])},
    "frequent": {"most": st.integers(1, 4), "people": st.integers(2, 4), "made_up": st.booleans()},
    "parse_numbers": {"whole": st.booleans(), "original": st.booleans()},
    "convert": {"to": st.sampled_from(["integer", "number", "text"]), "original": st.booleans()},
    "fill": {"how": st.sampled_from(["usual"]), "again": st.booleans()},
    "drop_missing": {},
}
CELLS = st.none() | st.sampled_from(["Oslo", " Oslo", "Rome", "7", "7.5", "-", "a", "  "])


@st.composite
def text_steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """Steps on a column of labels that fit each other."""
    kinds = draw(st.lists(st.sampled_from(sorted(STRATEGIES)), max_size=4))
    steps = []
    for kind in kinds:
        values = {name: draw(strategy) for name, strategy in STRATEGIES[kind].items()}
        steps.append(make_step(kind, {"column": "x", **values}))
    schema = Schema((Table("t", (Column("x", T.CATEGORY),)),))
    while steps_problems({"t": tuple(steps)}, schema):
        steps.pop()
    return tuple(steps)


@settings(max_examples=50)
@given(text_steps(), st.lists(CELLS, min_size=1, max_size=30))
def test_rows_go_through_and_come_back_with_the_types_that_the_steps_say(
    steps: tuple[Step, ...], cells: list[Any]
) -> None:
    schema = Schema((Table("t", (Column("x", T.CATEGORY),)),))
    frame = pd.DataFrame({"x": pd.array(cells, dtype="string[pyarrow]")})
    own = {"t": steps} if steps else {}
    pipeline, made, changes = fit_pipeline(own, schema, {"t": frame})
    prepared = prepared_schema(own, schema)["t"]
    assert made["t"]["x"].dtype == prepared["x"].type.dtype
    back = pipeline.restore(made["t"], prepared, np.random.default_rng(1))
    restored = pipeline.restored(pipeline.prepared)["t"]
    assert len(back) == len(made["t"])
    assert back["x"].dtype == restored["x"].type.dtype
    if not steps:
        pd.testing.assert_frame_equal(back, frame)
    assert len(changes) == len(steps)
    again = FittedPipeline.from_dict(json.loads(json.dumps(pipeline.to_dict())))
    assert json.dumps(again.to_dict()) == json.dumps(pipeline.to_dict())
    pd.testing.assert_frame_equal(again.apply({"t": frame})["t"], made["t"])


@given(
    st.lists(st.none() | st.integers(-(10**15), 10**15), min_size=1, max_size=40), st.integers(2, 9)
)
def test_no_coded_value_is_beyond_what_enough_people_reach(values: list[Any], people: int) -> None:
    schema = Schema((Table("t", (Column("x", T.INTEGER),)),))
    frame = pd.DataFrame({"x": pd.array(values, dtype="Int64")})
    step = make_step("protect_extremes", {"column": "x", "people": people})
    _, made, _ = fit_pipeline({"t": (step,)}, schema, {"t": frame})
    coded = made["t"]["x"].dropna()
    real = [value for value in values if value is not None]
    if len(real) < people:
        assert coded.empty
        return
    assert (coded == coded.max()).sum() >= people
    assert (coded == coded.min()).sum() >= people
    same = frame["x"].notna() & (frame["x"] > coded.min()) & (frame["x"] < coded.max())
    assert (made["t"]["x"][same] == frame["x"][same]).all()


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=60), st.integers(2, 6))
def test_every_label_left_has_enough_people(labels: list[str], people: int) -> None:
    schema = Schema((Table("t", (Column("x", T.CATEGORY),)),))
    frame = pd.DataFrame({"x": pd.array(labels, dtype="string[pyarrow]")})
    for few in ("missing", "join"):
        step = make_step("merge_rare", {"column": "x", "people": people, "few": few})
        _, made, _ = fit_pipeline({"t": (step,)}, schema, {"t": frame})
        counts = made["t"]["x"].value_counts()
        assert (counts >= people).all()
        assert made["t"]["x"].isna().sum() < people


def test_steps_survive_json_and_yaml() -> None:
    steps = {"people": tuple(make_step(kind, {"column": "city"}) for kind in STEPS)}
    assert steps_from_dict(json.loads(json.dumps(steps_to_dict(steps)))) == steps
    assert steps_from_yaml(steps_to_yaml(steps)) == steps
    assert steps_to_dict({"people": ()}) == {}


def test_every_kind_says_what_it_does_and_what_comes_back() -> None:
    for kind, step in STEPS.items():
        assert step.kind == kind
        assert step.title
        assert step.about
        assert step.inverse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables: 3", "list of steps"),
        ("steps: {}", "must have `tables`"),
        ("tables: {t: [{step: nothing, column: x}]}", "no step 'nothing'"),
        ("tables: {t: [{column: x}]}", "must have `step`"),
        ("tables: {t: [{step: merge_rare, column: x, people: 1}]}", "at least 2"),
        ("tables: {t: [{step: trim, column: x, size: 1}]}", "not a parameter"),
        ("tables: {t: [{step: markers, column: x, words: [-, 1]}]}", "in quotes"),
        ("tables: {t: trim}", "give a list"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        steps_from_yaml(text)


def test_all_problems_of_a_file_are_said_at_once() -> None:
    text = "tables: {t: [{step: a}, {step: fill, how: best}]}"
    with pytest.raises(InvalidInput) as error:
        steps_from_yaml(text)
    assert len(error.value.problems) == 2


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"step": "trim", "column": "age"}, "of type integer, which it does not take"),
        ({"step": "trim", "column": "name"}, "no column 'name'"),
        ({"step": "fill", "column": "id", "value": "1"}, "'id' is a key"),
        ({"step": "fill", "column": "age", "value": "old"}, "must be a whole number"),
        ({"step": "fill", "column": "city", "how": "mean"}, "has no mean"),
        ({"step": "clip", "column": "age"}, "a lower or an upper bound"),
        ({"step": "clip", "column": "age", "low": "9", "high": "1"}, "above the upper"),
        ({"step": "clip", "column": "born", "low": "yesterday"}, "a date such as"),
        ({"step": "convert", "column": "born", "to": "number"}, "can become datetime"),
        ({"step": "markers", "column": "city"}, "at least one marker"),
        ({"step": "markers", "column": "age", "words": ["n/a"]}, "must be a whole number"),
        ({"step": "parse_dates", "column": "pay"}, "from 1 to 20 patterns"),
        ({"step": "parse_numbers", "column": "pay", "point": ",", "thousands": ","}, "must differ"),
        ({"step": "merge_rare", "column": "city", "person": "who"}, "no column 'who'"),
        ({"step": "interpolate", "column": "age", "order": "city"}, "must be a number"),
        ({"step": "drop_missing", "column": "age"}, "rows of other tables point to these"),
    ],
)
def test_steps_that_do_not_fit_the_table(step: dict[str, Any], said: str) -> None:
    values = {name: value for name, value in step.items() if name != "step"}
    (problem,) = steps_problems({"people": (make_step(step["step"], values),)}, SCHEMA)
    assert said in problem


def test_steps_that_do_not_fit_each_other() -> None:
    merge = make_step("merge_rare", {"column": "age"})
    back, stay = ({"column": "age", "to": "category", "original": o} for o in (True, False))
    assert "none of" in steps_problems({"people": (make_step("convert", back), merge)}, ONE)[0]
    assert not steps_problems({"people": (make_step("convert", stay), merge)}, ONE)
    number = make_step("parse_numbers", {"column": "pay", "original": True})
    label = make_step("convert", {"column": "pay", "to": "category", "original": False})
    assert "another type" in steps_problems({"people": (number, label)}, ONE)[0]
    assert steps_problems({"nowhere": ()}, ONE) == ["There is no table 'nowhere' to prepare."]


def test_an_unknown_kind_or_parameter_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="Known are"):
        make_step("magic", {})
    with pytest.raises(InvalidParameter, match="`people`"):
        make_step("merge_rare", {"column": "x", "people": 0})


LOOKING = {
    "fill": {"how": "mean"},
    "drop_missing": {},
    "interpolate": {},
    "merge_rare": {},
    "frequent": {},
    "protect_extremes": {},
}


@pytest.mark.parametrize("kind", sorted(STEPS))
def test_a_formal_guarantee_has_no_step_that_looks_at_rows(kind: str) -> None:
    step = make_step(kind, {"column": "x", **LOOKING.get(kind, {})})
    assert bool(private_problems({"t": (step,)})) == (kind in LOOKING)
    assert bool(public_steps({"t": (step,)})) == (kind not in LOOKING)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("fill", {"value": "1", "again": True}),
        ("parse_numbers", {"misfits": "refuse"}),
        ("parse_dates", {"misfits": "refuse"}),
        ("convert", {"misfits": "refuse"}),
    ],
)
def test_parameters_that_tell_of_rows_are_refused_too(kind: str, values: dict[str, Any]) -> None:
    assert private_problems({"t": (make_step(kind, {"column": "x", **values}),)})


def test_fitting_with_a_guarantee_refuses_and_counts_nothing() -> None:
    schema = Schema((Table("t", (Column("x", T.INTEGER),)),))
    frame = pd.DataFrame({"x": pd.array([1, None], dtype="Int64")})
    with pytest.raises(InvalidInput, match=r"beside the budget: fill of t\.x"):
        fit_pipeline({"t": (make_step("fill", {"column": "x", "how": "mean"}),)}, schema,
                     {"t": frame}, private=True)  # fmt: skip
    step = make_step("fill", {"column": "x", "value": "7"})
    pipeline, made, changes = fit_pipeline({"t": (step,)}, schema, {"t": frame}, private=True)
    assert made["t"]["x"].tolist() == [1, 7]
    assert changes == ()
    assert pipeline.is_public


def test_dropped_columns_are_not_missed_on_the_way_back() -> None:
    step = make_step("merge_rare", {"column": "city"})
    pipeline = FittedPipeline(
        ONE, {"people": (step,)}, {"people": ({"kept": ["Oslo"], "few": False},)}
    )
    output = pipeline.prepared["people"].select(("age",))
    frame = pd.DataFrame({"age": pd.array([3], dtype="Int64")})
    assert pipeline.restore(frame, output, np.random.default_rng(1))["age"].tolist() == [3]


def test_a_pipeline_that_was_cut_short_is_refused() -> None:
    data = FittedPipeline(ONE, {"people": (make_step("trim", {"column": "city"}),)}, {}).to_dict()
    with pytest.raises(InvalidInput, match="differ"):
        FittedPipeline.from_dict(data)


def test_words_name_tables_and_columns_and_no_value() -> None:
    steps = {"people": (make_step("markers", {"column": "city", "words": ["secret"]}),
                        make_step("markers", {"column": "pay", "words": ["secret"]}))}  # fmt: skip
    assert in_words(steps) == ["people: unify missing markers (city, pay)"]


@pytest.mark.parametrize("action", [Action.MASK, Action.REPLACE, Action.DROP])
def test_no_step_keeps_values_of_a_column_that_is_not_learned(action: Action) -> None:
    table = Table("t", (Column("x", T.INTEGER, action=action), Column("y", T.CATEGORY)))
    schema = Schema((table.with_column(Column("y", T.CATEGORY, action=action)),))
    keeping = [
        make_step("protect_extremes", {"column": "x"}),
        make_step("fill", {"column": "x", "how": "median"}),
        make_step("fill", {"column": "y", "how": "usual"}),
        make_step("merge_rare", {"column": "y"}),
        make_step("frequent", {"column": "y"}),
    ]
    for step in keeping:
        (problem,) = steps_problems({"t": (step,)}, schema)
        assert "would keep real values" in problem
    harmless = (
        make_step("clip", {"column": "x", "high": "9"}),
        make_step("fill", {"column": "x", "value": "0"}),
        make_step("trim", {"column": "y"}),
    )
    assert steps_problems({"t": harmless}, schema) == []


def test_bounds_of_a_generalised_column_are_as_coarse_as_its_values() -> None:
    born = Column("born", T.DATE, action=Action.GENERALISE, coarser=Coarser("year"))
    schema = Schema((Table("t", (born,)),))
    days = pd.date_range("1930-02-03", periods=40, freq="300D").as_unit("us")
    step = make_step("protect_extremes", {"column": "born"})
    pipeline, _, _ = fit_pipeline({"t": (step,)}, schema, {"t": pd.DataFrame({"born": days})})
    (learned,) = pipeline.learned["t"]
    firsts = pd.to_datetime([learned["low"], learned["high"]], unit="D")
    assert [(d.month, d.day) for d in firsts] == [(1, 1), (1, 1)]
    assert [d.year for d in firsts] == [days[4].year, days[-5].year]
    coarse = pd.DataFrame(
        {"born": pd.Series(pd.to_datetime(["1933-01-01"])).astype(born.type.dtype)}
    )
    back = pipeline.restore(coarse, schema["t"], np.random.default_rng(1))
    assert back["born"].tolist() == [pd.Timestamp("1933-01-01")]


def test_a_generalised_column_cannot_become_what_it_cannot_be_generalised_as() -> None:
    age = Column("age", T.INTEGER, action=Action.GENERALISE, coarser=Coarser("band", 10))
    schema = Schema((Table("t", (age,)),))
    step = make_step("convert", {"column": "age", "to": "category"})
    (problem,) = steps_problems({"t": (step,)}, schema)
    assert "not 'band'" in problem
