"""Estimates follow what this machine measured and what ran on it, and call a guess a guess."""

import pytest

import core.studio.calibration as calibration
from core.data.schema import Column, ColumnType, Schema, Table
from core.data.vault import Vault
from core.keys import Keys
from core.store.tables import RunRow
from core.studio.calibration import Calibration, Line, Pace
from core.studio.estimating import FULL_TIMES, START_S, Room, estimate
from core.studio.spec_codec import spec_to_dict
from core.studio.values import Estimate, Purpose, RunSpec
from core.studio.work import effort, planned
from core.synthesis.registry import ENGINES
from tests.studio.office import Office

NUMBERS = Schema(
    (Table("t", tuple(Column(name, ColumnType.NUMBER) for name in ("a", "b", "c", "d"))),)
)
ROOM = Room(base=300, free=20_000, limit=8_000)


class Measured:
    """A machine that fits 1,000 cells a second and judges 10,000, after half a second."""

    def pace(self, engine: str) -> Pace | None:
        lines = Line(0.5, 1e-3), Line(0.0, 1e-5), Line(0.0, 1e-3)
        return None if engine in {"ctgan", "tvae"} else Pace(*lines)

    def evaluation(self) -> Line:
        return Line(0.5, 1e-4)


def past(fit_s: float, rows: int = 800, spec: RunSpec | None = None, **result: object) -> RunRow:
    figures = {
        "fit_s": fit_s,
        "sample_s": 0.1,
        "evaluate_s": 3.0,
        "peak_mb": 400.0,
        "train_rows": {"t": rows},
        "holdout_rows": {"t": rows // 4},
        "judged_rows": {"t": rows + rows // 4},
        "rows": {"t": rows + rows // 4},
        "columns": 4,
        **result,
    }
    return RunRow(spec=spec_to_dict(spec or RunSpec(depth="quick")), result=figures)


def guess(
    spec: RunSpec | None = None,
    rows: int = 1000,
    runs: list[RunRow] | None = None,
    room: Room = ROOM,
) -> Estimate:
    spec = spec or RunSpec(depth="quick")
    return estimate(planned(NUMBERS, {"t": rows}, spec), spec, runs or [], Measured(), room)


def test_without_past_runs_the_measured_pace_counts_and_is_named() -> None:
    first = guess()
    assert first.fit_s == pytest.approx(0.5 + 800 * 4 / 1000)
    assert first.sample_s == pytest.approx(1000 * 4 * 1e-5)
    assert first.evaluate_s == pytest.approx(0.5 + (800 + 1000) * 4 * 1e-4)
    assert first.seconds == pytest.approx(START_S + first.fit_s + first.sample_s + first.evaluate_s)
    assert first.memory_mb == pytest.approx(300 + (1000 + 1000) * 4 * 1e-3)
    assert "small tables measured on this machine" in first.basis
    assert not first.note


def test_past_runs_of_this_size_give_their_median_and_move_the_pace() -> None:
    runs = [past(10), past(20), past(1000), past(500, spec=RunSpec("copula", depth="quick"))]
    same, twice = guess(runs=runs), guess(rows=2000, runs=runs)
    assert same.fit_s == pytest.approx(20)
    assert twice.fit_s == pytest.approx(20 * (0.5 + 6.4) / (0.5 + 3.2))
    assert same.memory_mb == pytest.approx(400, rel=0.01)
    assert "3 past runs" in same.basis


def test_past_runs_of_quite_other_sizes_say_nothing() -> None:
    small = guess(rows=1_000_000, runs=[past(10, rows=80)])
    assert small.fit_s == pytest.approx(0.5 + 800_000 * 4 / 1000)
    assert "no run of about this size" in small.basis


def test_an_engine_that_was_never_measured_is_a_guess_until_it_ran() -> None:
    spec = RunSpec("ctgan", {"epochs": 100}, depth="quick")
    assert "rough guess" in guess(spec).basis
    usual = ENGINES["ctgan"].params().epochs
    once = guess(RunSpec("ctgan", {"epochs": usual}, depth="quick")).fit_s
    assert once == pytest.approx(800 * 4 * ENGINES["ctgan"].seconds_per_cell)
    assert guess(spec).fit_s == pytest.approx(once * 100 / usual)
    known = guess(spec, runs=[past(30, spec=RunSpec("ctgan", {"epochs": 10}, depth="quick"))])
    assert known.fit_s == pytest.approx(300)
    assert "one past run" in known.basis


def test_a_full_evaluation_is_guessed_until_one_ran() -> None:
    quick, full = guess(), guess(RunSpec())
    assert full.evaluate_s == pytest.approx(FULL_TIMES * quick.evaluate_s)
    assert f"guessed at {FULL_TIMES:g} times" in full.basis
    moved = guess(RunSpec(), runs=[past(1, evaluate_s=10 * quick.evaluate_s)])
    assert moved.evaluate_s == pytest.approx(10 * full.evaluate_s)
    seen = guess(RunSpec(), runs=[past(1, spec=RunSpec(), evaluate_s=77.0)])
    assert seen.evaluate_s == pytest.approx(77)
    assert "guessed" not in seen.basis


def test_memory_that_will_not_do_is_warned_of() -> None:
    assert "one job may use" in guess(rows=4_000_000, room=Room(300, 20_000, 1_000)).note
    assert "free on this machine" in guess(rows=4_000_000, room=Room(300, 1_000, 50_000)).note


def test_work_follows_rows_parameters_and_purpose() -> None:
    sizes = {"t": 1000}
    again = planned(NUMBERS, sizes, RunSpec(model_of="x", rows={"t": 5_000}))
    assert (again.fit, again.sample) == (0, 20_000)
    assert guess(RunSpec(model_of="x", depth="quick")).fit_s == 0
    huge = planned(NUMBERS, {"t": 10**9}, RunSpec())
    assert huge.fit == 4 * 1_000_000
    assert effort("forest", {"trees": 6}) == pytest.approx((6 + 0.75) / (1 + 0.75))
    assert effort("forest", {"corrections": 0}) == pytest.approx(1 / 1.75)
    assert effort("ctgan", {"epochs": 50}) == 50
    fills = [planned(NUMBERS, sizes, RunSpec(purpose=Purpose.IMPUTE, copies=c)) for c in (1, 4)]
    assert fills[1].sample == 4 * fills[0].sample
    filling = guess(RunSpec(purpose=Purpose.IMPUTE))
    assert "rough guess" in filling.basis
    assert filling.fit_s == 0 < filling.sample_s


def test_the_machine_is_measured_once_and_remembered(tmp_path, monkeypatch) -> None:
    measured = []

    def measure(engine: str) -> Pace:
        measured.append(engine)
        return Pace(Line(1, 2), Line(3, 4), Line(5, 6))

    monkeypatch.setattr(calibration, "measure_engine", measure)
    vault = Vault(tmp_path, Keys(bytes(32)))
    first = Calibration(vault)
    assert first.pace("forest") == first.pace("forest") == Pace(Line(1, 2), Line(3, 4), Line(5, 6))
    assert Calibration(vault).pace("forest") == first.pace("forest")
    assert measured == ["forest"]
    assert first.known().pace("copula") is None
    assert first.known().pace("forest") == first.pace("forest")
    assert measured == ["forest"]
    assert first.pace("ctgan") is None
    monkeypatch.setattr(calibration, "machine", lambda: ["another"])
    Calibration(vault).pace("forest")
    assert measured == ["forest", "forest"]


def test_a_line_is_never_below_zero() -> None:
    assert Line.through((10, 2), (20, 3)) == Line(1, 0.1)
    assert Line.through((10, 1), (20, 3)) == Line(0, 0.15)
    assert Line.through((10, 3), (20, 2)) == Line(0, 0.1)


def test_this_machine_is_really_measured(office: Office, people_csv) -> None:
    dataset = office.reviewed(people_csv)
    first = office.studio.runs.estimate(office.worker, dataset.id, RunSpec(depth="quick"))
    assert "measured on this machine" in first.basis
    assert 0 < first.fit_s < 60
    assert 0 < first.evaluate_s < 120
    assert first.memory_mb > 50
    pace = calibration.measure_engine("forest")
    assert 0 < pace.memory.each < 0.1
    assert pace.fit.each > 0
