"""Runs that train a network: their figures stay with the run, and its result says what was done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.schema import Action
from core.jobs import Reported
from core.studio.values import Dataset, Decision, RunSpec, RunState
from tests.studio.inline import InlinePool, Stages, inline
from tests.studio.office import Office


@pytest.fixture
def pool(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[InlinePool]:
    """A pool that passes the figures of a training on, as a job's process does."""
    with inline(office) as pool:
        ids: list[str] = []
        submit = pool.submit

        def noted(job_id, function, payload):
            ids.append(job_id)
            submit(job_id, function, payload)

        def step(self, done, total, note="", values=None):
            if values:
                pool._on_event(ids[-1], Reported("fit", done, total, note, (values,), 1.0))

        monkeypatch.setattr(pool, "submit", noted)
        monkeypatch.setattr(Stages, "step", step)
        yield pool


@pytest.fixture
def cities(office: Office, tmp_path: Path) -> Dataset:
    path = tmp_path / "cities.csv"
    rows = [f"town{n // 4},{n % 9}.5,{'xy'[n % 2]}" for n in range(240)]
    path.write_text("\n".join(["city,size,side", *rows]))
    dataset = office.imported(path, "Cities")
    columns = dataset.schema["cities"].columns
    kept = [Decision("cities", c.name, c.type, c.role, Action.KEEP) for c in columns]
    return office.studio.datasets.decide(office.worker, dataset.id, kept)


def test_figures_and_notes_stay_with_the_run(office: Office, pool: InlinePool, cities: Dataset):
    params = {"epochs": 4, "layer_width": 8, "max_categories": 10}
    spec = RunSpec(engine="tvae", params=params, rows={"cities": 30}, seed=3)
    run = office.studio.runs.submit(office.worker, cities.id, spec)
    run = office.studio.runs.get(office.worker, run.id)
    assert run.state is RunState.DONE, run.error
    assert [point["epoch"] for point in run.progress.history] == [1, 2, 3, 4]
    for point in run.progress.history:
        assert point["loss"] == pytest.approx(point["reconstruction"] + point["divergence"])
    (note,) = run.result["notes"]
    assert note.startswith("city: 60 values")
    assert "town" not in note
