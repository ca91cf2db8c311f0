"""How long a run will take on this machine, and how much memory: never a constant as a measurement.

Each step has a line of cost by work, measured on this machine with small tables
(``core.studio.calibration``). Past runs of about this size on this installation move the line to
where they were: the figure is then theirs, scaled by the line. Where an engine was never measured
here, the figure is a guess and is called one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

from core.store.tables import RunRow
from core.studio.calibration import Line, Pace
from core.studio.values import Estimate, Purpose, RunSpec
from core.studio.work import Work, carried_out, effort
from core.synthesis.params import build, to_dict
from core.synthesis.registry import engine_info

MOST_PAST = 10
NEAR = 30.0
"""Past runs of up to so many times more or less work say something of a run."""
START_S = 2.0
"""Seconds until a worker is up, which no step counts."""
FULL_TIMES = 7.0
"""A full evaluation is guessed to take so many times a quick one until one has run here."""

GUESSED_LIBRARY_MB = 600.0
"""Of engines that are not measured: a guess at what their libraries take."""
GUESSED_CELL_MB = 1e-3
"""... and at what a cell takes."""


class Paces(Protocol):
    """How fast this machine is; see :class:`core.studio.calibration.Calibration`."""

    def pace(self, engine: str) -> Pace | None:
        """Of an engine, None for one that is not measured."""

    def evaluation(self) -> Line:
        """Of a quick evaluation."""


@dataclass(frozen=True, slots=True)
class Room:
    """Memory in MiB: what this process takes as it is, what is free, and what a job may use."""

    base: float
    free: float
    limit: float


@dataclass(frozen=True, slots=True)
class _Shape:
    """A line of cost by work, and whether it was measured on this machine or guessed."""

    line: Line
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class _Figure:
    """A predicted value, and how many past runs it rests on."""

    value: float
    runs: int


@dataclass(frozen=True, slots=True)
class _Past:
    """A finished run and the work that it was."""

    result: Mapping[str, Any]
    depth: str
    work: Work


def estimate(
    planned_work: Work, spec: RunSpec, past: Sequence[RunRow], paces: Paces, room: Room
) -> Estimate:
    """Expected seconds and peak memory of a checked specification.

    Parameters
    ----------
    planned_work
        As :func:`core.studio.work.planned` says.
    past
        Finished runs of this installation, the latest first.
    """
    work, alike = planned_work, _alike(past, spec)
    fit_shape, sample_shape, memory_shape = _shapes(spec, paces, room)
    fit = _predict(fit_shape, work.fit, [(p.work.fit, p.result["fit_s"]) for p in alike])
    made = _predict(
        sample_shape, work.sample, [(p.work.sample, p.result["sample_s"]) for p in alike]
    )
    report, is_guess = _report(spec, work, alike, fit_shape, paces)
    memory = _predict(
        memory_shape,
        work.held,
        [(p.work.held, p.result["peak_mb"]) for p in alike if p.result.get("peak_mb")],
    )
    main = fit if work.fit else made
    return Estimate(
        START_S + fit.value + made.value + report.value,
        _basis(spec, main, fit_shape.is_measured, is_guess),
        memory.value,
        fit.value,
        made.value,
        report.value,
        _warning(memory.value, room),
        memory.value > room.limit,
    )


def together(each: Sequence[Estimate], last: Estimate) -> Estimate:
    """What a contest takes: every candidate one after another, then the rows of the winner.

    ``last`` is a run of one engine: its rows and its report are counted once more.
    """
    most = max([*each, last], key=lambda one: one.memory_mb)
    fit, sample, judged = (
        sum(getattr(one, name) for one in each) for name in ("fit_s", "sample_s", "evaluate_s")
    )
    sample, judged = sample + last.sample_s, judged + last.evaluate_s
    basis = list(dict.fromkeys(one.basis for one in each))
    said = f"the sum over {len(each)} engines and the winner's rows; {'; '.join(basis)}"
    seconds = START_S + fit + sample + judged
    return Estimate(seconds, said, most.memory_mb, fit, sample, judged, most.note, most.exceeds)


def _alike(past: Sequence[RunRow], spec: RunSpec) -> list[_Past]:
    """Past runs of the same engine that did the same kind of thing."""
    is_filling = spec.purpose is Purpose.IMPUTE
    runs = [
        run
        for run in past
        if run.result.get("engine", run.spec["engine"]) == spec.engine
        and (run.spec.get("purpose") == Purpose.IMPUTE) == is_filling
    ]
    found = [(run, carried_out(run)) for run in runs]
    return [
        _Past(run.result, run.spec.get("depth", "full"), work)
        for run, work in found
        if work is not None
    ]


def _shapes(spec: RunSpec, paces: Paces, room: Room) -> tuple[_Shape, _Shape, _Shape]:
    """Lines of fitting, making rows and memory: measured here, or guessed."""
    pace = paces.pace(spec.engine)
    if pace is None:
        info = engine_info(spec.engine)
        each = info.seconds_per_cell / effort(spec.engine, to_dict(build(info.params, {})))
        guess = _Shape(Line(0.0, each), False)
        held = _Shape(Line(room.base + GUESSED_LIBRARY_MB, GUESSED_CELL_MB), False)
        return guess, _Shape(Line(0.0, each / 10), False), held
    fit, sample = _Shape(pace.fit), _Shape(pace.sample)
    if spec.purpose is Purpose.IMPUTE:
        sample = fit
    return fit, sample, _Shape(Line(room.base, pace.memory.each))


def _report(
    spec: RunSpec, work: Work, alike: Sequence[_Past], fit: _Shape, paces: Paces
) -> tuple[_Figure, bool]:
    """The time of judging, and whether it is guessed from the quick evaluation.

    Filled cells are judged by filling again. A full evaluation that has not run here is taken as
    so many times a quick one.
    """
    if spec.purpose is Purpose.IMPUTE:
        return _predict(fit, work.evaluate, _judged(alike)), False
    quick = _Shape(paces.evaluation())
    same = _predict(quick, work.evaluate, _judged([p for p in alike if p.depth == spec.depth]))
    if same.runs or spec.depth == "quick":
        return same, False
    once = _predict(quick, work.evaluate, _judged([p for p in alike if p.depth == "quick"]))
    return _Figure(FULL_TIMES * once.value, 0), True


def _judged(past: Sequence[_Past]) -> list[tuple[float, float]]:
    return [(p.work.evaluate, p.result["evaluate_s"]) for p in past]


def _predict(shape: _Shape, work: float, points: Sequence[tuple[float, float]]) -> _Figure:
    """The line at so much work, moved to where past runs of about that work were."""
    if not work:
        return _Figure(0.0, 0)
    known = [(done, value) for done, value in points if done > 0]
    if shape.is_measured:
        known = [(done, value) for done, value in known if 1 / NEAR <= work / done <= NEAR]
    known = known[:MOST_PAST]
    if not known:
        return _Figure(shape.line.at(work), 0)
    moved = median(value / shape.line.at(done) for done, value in known)
    return _Figure(shape.line.at(work) * moved, len(known))


def _basis(spec: RunSpec, main: _Figure, is_measured: bool, is_guess: bool) -> str:
    """What the figures rest on, in words."""
    if main.runs:
        count = f"{main.runs} past runs" if main.runs > 1 else "one past run"
        said = f"from {count} of this engine here"
    elif is_measured and spec.purpose is not Purpose.IMPUTE:
        said = "from small tables measured on this machine; no run of about this size was here yet"
    else:
        said = "a rough guess: this has not run on this machine yet"
    if is_guess:
        said += f"; the full evaluation is guessed at {FULL_TIMES:g} times the quick one"
    return said


def _warning(memory_mb: float, room: Room) -> str:
    """Say so when the memory is more than a job may use, or than is free."""
    needed = f"About {memory_mb / 1024:.1f} GiB of memory are"
    if memory_mb > room.limit:
        return (
            f"{needed} more than the {room.limit / 1024:.1f} GiB that one job may use, and it "
            "would be ended. Use fewer rows or columns, or have an administrator raise "
            "`STUDIO_JOB_MEMORY_GIB`."
        )
    if memory_mb > room.free:
        return (
            f"{needed} more than the {room.free / 1024:.1f} GiB that are free on this machine "
            "now. Wait until other work has ended, or use fewer rows or columns."
        )
    return ""
