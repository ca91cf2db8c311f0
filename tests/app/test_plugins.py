"""Plug-ins on the face: administrators see what was loaded, reports show who measured."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.values import AddedMeasure
from core.governance.policy import UserRole
from core.plugins import Kind, Part, Plugin
from core.studio.values import RunState
from tests.app.fake_studio import FakeStudio, installed, run
from tests.app.harness import texts
from tests.app.test_results import NAME, JudgedRuns, report_of

GOOD = Plugin("a-package", "1.2", (Part(Kind.GENERATOR, "fancy", "Fancy"),))
BAD = Plugin("[b](x)", problem="There is no package '[b](x)'. Install it.")


@pytest.fixture
def studio():
    with installed(FakeStudio()) as fake:
        yield fake


def settings_of(studio: FakeStudio, role: UserRole, *plugins: Plugin):
    studio.actor = replace(studio.actor, role=role)
    studio.installation = SimpleNamespace(endings=lambda: (), plugins=lambda actor: plugins)
    return studio.app("settings")


def test_an_administrator_sees_what_was_loaded_and_refused(studio: FakeStudio) -> None:
    app = settings_of(studio, UserRole.PLATFORM_ADMIN, GOOD, BAD)
    assert not app.exception
    frame = app.dataframe[-1].value
    assert frame.iloc[0].tolist() == ["a-package", "1.2", "generator", "fancy", "Fancy"]
    assert r"\[b\]" in app.warning[0].value
    assert "nothing holds them in" in texts(app)


def test_without_any_it_says_how(studio: FakeStudio) -> None:
    assert "STUDIO_PLUGINS" in texts(settings_of(studio, UserRole.PLATFORM_ADMIN))


@pytest.mark.parametrize("role", [UserRole.GENERAL, UserRole.DOMAIN_ADMIN, UserRole.AUDITOR])
def test_nobody_else_sees_them(studio: FakeStudio, role: UserRole) -> None:
    app = settings_of(studio, role, GOOD, BAD)
    assert not app.exception
    assert "Plug-ins" not in [title.value for title in app.subheader]


def test_a_report_shows_measures_of_plugins_with_their_package(studio: FakeStudio) -> None:
    report = report_of("fresh")
    absent = NotMeasured("It stopped with an error of its own (KeyError).")
    said = ("a-package", "1.2")
    added = (
        AddedMeasure(*said, "Round *numbers*", "M.", "R.", Measure("one", 0.5, 0.9, 0.1, 1.0)),
        AddedMeasure(*said, "Another", "M.", "R.", Measure("two", absent, absent, absent, 1.0)),
    )
    tables = tuple(replace(table, added=added) for table in report.tables)
    known = [run("r1", RunState.DONE, result={"rows": {NAME: 900}})]
    studio.runs = JudgedRuns(known=known, reports={"r1": replace(report, tables=tables)})
    studio.releases = SimpleNamespace(
        dataset_names=lambda actor, project_id: {"d1": "Customers"},
        list=lambda actor, project_id: [],
        get=lambda actor, key: None,
    )
    app = studio.app("results", run="r1", tab="Differences", table=NAME)
    assert not app.exception
    assert "Measures of plug-ins" in [title.value for title in app.subheader]
    shown = next(f.value for f in app.dataframe if "Package" in f.value)
    assert shown["Package"].tolist() == ["a-package 1.2", "a-package 1.2"]
    assert shown["This data"].iloc[0] == 0.5
    assert "KeyError" in texts(app)
