"""The compare page: which runs are compared, what is marked, and what the address keeps."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from app.components.compare import compared_frame, marked, plane_frame, run_names, span
from core.governance.policy import UserRole
from core.studio.comparison import (
    ComparedMeasure,
    ComparedParameter,
    ComparedRun,
    Comparison,
    TradeOff,
)
from core.studio.values import RunState
from tests.app.fake_studio import NOW, FakeRuns, FakeStudio, installed, run
from tests.app.harness import texts
from tests.evaluation.detailed import WHY


def measure(name: str, part: str, values: tuple, winners: tuple, tied: tuple = ()):
    key = "attack" if part == "privacy" else "measure"
    fresh = tuple(0.95 for _ in values)
    return ComparedMeasure(
        key, name, name.capitalize(), "people", part, 1.0, values, fresh, winners, tied
    )


def comparison(ids) -> Comparison:
    """A comparison in which the first run is best, and of the last nothing was measured."""
    runs = tuple(
        ComparedRun(key, "forest", "good", "good", "fair", "unknown", 900, 12.0, "ada", NOW)
        for key in ids
    )
    scores = (0.9, *(0.8 for _ in ids[1:-1]), WHY)
    points = tuple(
        TradeOff(key, "", 0.9, score, score) for key, score in zip(ids, scores, strict=True)
    )
    return Comparison(
        "d1",
        runs,
        (
            measure("columns", "fidelity", scores, (0,), (1,)),
            measure("tstr", "utility", scores, (0,)),
            measure("membership", "privacy", scores, ()),
        ),
        (
            ComparedParameter("engine", tuple("forest" for _ in ids)),
            ComparedParameter("leaf", tuple(str(n) for n in range(len(ids)))),
        ),
        (*points, TradeOff("", "Fresh real rows", 0.99, 0.96, WHY)),
        ("The runs were judged against different holdouts.",),
    )


@dataclass
class ComparedRuns(FakeRuns):
    """Runs that can be compared."""

    def compare(self, actor, run_ids):
        self._ask("compare", tuple(run_ids))
        return comparison(run_ids)


@pytest.fixture
def studio():
    known = [run(f"r{n}", RunState.DONE, n) for n in range(1, 7)]
    known.append(run("bad", RunState.FAILED, 9))
    with installed(FakeStudio(runs=ComparedRuns(known=known))) as studio:
        studio.releases = SimpleNamespace(
            dataset_names=lambda actor, project_id: {"d1": "Customers", "d2": "Orders"},
            get=lambda actor, key: None,
        )
        yield studio


@pytest.mark.parametrize("role", list(UserRole))
def test_every_role_compares_the_newest_runs(studio, role):
    studio.actor = replace(studio.actor, role=role)
    app = studio.app("compare")
    assert not app.exception
    assert studio.runs.asked == [("compare", ("r1", "r2", "r3"))]
    assert app.query_params["runs"] in ("r1,r2,r3", ["r1,r2,r3"])
    assert "different holdouts" in texts(app)
    assert WHY.reason in texts(app)


def test_the_address_chooses_and_follows(studio):
    app = studio.app("compare", runs="r4,r2,gone,bad")
    assert app.multiselect[0].value == ["r4", "r2"]
    assert "bad" not in app.multiselect[0].options
    app.multiselect[0].set_value(["r2", "r5", "r6"]).run()
    assert app.query_params["runs"] in ("r2,r5,r6", ["r2,r5,r6"])
    assert studio.runs.asked[-1] == ("compare", ("r2", "r5", "r6"))


def test_one_run_is_no_comparison(studio):
    app = studio.app("compare", runs="r1,r2")
    app.multiselect[0].set_value(["r1"]).run()
    assert "at least two" in texts(app)
    app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert "at least two" in texts(app)


def test_runs_are_compared_once_for_a_choice(studio):
    app = studio.app("compare")
    app.toggle(key="compare_all").set_value(True).run()
    assert len(studio.runs.asked) == 1


def test_runs_of_another_dataset_are_chosen_with_it(studio):
    studio.runs.known += [run(f"o{n}", RunState.DONE, n, dataset_id="d2") for n in (1, 2)]
    app = studio.app("compare", runs="o1,o2")
    assert app.selectbox(key="compare_dataset").value == "d2"
    app.selectbox(key="compare_dataset").set_value("d1").run()
    assert app.multiselect[0].value == ["r1", "r2", "r3"]


def test_settings_that_differ_are_shown_and_the_others_on_demand(studio):
    app = studio.app("compare")
    assert app.dataframe[-1].value["Setting"].to_list() == ["Leaf"]
    app.toggle(key="compare_all").set_value(True).run()
    assert app.dataframe[-1].value["Setting"].to_list() == ["Generator", "Leaf"]


def test_runs_and_settings_are_called_by_their_titles(studio):
    app = studio.app("compare")
    assert app.multiselect[0].format_func("r1").startswith("Forest · ")
    assert "**A · Forest**" in texts(app)
    assert "made in 12 s" in texts(app)
    assert run_names(comparison(("r1", "r2")).runs, {}) == ["A · forest", "B · forest"]


def test_with_one_result_there_is_nothing_to_compare(studio):
    studio.runs.known = studio.runs.known[:1]
    assert "Nothing to compare yet" in texts(studio.app("compare"))


def test_it_is_said_whether_a_best_is_marked(studio):
    assert "★ comes nearest" in texts(studio.app("compare"))
    studio.runs.compare = lambda actor, ids: replace(comparison(ids), is_alike=False)
    said = texts(studio.app("compare"))
    assert "No best is marked" in said
    assert "★ comes nearest" not in said


def test_the_best_has_a_sign():
    found = measure("columns", "fidelity", (0.9, 0.89, WHY), (0,), (1,))
    assert [marked(found, place) for place in range(3)] == ["★ 0.900", "≈ 0.890", "not measured"]
    frame = compared_frame([found], ["A", "B", "C"])
    assert frame.loc[0, "Fresh real rows"] == "0.950"
    assert span((0.9, 0.95, WHY)) == "0.900 to 0.950"
    assert span((WHY,)) == "not measured"


def test_runs_are_named_apart_and_missing_points_are_empty():
    found = comparison(["a", "b"])
    assert run_names(found.runs) == ["A · forest", "B · forest"]
    frame = plane_frame(found.points, {"a": "A", "b": "B"})
    assert frame["Run"].to_list() == ["A", "B", "Fresh real rows"]
    assert frame["Utility"].isna().to_list() == [False, True, False]
