"""The main job through the library: a table goes in, a judged synthetic table comes out."""

import io
from pathlib import Path

import pandas as pd
import pytest

from core.data.schema import Action, ColumnType, Role
from core.errors import Conflict, InvalidInput, InvalidParameter, ReviewIncomplete
from core.studio.values import Decision, RunSpec, RunState, Stage
from tests.studio.office import Office


def test_from_upload_to_download(office: Office, people_csv: Path) -> None:
    studio, worker = office.studio, office.worker
    dataset = office.imported(people_csv)
    assert dataset.open_columns == (("people", "email"),)
    assert studio.datasets.stage(worker, dataset.id) is Stage.REVIEW
    with pytest.raises(ReviewIncomplete, match="1 columns wait"):
        studio.runs.submit(worker, dataset.id, RunSpec())

    email = Decision("people", "email", ColumnType.TEXT, Role.IDENTIFIER, Action.REPLACE)
    dataset = studio.datasets.decide(worker, dataset.id, [email])
    assert dataset.reviewed_at is not None
    assert studio.datasets.stage(worker, dataset.id) is Stage.GENERATE

    run = office.finished(dataset, RunSpec(target="people.income", rows={"people": 500}))
    assert run.state is RunState.DONE, run.error
    assert run.result["rows"] == {"people": 500}
    assert run.result["train_rows"] == {"people": 240}
    assert run.result["holdout_rows"] == {"people": 60}
    report = studio.runs.report(worker, run.id)
    assert report.figures is not None
    assert studio.runs.report_pdf(worker, run.id).startswith(b"%PDF")
    assert "fit" in studio.runs.log(worker, run.id)

    release = studio.releases.create(worker, run.id, "People")
    assert release.version == 1
    assert studio.releases.create(worker, run.id, "People").version == 2
    assert studio.datasets.stage(worker, dataset.id) is Stage.RELEASED
    edges = [(e.source, e.target) for e in studio.releases.lineage(worker, release.id)]
    assert ("file:people.csv", f"dataset:{dataset.id}") in edges
    assert (f"dataset:{dataset.id}", f"run:{run.id}") in edges
    assert (f"run:{run.id}", f"release:{release.id}") in edges

    real = pd.read_csv(people_csv)
    made = pd.read_csv(io.BytesIO(studio.releases.download(worker, release.id, "csv").content()))
    assert list(made.columns) == list(real.columns)
    assert len(made) == 500
    assert made["points"].dtype == real["points"].dtype
    assert made["member"].dtype == real["member"].dtype
    assert not set(made["email"]) & set(real["email"])
    assert made["income"].corr(made["points"]) > 0.9


@pytest.mark.parametrize("format", ["csv", "parquet", "json", "sql"])
def test_each_download_is_an_audit_entry(office: Office, people_csv: Path, format: str) -> None:
    run = office.finished(office.reviewed(people_csv))
    release = office.studio.releases.create(office.worker, run.id, f"As {format}")
    download = office.studio.releases.download(office.worker, release.id, format)
    assert download.filename.endswith(f".{format}")
    assert len(download.content()) > 1000
    auditor = next(a for role, a in office.actors.items() if role == "auditor")
    (entry,) = office.studio.audit.search(
        auditor, action="release.download", text=release.id, outcome="ok"
    )
    assert entry.details["format"] == format
    assert entry.actor == office.worker.username


def test_the_same_seed_makes_the_same_release(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    first, second, other = (office.finished(dataset, RunSpec(seed=s)) for s in (5, 5, 6))
    assert first.result["content_hash"] == second.result["content_hash"]
    assert first.result["content_hash"] != other.result["content_hash"]


def test_nothing_of_a_failed_import_stays(office: Office, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"")
    before = set((office.home / "vault").rglob("*"))
    with pytest.raises(InvalidInput, match=r"broken\.csv"):
        office.imported(broken)
    assert set((office.home / "vault").rglob("*")) == before


def test_all_problems_of_a_run_are_said_at_once(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    spec = RunSpec(params={"nonsense": 1}, rows={"people": 0}, holdout=0.9, target="people.nope")
    with pytest.raises(InvalidParameter) as caught:
        office.studio.runs.submit(office.worker, dataset.id, spec)
    text = " ".join(caught.value.problems)
    assert all(word in text for word in ("nonsense", "rows", "holdout", "target"))


def test_an_impossible_type_is_refused_and_nothing_is_saved(
    office: Office, people_csv: Path
) -> None:
    dataset = office.imported(people_csv)
    good = Decision("people", "points", ColumnType.NUMBER, Role.PLAIN, Action.KEEP)
    bad = Decision("people", "email", ColumnType.INTEGER, Role.PLAIN, Action.KEEP)
    with pytest.raises(InvalidInput, match="email") as caught:
        office.studio.datasets.decide(office.worker, dataset.id, [good, bad])
    assert "person1" not in str(caught.value)
    schema = office.studio.datasets.get(office.worker, dataset.id).schema
    assert schema["people"]["points"].type is ColumnType.INTEGER


def test_a_changed_type_reaches_the_result(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    points = Decision("people", "points", ColumnType.CATEGORY, Role.PLAIN, Action.KEEP)
    dataset = office.studio.datasets.decide(office.worker, dataset.id, [points])
    run = office.finished(dataset)
    made = office.studio.runs.synthetic(office.worker, run.id, "people")
    assert made["points"].dtype == "string[pyarrow]"


def test_previews_of_actions_show_no_real_value(office: Office, people_csv: Path) -> None:
    dataset = office.imported(people_csv)
    show = office.studio.datasets.preview_action
    for action in (Action.REPLACE, Action.MASK):
        examples = show(office.worker, dataset.id, "people", "email", action)
        assert examples
        assert not any("person" in example for example in examples)
    assert show(office.worker, dataset.id, "people", "email", Action.KEEP) == ["unchanged"]


def test_a_preview_is_quick_and_leaves_no_run(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    before = len(office.studio.runs.list(office.worker, office.project.id))
    made = office.studio.runs.preview(office.worker, dataset.id, RunSpec())
    assert len(made["people"]) == 300
    assert len(office.studio.runs.list(office.worker, office.project.id)) == before
    with pytest.raises(InvalidInput, match="no preview"):
        office.studio.runs.preview(office.worker, dataset.id, RunSpec(engine="ctgan"))


def test_related_tables_stay_related(office: Office) -> None:
    dataset = office.studio.datasets.import_sample(office.worker, office.project.id, "bank")
    decisions = [
        Decision(t, c, dataset.schema[t][c].type, dataset.schema[t][c].role, Action.REPLACE)
        for t, c in dataset.open_columns
    ]
    dataset = office.studio.datasets.decide(office.worker, dataset.id, decisions)
    assert len(dataset.schema.relationships) == 3
    run = office.finished(dataset)
    assert run.state is RunState.DONE, run.error
    made = {
        name: office.studio.runs.synthetic(office.worker, run.id, name, 10**9)
        for name in dataset.schema.names
    }
    for link in dataset.schema.relationships:
        keys = made[link.parent][link.parent_key]
        assert keys.is_unique
        assert made[link.child][link.child_key].dropna().isin(keys).all()


def test_a_dataset_under_way_cannot_be_changed(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    run = office.studio.runs.submit(office.worker, dataset.id, RunSpec())
    with pytest.raises(Conflict, match="under way"):
        office.studio.datasets.remove(office.worker, dataset.id)
    assert office.wait(run).state is RunState.DONE
    office.studio.datasets.remove(office.worker, dataset.id)
    assert not (office.home / "vault" / "datasets" / dataset.id).exists()
    assert office.studio.runs.report(office.worker, run.id)
