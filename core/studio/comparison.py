"""Up to five runs of one dataset side by side: measures, where each stands, what was asked.

A measure is compared by how far it stays behind its best value, so that an area under the curve
of .48 is not called better than one of .50. Every best stands with those that noise does not tell
from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import InvalidInput
from core.evaluation.values import Report, Score
from core.governance.usecase import missing
from core.store.tables import RunRow
from core.studio.compared_measures import ComparedMeasure, compared_measures
from core.studio.spec_codec import spec_to_dict
from core.studio.values import Run

__all__ = [
    "MOST_RUNS",
    "ComparedMeasure",
    "ComparedParameter",
    "ComparedRun",
    "Comparison",
    "TradeOff",
    "checked_choice",
    "compare_runs",
    "refuse_mixed",
]

MOST_RUNS = 5
_NOTHING: tuple[object, ...] = (None, "", [], (), {})
"""What a part of a setting holds that was not asked for."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the runs: ``level`` is its verdict, ``dials`` the levels of the three dials."""

    id: str
    engine: str
    level: str
    fidelity: str
    utility: str
    privacy: str
    rows: int
    seconds: float
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ComparedParameter:
    """One setting of the runs as text; ``-`` where a run does not have it."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether not all runs have the same."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A run, or fresh real rows (``run_id`` empty), in the plane of privacy and use.

    All three are dial values, 1 is best.
    """

    run_id: str
    label: str
    privacy: Score
    utility: Score
    fidelity: Score


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs of one dataset side by side.

    ``is_alike``: whether all were judged against the same real rows; no best is marked otherwise.
    """

    dataset_id: str
    runs: tuple[ComparedRun, ...]
    measures: tuple[ComparedMeasure, ...]
    parameters: tuple[ComparedParameter, ...]
    points: tuple[TradeOff, ...]
    notes: tuple[str, ...] = ()
    is_alike: bool = True


def checked_choice(run_ids: Sequence[str]) -> list[str]:
    """The runs to compare, each once; raises ``InvalidInput`` for too few or too many."""
    chosen = list(dict.fromkeys(run_ids))
    if not 2 <= len(chosen) <= MOST_RUNS:
        raise InvalidInput(f"Choose from 2 to {MOST_RUNS} runs to compare. Got {len(chosen)}.")
    return chosen


def refuse_mixed(rows: Sequence[RunRow]) -> None:
    """Raise for runs that are not of one dataset.

    Raises
    ------
    NotFound
        One is of another project: answered as if it did not exist.
    InvalidInput
        One is of another dataset of the project.
    """
    for row in rows[1:]:
        if row.project_id != rows[0].project_id:
            raise missing(f"run:{row.id}")
    if len({row.dataset_id for row in rows}) > 1:
        raise InvalidInput("Runs of different datasets cannot be compared. Choose runs of one.")


def compare_runs(runs: Sequence[Run], reports: Sequence[Report]) -> Comparison:
    """Runs with their reports side by side."""
    is_alike = not _splits_differ(runs) and not _asks_differ(runs)
    return Comparison(
        runs[0].dataset_id,
        tuple(_run(run, report) for run, report in zip(runs, reports, strict=True)),
        compared_measures(reports, is_marked=is_alike),
        _parameters(runs),
        _points(runs, reports),
        _notes(runs, reports),
        is_alike,
    )


def _splits_differ(runs: Sequence[Run]) -> bool:
    return len({(run.spec.holdout, _split_seed(run)) for run in runs}) > 1


def _asks_differ(runs: Sequence[Run]) -> bool:
    return any(run.made_by.ask != runs[0].made_by.ask for run in runs)


def _run(run: Run, report: Report) -> ComparedRun:
    seconds = sum(float(run.result.get(f"{name}_s", 0.0)) for name in ("fit", "sample"))
    return ComparedRun(
        run.id,
        run.made_by.engine,
        report.level,
        report.dial("fidelity").level,
        report.dial("utility").level,
        report.dial("privacy").level,
        sum(run.result.get("rows", {}).values()),
        seconds,
        run.created_by,
        run.created_at,
    )


def _points(runs: Sequence[Run], reports: Sequence[Report]) -> tuple[TradeOff, ...]:
    """Each run by its dials, and the best that fresh real rows reach in any of the reports."""
    names = ("privacy", "utility", "fidelity")
    points = [
        TradeOff(run.id, run.made_by.engine, *(report.dial(name).value for name in names))
        for run, report in zip(runs, reports, strict=True)
    ]
    best = [_mean([report.dial(name).best for report in reports]) for name in names]
    return (*points, TradeOff("", "Fresh real rows", *best))


def _mean(scores: Sequence[Score]) -> Score:
    known = [s for s in scores if isinstance(s, float)]
    return sum(known) / len(known) if known else scores[0]


def _parameters(runs: Sequence[Run]) -> tuple[ComparedParameter, ...]:
    """What was asked of each run, flat, in the order of the first that has it."""
    asked = [_asked(run) for run in runs]
    names = dict.fromkeys(name for each in asked for name in each)
    return tuple(ComparedParameter(n, tuple(each.get(n, "-") for each in asked)) for n in names)


def _asked(run: Run) -> dict[str, str]:
    spec = spec_to_dict(run.made_by)
    params, rows = spec.pop("params"), spec.pop("rows")
    plain = {name: _text(value) for name, value in spec.items() if value not in (None, {}, "")}
    sizes = {f"rows of {table}": f"{count:,}" for table, count in rows.items()}
    return plain | {name: _text(value) for name, value in params.items()} | sizes


def _text(value: object) -> str:
    """A setting in words; of conditions and the like each part that says something, by name."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        parts = {name: _text(part) for name, part in value.items() if part not in _NOTHING}
        return "; ".join(f"{name} {part}" for name, part in parts.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    return str(value)


def _notes(runs: Sequence[Run], reports: Sequence[Report]) -> tuple[str, ...]:
    """Why figures of different runs may not be comparable."""
    notes = []
    if _splits_differ(runs):
        notes.append(
            "The runs were judged against different holdouts, drawn by their seeds or shares: "
            "differences between them may come from that, so that no best is marked."
        )
    if _asks_differ(runs):
        notes.append(
            "The runs were asked for different rows, and each is judged against real rows of its "
            "kind: compare each figure with the fresh real rows of its own run, not with another "
            "run's."
        )
    if len({report.depth for report in reports}) > 1:
        notes.append("Some runs were judged in full, others quickly: on fewer rows, no attacks.")
    if any(report.policy != reports[0].policy for report in reports):
        notes.append("The runs were judged by different thresholds; levels are not comparable.")
    return tuple(notes)


def _split_seed(run: Run) -> object:
    """What decides the split: the run's seed, or the run whose model was sampled."""
    return run.spec.model_of or run.spec.seed
