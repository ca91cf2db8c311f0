"""The jobs page and the strip: what runs are shown as, and what their buttons do."""

from dataclasses import replace

import pytest

from app.components.jobs import duration, fraction, steps_line, strip_text
from app.components.training_curves import words
from core.governance.policy import UserRole
from core.studio.values import Purpose, RunProgress, RunSpec, RunState, Sweep
from tests.app.fake_studio import FakeStudio, installed, run
from tests.app.harness import texts

LOSSES = tuple({"epoch": float(n), "generator_loss": 1 / (n + 1)} for n in range(5))
FITTING = RunProgress("fit", 3, 12, "column 3 of 12: pay_[x]", 640.0, LOSSES)


@pytest.fixture
def studio():
    with installed(FakeStudio()) as studio:
        yield studio


def test_a_running_run_shows_stage_progress_time_memory_and_losses(studio):
    studio.runs.known = [run("r1", RunState.RUNNING, 2.0, progress=FITTING)]
    app = studio.app("jobs")
    assert not app.exception
    said = texts(app)
    assert "Customers · Forest" in said
    assert "check_circle: Prepare" in said
    assert "radio_button_checked: Fit" in said
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Elapsed"].startswith("2 min")
    assert metrics["Expected"] == "1 min 15 s"
    assert metrics["Memory"] == "640 MiB"
    assert app.get("plotly_chart")


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.DONE])
def test_curves_are_drawn_while_it_trains_and_stay_with_what_they_mean(studio, state):
    studio.runs.known = [run("r1", state, spec=RunSpec("copula"), progress=FITTING)]
    app = studio.app("jobs")
    assert app.get("plotly_chart")
    said = texts(app)
    assert "nothing is smoothed" in said
    assert "**Generator loss:** what it tries to lower." in said


def test_of_another_engine_than_asked_no_meaning_is_told(studio):
    failed = {"failed": [{"engine": "copula", "why": "No.", "kind": "engine"}]}
    first = run("r1", RunState.RUNNING, spec=RunSpec("copula"), progress=FITTING)
    studio.runs.known = [replace(first, result=failed)]
    app = studio.app("jobs")
    assert app.get("plotly_chart")
    assert "tries to lower" not in texts(app)


def test_figures_of_several_tables_are_explained_once():
    told = words(["a: loss", "b: loss", "epoch share"], {"loss": "how far off."})
    assert told == "**Loss:** how far off."


def test_cancel_asks_the_studio_and_a_refusal_is_shown(studio):
    studio.runs.known = [run("r1", RunState.RUNNING)]
    app = studio.app("jobs")
    app.button(key="cancel_r1").click().run()
    assert studio.runs.asked == [("cancel", "r1")]
    studio.refuse_next()
    app.button(key="cancel_r1").click().run()
    assert "This run has ended already" in texts(app)


def test_waiting_runs_say_their_place(studio):
    studio.runs.known = [
        run("late", RunState.QUEUED, 1),
        run("early", RunState.QUEUED, 5),
    ]
    said = texts(studio.app("jobs"))
    assert said.index("Number 1 in the queue") < said.index("Number 2 in the queue")


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED])
def test_what_did_not_end_well_can_be_run_again_with_one_click(studio, state):
    studio.runs.known = [run("r1", state)]
    app = studio.app("jobs")
    assert app.get("download_button")
    app.button(key="retry_r1").click().run()
    assert studio.runs.asked == [("retry", "r1")]
    assert not app.exception
    assert app.query_params["run"] in ("again", ["again"])
    assert "Number 1 in the queue" in texts(app)


def test_a_failed_run_says_why(studio):
    studio.runs.known = [run("r1", RunState.FAILED)]
    assert "age" in studio.app("jobs").error[0].value


def test_a_finished_run_leads_to_its_result(studio):
    studio.runs.known = [run("r1", RunState.DONE)]
    app = studio.app("jobs")
    said = texts(app)
    assert "1,200 rows of customers" in said
    assert "peak memory 512 MiB" in said
    assert app.button(key="result_r1").label == "See the result"


def test_a_run_that_fitted_nothing_names_the_model(studio):
    studio.runs.known = [run("r2", RunState.DONE, spec=RunSpec(model_of="0123456789"))]
    assert "model of run 012345" in texts(studio.app("jobs"))


def test_the_run_of_the_address_comes_first(studio):
    studio.runs.known = [run("new", RunState.DONE, 1), run("old", RunState.FAILED, 9)]
    app = studio.app("jobs", run="old")
    keys = [button.key for button in app.button if str(button.key)[:5] in {"retry", "resul"}]
    assert keys == ["retry_old", "result_new"]


def test_without_runs_the_page_says_what_a_run_is(studio):
    app = studio.app("jobs")
    assert not app.exception
    assert "No runs yet" in texts(app)


def test_the_strip_counts_what_runs_waits_and_has_ended_since_the_last_look(studio):
    studio.runs.known = [run("old", RunState.DONE)]
    app = studio.app("home")
    assert "No jobs under way" in texts(app)
    studio.runs.known = [
        run("r1", RunState.RUNNING, progress=FITTING),
        run("r2", RunState.QUEUED),
        run("r3", RunState.FAILED),
        run("old", RunState.DONE),
    ]
    app.run()
    assert next(link.label for link in app.sidebar.get("page_link")) == (
        "1 running, 1 waiting, 1 failed"
    )


def test_what_has_ended_since_the_last_look_is_still_new_after_a_reload(studio):
    studio.runs.known = [run("r1", RunState.RUNNING)]
    studio.app("home")
    studio.runs.known = [run("r1", RunState.DONE)]

    def strip(page):
        return "".join(link.label for link in studio.app(page).sidebar.get("page_link"))

    assert "1 done" in strip("home")
    assert "1 done" in strip("home")
    studio.app("jobs")
    assert "1 done" not in strip("home")


def test_a_stage_without_a_note_says_its_name(studio):
    studio.runs.known = [run("r1", RunState.RUNNING, progress=RunProgress("sample"))]
    app = studio.app("jobs")
    assert "Sample" in [bar.proto.text for bar in app.main.get("progress")]
    assert {m.label: m.value for m in app.metric}["Memory"] == "–"


def test_an_auditor_has_no_strip():
    with installed(FakeStudio(role=UserRole.AUDITOR)) as studio:
        studio.runs.known = [run("r1", RunState.RUNNING)]
        assert "running" not in "".join(
            link.label for link in studio.app("home").sidebar.get("page_link")
        )


def test_words_of_the_strip():
    under_way = [run("a", RunState.RUNNING), run("b", RunState.QUEUED), run("c", RunState.QUEUED)]
    assert strip_text(under_way, [run("d", RunState.DONE)]) == "1 running, 2 waiting, 1 done"
    assert strip_text([], []) == ""


@pytest.mark.parametrize(
    ("done", "total", "share"), [(0, 0, 0.0), (3, 12, 0.25), (13, 12, 1.0), (-1, 2, 0.0)]
)
def test_the_share_done_stays_within_the_bar(done, total, share):
    assert fraction(run("a", RunState.RUNNING, progress=RunProgress("fit", done, total))) == share


def test_steps_of_a_failed_run_show_where_it_stopped():
    line = steps_line(run("a", RunState.FAILED, progress=RunProgress("sample")))
    assert "check_circle: Fit" in line
    assert "block: Sample" in line
    assert "radio_button_unchecked: Evaluate" in line
    assert steps_line(run("a", RunState.DONE)).count("check_circle") == 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (0.4, "under 1 s"), (59, "59 s"), (75, "1 min 15 s"), (7300, "2 h 1 min")],
)
def test_durations_have_two_units_at_most(seconds, text):
    assert duration(seconds) == text


def private_run(state: RunState, spent: float = 0.0, **changes):
    params = {"epsilon": 2.0, "delta": 1e-5}
    progress = RunProgress("fit", 3, 12, "pairs", 640.0, epsilon_spent=spent)
    return run("r1", state, spec=RunSpec("aim", params, **changes), progress=progress)


def bars(app):
    return [bar.proto.text for bar in app.get("progress")]


def test_a_guaranteed_run_shows_what_it_has_spent_so_far(studio):
    studio.runs.known = [private_run(RunState.RUNNING, 0.75)]
    app = studio.app("jobs")
    assert not app.exception
    assert any("ε 0.75 spent so far of 2 asked" in text for text in bars(app))


def test_sampling_a_private_model_again_spends_nothing(studio):
    studio.runs.known = [private_run(RunState.RUNNING, model_of="r0")]
    assert not any("spent so far" in text for text in bars(studio.app("jobs")))


def test_a_search_may_spend_the_sum_of_what_it_tries_and_nothing_on_a_stand_in(studio):
    sweep = {"purpose": Purpose.SWEEP, "sweep": Sweep((0.5, 1.0, 3.0))}
    studio.runs.known = [private_run(RunState.RUNNING, 0.3, **sweep)]
    assert any("of 4.5 asked" in text for text in bars(studio.app("jobs")))
    free = {"purpose": Purpose.SWEEP, "sweep": Sweep((0.5,), stand_in="r0")}
    studio.runs.known = [private_run(RunState.RUNNING, **free)]
    assert not any("spent so far" in text for text in bars(studio.app("jobs")))


def test_what_was_overspent_is_an_alert_and_nothing_of_it_is_offered(studio):
    privacy = {"withheld": True, "ledger": {"spent_epsilon": 3.1}}
    result = {"rows": {"customers": 9}, "privacy": privacy}
    made = private_run(RunState.DONE)
    studio.runs.known = [replace(made, result=result, error="Nothing of it is given out.")]
    app = studio.app("jobs")
    assert not app.exception
    assert "More privacy was spent than promised" in app.error[0].value
    keys = [button.key for button in app.button]
    assert "result_r1" not in keys
    assert "again_r1" not in keys


def test_a_run_says_how_long_lists_of_values_were_learned(studio):
    made = run("r1", RunState.DONE)
    note = "![city](x): 50,000 values, of which the 60 most frequent are learned one by one."
    studio.runs.known = [replace(made, result={**made.result, "notes": [note]})]
    app = studio.app("jobs")
    assert [box.label for box in app.expander] == ["How long lists of values were learned"]
    assert "50,000 values" in texts(app)
    assert "![city]" not in texts(app)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED])
def test_a_private_run_without_a_result_says_what_running_it_again_costs(studio, state):
    studio.runs.known = [private_run(state)]
    said = texts(studio.app("jobs"))
    assert "The ε 2 set aside for this run stays spent" in said
    assert "spends ε 2 more" in said
    studio.runs.known = [run("r1", state)]
    assert "stays spent" not in texts(studio.app("jobs"))


def test_a_generator_at_work_is_called_by_its_title(studio):
    told = RunProgress("fit", 1, 4, "forest: fit: [x] learned")
    studio.runs.known = [run("r1", RunState.RUNNING, progress=told)]
    assert bars(studio.app("jobs"))[0] == r"Forest: \[x\] learned"
