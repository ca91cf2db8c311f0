"""From a finished run to a file in somebody's hands."""

import io
import zipfile
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.components.releases import release_labels
from app.resources import settings, studio, tickets
from core.api import COOKIE, create_routes
from core.governance.policy import UserRole
from core.studio.values import Release, Run, RunSpec
from tests.app.harness import House, texts


@pytest.fixture(scope="module")
def run(house: House) -> Run:
    """Give a finished run over the sample of four tables."""
    dataset = house.sample("bank", reviewed=True)
    rows = {table.name: 120 for table in dataset.schema.tables}
    params = dict(studio().runs.engines()[0].presets["quick look"])
    return house.finished(dataset, RunSpec(rows=rows, params=params))


@pytest.fixture(scope="module")
def release(house: House, run: Run) -> Release:
    return studio().releases.create(house.actors[UserRole.GENERAL], run.id, "Bank", "For tests")


def client(token: str = "") -> TestClient:
    app = Starlette(routes=create_routes(studio, tickets, settings))
    return TestClient(app, cookies={COOKIE: token} if token else {})


def test_a_release_is_created_on_its_page(house: House, run: Run) -> None:
    app = house.app(UserRole.GENERAL, "releases", run=run.id)
    assert app.selectbox(key="release_run").value == run.id
    app.text_input(key="release_name").set_value("Payments test")
    app.button(key="FormSubmitter:new_release-Create release").click().run()
    assert not app.exception
    made = studio().releases.list(house.actors[UserRole.GENERAL], house.project.id)
    assert {"Payments test"} <= {r.name for r in made}
    assert "Payments test · version 1" in texts(app)


def test_a_release_without_a_name_is_refused(house: House, run: Run) -> None:
    app = house.app(UserRole.GENERAL, "releases", run=run.id)
    app.text_input(key="release_name").set_value("  ")
    app.button(key="FormSubmitter:new_release-Create release").click().run()
    assert "needs a name" in app.error[0].value


def test_a_release_shows_lineage_and_rows(house: House, release: Release) -> None:
    app = house.app(UserRole.GENERAL, "releases", release=release.id)
    assert "Bank · version 1" in texts(app)
    chart = next(m.value for m in app.markdown if "flowchart LR" in m.value)
    assert f"run {release.run_id}" in chart
    assert "A bank in four tables" in chart
    assert "Bank · version 1" in chart
    assert len(app.tabs) == 4
    links = [link.url for link in app.link_button]
    assert links == [
        f"/api/releases/{release.id}/download?format={kind}"
        for kind in ("csv", "parquet", "json", "sql")
    ]


def test_an_auditor_sees_the_release_but_no_rows(house: House, release: Release) -> None:
    app = house.app(UserRole.AUDITOR, "releases", release=release.id)
    assert "Bank · version 1" in texts(app)
    assert not app.link_button
    assert not app.dataframe


@pytest.mark.parametrize("kind", ["csv", "parquet", "json", "sql"])
def test_a_member_downloads_every_format(house: House, release: Release, kind: str) -> None:
    answer = client(house.tokens[UserRole.GENERAL]).get(
        f"/api/releases/{release.id}/download?format={kind}"
    )
    assert answer.status_code == 200
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert len(names) == 4


def test_a_download_is_an_audit_record(house: House, release: Release) -> None:
    client(house.tokens[UserRole.GENERAL]).get(f"/api/releases/{release.id}/download?format=csv")
    found = studio().audit.search(house.actors[UserRole.AUDITOR], action="release.download")
    assert found[0].actor == "general"
    assert found[0].resource == f"release:{release.id}"


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), (UserRole.AUDITOR, 403), (UserRole.DOMAIN_ADMIN, 200)]
)
def test_who_may_download(
    house: House, release: Release, role: UserRole | None, status: int
) -> None:
    token = house.tokens[role] if role else ""
    answer = client(token).get(f"/api/releases/{release.id}/download")
    assert answer.status_code == status


def test_a_stranger_cannot_tell_that_a_release_exists(house: House, release: Release) -> None:
    admin = house.actors[UserRole.PLATFORM_ADMIN]
    studio().people.create(admin, "stranger", "Stranger", "seven-green-lamps-4", UserRole.GENERAL)
    token = studio().people.sign_in("stranger", "seven-green-lamps-4", "test").token
    real = client(token).get(f"/api/releases/{release.id}/download")
    unreal = client(token).get("/api/releases/0123456789abcdef/download")
    assert real.status_code == unreal.status_code == 404
    message = unreal.json()["message"].replace("0123456789abcdef", release.id)
    assert real.json()["message"] == message


def test_an_unknown_format_is_refused(house: House, release: Release) -> None:
    answer = client(house.tokens[UserRole.GENERAL]).get(
        f"/api/releases/{release.id}/download?format=exe"
    )
    assert answer.status_code == 422
    assert "csv" in answer.json()["message"]


def test_home_shows_the_way_of_a_released_dataset(house: House, release: Release) -> None:
    app = house.app(UserRole.GENERAL)
    assert app.metric[2].value == "1"
    assert app.button(key=f"next_{release.dataset_id}").label == "See its releases"
    auditor = house.app(UserRole.AUDITOR)
    assert not auditor.exception


def test_the_chosen_release_is_in_the_address(house: House, run: Run, release: Release) -> None:
    actor = house.actors[UserRole.GENERAL]
    other = studio().releases.create(actor, run.id, "Other", "")
    app = house.app(UserRole.GENERAL, "releases", release=release.id)
    app.selectbox(key="release_choice").set_value(other.id).run()
    assert app.query_params["release"] in (other.id, [other.id])
    assert "Other · version 1" in texts(app)
    app = house.app(UserRole.GENERAL, "releases", dataset=release.dataset_id)
    assert release.dataset_id in app.query_params["dataset"]
    assert not app.exception


def test_releases_with_one_name_can_be_told_apart(release: Release) -> None:
    twin = replace(release, id="0123456789abcdef")
    labels = release_labels([release, twin])
    assert len(set(labels.values())) == 2
    assert release_labels([release]) == {release.id: "Bank · version 1"}


def test_an_auditor_has_no_next_step_that_is_not_theirs(house: House, release: Release) -> None:
    house.sample("bank_customers")
    general, auditor = (
        {m.label: m.value for m in house.app(role).metric}
        for role in (UserRole.GENERAL, UserRole.AUDITOR)
    )
    assert (general["Waiting for you"], auditor["Waiting for you"]) == ("1", "0")


def test_another_project_is_not_left_for_what_the_address_named(
    house: House, release: Release
) -> None:
    actor = house.actors[UserRole.DOMAIN_ADMIN]
    other = studio().projects.create(actor, "Insurance", "")
    app = house.app(UserRole.DOMAIN_ADMIN, "releases", release=release.id)
    app.selectbox(key="project_picker").set_value(other.id).run()
    assert app.selectbox(key="project_picker").value == other.id
    app.run()
    assert app.selectbox(key="project_picker").value == other.id
    assert "release" not in app.query_params
    assert "No release yet" in texts(app)
