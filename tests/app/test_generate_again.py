"""The generate page: what was filled in comes back, earlier runs fill it in, models are sampled."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.components.generator_form import from_spec, starting
from app.components.privacy_dial import dial_of, effect_frame
from core.governance.policy import UserRole
from core.studio.values import Contest, Estimate, Purpose, RunSpec, RunState
from core.synthesis.asks import Ask, Between, Equals, Fairness, Shares
from core.synthesis.forest import INFO as FOREST
from core.synthesis.forest.params import PRIVACY_DIAL
from tests.app.fake_studio import (
    ASKABLE,
    ENGINES,
    PROJECT,
    FakeRuns,
    FakeStudio,
    dataset,
    installed,
    people,
    run,
    start,
)
from tests.app.harness import texts

KEY = "generate_d1_0_balanced_forest"
ASK = Ask((Between("age", 30, None), Equals("sex", "F")), Shares("outcome", {"yes": 0.5}), "people")
SPEC = RunSpec(
    "forest",
    {"min_leaf": 50, "caution": 5.0, "protect_rare": 10, "rate": 1e-3, "depth": 12},
    {"people": 250},
    seed=9,
    holdout=0.3,
    target="people.income",
    purpose=Purpose.AUGMENT,
    ask=ASK,
    rules={"people": ("age >= 18",)},
)


@pytest.fixture
def studio():
    runs = FakeRuns(can_be_asked=ASKABLE, known=[run("r1", RunState.DONE, spec=SPEC)])
    with installed(FakeStudio(known=[people()], runs=runs)) as studio:
        yield studio


def page(studio, **query):
    app = studio.app("generate", **query)
    assert not app.exception
    return app


def test_a_run_with_changes_starts_from_all_that_the_run_was(studio):
    app = page(studio, dataset="d1", **{"from": "r1"})
    said = texts(app)
    assert "Filled in from run `r1`" in said
    assert "[:material/check: Chosen]" not in said
    spec = start(studio, app)
    assert replace(spec, params={}, fallback=None) == replace(SPEC, params={})
    assert SPEC.params.items() <= spec.params.items()


def test_an_earlier_run_is_changed_and_stays_as_it_is(studio):
    app = page(studio, **{"from": "r1"})
    app.number_input(key="generate_d1_1_seed").set_value(10).run()
    app.button(key="generate_d1_1_ask_people_condition_0_remove").click().run()
    spec = start(studio, app)
    assert spec.seed == 10
    assert spec.ask.conditions == (Equals("sex", "F"),)
    assert spec.ask.shares == ASK.shares
    assert studio.runs.get(None, "r1").spec == SPEC


def test_the_results_page_leads_here_with_its_run(studio):
    app = page(studio, dataset="d1", run="r1", param="min_leaf")
    said = texts(app)
    assert "Filled in from run `r1`" in said
    assert "suggests to look at **smallest leaf**" in said


def test_starting_afresh_forgets_the_run(studio):
    app = page(studio, dataset="d1", **{"from": "r1"})
    app.button(key="generate_afresh").click().run()
    assert "Filled in from" not in texts(app)
    assert "from" not in app.query_params
    spec = start(studio, app)
    assert (spec.seed, spec.ask, dict(spec.rows)) == (1, None, {"people": 1200})


def test_a_run_that_is_gone_is_said_and_nothing_else_changes(studio):
    app = page(studio, dataset="d1", **{"from": "gone"})
    assert "is not there any more" in texts(app)
    assert start(studio, app).seed == 1


def test_a_run_of_another_dataset_fills_in_nothing(studio):
    studio.known.append(replace(people("d2"), name="Others"))
    app = page(studio, dataset="d2", **{"from": "r1"})
    assert "Filled in from" not in texts(app)


def test_what_was_filled_in_is_there_after_a_reload(studio):
    app = page(studio, dataset="d1")
    app.number_input(key="generate_d1_0_seed").set_value(77).run()
    app.get_by_key(f"{KEY}_privacy").set_value("private").run()
    app.toggle(key="generate_d1_0_ask_fair").set_value(True).run()
    reloaded = page(studio, dataset="d1")
    assert reloaded.number_input(key="generate_d1_0_seed").value == 77
    assert reloaded.get_by_key(f"{KEY}_privacy").value == "private"
    spec = start(studio, reloaded)
    assert spec.fairness == Fairness("sex")
    assert spec.params["min_leaf"] == 50


def test_drafts_of_two_people_are_apart(studio):
    app = page(studio, dataset="d1")
    app.number_input(key="generate_d1_0_seed").set_value(77).run()
    studio.actor = replace(studio.actor, user_id="u2")
    assert page(studio, dataset="d1").number_input(key="generate_d1_0_seed").value == 1


def test_the_dial_sets_its_parameters_and_leaves_the_others(studio):
    app = page(studio, dataset="d1")
    app.number_input(key=f"{KEY}_balanced_rate").set_value(0.05).run()
    app.get_by_key(f"{KEY}_privacy").set_value("most private").run()
    said = texts(app)
    assert "Large leaves" in said
    assert app.dataframe[0].value["Table"].iloc[0].startswith("census")
    params = start(studio, app).params
    assert params["min_leaf"] == 200
    assert params["rate"] == 0.05


def test_what_is_changed_by_hand_is_named_until_the_dial_moves(studio):
    app = page(studio, dataset="d1")
    app.number_input(key=f"{KEY}_balanced_min_leaf").set_value(33).run()
    assert "Set by hand: smallest leaf 33." in texts(app)
    app.get_by_key(f"{KEY}_privacy").set_value("private").run()
    assert "Set by hand" not in texts(app)
    assert start(studio, app).params["min_leaf"] == 50


def test_effort_and_privacy_say_what_they_set(studio):
    said = texts(page(studio, dataset="d1"))
    assert "**Effort** sets rate, depth." in said
    assert (
        "**Privacy** sets smallest leaf, caution, protect rare values, rounds of correction."
        in said
    )


def test_an_intent_keeps_what_else_was_chosen(studio):
    app = page(studio, dataset="d1")
    app.number_input(key="generate_d1_0_seed").set_value(5).run()
    app.button(key="intent_closest").click().run()
    spec = start(studio, app)
    assert (spec.seed, spec.params["min_leaf"], spec.params["depth"]) == (5, 5, 12)


def test_engines_without_a_dial_have_none(studio):
    app = page(studio, dataset="d1")
    app.selectbox(key="generate_d1_0_balanced_engine").select("copula").run()
    assert not app.exception
    assert [w.key for w in app.get("select_slider")] == []
    assert start(studio, app).engine == "copula"


def test_presets_and_dial_of_the_real_engine_never_set_the_same():
    preset = {name for values in FOREST.presets.values() for name in values}
    dialled = {name for step in dial_of(FOREST) for name in step.params}
    assert dial_of(FOREST) == PRIVACY_DIAL
    assert dialled
    assert not preset & dialled
    assert set(effect_frame(PRIVACY_DIAL)["Step"]) == {s.name.capitalize() for s in PRIVACY_DIAL}


@pytest.mark.parametrize("preset", list(FOREST.presets))
@pytest.mark.parametrize("dial", [step.name for step in PRIVACY_DIAL])
def test_the_controls_are_found_again_from_a_runs_parameters(preset, dial):
    made = starting(FOREST, preset, dial)
    found = from_spec(FOREST, RunSpec("forest", made.params))
    assert (found.preset, found.dial, found.by_hand) == (preset, dial, [])


def test_a_changed_parameter_is_found_as_changed_by_hand():
    params = {**starting(FOREST, "best", "private").params, "trees": 31}
    found = from_spec(FOREST, RunSpec("forest", params))
    assert (found.preset, found.dial) == ("best", "private")
    assert [spec.name for spec in found.by_hand] == ["trees"]


def test_an_engine_with_neither_is_as_usual():
    made = starting(ENGINES[1])
    assert (made.preset, made.dial, dict(made.params)) == ("balanced", "", {})


def test_time_memory_and_its_warning_are_shown(studio):
    studio.runs.expected = Estimate(
        90.0, "from 3 past runs", 9000.0, 60.0, 10.0, 18.0, "This needs more memory than there is."
    )
    app = page(studio, dataset="d1")
    said = texts(app)
    assert "about 1 min 30 s (start 2 s, fit 1 min 0 s, sample 10 s, evaluate 18 s)" in said
    assert "8.8 GiB of memory" in said
    assert "more memory than there is" in said
    assert {m.label: m.value for m in app.metric}["Expected memory"] == "8.8 GiB"


def test_the_estimate_is_asked_for_what_is_shown(studio):
    app = page(studio, dataset="d1")
    app.number_input(key="generate_d1_0_rows_people").set_value(7).run()
    assert dict(studio.runs.estimated[-1].rows) == {"people": 7}


def test_sampling_again_fits_nothing_and_takes_rows_seed_and_conditions(studio):
    app = page(studio, again="r1")
    said = texts(app)
    assert app.title[0].value == "Sample again"
    assert "Nothing is fitted" in said
    assert "by construction" in said
    assert app.number_input(key="again_r1_0_seed").value == 10
    app.number_input(key="again_r1_0_rows_people").set_value(40).run()
    app.toggle(key="again_r1_0_ask_shares").set_value(False).run()
    app.button(key="again_r1_0_ask_people_condition_1_remove").click().run()
    app.button(key="generate_start").click().run()
    assert not app.exception
    what, *asked = studio.runs.asked[-1]
    assert what == "sample_again"
    assert asked == ["r1", {"people": 40}, 10, Ask((Between("age", 30, None),), None, "people")]
    assert app.title[0].value == "Jobs"


def test_sampling_again_keeps_its_form_through_a_reload(studio):
    app = page(studio, again="r1")
    app.number_input(key="again_r1_0_seed").set_value(123).run()
    assert page(studio, again="r1").number_input(key="again_r1_0_seed").value == 123


def test_a_fair_run_is_sampled_as_fair_as_it_was(studio):
    fair = RunSpec("forest", seed=1, fairness=Fairness("sex", "outcome", 0.5))
    studio.runs.known = [run("r1", RunState.DONE, spec=fair)]
    app = page(studio, again="r1")
    assert "is weakened by 50%" in texts(app)
    assert app.toggle == []


@pytest.mark.parametrize(
    ("state", "purpose", "word"),
    [
        (RunState.FAILED, Purpose.TABLES, "did not come to its end"),
        (RunState.DONE, Purpose.IMPUTE, "there is no model of it"),
    ],
)
def test_what_has_no_model_cannot_be_sampled(studio, state, purpose, word):
    studio.runs.known = [run("r1", state, spec=RunSpec(purpose=purpose))]
    app = page(studio, again="r1")
    assert word in texts(app)
    assert [b.key for b in app.button if b.key == "generate_start"] == []


def test_a_link_leads_to_the_project_of_its_run(studio):
    other = replace(PROJECT, id="p2", name="Other")
    own = [PROJECT, other]
    studio.projects = SimpleNamespace(list=lambda actor: own, mine=lambda actor: own)
    studio.runs.known = [run("r1", RunState.DONE, spec=SPEC, project_id="p2")]
    for name in ("again", "from"):
        app = studio.app("generate")
        app.query_params[name] = "r1"
        app.run()
        assert app.session_state["project_id"] == "p2"


def test_sampling_a_run_that_is_gone_says_so(studio):
    assert "There is no such run" in texts(page(studio, again="gone"))


def test_finished_runs_lead_to_both(studio):
    app = studio.app("jobs")
    app.button(key="again_r1").click().run()
    assert not app.exception
    assert app.title[0].value == "Sample again"
    app = studio.app("jobs")
    app.button(key="clone_r1").click().run()
    assert "Filled in from run `r1`" in texts(app)


def test_cloning_again_starts_from_the_run_again(studio):
    app = page(studio, dataset="d1", **{"from": "r1"})
    app.number_input(key="generate_d1_1_seed").set_value(500).run()
    assert start(studio, page(studio, dataset="d1", **{"from": "r1"})).seed == 500
    studio.runs.asked.clear()
    del studio.runs.known[0]
    studio.app("jobs").button(key="clone_r1").click().run()
    assert start(studio, page(studio, dataset="d1", **{"from": "r1"})).seed == 9


@pytest.mark.parametrize("state", list(RunState))
def test_which_runs_can_be_taken_up_again(studio, state):
    studio.runs.known = [run("r1", state)]
    keys = {button.key for button in studio.app("jobs").button}
    assert ("clone_r1" in keys) == state.is_over
    assert ("again_r1" in keys) == (state is RunState.DONE)


def test_an_auditor_gets_neither():
    runs = FakeRuns(known=[run("r1", RunState.DONE)])
    with installed(FakeStudio(UserRole.AUDITOR, [dataset()], runs)) as studio:
        for name in ("jobs", "generate"):
            app = studio.app(name)
            assert "You may not open this page" in texts(app)


def test_sampling_again_starts_from_the_engine_that_made_the_rows():
    asked = RunSpec("ctgan", {"epochs": 9}, fallback=("forest",), seed=4)
    fell_back = replace(
        run("r1", RunState.DONE, spec=asked), result={"engine": "forest", "params": {"depth": 3}}
    )
    again = fell_back.again
    assert (again.engine, again.params, again.fallback) == ("forest", {"depth": 3}, ())
    assert (again.model_of, again.seed) == ("r1", 5)
    tried = RunSpec("ctgan", purpose=Purpose.CONTEST, contest=Contest(("ctgan", "forest")))
    won = replace(fell_back, spec=tried).again
    assert (won.contest, won.purpose, won.engine) == (None, Purpose.TABLES, "forest")
