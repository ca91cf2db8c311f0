"""Nobody reaches another project's data by any id, and no file holds a plain value."""

from collections.abc import Callable
from typing import Any

import pytest

from core.data.schema import Action
from core.errors import NotFound, PermissionDenied
from core.governance.policy import Actor, UserRole
from core.studio.values import Dataset, Release, Run, RunSpec
from tests.studio.office import Office

Call = Callable[[Office, Actor, Dataset, Run, Release], Any]

REAL_DATA: dict[str, Call] = {
    "rows": lambda o, a, d, r, v: o.studio.datasets.rows(a, d.id, "people"),
    "profile": lambda o, a, d, r, v: o.studio.datasets.profile(a, d.id),
    "preview": lambda o, a, d, r, v: o.studio.runs.preview(a, d.id, RunSpec()),
    "askable": lambda o, a, d, r, v: o.studio.runs.askable(a, d.id),
    "preview_action": lambda o, a, d, r, v: o.studio.datasets.preview_action(
        a, d.id, "people", "email", Action.MASK
    ),
}
WORK: dict[str, Call] = {
    "decide": lambda o, a, d, r, v: o.studio.datasets.decide(a, d.id, []),
    "set_keys": lambda o, a, d, r, v: o.studio.datasets.set_keys(a, d.id, {}, []),
    "submit": lambda o, a, d, r, v: o.studio.runs.submit(a, d.id, RunSpec()),
    "retry": lambda o, a, d, r, v: o.studio.runs.retry(a, r.id),
    "sample_again": lambda o, a, d, r, v: o.studio.runs.sample_again(a, r.id),
    "clone": lambda o, a, d, r, v: o.studio.runs.clone(a, r.id),
    "filled": lambda o, a, d, r, v: o.studio.runs.filled(a, r.id, "csv"),
    "cancel": lambda o, a, d, r, v: o.studio.runs.cancel(a, r.id),
    "release": lambda o, a, d, r, v: o.studio.releases.create(a, r.id, "x"),
    "synthetic": lambda o, a, d, r, v: o.studio.runs.synthetic(a, r.id, "people"),
    "download": lambda o, a, d, r, v: o.studio.releases.download(a, v.id, "csv"),
    "log": lambda o, a, d, r, v: o.studio.runs.log(a, r.id),
    "remove": lambda o, a, d, r, v: o.studio.datasets.remove(a, d.id),
}
METADATA: dict[str, Call] = {
    "get": lambda o, a, d, r, v: o.studio.datasets.get(a, d.id),
    "stage": lambda o, a, d, r, v: o.studio.datasets.stage(a, d.id),
    "list": lambda o, a, d, r, v: o.studio.datasets.list(a, o.project.id),
    "runs": lambda o, a, d, r, v: o.studio.runs.list(a, o.project.id),
    "run": lambda o, a, d, r, v: o.studio.runs.get(a, r.id),
    "report": lambda o, a, d, r, v: o.studio.runs.report(a, r.id),
    "pdf": lambda o, a, d, r, v: o.studio.runs.report_pdf(a, r.id),
    "releases": lambda o, a, d, r, v: o.studio.releases.list(a, o.project.id),
    "lineage": lambda o, a, d, r, v: o.studio.releases.lineage(a, v.id),
}


@pytest.fixture(scope="module")
def made(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Run, Release]:
    path = tmp_path_factory.mktemp("upload") / "people.csv"
    rows = [f"wilhelmina{i}@vanderbilt.example,{20 + i % 40}" for i in range(200)]
    path.write_text("email,points\n" + "\n".join(rows) + "\n")
    dataset = office.reviewed(path)
    run = office.finished(dataset)
    release = office.studio.releases.create(office.worker, run.id, "People")
    return dataset, run, release


@pytest.mark.parametrize("name", [*REAL_DATA, *WORK, *METADATA])
def test_an_outsider_learns_nothing(
    office: Office, made: tuple[Dataset, Run, Release], name: str
) -> None:
    call = {**REAL_DATA, **WORK, **METADATA}[name]
    with pytest.raises(NotFound) as caught:
        call(office, office.outsider, *made)
    assert "People" not in str(caught.value)


@pytest.mark.parametrize("name", [*REAL_DATA, *WORK])
def test_an_auditor_sees_no_rows_and_changes_nothing(
    office: Office, made: tuple[Dataset, Run, Release], name: str
) -> None:
    with pytest.raises((PermissionDenied, NotFound)):
        {**REAL_DATA, **WORK}[name](office, office.actors[UserRole.AUDITOR], *made)


@pytest.mark.parametrize("name", METADATA)
def test_an_auditor_reads_metadata(
    office: Office, made: tuple[Dataset, Run, Release], name: str
) -> None:
    assert METADATA[name](office, office.actors[UserRole.AUDITOR], *made) is not None


def test_unknown_and_foreign_ids_answer_alike(
    office: Office, made: tuple[Dataset, Run, Release]
) -> None:
    dataset = made[0]
    with pytest.raises(NotFound) as foreign:
        office.studio.datasets.get(office.outsider, dataset.id)
    with pytest.raises(NotFound) as unknown:
        office.studio.datasets.get(office.outsider, "0" * 16)
    assert str(foreign.value).replace(dataset.id, "0" * 16) == str(unknown.value)


def test_refusals_are_in_the_audit(office: Office, made: tuple[Dataset, Run, Release]) -> None:
    dataset = made[0]
    with pytest.raises(NotFound):
        office.studio.datasets.rows(office.outsider, dataset.id, "people")
    auditor = office.actors[UserRole.AUDITOR]
    found = office.studio.audit.search(auditor, action="dataset.rows", outcome="denied")
    assert any(e.resource == f"dataset:{dataset.id}" for e in found)
    assert office.studio.audit.verify(auditor).ok


def test_no_file_of_the_home_holds_a_plain_value(
    office: Office, made: tuple[Dataset, Run, Release]
) -> None:
    files = [path for path in office.home.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert b"wilhelmina" not in path.read_bytes(), path
        assert b"vanderbilt" not in path.read_bytes(), path


def test_no_audit_entry_holds_a_value_of_the_table(
    office: Office, made: tuple[Dataset, Run, Release]
) -> None:
    exported = office.studio.audit.export(office.actors[UserRole.AUDITOR], "json")
    assert b"wilhelmina" not in exported


def test_own_projects_are_those_of_a_member_also_for_who_sees_all(office: Office) -> None:
    theirs = office.studio.projects.create(office.actors[UserRole.DOMAIN_ADMIN], "Theirs")
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    assert theirs in office.studio.projects.list(admin)
    assert [p.id for p in office.studio.projects.mine(admin)] == [office.project.id]
    assert office.studio.projects.mine(office.actors[UserRole.AUDITOR]) == []
