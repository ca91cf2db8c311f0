"""Trying several generators: the choice, the table of candidates, and what failed."""

from dataclasses import replace

import pytest

from core.evaluation.measures import NotMeasured
from core.studio.candidates import Tried, ranked
from core.studio.contests import ContestOutcome
from core.studio.values import Contest, Purpose, RunSpec, RunState
from tests.app.fake_studio import FakeStudio, installed, run, start
from tests.app.harness import texts

SPEC = RunSpec(purpose=Purpose.CONTEST, contest=Contest(("forest", "copula", "tvae")))


@pytest.fixture
def studio():
    with installed(FakeStudio()) as studio:
        yield studio


def tried(engine: str, **changes: object) -> Tried:
    made = Tried(engine, 0.9, 0.9, 1.0, "good", "good", 1.0, 0.5, 2.0, 3.0, 100.0, "same")
    return replace(made, **changes)


def outcome(made, **changes: object) -> ContestOutcome:
    order = tuple(ranked([tried("forest"), tried("copula", fidelity=0.5, peak_mb=None)]))
    return ContestOutcome(made, order, {"tvae": "It stopped."}, (), **changes)


def test_several_generators_are_chosen_and_submitted_as_one_run(studio):
    app = studio.app("generate", dataset="d1")
    app.segmented_control(key="generate_d1_0_balanced_mode").set_value(
        "Try several, keep the best"
    ).run()
    assert not app.exception
    assert app.multiselect(key="generate_d1_0_balanced_several").value == ["forest", "copula"]
    assert "fidelity 50%" in texts(app)
    assert "Tries 2 generators one after another" in texts(app)
    assert app.button(key="generate_preview_button").disabled
    assert studio.runs.estimated[-1].contest == Contest(("forest", "copula"))
    spec = start(studio, app)
    assert (spec.purpose, spec.contest.engines) == (Purpose.CONTEST, ("forest", "copula"))
    assert [what[0] for what in studio.runs.asked] == ["contest", "submit"]


def test_one_generator_alone_is_no_choice(studio):
    app = studio.app("generate", dataset="d1")
    app.segmented_control(key="generate_d1_0_balanced_mode").set_value(
        "Try several, keep the best"
    ).run()
    app.multiselect(key="generate_d1_0_balanced_several").set_value(["copula"]).run()
    assert app.button(key="generate_start").disabled
    assert "Choose at least 2 generators" in texts(app)


def test_going_on_with_another_generator_can_be_switched_off(studio):
    app = studio.app("generate", dataset="d1")
    assert app.toggle(key="generate_d1_0_balanced_fallback").value
    assert "Next: Gaussian copula." in texts(app)
    app.toggle(key="generate_d1_0_balanced_fallback").set_value(False).run()
    assert start(studio, app).fallback == ()


def test_all_generators_stand_in_a_table_with_their_cost(studio):
    app = studio.app("generate", dataset="d1")
    app.button(key="generate_d1_0_balanced_overview").click().run()
    frame = next(one.value for one in app.dataframe if "Guarantee" in one.value)
    assert list(frame["Generator"]) == ["Forest", "Gaussian copula", "AIM"]
    assert list(frame["Guarantee"]) == ["none", "none", "formal: ε, δ"]
    assert set(frame["Time"]) == {"1 min 15 s"}
    assert frame["Against it"][1] == "It loses what rows share."


def test_a_contest_under_way_names_each_candidate(studio):
    made = run("r1", RunState.RUNNING, spec=SPEC)
    studio.runs.known = [made]
    found = outcome(made)
    studio.contests.outcome = replace(found, failed={}, waiting=("tvae",))
    app = studio.app("jobs")
    assert not app.exception
    said = texts(app)
    assert "Best of 3 generators" in said
    assert "Forest] score 0.9" in said
    assert "tvae]** at work" in said


def test_a_contest_that_is_done_names_the_winner_by_its_title(studio):
    from app.components.contest import with_titles

    assert with_titles("`forest` before `[x]`.", {"forest": "Forest"}) == "**Forest** before `[x]`."
    result = {"rows": {"customers": 9}, "engine": "forest", "params": {}}
    studio.runs.known = [run("r1", RunState.DONE, spec=SPEC, result=result)]
    assert "Forest, best of 3 generators" in texts(studio.app("jobs"))


def test_a_contest_that_was_cancelled_keeps_what_finished(studio):
    made = run("r1", RunState.CANCELLED, spec=SPEC)
    studio.runs.known = [made]
    studio.contests.outcome = outcome(made)
    said = texts(studio.app("jobs"))
    assert "Candidates that had finished are kept" in said
    assert "tvae] did not come through" in said


def test_the_candidates_stand_in_a_table_with_the_winner_first():
    from app.components.contest import candidates_frame

    made = run("r1", RunState.DONE, spec=SPEC)
    order = outcome(made, winner="forest")
    frame = candidates_frame(order, {"forest": "Forest"})
    assert list(frame["Generator"]) == ["★ Forest", "copula"]
    assert list(frame["Memory"]) == ["100 MiB", "not measured"]
    assert "Cannot win" not in frame
    reason = NotMeasured("Few rows.")
    lost = replace(order, tried=(tried("copula", utility=reason, rejected="Copies."),))
    assert list(candidates_frame(lost, {})["Cannot win"]) == ["Copies."]
    assert list(candidates_frame(lost, {})["Utility"]) == ["not measured"]


def test_a_run_of_another_engine_says_so(studio):
    failed = [{"engine": "tvae", "why": "It stopped.", "kind": "engine"}]
    result = {"rows": {"customers": 9}, "engine": "copula", "params": {}, "failed": failed}
    studio.runs.known = [run("r1", RunState.DONE, spec=RunSpec(engine="tvae"), result=result)]
    said = texts(studio.app("jobs"))
    assert "The rows are of **copula**" in said
    assert "tvae: It stopped." in said
