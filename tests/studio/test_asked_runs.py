"""Runs of which something is asked: conditions, shares, rules, fairness, extra rows, filling."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action
from core.errors import Conflict, InvalidInput, InvalidParameter, NotFound, PermissionDenied
from core.evaluation import NotMeasured
from core.governance.policy import UserRole
from core.studio.values import Dataset, Decision, Purpose, Run, RunSpec, RunState
from core.synthesis.asks import Ask, Between, Equals, Fairness, Shares
from tests.studio.inline import InlinePool
from tests.studio.office import Office

pytestmark = pytest.mark.usefixtures("pool")


def csv(rows: int = 2000) -> str:
    """One in ten is red and heavy; of the young 70 % are granted, of the old 30 %."""
    rng = np.random.default_rng(0)
    red, old = rng.random(rows) < 0.1, rng.random(rows) < 0.4
    frame = pd.DataFrame(
        {
            "number": np.arange(rows),
            "colour": np.where(red, "red", "blue"),
            "weight": np.where(red, 70, 20) + rng.normal(0, 2, rows).round(2),
            "band": np.where(old, "old", "young"),
            "granted": np.where(rng.random(rows) < np.where(old, 0.3, 0.7), "yes", "no"),
            "least": rng.integers(0, 9, rows),
        }
    )
    frame["most"] = frame["least"] + rng.integers(0, 5, rows)
    frame.loc[::7, "weight"] = None
    return frame.to_csv(index=False)


@pytest.fixture
def judged(pool: InlinePool) -> Iterator[None]:
    pool.judges = True
    yield
    pool.judges = False


@pytest.fixture(scope="module")
def things(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("upload") / "things.csv"
    path.write_text(csv())
    dataset = office.imported(path, "Things")
    columns = dataset.schema["things"].columns
    kept = [Decision("things", c.name, c.type, c.role, Action.KEEP) for c in columns]
    return office.studio.datasets.decide(office.worker, dataset.id, kept)


@pytest.fixture(scope="module")
def red(office: Office, things: Dataset) -> Run:
    """A run that was asked for red things only."""
    return done(office, things, ask=Ask((Equals("colour", "red"),)), rows={"things": 50})


def done(office: Office, dataset: Dataset, **spec: object):
    run = office.finished(dataset, RunSpec(depth="quick", **spec))
    assert run.state is RunState.DONE, run.error
    return run


def made(office: Office, run) -> pd.DataFrame:
    return office.studio.runs.synthetic(office.worker, run.id, "things", 10**6)


def test_conditions_are_met_reported_and_judged_against_rows_that_fit(
    office: Office, things: Dataset, judged: None
) -> None:
    ask = Ask((Equals("colour", "red"), Between("least", 2, None)))
    run = done(office, things, ask=ask, rows={"things": 120})
    frame = made(office, run)
    assert (frame["colour"] == "red").all()
    assert (frame["least"] >= 2).all()
    assert frame["weight"].dropna().median() > 60
    asked = run.result["asked"]
    assert (asked["method"], asked["acceptance"]) == ("construction", 1.0)
    assert asked["columns"] == ["colour", "least"]
    assert 80 <= asked["matching_training_rows"] <= 180
    report = office.studio.runs.report(office.worker, run.id)["things"]
    assert report.rows["train"] == asked["matching_training_rows"]
    notes = " ".join(report.notes)
    assert "fit the conditions on colour, least" in notes
    assert "red" not in notes
    assert run.spec.ask == Ask(ask.conditions, table="things")


def again(office: Office, run: Run, ask: Ask | None = None, rows: int = 40) -> Run:
    return office.studio.runs.sample_again(office.worker, run.id, {"things": rows}, ask=ask)


def get(office: Office, run: Run) -> Run:
    return office.studio.runs.get(office.worker, run.id)


def test_the_model_of_an_asked_run_is_asked_again(office: Office, red: Run) -> None:
    blue = get(office, again(office, red, Ask((Equals("colour", "blue"),))))
    assert blue.state is RunState.DONE, blue.error
    assert (made(office, blue)["colour"] == "blue").all()
    assert blue.result["asked"]["method"] == "construction"
    free = get(office, again(office, red, rows=400))
    assert 0.02 < (made(office, free)["colour"] == "red").mean() < 0.25
    assert free.spec.ask is None
    assert "asked" not in free.result


def test_a_model_is_asked_of_other_columns_by_rejection(office: Office, red: Run) -> None:
    old = get(office, again(office, red, Ask((Equals("band", "old"),))))
    assert (made(office, old)["band"] == "old").all()
    asked = old.result["asked"]
    assert asked["method"] == "rejection"
    assert asked["acceptance"] == pytest.approx(0.4, abs=0.1)
    assert asked["drawn"] > 40
    failed = get(office, again(office, red, Ask((Between("weight", 45, 45.01),))))
    assert failed.state is RunState.FAILED
    assert "draws and rejects" in failed.error
    with pytest.raises(InvalidParameter, match="nope"):
        again(office, red, Ask((Equals("nope", 1),)))


def test_shares_are_reached_and_judged_against_rows_with_the_same_shares(
    office: Office, things: Dataset, judged: None
) -> None:
    ask = Ask(shares=Shares("colour", {"red": 0.5, "blue": 0.5}))
    run = done(office, things, ask=ask, rows={"things": 200})
    assert made(office, run)["colour"].value_counts().to_dict() == {"red": 100, "blue": 100}
    report = office.studio.runs.report(office.worker, run.id)["things"]
    colour = next(column for column in report.columns if column.name == "colour")
    assert colour.similarity == pytest.approx(1.0)
    assert report.rows["train"] < 450
    assert "drawn so that they are as was asked of colour" in " ".join(report.notes)


def test_where_too_few_real_rows_are_left_nothing_is_measured(
    office: Office, things: Dataset
) -> None:
    ask = Ask(
        (
            Equals("colour", "red"),
            Equals("band", "old"),
            Between("least", 8, None),
            Equals("granted", "yes"),
        )
    )
    run = done(office, things, ask=ask, rows={"things": 60}, target="things.granted")
    assert len(made(office, run)) == 60
    report = office.studio.runs.report(office.worker, run.id)
    assert report.level == "unknown"
    assert all(isinstance(m.value, NotMeasured) for m in report["things"].measures.values())
    assert "20 are needed" in report["things"].notes[0]
    assert office.studio.runs.report_pdf(office.worker, run.id).startswith(b"%PDF")


def test_rules_are_kept_and_reported(office: Office, things: Dataset) -> None:
    run = done(office, things, rules={"things": ("least <= most", "least between 0 6")})
    frame = made(office, run)
    assert (frame["least"] <= frame["most"]).all()
    assert frame["least"].max() <= 6
    reports = {r["rule"]: r for r in run.result["asked"]["rules"]}
    assert all(r["kept"] == 1.0 for r in reports.values())
    assert reports["least in its range"]["kept_in_training"] < 0.9
    more = made(office, again(office, run, rows=900))
    assert (more["least"] <= more["most"]).all()


def test_a_dependence_is_broken_and_its_cost_is_told(office: Office, things: Dataset) -> None:
    run = done(office, things, fairness=Fairness("band", "granted"), rows={"things": 1000})
    said = run.result["asked"]["fairness"]
    (column,) = said["columns"]
    parity = column["demographic_parity_difference"]
    assert parity["real"] > 0.25
    assert parity["plain"] == pytest.approx(parity["real"], abs=0.08)
    assert parity["fair"] < 0.02
    assert isinstance(said["pairwise_similarity"]["lost"], float)
    report = office.studio.runs.report(office.worker, run.id)["things"]
    assert "broken on purpose" in " ".join(report.notes)
    more = made(office, again(office, run, rows=1000))
    shares = (more["granted"] == "yes").groupby(more["band"]).mean()
    assert abs(shares["old"] - shares["young"]) < 0.05


def test_extra_rows_have_keys_that_no_real_row_has(office: Office, things: Dataset) -> None:
    run = done(office, things, purpose=Purpose.AUGMENT, rows={"things": 500})
    frame = made(office, run)
    real = office.studio.datasets.rows(office.worker, things.id, "things", 10**6)
    assert len(frame) == 500
    assert frame["number"].is_unique
    assert not frame["number"].isin(real["number"]).any()
    release = office.studio.releases.create(office.worker, run.id, "More things")
    assert release.version == 1


def test_missing_cells_are_filled_apart_and_never_released(office: Office, things: Dataset) -> None:
    studio, worker = office.studio, office.worker
    run = done(office, things, purpose=Purpose.IMPUTE, copies=2)
    real = studio.datasets.rows(worker, things.id, "things", 10**6)
    said = run.result["filled"]
    assert said["cells"] == {"things": {"weight": int(real["weight"].isna().sum())}}
    (quality,) = said["quality"]["things"]
    assert (quality["column"], quality["kind"]) == ("weight", "number")
    assert quality["filled"] < 0.5 * quality["baseline"]
    copies = [
        pd.read_csv(io.BytesIO(studio.runs.filled(worker, run.id, "csv", n).content()))
        for n in (1, 2)
    ]
    known = real["weight"].notna().to_numpy()
    for filled in copies:
        assert filled["weight"].notna().all()
        np.testing.assert_allclose(filled.loc[known, "weight"], real.loc[known, "weight"])
        assert ((filled["weight"] > 45) == (filled["colour"] == "red")).mean() > 0.97
        pd.testing.assert_series_equal(
            filled["number"], real["number"].astype("int64"), check_names=False
        )
    assert not copies[0].equals(copies[1])
    with pytest.raises(Conflict, match="never released"):
        studio.releases.create(worker, run.id, "Real")
    for call in (studio.runs.report, studio.runs.report_pdf, studio.runs.sample_again):
        with pytest.raises(Conflict, match="filled the missing cells"):
            call(worker, run.id)
    with pytest.raises(Conflict):
        studio.runs.synthetic(worker, run.id, "things")
    with pytest.raises(InvalidInput, match="from 1 to 2"):
        studio.runs.filled(worker, run.id, "csv", 3)
    with pytest.raises(InvalidInput, match="format"):
        studio.runs.filled(worker, run.id, "exe")
    with pytest.raises(NotFound):
        studio.runs.filled(office.outsider, run.id, "csv")
    with pytest.raises((PermissionDenied, NotFound)):
        studio.runs.filled(office.actors[UserRole.AUDITOR], run.id, "csv")
    (entry,) = studio.audit.search(
        office.actors[UserRole.AUDITOR], action="run.filled", text=run.id, outcome="ok"
    )[:1]
    assert entry.details["format"] == "csv"
    retried = office.wait(studio.runs.retry(worker, run.id))
    assert retried.result["filled"] == said


def test_filled_tables_go_with_their_dataset(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = [f"{i % 5},{'' if i % 9 == 0 else i % 5 * 2}" for i in range(90)]
    path.write_text("a,b\n" + "\n".join(rows) + "\n")
    dataset = office.reviewed(path, "Few")
    run = done(office, dataset, purpose=Purpose.IMPUTE)
    (quality,) = run.result["filled"]["quality"]["few"]
    assert "20 are needed" in quality["filled"]["reason"]
    folder = office.home / "vault" / "runs" / run.id / "filled"
    assert folder.exists()
    office.studio.datasets.remove(office.worker, dataset.id)
    assert not folder.exists()
    with pytest.raises(Conflict, match="removed together"):
        office.studio.runs.filled(office.worker, run.id, "csv")


def test_a_filling_that_is_stopped_leaves_nothing(
    office: Office, things: Dataset, pool: InlinePool
) -> None:
    pool.stop_at = "evaluate"
    run = office.finished(things, RunSpec(purpose=Purpose.IMPUTE))
    pool.stop_at = ""
    assert run.state is RunState.CANCELLED
    folder = office.home / "vault" / "runs" / run.id
    assert [path.name for path in folder.iterdir()] == ["log.txt"]
    assert "filling weight" in office.studio.runs.log(office.worker, run.id)


def test_what_fills_nothing_has_nothing_to_download(office: Office, things: Dataset) -> None:
    run = done(office, things, rows={"things": 50})
    with pytest.raises(Conflict, match="filled no missing cells"):
        office.studio.runs.filled(office.worker, run.id, "csv")


def test_a_value_the_training_rows_do_not_have_ends_the_run_before_the_fit(
    office: Office, things: Dataset
) -> None:
    spec = RunSpec(ask=Ask((Equals("colour", "Ultraviolet"),)))
    run = office.finished(things, spec)
    assert run.state is RunState.FAILED
    assert "'colour' does not have that value" in run.error
    assert "Ultraviolet" not in run.error
    assert "fit" not in office.studio.runs.log(office.worker, run.id).split()


def test_a_preview_is_as_asked(office: Office, things: Dataset) -> None:
    show = office.studio.runs.preview
    frame = show(office.worker, things.id, RunSpec(ask=Ask((Equals("colour", "red"),))))["things"]
    assert (frame["colour"] == "red").all()
    with pytest.raises(InvalidInput, match="no preview"):
        show(office.worker, things.id, RunSpec(purpose=Purpose.IMPUTE))


def test_the_audit_names_columns_and_no_values(office: Office, things: Dataset) -> None:
    auditor = office.actors[UserRole.AUDITOR]
    entries = office.studio.audit.search(auditor, action="run.submit", outcome="ok")
    assert any(e.details.get("asked") == ["colour", "least"] for e in entries)
    assert any(e.details.get("fairness") == ["band", "granted"] for e in entries)
    assert b'"red"' not in office.studio.audit.export(auditor, "json")


def test_several_tables_conditions_and_filling(office: Office) -> None:
    studio, worker = office.studio, office.worker
    dataset = office.reviewed_sample("bank")
    askable = studio.runs.askable(worker, dataset.id)
    assert "account" not in askable
    rating = next(c for c in askable["party"] if c.column == "rating")
    wanted = rating.values[0].value
    ask = Ask((Equals("rating", wanted),), table="party")
    run = done(office, dataset, ask=ask, rows={"party": 150})
    parties = studio.runs.synthetic(worker, run.id, "party", 10**6)
    assert (parties["rating"] == wanted).all()
    report = studio.runs.report(worker, run.id)
    assert report["party"].rows["train"] == run.result["asked"]["matching_training_rows"]
    filled = done(office, dataset, purpose=Purpose.IMPUTE)
    tables = list(filled.result["filled"]["cells"])
    content = studio.runs.filled(worker, filled.id, "csv").content()
    if len(tables) > 1:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {Path(n).stem for n in archive.namelist()} == set(tables)
    else:
        assert len(pd.read_csv(io.BytesIO(content))) == dataset.table_rows[tables[0]]
