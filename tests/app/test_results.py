"""The results page: what a report is shown as, and what its buttons do."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest

from app.components.differences import axis_values, column_frame
from app.components.results import dial_words
from app.components.scores import number
from app.session import when_asked
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.errors import AuthenticationFailed, Conflict, NotFound
from core.evaluation import NotMeasured, evaluate
from core.governance.policy import UserRole
from core.studio.values import RunState
from tests.app.fake_studio import FakeRuns, FakeStudio, installed, run
from tests.app.harness import ROOT, texts
from tests.evaluation.tables import TYPES, people, shuffled

NAME = "people"
SCHEMA = Schema(
    (
        Table(
            NAME,
            (
                *(Column(n, t) for n, t in TYPES.items()),
                Column("e_mail", ColumnType.CATEGORY, Role.IDENTIFIER, action=Action.REPLACE),
            ),
        ),
    )
)


def report_of(kind: str, holdout: int = 400):
    rng = np.random.default_rng(3)
    frames = [people(n, rng).assign(e_mail="x") for n in (900, max(holdout, 1), 900)]
    frames = [frame.astype({"e_mail": ColumnType.CATEGORY.dtype}) for frame in frames]
    made = {"copy": frames[0], "fresh": frames[2]}.get(kind)
    made = shuffled(frames[0], rng) if made is None else made
    held = frames[1].iloc[:holdout]
    return evaluate({NAME: frames[0]}, {NAME: held}, {NAME: made}, SCHEMA, depth="quick")


@pytest.fixture(scope="module")
def reports():
    return {
        "copy": report_of("copy"),
        "fresh": report_of("fresh"),
        "unsure": report_of("fresh", holdout=0),
    }


@dataclass
class JudgedRuns(FakeRuns):
    """Runs that have a report."""

    reports: dict = field(default_factory=dict)

    def get(self, actor, run_id):
        found = [known for known in self.known if known.id == run_id]
        if not found:
            raise NotFound("There is no such run.")
        return found[0]

    def report(self, actor, run_id):
        self.asked.append(("report", run_id))
        return self.reports[run_id]

    def report_pdf(self, actor, run_id):
        return b"%PDF-"

    def synthetic(self, actor, run_id, table, limit=100):
        self._ask("synthetic", table)
        return people(limit, np.random.default_rng(0))


@pytest.fixture
def studio(reports):
    runs = JudgedRuns(
        known=[
            run(kind, RunState.DONE, number, result={"rows": {NAME: 900}, "peak_mb": 300.0})
            for number, kind in enumerate(reports)
        ],
        reports=reports,
    )
    with installed(FakeStudio(runs=runs)) as studio:
        studio.made = []
        studio.releases = SimpleNamespace(
            dataset_names=lambda actor, project_id: {"d1": "Customers"},
            create=lambda actor, *what: studio.made.append(what) or SimpleNamespace(id="new"),
            list=lambda actor, project_id: [],
            get=lambda actor, key: run("fresh", RunState.DONE),
        )
        yield studio


def test_a_copy_is_refused_in_words_and_fresh_rows_are_not(studio):
    bad = studio.app("results", run="copy")
    assert not bad.exception
    assert "Not ready for use" in texts(bad)
    assert "hand this table out" in texts(bad)
    good = studio.app("results", run="fresh")
    assert "Ready for a release" in texts(good)
    assert "fresh real rows" in texts(good)


def test_every_chart_is_there_and_its_data_can_be_taken(studio):
    app = studio.app("results", run="fresh", tab="Differences")
    charts = app.get("plotly_chart")
    assert len(charts) == 1 + 1 + 3
    labels = [button.label for button in app.get("download_button")]
    assert "Report as PDF" in labels
    assert labels.count("Data as CSV") == 6
    assert "1 column is left out" in [expander.label for expander in app.expander]


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("Overview", "What to do next"),
        ("Gates", "gates are passed"),
        ("Differences", "Pairs of columns, furthest first"),
        ("Usefulness", "Predicted column: risk"),
        ("Safety", "formal guarantee needs differential privacy"),
        ("Rows", "The first 100 of 900 synthetic rows"),
    ],
)
@pytest.mark.parametrize("kind", ["copy", "fresh", "unsure"])
def test_each_tab_shows_each_kind_of_report(studio, tab, said, kind):
    app = studio.app("results", run=kind)
    app.segmented_control(key="tab").set_value(tab).run()
    assert not app.exception
    assert said in texts(app)


def test_parameters_are_listed(studio):
    app = studio.app("results", run="fresh")
    app.segmented_control(key="tab").set_value("Parameters").run()
    values = dict(zip(*app.dataframe[0].value.to_numpy().T, strict=True))
    assert values["Engine"] == "Forest"
    assert values["Seed"] == "1"
    assert values["Peak memory"] == "300 MiB"


def test_what_was_not_measured_says_why(studio):
    app = studio.app("results", run="unsure")
    assert "no holdout rows" in texts(app)
    assert "Cannot tell" in texts(app)


def test_another_column_can_be_looked_at(studio):
    app = studio.app("results", run="fresh", tab="Differences")
    app.selectbox(key=f"result_column_{NAME}").set_value("joined").run()
    assert not app.exception


def test_a_release_is_made_and_shown(studio):
    app = studio.app("results", run="fresh")
    app.text_input(key="results_name_fresh").set_value("  Spring ")
    next(b for b in app.button if b.label == "Create the release").click().run()
    assert studio.made == [("fresh", "Spring", "")]
    assert app.query_params["release"] in ("new", ["new"])


def test_the_pdf_is_made_for_who_is_signed_in_then(studio, monkeypatch):
    monkeypatch.setattr("app.session.session_token", lambda: "token")
    made = when_asked(lambda actor: studio.runs.report_pdf(actor, "fresh"))
    assert made() == b"%PDF-"
    studio.people.actor = lambda token, origin: None
    with pytest.raises(AuthenticationFailed):
        made()
    monkeypatch.setattr("app.session.session_token", lambda: None)
    with pytest.raises(AuthenticationFailed):
        when_asked(lambda actor: b"")()


@pytest.mark.parametrize("page", ["results", "releases", "jobs", "audit"])
def test_no_download_of_a_page_keeps_who_asked_first(page):
    source = (ROOT / "pages" / f"{page}.py").read_text()
    for call in source.split("st.download_button(")[1:]:
        assert "when_asked(" in call.split("file_name")[0]


def test_a_link_that_names_a_dataset_shows_its_result(studio):
    studio.runs.known[1] = replace(studio.runs.known[1], dataset_id="d2")
    app = studio.app("results", dataset="d2")
    assert app.query_params["run"] in ("fresh", ["fresh"])
    assert "Ready for a release" in texts(app)
    app.selectbox[0].set_value("copy").run()
    assert "dataset" not in app.query_params
    assert "Not ready for use" in texts(app)


def test_a_refused_release_says_why(studio):
    def refuse(actor, *what):
        raise Conflict("This run has no result.")

    studio.releases.create = refuse
    app = studio.app("results", run="fresh")
    next(b for b in app.button if b.label == "Create the release").click().run()
    assert "This run has no result" in texts(app)


def test_without_an_address_the_newest_run_is_shown_and_put_into_it(studio):
    app = studio.app("results")
    assert app.query_params["run"] in ("copy", ["copy"])
    for kind, said in (("fresh", "Ready for a release"), ("copy", "Not ready for use")) * 2:
        app.selectbox[0].set_value(kind).run()
        assert app.query_params["run"] in (kind, [kind])
        assert said in texts(app)


def test_an_unknown_run_of_the_address_is_said(studio):
    assert "has no result in this project" in texts(studio.app("results", run="gone"))


def test_the_report_is_opened_once_a_visit(studio):
    app = studio.app("results", run="fresh")
    app.segmented_control(key="tab").set_value("Safety").run()
    assert studio.runs.asked.count(("report", "fresh")) == 1


def test_without_results_the_page_says_so(studio):
    studio.runs.known = [run("r", RunState.FAILED)]
    assert "No result yet" in texts(studio.app("results"))


def test_an_auditor_judges_but_neither_releases_nor_sees_rows(studio):
    studio.actor = type(studio.actor)("u1", "ada", "Ada", UserRole.AUDITOR, "test")
    app = studio.app("results", run="fresh")
    assert not app.exception
    assert "Rows" not in app.segmented_control(key="tab").options
    assert not [b for b in app.button if b.label == "Create the release"]


def test_cells_without_a_measure_are_empty(reports):
    frame = column_frame(reports["unsure"][NAME].columns)
    assert frame["Fresh real rows"].isna().all()
    assert np.isnan(number(NotMeasured("why")))


def test_references_are_named(reports):
    assert "independent columns" in dial_words(reports["fresh"].dial("fidelity"))
    assert "guessing 0.500" in dial_words(reports["fresh"].dial("utility"))


def test_axes_of_dates_and_times():
    assert axis_values([0.0, 1.0], "date")[1].isoformat() == "1970-01-02T00:00:00"
    assert axis_values([0.0, 60.0], "datetime")[1].isoformat() == "1970-01-01T00:01:00"
    assert axis_values([0.0, 5400.0], "time") == [0.0, 1.5]
    assert axis_values([1.0, 2.0], "integer") == [1.0, 2.0]
