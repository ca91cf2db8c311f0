"""Imports: what is shown before, what goes on beside the page, what is kept aside."""

from pathlib import Path

import pytest

from core.data import importing
from core.data.sniff import ReadOptions
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.importing import Request, of_files
from tests.studio.office import Office

RAGGED = "id;amount;day\n" + "".join(f"{i};{i},5;0{1 + i % 9}/02/2024\n" for i in range(40))


@pytest.fixture
def ragged(tmp_path: Path) -> Path:
    path = tmp_path / "ragged.csv"
    path.write_text(RAGGED + "41;1,5\n")
    return path


def test_files_are_shown_before_they_are_imported(office: Office, ragged: Path) -> None:
    imports, worker, project = office.studio.imports, office.worker, office.project.id
    (seen,) = imports.preview(worker, project, [("ragged.csv", ragged)])
    assert seen.dialect is not None
    assert (seen.dialect.delimiter, seen.encoding, seen.has_header) == (";", "utf-8", True)
    assert [c.type.value for c in seen.columns] == ["integer", "number", "date"]
    assert seen.columns[1].format.point == ","
    assert seen.columns[2].format.pattern == "%d/%m/%Y"
    assert seen.rows[0] == ("0", "0,5", "01/02/2024")
    assert seen.aside == 1
    before = len(office.studio.datasets.list(worker, project))
    said = {"ragged.csv": ReadOptions(month_first=True, header=False)}
    (seen,) = imports.preview(worker, project, [("ragged.csv", ragged)], said)
    assert [c.name for c in seen.columns] == ["column_1", "column_2", "column_3"]
    assert len(office.studio.datasets.list(worker, project)) == before


def test_what_cannot_be_read_is_said_and_can_be_corrected(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes("name,städte\nJürgen,Öd\n".encode("utf-16-le")[1:])
    imports, worker, project = office.studio.imports, office.worker, office.project.id
    (seen,) = imports.preview(worker, project, [("odd.csv", path)])
    assert "odd.csv" in seen.problem
    assert seen.rows == ()


def test_an_import_follows_what_was_said(office: Office, ragged: Path) -> None:
    said = {"ragged.csv": ReadOptions(month_first=True)}
    dataset = office.studio.imports.import_files(
        office.worker, office.project.id, "Said", [("ragged.csv", ragged)], said
    )
    column = dataset.schema["ragged"]["day"]
    assert column.format.pattern == "%m/%d/%Y"


def test_rows_kept_aside_are_for_those_who_may_see_rows(office: Office, ragged: Path) -> None:
    imports, worker = office.studio.imports, office.worker
    dataset = office.imported(ragged, "Ragged")
    (aside,) = imports.aside(worker, dataset.id).values()
    assert (aside.count, aside.first) == (1, ((42, "have too few fields"),))
    download = imports.aside_rows(worker, dataset.id, "ragged")
    assert download.filename == "Ragged-ragged-kept-aside.csv"
    assert b'42,have too few fields,"41;1,5"' in download.content()
    auditor = office.actors[UserRole.AUDITOR]
    with pytest.raises((PermissionDenied, NotFound)):
        imports.aside_rows(auditor, dataset.id, "ragged")
    with pytest.raises((PermissionDenied, NotFound)):
        imports.aside(office.outsider, dataset.id)
    (entry,) = office.studio.audit.search(
        auditor, action="dataset.aside", text=dataset.id, outcome="ok"
    )
    assert entry.details == {"rows": 1}


def test_an_import_goes_on_beside_the_page(office: Office, ragged: Path, monkeypatch) -> None:
    monkeypatch.setattr(importing, "STREAM_FROM", 100)
    imports, worker = office.studio.imports, office.worker
    request = Request(office.project.id, "Beside", ("ragged.csv",))
    done: list[str] = []
    task = imports.start(
        worker, request, of_files([("ragged.csv", ragged)]), after=lambda: done.append("x")
    )
    task = imports.wait(task.id)
    assert (task.state, task.error, task.share) == ("done", "", 1.0)
    assert done == ["x"]
    dataset = office.studio.datasets.get(worker, task.dataset_id)
    assert dict(dataset.table_rows) == {"ragged": 40}
    assert task in imports.list(worker, office.project.id)


def test_what_fails_or_is_cancelled_leaves_nothing(office: Office, tmp_path: Path) -> None:
    imports, worker, project = office.studio.imports, office.worker, office.project.id
    before = {d.id for d in office.studio.datasets.list(worker, project)}
    folders = set((office.home / "vault" / "datasets").glob("*"))
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    task = imports.start(worker, Request(project, "E", ("empty.csv",)), of_files([("e", empty)]))
    assert imports.wait(task.id).state == "failed"
    assert "is empty" in task.error

    def never(job):
        while True:
            job.progress.step(1, 2, "waiting")

    task = imports.start(worker, Request(project, "N", ("n",)), never)
    imports.cancel(worker, task.id)
    assert imports.wait(task.id).state == "cancelled"
    with pytest.raises((PermissionDenied, NotFound)):
        imports.cancel(office.outsider, task.id)
    assert {d.id for d in office.studio.datasets.list(worker, project)} == before
    assert set((office.home / "vault" / "datasets").glob("*")) == folders


@pytest.mark.parametrize(
    "wrong",
    [
        {"delimiter": ""},
        {"delimiter": ",,"},
        {"delimiter": "a"},
        {"encoding": "klingon"},
        {"encoding": "zlib"},
        {"point": ",", "thousands": ","},
        {"skip": -1},
        {"delimiter": '"', "quote": '"'},
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        ReadOptions.from_dict(wrong)
