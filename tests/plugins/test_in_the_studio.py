"""A plug-in in a running studio: listed, audited, used by a job in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PermissionDenied
from core.governance.policy import UserRole
from core.settings import Settings
from core.studio import Studio
from core.studio.installation import plugins_told
from core.studio.values import RunSpec, RunState
from tests.plugins.packages import registries_kept
from tests.studio.office import Office

NAMED = "synth-studio-example, not-there"
BOOKS = "\n\n".join(f"Title: Book {i % 7}\nYear: {1950 + 10 * (i % 6)}" for i in range(200))


@pytest.fixture(scope="module")
def office(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch, registries_kept():
        patch.syspath_prepend(str(example))
        patch.setenv("PYTHONPATH", str(example))
        office = Office.open(home, plugins=NAMED)
        yield office
        office.studio.close()


def test_administrators_see_what_was_loaded(office: Office) -> None:
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    good, bad = office.studio.installation.plugins(admin)
    assert [part.name for part in good.loaded] == [
        "example_independent",
        "example_round_numbers",
        "example_rec",
    ]
    assert "Install it" in bad.problem
    with pytest.raises(PermissionDenied):
        office.studio.installation.plugins(office.worker)


def test_the_audit_says_what_was_loaded_at_the_start(office: Office) -> None:
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    (start,) = office.studio.audit.search(admin, action="system.start")
    assert start.details["plugins"][0] == (
        "synth-studio-example 1.0.0: generator example_independent"
    )
    assert start.details["plugins_refused"] == 1


def test_many_plugins_fit_into_one_record(office: Office) -> None:
    (good, bad) = office.studio.installation.plugins(office.actors[UserRole.PLATFORM_ADMIN])
    told = plugins_told([good] * 200 + [bad])
    assert told["plugins"][-1].startswith("and ")
    assert plugins_told([]) == {}


def test_a_run_with_the_generator_of_a_plugin(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "books.rec"
    path.write_text(BOOKS)
    assert office.studio.installation.endings() == (".rec",)
    dataset = office.reviewed(path, "Books")
    assert dataset.table_rows == {"books": 200}
    spec = RunSpec(engine="example_independent", depth="quick", seed=3)
    assert office.studio.runs.estimate(office.worker, dataset.id, spec).fit_s > 0
    run = office.finished(dataset, spec)
    assert run.state is RunState.DONE, run.error
    (added,) = office.studio.runs.report(office.worker, run.id)["books"].added
    assert added.package == "synth-studio-example"
    assert 0.5 < added.measure.value <= 1.0
    blobs = [p for p in (office.home / "vault").rglob("*") if p.is_file()]
    assert not any(b"quantiles" in p.read_bytes() for p in blobs)


def test_a_studio_starts_whatever_is_named(tmp_path: Path) -> None:
    with registries_kept():
        studio = Studio.open(Settings(home=tmp_path, workers=1, plugins="no-such, -x, ?!"))
        studio.close()
