"""Free text in the review and on the command line: who may, which columns, and what then."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core import cli
from core.data.schema import Action
from core.errors import InvalidInput, PermissionDenied
from core.governance.policy import UserRole
from core.studio.values import Dataset, Decision, RunSpec, RunState
from tests.studio.inline import inline
from tests.studio.office import Office


def written(folder: Path, rows: int = 400) -> Path:
    rng = np.random.default_rng(4)
    words = [["Please", "Do", "Never"], ["call", "send", "check"], ["today", "soon", "again"]]
    lines = ["note,points,grade"]
    for row in range(rows):
        said = " ".join(rng.choice(part) for part in words)
        lines.append(f"{said} number {row}.,{row % 7},{'ab'[row % 2]}")
    path = folder / "notes.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def dataset(office: Office, tmp_path: Path) -> Dataset:
    found = office.reviewed(written(tmp_path), "Notes")
    return office.studio.datasets.get(office.worker, found.id)


def test_columns_of_free_text_can_be_chosen_and_left_again(office, dataset) -> None:
    texts = office.studio.texts
    assert [c.name for c in texts.possible(dataset.schema["notes"])] == ["note"]
    after = texts.choose(office.worker, dataset.id, "notes", ["note"])
    assert [c.name for c in after.schema["notes"].columns if c.learned_text] == ["note"]
    admin = office.actors[UserRole.AUDITOR]
    entry = office.studio.audit.search(admin, action="dataset.decide", text=dataset.id)[0]
    assert entry.details["decision"] == "learned text"
    again = texts.choose(office.worker, dataset.id, "notes", [])
    assert not any(c.learned_text for c in again.schema["notes"].columns)


@pytest.mark.parametrize("column", ["points", "grade", "no such"])
def test_other_columns_cannot(office, dataset, column: str) -> None:
    with pytest.raises(InvalidInput, match="Possible are: note"):
        office.studio.texts.choose(office.worker, dataset.id, "notes", ["note", column])


@pytest.mark.parametrize("action", [Action.DROP, Action.MASK])
def test_text_that_is_not_made_up_is_not_offered(office, dataset, action: Action) -> None:
    column = dataset.schema["notes"]["note"]
    decided = Decision("notes", "note", column.type, column.role, action)
    after = office.studio.datasets.decide(office.worker, dataset.id, [decided])
    assert office.studio.texts.possible(after.schema["notes"]) == ()


def test_only_those_who_decide_may(office, dataset) -> None:
    auditor = office.actors[UserRole.AUDITOR]
    with pytest.raises(PermissionDenied):
        office.studio.texts.choose(auditor, dataset.id, "notes", ["note"])


def test_which_column_they_follow_can_be_chosen(office, dataset) -> None:
    texts = office.studio.texts
    assert {c.name for c in texts.followable(dataset.schema["notes"])} == {"points", "grade"}
    after = texts.choose(office.worker, dataset.id, "notes", {"note": "grade"})
    assert after.schema["notes"]["note"].text_label == "grade"
    again = texts.choose(office.worker, dataset.id, "notes", {"note": None})
    assert again.schema["notes"]["note"].text_label is None
    for label in ("note", "no such"):
        with pytest.raises(InvalidInput, match="cannot follow"):
            texts.choose(office.worker, dataset.id, "notes", {"note": label})


def test_what_is_left_out_can_come_back_and_the_others_stay(office, tmp_path) -> None:
    source = written(tmp_path).read_text().splitlines()
    lines = [source[0] + ",remark", *(f"{x},{x.split(',')[0]} again" for x in source[1:])]
    path = tmp_path / "both.csv"
    path.write_text("\n".join(lines) + "\n")
    one, texts = office.imported(path, "Both"), office.studio.texts
    found = office.studio.datasets.findings(office.worker, one.id)["both"]
    assert {c for c, x in found.items() if x.suggested_action is Action.DROP} == {"note", "remark"}
    dropped = [
        Decision("both", c, one.schema["both"][c].type, x.suggested_role, Action.DROP)
        for c, x in found.items()
    ]
    after = office.studio.datasets.decide(office.worker, one.id, dropped)
    assert texts.possible(after.schema["both"]) == ()
    assert [c.name for c in texts.left_out(after.schema["both"])] == ["note", "remark"]
    for decision in dropped:
        back = replace(decision, action=Action.REPLACE)
        office.studio.datasets.decide(office.worker, one.id, [back])
    texts.choose(office.worker, one.id, "both", {"note": "grade"})
    after = texts.learn_too(office.worker, one.id, "both", "remark").schema["both"]
    assert (after["note"].learned_text, after["note"].text_label) == (True, "grade")
    assert (after["remark"].learned_text, after["remark"].text_label) == (True, None)
    assert texts.left_out(after) == ()


def test_a_run_makes_texts_in_the_style(office, dataset) -> None:
    office.studio.texts.choose(office.worker, dataset.id, "notes", {"note": "grade"})
    with inline(office):
        run = office.studio.runs.submit(office.worker, dataset.id, RunSpec(depth="quick", seed=2))
    done = office.studio.runs.get(office.worker, run.id)
    assert done.state is RunState.DONE, done.error
    assert "Texts of 'note' follow the labels of 'grade'." in str(done.result)
    made = office.studio.runs.synthetic(office.worker, run.id, "notes", 300)
    assert made["note"].str.contains(" number ").mean() > 0.5
    real = office.studio.datasets.rows(office.worker, dataset.id, "notes", 400)
    both = set(made["note"]) & set(real["note"])
    assert len(both) <= done.result["holdout_rows"]["notes"]


def generated(folder: Path, *more: str) -> tuple[int, str]:
    out = folder / "made.csv"
    done = CliRunner().invoke(
        cli.app, ["generate", str(written(folder)), "-o", str(out), "--rows", "50", *more]
    )
    text = out.read_text() if out.exists() else ""
    return done.exit_code, text if not done.exception else str(done.exception)


def test_on_the_command_line(tmp_path: Path) -> None:
    _, plain = generated(tmp_path)
    _, learned = generated(tmp_path, "--learn-text", "note=grade")
    assert " number " not in plain
    assert learned.count(" number ") > 25


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--learn-text", "points"], "'points' is no column of free text"),
        (["--learn-text", "note=nothing"], "cannot follow 'nothing'"),
        (["--learn-text", "nothing"], "'nothing' is no column of free text"),
        (["--learn-text", "note", "--engine", "mst", "--delta", "1e-6"], "within its budget"),
    ],
)
def test_what_the_command_line_refuses(tmp_path: Path, more: list[str], said: str) -> None:
    assert said in generated(tmp_path, *more)[1]
