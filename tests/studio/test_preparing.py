"""Preparation in the studio: suggested, tried, settled, undone, taken by runs and turned back."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.pipeline import make_step, steps_from_yaml
from core.data.schema import Action, ColumnType, Role
from core.errors import Conflict, InvalidInput, InvalidParameter, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.store.tables import RunRow
from core.studio import judging
from core.studio.runs import Runs
from core.studio.spec_codec import spec_from_dict, spec_to_dict
from core.studio.values import Dataset, Decision, Purpose, RunSpec, RunState
from tests.studio.guaranteed import with_tiny
from tests.studio.inline import inline
from tests.studio.office import Office

STEPS = {
    "staff": (
        make_step("trim", {"column": "town"}),
        make_step("merge_rare", {"column": "town", "people": 5}),
        make_step("markers", {"column": "pay", "words": ["unknown"]}),
        make_step(
            "parse_numbers", {"column": "pay", "point": ",", "decimals": 2, "original": True}
        ),
        make_step("protect_extremes", {"column": "age", "people": 5}),
    )
}
PUBLIC = {"staff": (STEPS["staff"][0], STEPS["staff"][2])}


@pytest.fixture
def staff(office: Office, tmp_path: Path) -> Dataset:
    """400 rows: padded towns, one town that one has, text pay with a marker, one very old."""
    rng = np.random.default_rng(1)
    towns = [["Bern", " Bern", "Chur ", "Thun"][i % 4] for i in range(400)]
    towns[7] = "Zuoz"
    ages = rng.integers(20, 60, 400)
    ages[9] = 119
    pay = ["unknown" if i % 20 == 0 else f"{i % 70 + 10},{i % 10}5" for i in range(400)]
    path = tmp_path / "staff.csv"
    pd.DataFrame({"town": towns, "pay": pay, "age": ages}).to_csv(path, index=False)
    made = office.imported(path, f"Staff {tmp_path.name}")
    kept = [
        Decision("staff", column.name, column.type, Role.PLAIN, Action.KEEP, "made up")
        for column in made.schema["staff"].columns
    ]
    return office.studio.datasets.decide(office.worker, made.id, kept)


def test_nothing_is_prepared_unless_somebody_says_so(office: Office, staff: Dataset) -> None:
    held = office.studio.preparing.get(office.worker, staff.id)
    assert (held.count, held.revision, held.undoable) == (0, 0, 0)


def test_suggestions_have_reasons_and_go_away_once_accepted(office: Office, staff: Dataset) -> None:
    preparing = office.studio.preparing
    found = preparing.suggest(office.worker, staff.id)
    kinds = {(one.step.kind, one.step.column) for one in found}
    assert {("trim", "town"), ("merge_rare", "town"), ("parse_numbers", "pay")} <= kinds
    assert ("protect_extremes", "age") in kinds
    assert not any("Zuoz" in one.why or "119" in one.why for one in found)
    saved = preparing.set(office.worker, staff.id, {"staff": [one.step for one in found]}, 0)
    assert saved.count == len(found)
    assert preparing.suggest(office.worker, staff.id) == ()


def test_a_try_says_counts_and_shows_no_rare_value(office: Office, staff: Dataset) -> None:
    tried = office.studio.preparing.preview(office.worker, staff.id, STEPS)
    assert (tried.rows, tried.whole) == (400, 400)
    by_kind = {one.step.kind: one for one in tried.outcomes}
    assert by_kind["trim"].cells == 200
    assert by_kind["merge_rare"].said == "3 labels stay"
    assert by_kind["markers"].lost == 20
    assert by_kind["protect_extremes"].said.endswith("59")
    shown = json.dumps([(e.before, e.after) for own in tried.examples.values() for e in own])
    assert "Bern" in shown
    assert "Zuoz" not in shown
    assert "119" not in shown
    assert office.studio.preparing.get(office.worker, staff.id).count == 0


def test_hidden_columns_show_their_shape_only(office: Office, staff: Dataset) -> None:
    sensitive = Decision("staff", "town", ColumnType.CATEGORY, Role.SENSITIVE, Action.KEEP, "so")
    office.studio.datasets.decide(office.worker, staff.id, [sensitive])
    tried = office.studio.preparing.preview(office.worker, staff.id, STEPS)
    (first, *_) = tried.examples["staff", "town"]
    assert {first.before, first.after} <= {" Aa", "Aa", "Aa ", "A"}
    assert tried.outcomes[1].said == ""


def test_changes_are_undone_one_by_one_down_to_none(office: Office, staff: Dataset) -> None:
    preparing = office.studio.preparing
    first = preparing.set(office.worker, staff.id, PUBLIC, 0)
    second = preparing.set(office.worker, staff.id, STEPS, first.revision)
    assert (second.count, second.undoable) == (5, 2)
    with pytest.raises(Conflict, match="Somebody else"):
        preparing.undo(office.worker, staff.id, first.revision)
    back = preparing.undo(office.worker, staff.id, second.revision)
    assert back.steps == PUBLIC
    none = preparing.undo(office.worker, staff.id, back.revision)
    assert (none.count, none.undoable) == (0, 0)
    with pytest.raises(Conflict, match="Nothing was changed"):
        preparing.undo(office.worker, staff.id, none.revision)
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    entries = [e for e in office.studio.audit.search(admin) if e.action == "preparation.set"]
    assert entries[-1].details["steps"]
    assert "unknown" not in json.dumps([e.details for e in entries])


def test_what_does_not_fit_is_not_saved(office: Office, staff: Dataset) -> None:
    bad = {"staff": (make_step("trim", {"column": "age"}), make_step("trim", {"column": "no"}))}
    with pytest.raises(InvalidInput) as error:
        office.studio.preparing.set(office.worker, staff.id, bad, 0)
    assert len(error.value.problems) == 2
    assert office.studio.preparing.problems(office.worker, staff.id, bad)
    assert office.studio.preparing.get(office.worker, staff.id).revision == 0


def test_yaml_goes_there_and_back(office: Office, staff: Dataset) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    text = office.studio.preparing.to_yaml(office.worker, staff.id)
    assert steps_from_yaml(text) == STEPS
    assert office.studio.preparing.from_yaml(office.worker, staff.id, text) == STEPS


def test_only_members_prepare(office: Office, staff: Dataset) -> None:
    preparing = office.studio.preparing
    with pytest.raises(NotFound):
        preparing.get(office.outsider, staff.id)
    with pytest.raises(PermissionDenied):
        preparing.set(office.actors[UserRole.AUDITOR], staff.id, STEPS, 0)
    with pytest.raises(PermissionDenied):
        preparing.preview(office.actors[UserRole.AUDITOR], staff.id, STEPS)


def test_nothing_is_changed_while_a_run_waits(office: Office, staff: Dataset) -> None:
    preparing, context = office.studio.preparing, office.studio._context
    saved = preparing.set(office.worker, staff.id, PUBLIC, 0)
    waiting = RunRow(id="waits", project_id=staff.project_id, dataset_id=staff.id, spec={},
                     state=RunState.QUEUED, progress={}, result={}, created_by="x")  # fmt: skip
    with context.database.session() as session:
        session.add(waiting)
    try:
        with pytest.raises(Conflict, match="under way"):
            preparing.set(office.worker, staff.id, STEPS, saved.revision)
        with pytest.raises(Conflict, match="under way"):
            preparing.undo(office.worker, staff.id, saved.revision)
    finally:
        with context.database.session() as session:
            session.delete(session.get(RunRow, "waits"))


def test_a_run_prepares_turns_back_and_says_so(
    office: Office, staff: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    judged = {}

    def watch(train, holdout, synthetic, schema, **more):
        judged.update(train=train["staff"], holdout=holdout["staff"], made=synthetic["staff"])
        return judging.unmeasured(train, holdout, synthetic, schema, "Left out in this test.")

    with inline(office) as pool:
        monkeypatch.setattr(pool, "evaluate", watch)
        run = office.finished(staff)
        assert run.state is RunState.DONE, run.error
        assert run.spec.preparation == STEPS
        made = office.studio.runs.synthetic(office.worker, run.id, "staff", 400)
        assert set(made["town"].dropna()) <= {"Bern", "Chur", "Thun", "OTHER"}
        assert "Zuoz" not in set(made["town"])
        assert made["pay"].dropna().str.fullmatch(r"-?\d+,\d\d").all()
        assert made["age"].max() < 119
        for side in judged.values():
            assert side["pay"].dtype == "float64"
            assert "Zuoz" not in set(side["town"])
            assert side["age"].max() < 119
        told = run.result["preparation"]
        assert told["steps"][0] == "staff: trim spaces (town)"
        assert {one["cells"] > 0 for one in told["changes"]} == {True}
        notes = office.studio.runs.report(office.worker, run.id).tables[0].notes
        assert any("compared as prepared: trim spaces (town)" in note for note in notes)
        office.studio.preparing.set(office.worker, staff.id, {}, 1)
        again = office.studio.runs.sample_again(office.worker, run.id, seed=run.spec.seed)
        again = office.wait(again)
        assert again.spec.preparation == STEPS
        same = office.studio.runs.synthetic(office.worker, again.id, "staff", 400)
        pd.testing.assert_frame_equal(same, made)
        assert again.result["content_hash"] == run.result["content_hash"]


def test_the_lineage_names_the_preparation(office: Office, staff: Dataset) -> None:
    with inline(office):
        run = office.finished(staff, RunSpec(depth="quick", preparation=PUBLIC))
        release = office.studio.releases.create(office.worker, run.id, "Prepared staff")
    edges = office.studio.releases.lineage(office.worker, release.id)
    assert "forest, 2 steps of preparation" in {edge.label for edge in edges}


def test_a_run_may_do_without(office: Office, staff: Dataset) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    with inline(office):
        run = office.finished(staff, RunSpec(depth="quick", preparation={}))
    assert "preparation" not in run.result
    made = office.studio.runs.synthetic(office.worker, run.id, "staff", 400)
    assert " Bern" in set(made["town"])


def test_a_preview_is_prepared_too(office: Office, staff: Dataset) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    made = office.studio.runs.preview(office.worker, staff.id, RunSpec())["staff"]
    assert not set(made["town"].dropna()) & {" Bern", "Chur ", "Zuoz"}
    assert made["pay"].dropna().str.fullmatch(r"-?\d+,\d\d").all()


def test_rows_that_are_left_out_are_not_made_either(office: Office, staff: Dataset) -> None:
    steps = {"staff": (*STEPS["staff"][2:4], make_step("drop_missing", {"column": "pay"}))}
    with inline(office):
        run = office.finished(staff, RunSpec(depth="quick", preparation=steps))
    assert run.result["rows"]["staff"] == run.result["real_rows"]["staff"] == 400 - 20


def test_a_specification_is_checked_against_what_steps_make(office: Office, staff: Dataset) -> None:
    runs: Runs = office.studio.runs
    bad = {"staff": (make_step("trim", {"column": "age"}),)}
    with pytest.raises(InvalidParameter, match="of type integer"):
        runs.submit(office.worker, staff.id, RunSpec(preparation=bad))
    filling = RunSpec(purpose=Purpose.IMPUTE, preparation=PUBLIC)
    with pytest.raises(InvalidParameter, match="takes the rows as they are"):
        runs.submit(office.worker, staff.id, filling)
    with inline(office):
        run = office.finished(staff, RunSpec(depth="quick", preparation=PUBLIC))
        spec = RunSpec(model_of=run.id, preparation=STEPS)
        with pytest.raises(InvalidParameter, match="Preparation is learned"):
            runs.submit(office.worker, staff.id, spec)


def test_a_guarantee_refuses_steps_that_look_at_rows(office: Office, staff: Dataset) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    private = RunSpec("tiny", {"epsilon": 1.0, "delta": 1e-6}, depth="quick", accepted=True)
    with with_tiny(office):
        with pytest.raises(InvalidParameter, match="beside the budget") as error:
            office.studio.runs.submit(office.worker, staff.id, private)
        assert "merge_rare of staff.town" in str(error.value)
        assert "protect_extremes of staff.age" in str(error.value)
        check = office.studio.budgets.check(office.worker, staff.id, private)
        assert any("beside the budget" in remark.message for remark in check.remarks)
        held = office.studio.preparing.get(office.worker, staff.id)
        allowed = office.studio.preparing.public_part(held.steps)
        spec = RunSpec("tiny", private.params, depth="quick", accepted=True, preparation=allowed)
        run = office.finished(staff, spec)
        assert run.state is RunState.DONE, run.error
        assert "changes" not in run.result["preparation"]
        made = office.studio.runs.synthetic(office.worker, run.id, "staff", 400)
    assert " Bern" not in set(made["town"])
    assert made["pay"].dropna().str.fullmatch(r"-?\d+,\d\d").all()


def test_a_worker_refuses_what_slipped_through(office: Office, staff: Dataset) -> None:
    from core.data.schema import Schema
    from core.studio.prepared_rows import prepare_rows

    row = office.studio._context.dataset(staff.id)
    schema = Schema.from_dict(row.schema)
    frames = {"staff": pd.DataFrame({c.name: pd.array([], c.type.dtype)
                                     for c in schema["staff"].columns})}  # fmt: skip
    spec = RunSpec("tiny", {"epsilon": 1.0, "delta": 1e-6}, preparation=STEPS)
    with with_tiny(office), pytest.raises(InvalidInput, match="beside the budget"):
        prepare_rows(spec, schema, (frames, frames), {"staff": 0})


def test_a_run_that_waited_through_a_restart_has_its_steps() -> None:
    spec = RunSpec(preparation=STEPS)
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(spec)))) == spec


def test_specifications_of_before_had_no_preparation() -> None:
    assert spec_from_dict({"engine": "forest"}).preparation == {}
    assert spec_from_dict({"engine": "forest", "preparation": None}).preparation is None


def test_steps_go_with_their_dataset(office: Office, staff: Dataset) -> None:
    office.studio.preparing.set(office.worker, staff.id, STEPS, 0)
    office.studio.datasets.remove(office.worker, staff.id)
    with pytest.raises(NotFound):
        office.studio.preparing.get(office.worker, staff.id)


def test_a_new_version_starts_from_the_steps_of_the_one_before(
    office: Office, staff: Dataset, tmp_path: Path
) -> None:
    preparing = office.studio.preparing
    preparing.set(office.worker, staff.id, STEPS, 0)
    path = tmp_path / "staff_2.csv"
    pd.DataFrame({"town": ["Bern ", "Chur"] * 50, "age": range(100)}).to_csv(path, index=False)
    newer = office.studio.imports.import_files(
        office.worker, staff.project_id, "Staff later", [(path.name, path)], version_of=staff.id
    )
    held = preparing.get(office.worker, newer.id)
    assert [step.kind for step in held.steps["staff_2"]] == [
        "trim",
        "merge_rare",
        "protect_extremes",
    ]
    assert (held.carried, held.left_out, held.revision, held.undoable) == (True, 2, 0, 0)
    own = preparing.set(office.worker, newer.id, {}, 0)
    assert (own.count, own.carried) == (0, False)
    assert preparing.undo(office.worker, newer.id, own.revision).carried


def test_steps_that_were_taken_over_outlive_the_version_before(
    office: Office, staff: Dataset, tmp_path: Path
) -> None:
    preparing, datasets = office.studio.preparing, office.studio.datasets
    preparing.set(office.worker, staff.id, STEPS, 0)
    path, versions = tmp_path / "staff.csv", [staff]
    pd.DataFrame({"town": ["Bern ", "Chur"] * 50, "age": range(100)}).to_csv(path, index=False)
    for name in ("Second", "Third"):
        versions.append(
            office.studio.imports.import_files(
                office.worker,
                staff.project_id,
                name,
                [(path.name, path)],
                version_of=versions[-1].id,
            )
        )
    held = preparing.get(office.worker, versions[2].id)
    assert held.count == 3
    for gone in versions[:2]:
        datasets.remove(office.worker, gone.id)
    after = preparing.get(office.worker, versions[2].id)
    assert after.steps == held.steps
    assert (after.carried, after.revision, after.undoable) == (False, held.revision, 1)
