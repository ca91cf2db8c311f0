"""Runs of more rows than are held at once, and models sampled again."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import blocks, parts, write
from core.data.hashing import content_hash
from core.data.schema import Schema
from core.errors import InvalidParameter, NotFound
from core.evaluation import Report
from core.progress import SilentProgress
from core.studio import execute, making
from core.studio.execute import RunTask, execute_run
from core.studio.stored import model_path, read_synthetic, report_path
from core.studio.values import RunSpec, RunState
from core.synthesis import model
from tests.studio.office import Office


@pytest.fixture
def task(office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch) -> RunTask:
    """A run to carry out in this process, in blocks of 200 rows, with small limits."""
    for module in (blocks, model, parts, write):
        monkeypatch.setattr(module, "block_rows", lambda columns: 200)
    monkeypatch.setattr(execute, "MOST_TRAIN_ROWS", 160)
    monkeypatch.setattr(making, "JUDGED_ROWS", 300)
    monkeypatch.setattr(making, "JUDGED_CELLS", 1)
    dataset = office.reviewed(people_csv)
    row = office.studio.runs._context.dataset(dataset.id)
    return RunTask(
        run_id=f"run-{dataset.id}",
        dataset_id=dataset.id,
        stored_schema=Schema.from_dict(row.stored_schema),
        schema=dataset.schema,
        spec=RunSpec(rows={"people": 1_050}),
        vault=office.studio.runs._context.vault.access,
    )


def test_a_run_in_blocks_says_what_was_used_and_judged(task: RunTask) -> None:
    result = execute_run(task, SilentProgress())
    vault, output = task.vault.open(), Schema.from_dict(result["output_schema"])
    assert result["rows"] == {"people": 1_050}
    assert result["real_rows"] == {"people": 300}
    assert result["train_rows"] == {"people": 160}
    assert result["holdout_rows"] == {"people": 40}
    assert result["judged_rows"] == {"people": 300}
    made = read_synthetic(vault, task.run_id, output)
    assert len(made["people"]) == 1_050
    assert content_hash(made, output) == result["content_hash"]
    assert made["people"]["email"].is_unique
    notes = Report.from_dict(json.loads(vault.read_blob(report_path(task.run_id))))
    said = " ".join(notes["people"].notes)
    assert "200 of 300 real rows" in said
    assert "Judged on 300 of 1,050 rows made" in said


def test_the_same_run_makes_the_same_rows_and_another_sample_others(task: RunTask) -> None:
    first = execute_run(task, SilentProgress())
    again = execute_run(replace(task, run_id=f"{task.run_id}-b"), SilentProgress())
    assert first["content_hash"] == again["content_hash"]
    spec = replace(task.spec, seed=task.spec.seed + 1, model_of=task.run_id)
    more = replace(task, run_id=f"{task.run_id}-c", spec=spec, fit_seed=task.spec.seed)
    other = execute_run(more, SilentProgress())
    assert other["rows"] == first["rows"]
    assert other["content_hash"] != first["content_hash"]
    assert not task.vault.open().exists(model_path(more.run_id))
    same = replace(more, run_id=f"{task.run_id}-d", spec=replace(spec, seed=task.spec.seed))
    assert execute_run(same, SilentProgress())["content_hash"] == first["content_hash"]


def test_a_model_is_sampled_again_without_a_fit(office: Office, people_csv: Path) -> None:
    studio, worker = office.studio, office.worker
    run = office.finished(office.reviewed(people_csv))
    again = office.wait(studio.runs.sample_again(worker, run.id, {"people": 70}, seed=9))
    assert again.state is RunState.DONE, again.error
    assert again.result["rows"] == {"people": 70}
    assert (again.spec.model_of, again.spec.seed) == (run.id, 9)
    third = office.wait(studio.runs.sample_again(worker, again.id))
    assert (third.spec.model_of, third.spec.seed) == (run.id, 10)
    assert third.result["rows"] == run.result["rows"]
    assert "fit" not in studio.runs.log(worker, third.id).split()
    release = studio.releases.create(worker, again.id, "Again")
    edges = [(e.source, e.target) for e in studio.releases.lineage(worker, release.id)]
    assert (f"run:{run.id}", f"run:{again.id}") in edges
    assert (f"dataset:{run.dataset_id}", f"run:{run.id}") in edges
    retried = office.wait(studio.runs.retry(worker, again.id))
    assert retried.result["content_hash"] == again.result["content_hash"]


def test_what_cannot_be_sampled_again(office: Office, people_csv: Path) -> None:
    run = office.finished(office.reviewed(people_csv))
    with pytest.raises(InvalidParameter, match="rows"):
        office.studio.runs.sample_again(office.worker, run.id, {"people": 0})
    with pytest.raises(NotFound):
        office.studio.runs.sample_again(office.outsider, run.id)


def test_a_download_comes_in_pieces_after_its_audit_entry(
    office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (parts, write):
        monkeypatch.setattr(module, "block_rows", lambda columns: 50)
    studio, worker = office.studio, office.worker
    run = office.finished(office.reviewed(people_csv))
    release = studio.releases.create(worker, run.id, "Pieces")
    download = studio.releases.download(worker, release.id, "csv")
    auditor = next(a for role, a in office.actors.items() if role == "auditor")
    found = studio.audit.search(auditor, action="release.download", text=release.id, outcome="ok")
    assert len(found) == 1
    pieces = list(download.chunks)
    assert len(pieces) >= 6
    made = pd.read_csv(io.BytesIO(b"".join(pieces)))
    assert len(made) == 300
    assert np.isfinite(made["income"]).all()
