"""Finding the right ε: what is tried and what it costs, the curve, and the smallest that does."""

from dataclasses import dataclass, field, replace

import pytest

from app.components.sweep import SEARCH, curve, curve_frame, curve_words
from core.evaluation.measures import NotMeasured
from core.privacy.guards import Remark
from core.studio.sweeps import SweepCost, SweepOutcome, SweepPoint
from core.studio.values import Purpose, RunSpec, RunState, Sweep
from tests.app.fake_studio import FakeRuns, FakeStudio, dataset, installed, people, run
from tests.app.harness import texts

WHY = NotMeasured("Too few rows.")
POINTS = (
    SweepPoint(1.0, 0.85, 0.95, 0.08, 0.02, 0.5, 1.0),
    SweepPoint(0.1, 0.6, 0.95, 0.3, 0.02, WHY, 0.1),
)
ASKED = RunSpec(
    "aim",
    {"epsilon": 1.0, "delta": 1e-6, "rows_per_person": 1, "person": "", "rows": 0},
    purpose=Purpose.SWEEP,
    sweep=Sweep((0.1, 1.0), 0.8),
)
DONE = SweepOutcome(run("s1", RunState.DONE, spec=ASKED, result={}), POINTS, 1.0, 0.8, False)
KEY = "sweep_d1"


@dataclass
class FakeSweeps:
    known: list[SweepOutcome] = field(default_factory=list)
    asked: list[RunSpec] = field(default_factory=list)
    is_within: bool = True

    def list(self, actor, dataset_id):
        return self.known

    def cost(self, actor, dataset_id, spec):
        total = sum(spec.sweep.epsilons)
        free = bool(spec.sweep.stand_in)
        return SweepCost(total, 3e-5, 2.0, 9.0, self.is_within or free, free)

    def submit(self, actor, dataset_id, spec):
        self.asked.append(spec)
        return run("s2", RunState.QUEUED, spec=spec)


@pytest.fixture
def studio():
    earlier = run("r1", RunState.DONE, spec=RunSpec("aim", {"epsilon": 1.0, "delta": 1e-5}))
    runs = FakeRuns(known=[earlier, run("r2", RunState.DONE)])
    with installed(FakeStudio(known=[people()], runs=runs)) as studio:
        studio.sweeps = FakeSweeps()
        yield studio


def page(studio):
    app = studio.app("budget", dataset="d1", part=SEARCH)
    assert not app.exception
    return app


def test_the_cost_is_said_before_the_start_and_the_search_is_submitted(studio):
    app = page(studio)
    said = texts(app)
    assert "No ε was tried yet" in said
    assert "It takes ε = 4.3 of the 9 that are left" in said
    assert "δ = 1e-05, each row a person of its own, 0 columns declared" in said
    app.slider(key=f"{KEY}_target").set_value(0.7).run()
    app.button(key=f"{KEY}_start").click().run()
    assert not app.exception
    (spec,) = studio.sweeps.asked
    assert (spec.engine, spec.purpose) == ("aim", Purpose.SWEEP)
    assert spec.sweep == Sweep((0.3, 1.0, 3.0), 0.7, "")


def test_the_rows_of_an_earlier_private_run_stand_in_for_free(studio):
    app = page(studio)
    rows = app.radio(key=f"{KEY}_rows")
    assert len(rows.options) == 2
    rows.set_value("r1").run()
    assert "Free: it is fitted to rows that an earlier private run made" in texts(app)
    app.button(key=f"{KEY}_start").click().run()
    assert studio.sweeps.asked[0].sweep.stand_in == "r1"


def test_warnings_of_any_fit_have_to_be_acknowledged(studio):
    studio.budgets.changes = {"remarks": (Remark("rows", "warning", "Few rows."),)}
    app = page(studio)
    assert app.button(key=f"{KEY}_start").disabled
    app.checkbox[0].check().run()
    app.button(key=f"{KEY}_start").click().run()
    assert studio.sweeps.asked[0].accepted


def test_a_search_over_the_cap_or_of_one_epsilon_cannot_start(studio):
    studio.sweeps.is_within = False
    app = page(studio)
    assert app.button(key=f"{KEY}_start").disabled
    assert "does not allow this search" in texts(app)
    app.multiselect(key=f"{KEY}_epsilons").set_value([1.0]).run()
    assert "at least 2 ε" in texts(app)


def test_the_smallest_that_does_is_carried_into_the_form(studio):
    studio.sweeps.known = [DONE]
    app = page(studio)
    said = texts(app)
    assert "**ε = 1** is the smallest that reaches a utility of 0.8" in said
    assert "The curve is internal" in said
    assert "Attack AUC at ε = 0.1 was not measured: Too few rows." in said
    assert list(app.dataframe[0].value["Attack AUC"]) == ["not measured", "0.5"]
    assert app.get("plotly_chart")
    app.button(key="sweep_use_s1").click().run()
    assert app.title[0].value == "Generate"
    key = "generate_d1_1_private"
    assert app.number_input(key=f"{key}_epsilon").value == 1.0
    assert app.number_input(key=f"{key}_delta").value == 1e-6


def test_when_none_does_it_says_what_to_change(studio):
    studio.sweeps.known = [replace(DONE, chosen=None)]
    assert "No ε that was tried reaches a utility of 0.8" in texts(page(studio))


def test_one_that_is_under_way_has_no_curve_yet(studio):
    running = replace(DONE, run=run("s1", RunState.RUNNING, spec=ASKED), points=(), chosen=None)
    studio.sweeps.known = [running]
    app = page(studio)
    assert "It is under way" in texts(app)
    assert not app.get("plotly_chart")


def test_what_was_not_measured_has_no_number():
    frame = curve_frame(DONE)
    assert list(frame["ε"]) == [0.1, 1.0]
    assert frame["Attack AUC"].isna().tolist() == [True, False]
    assert "attack AUC not measured; at ε 1 utility 0.850" in curve_words(DONE)
    assert curve(DONE).layout.xaxis.type == "log"


def test_several_tables_are_not_offered_a_search(studio):
    studio.known[:] = [dataset()]
    assert "over several tables is not offered" in texts(page(studio))
