"""The results page after a full evaluation: every tab, every role, and nothing measured at all."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.components.attacks import attack_frame, attack_track, by_urgency
from app.components.gates import gate_frame
from app.components.overview import step_query, worst_columns, worst_pairs
from app.components.pairs import share_frame
from app.components.scores import OUTCOMES, measure_frame
from core.evaluation.details import OUTCOMES as KNOWN_OUTCOMES
from core.evaluation.measures import Measure
from core.evaluation.values import Advice, Report
from core.governance.policy import UserRole
from core.studio.values import RunState
from tests.app.fake_studio import FakeStudio, installed, run
from tests.app.harness import texts
from tests.app.test_results import NAME, JudgedRuns, report_of
from tests.evaluation.detailed import CROSS, WHY, attack, full, gates, unmeasured

TABS = (
    "Overview",
    "Differences",
    "Safety",
    "Guarantee",
    "Usefulness",
    "Gates",
    "Rows",
    "Parameters",
)
STEPS = (
    Advice("Look at `income` in the review.", "review", {"table": NAME, "column": "income"}),
    Advice("Train with larger leaves.", "generate", {"param": "leaf"}),
    Advice("Give more rows.", "nowhere"),
)


def two_tables(report: Report) -> Report:
    """The same table twice, under two names."""
    other = replace(report.tables[0], name="other_table")
    return replace(report, tables=(report.tables[0], other))


def first_version(report: Report) -> dict:
    """A report as it was stored before there were full evaluations."""
    newer = {"advice", "depth", "policy", "disclosure", "content_hash", "version"}
    data = {name: value for name, value in report.to_dict().items() if name not in newer}
    details = {"fidelity", "utility", "privacy", "gates"}
    data["tables"] = [
        {name: value for name, value in table.items() if name not in details}
        for table in data["tables"]
    ]
    return {**data, "version": 1}


@pytest.fixture(scope="module")
def reports():
    quick = report_of("fresh")
    whole = replace(full(quick), advice=STEPS, depth="full")
    table = whole.tables[0]
    empty = replace(
        whole,
        tables=(
            replace(
                table,
                measures=unmeasured(dict(table.measures)),
                figures=unmeasured(dict(table.figures)),
                columns=unmeasured(table.columns),
                pairs=(),
                fidelity=unmeasured(table.fidelity),
                utility=unmeasured(table.utility),
                privacy=unmeasured(table.privacy),
                gates=unmeasured(table.gates),
            ),
        ),
    )
    old = Report.from_dict(first_version(quick))
    return {"full": whole, "empty": empty, "old": old, "two": two_tables(whole)}


@pytest.fixture
def studio(reports):
    known = [
        run(kind, RunState.DONE, number, result={"rows": {NAME: 900, "other_table": 5}})
        for number, kind in enumerate(reports)
    ]
    with installed(FakeStudio(runs=JudgedRuns(known=known, reports=reports))) as studio:
        studio.releases = SimpleNamespace(
            dataset_names=lambda actor, project_id: {"d1": "Customers"},
            list=lambda actor, project_id: [],
            get=lambda actor, key: None,
        )
        yield studio


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("kind", ["full", "empty", "old", "two"])
def test_every_tab_shows_every_kind_of_report(studio, kind, tab):
    app = studio.app("results", run=kind, tab=tab)
    assert not app.exception
    assert app.segmented_control(key="tab").value == tab
    if kind == "empty" and tab in {"Differences", "Safety", "Usefulness", "Gates"}:
        assert WHY.reason in texts(app)
    if kind == "old" and tab == "Gates":
        assert "no gates yet" in texts(app)


@pytest.mark.parametrize("role", list(UserRole))
def test_every_role_sees_the_evidence(studio, role):
    studio.actor = replace(studio.actor, role=role)
    for tab in ("Overview", "Safety"):
        app = studio.app("results", run="full", tab=tab)
        assert not app.exception
        assert "One attack learns more than it may." in texts(app)


def test_the_overview_leads_to_evidence_and_settings(studio):
    app = studio.app("results", run="full")
    said = texts(app)
    for question in ("What is different?", "Is it safe?", "Is it useful?", "What to do next"):
        assert question in said
    assert said.index("What is different?") < said.index("Is it safe?")
    assert said.index("Is it useful?") < said.index("What to do next")
    assert {link.proto.page for link in app.get("page_link")} >= {"results", "review", "generate"}


def test_the_overview_says_that_its_models_are_not_the_dials(studio):
    assert "quick model, gradient boosting fitted once" in texts(studio.app("results", run="full"))
    assert "quick model, gradient" not in texts(studio.app("results", run="old"))


def test_an_auditor_gets_no_link_to_what_they_may_not_open(studio):
    studio.actor = replace(studio.actor, role=UserRole.AUDITOR)
    app = studio.app("results", run="full")
    pages = {link.proto.page for link in app.get("page_link")}
    assert pages == {"results", "settings"}
    assert "Train with larger leaves." in texts(app)


def test_a_step_names_what_its_page_needs():
    made = run("r1", RunState.DONE)
    assert step_query(made, STEPS[0]) == {"dataset": "d1", "table": NAME, "column": "income"}
    assert step_query(made, STEPS[1]) == {"dataset": "d1", "run": "r1", "param": "leaf"}
    assert step_query(made, Advice("x", "projects")) == {}


def test_the_worst_are_named_over_all_tables(reports):
    assert [found[0] for found in worst_pairs(reports["two"])] == [NAME, NAME, "other_table"]
    assert all(found[2] < found[3] for found in worst_columns(reports["two"]))
    assert worst_columns(reports["empty"]) == worst_pairs(reports["empty"]) == []


def test_a_link_opens_column_and_pair(studio):
    app = studio.app(
        "results", run="full", tab="Differences", column="joined", pair="income × joined"
    )
    assert app.selectbox(key=f"result_column_{NAME}").value == "joined"
    assert app.selectbox(key=f"result_pair_{NAME}").value == "income × joined"
    assert "There are no counts to draw" in texts(app)
    app.selectbox(key=f"result_pair_{NAME}").set_value("age × income").run()
    assert app.query_params["pair"] in ("age × income", ["age × income"])
    assert "There are no counts to draw" not in texts(app)


def test_a_link_opens_a_table(studio):
    app = studio.app("results", run="two", tab="Gates", table="other_table")
    assert app.selectbox(key="results_table").value == "other_table"


def test_a_name_that_is_not_there_shows_the_first(studio, reports):
    app = studio.app("results", run="full", tab="Differences", column="gone", pair="gone")
    assert not app.exception
    first = max(reports["full"][NAME].judged, key=lambda c: c.shortfall).name
    assert app.query_params["column"] in (first, [first])


def test_only_the_open_tab_draws_charts(studio):
    assert len(studio.app("results", run="full", tab="Overview").get("plotly_chart")) == 3
    assert len(studio.app("results", run="full", tab="Safety").get("plotly_chart")) == 4
    assert len(studio.app("results", run="full", tab="Gates").get("plotly_chart")) == 0
    drawn = len(studio.app("results", run="full", tab="Differences").get("plotly_chart"))
    assert drawn == 1 + 1 + 3 + 3 + 1


def test_every_chart_and_table_has_a_text_alternative(studio):
    for tab in TABS:
        app = studio.app("results", run="full", tab=tab)
        for kind in ("plotly_chart", "arrow_data_frame"):
            assert all(element.proto.alt for element in app.get(kind)), tab


def test_the_worst_attack_comes_first_with_both_controls(studio):
    app = studio.app("results", run="full", tab="Safety")
    said = texts(app)
    assert "with fresh real rows 0.500, with a verbatim copy 0.990" in said
    assert "To be looked at from 0.550, fails from 0.600" in said
    frame = app.dataframe[0].value
    assert frame["Outcome"].to_list()[:2] == ["✕ Fail", "? Inconclusive"]


def test_every_outcome_has_a_word_and_a_sign():
    assert set(OUTCOMES) == set(KNOWN_OUTCOMES)
    assert len({sign for _, _, sign in OUTCOMES.values()}) == len(OUTCOMES)
    attacks = [attack("membership", outcome) for outcome in KNOWN_OUTCOMES]
    assert by_urgency(attacks)[0].outcome == "fail"


def test_what_was_not_measured_is_an_empty_cell():
    frame = attack_frame([attack("membership", "pass", value=WHY, copy=WHY)])
    assert frame[["This data", "Verbatim copy"]].isna().all(axis=None)
    frame = measure_frame([Measure("ks", WHY, WHY, WHY, 0.0)])
    assert frame[["This data", "Fresh real rows"]].isna().all(axis=None)
    assert "No skill" not in frame


def test_a_track_holds_all_that_is_drawn_on_it():
    track = attack_track(attack("membership", "fail", value=0.4, low=0.35, high=0.45, copy=WHY))
    assert track.ends == (0.35, 1.0)
    assert set(track.values) == {"This data", "Fresh real rows"}


def test_shares_of_a_pair_and_their_difference():
    real, change = share_frame(CROSS, "real"), share_frame(CROSS, "difference")
    assert real.loc["18 to 40", "Köln"] == pytest.approx(40 / 90)
    assert change.to_numpy().sum() == pytest.approx(0.0)
    assert change.loc["18 to 40", "Οία"] == pytest.approx(10 / 90)


def test_gates_say_what_they_ask_for(reports):
    frame = gate_frame(gates(reports["full"][NAME]))
    assert frame["Threshold"].to_list() == ["at least 99 %", "at most 0.1", "at least 99 %"]
    assert frame["Value"].to_list() == ["100.00%", "0.120", "not measured"]


@pytest.mark.parametrize("outcome", ["warn", "inconclusive"])
def test_a_gate_to_look_at_counts_as_open_on_every_tab(studio, reports, monkeypatch, outcome):
    full_report = reports["full"]
    table = full_report.tables[0]
    passed, failed, other = table.gates
    open_one = replace(failed, outcome=outcome)
    changed = replace(table, gates=(passed, open_one, other))
    monkeypatch.setitem(reports, "full", replace(full_report, tables=(changed,)))
    assert "1 of 2 gates are passed" in texts(studio.app("results", run="full", tab="Gates"))
    said = texts(studio.app("results", run="full"))
    assert "Every gate that applies is passed." not in said
