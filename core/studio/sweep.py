"""Trying several ε in a worker: how good the tables would be at each, and the smallest that does.

Each ε has a fit of its own, judged as a run is, quickly. On real rows every fit is charged; on a
stand-in, the synthetic rows of an earlier private run, all is post-processing and costs nothing.
What is measured there tells how the engine does on rows like the stand-in's.
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.evaluation import Report, evaluate
from core.evaluation.codec import encode
from core.evaluation.measures import NotMeasured, Score
from core.memory import peak_memory_mb
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Entry, Ledger
from core.privacy.second import second_opinion
from core.progress import Progress
from core.studio.clock import Clock
from core.studio.prepared_rows import prepare_all
from core.studio.private_run import (
    LiveProgress,
    fit_privately,
    secret_coins,
    split_by_coins,
    told_privately,
    trained_params,
    whole_sizes,
)
from core.studio.private_specs import at
from core.studio.stored import read_dataset, read_synthetic
from core.studio.task import RunTask
from core.studio.values import RunSpec, Sweep
from core.synthesis.fitted import PartProgress
from core.synthesis.synthesizer import Synthesizer

MOST_JUDGED = 20_000
_STEPS = 3


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """How good the tables are at one ε.

    Attributes
    ----------
    utility, best_utility
        The score of models trained on synthetic rows, and of models trained on real ones, both
        judged on rows held out (``tstr`` of the report, of at most some thousand rows): AUC, or
        R² where the target is a number.
    pairwise_error, best_pairwise_error
        1 minus how far pairs of columns overlap with the real ones, and of fresh real rows.
    attack_auc
        Area under the curve of the membership test; 0.5 is no better than guessing.
    spent_epsilon
        What the fit cost by its ledger.
    """

    epsilon: float
    utility: Score
    best_utility: Score
    pairwise_error: Score
    best_pairwise_error: Score
    attack_auc: Score
    spent_epsilon: float


@dataclass(slots=True)
class _Tried:
    """What came of the fits so far."""

    points: list[SweepPoint] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def took(self, step: str, since: float) -> float:
        """Count the time of a step; returns this moment."""
        moment = time.perf_counter()
        self.seconds[step] = round(self.seconds.get(step, 0.0) + moment - since, 3)
        return moment


def sweep_run(task: RunTask, progress: Progress) -> Mapping[str, Any]:
    """Carry out a run of ``Purpose.SWEEP``; the result is what ``Run.result`` holds."""
    spec, clock, tried = task.spec, Clock(), _Tried()
    sweep = spec.sweep or Sweep()
    progress.stage("prepare")
    schema, tables = _rows(task)
    split, *streams = np.random.default_rng(spec.seed).spawn(1 + len(sweep.epsilons))
    coins = secret_coins(task.vault.keys, split)
    train, holdout = split_by_coins(tables, spec.holdout, coins)
    progress.stage("fit")
    for place, (epsilon, rng) in enumerate(zip(sweep.epsilons, streams, strict=True)):
        part = PartProgress(progress, f"ε = {epsilon:g}", place, len(sweep.epsilons))
        _try(tried, at(spec, epsilon), schema, (train, holdout), rng, part)
    clock.lap("all_s")
    return {
        **tried.seconds,
        "rows": {},
        "real_rows": {name: len(frame) for name, frame in tables.items()},
        "sweep": {
            "points": encode(tried.points),
            "chosen": chosen(tried.points, sweep.least_utility),
        },
        "cpu_s": clock.cpu_s,
        "peak_mb": peak_memory_mb(),
        **_privacy(tried.ledgers, spec, sweep),
    }


def chosen(points: Iterable[SweepPoint], least_utility: float) -> float | None:
    """The smallest ε whose utility is enough; None where none is."""
    enough = [
        point.epsilon
        for point in points
        if not isinstance(point.utility, NotMeasured) and point.utility >= least_utility
    ]
    return min(enough, default=None)


def _rows(task: RunTask) -> tuple[Schema, dict[str, pd.DataFrame]]:
    """The rows that are fitted: the stand-in's, or the real ones."""
    vault, sweep = task.vault.open(), task.spec.sweep
    if sweep is not None and sweep.stand_in and task.stand_in is not None:
        return task.stand_in, read_synthetic(vault, sweep.stand_in, task.stand_in)
    tables = read_dataset(vault, task.dataset_id, task.stored_schema, task.schema)
    return prepare_all(task.spec, task.schema, tables)


def _try(
    tried: _Tried,
    spec: RunSpec,
    schema: Schema,
    real: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]],
    rng: np.random.Generator,
    part: Progress,
) -> None:
    """Fit, sample and judge at one ε."""
    (train, holdout), begun = real, time.perf_counter()
    fit_rng, sample_rng = rng.spawn(2)
    fits = len(spec.sweep.epsilons) if spec.sweep else 1
    live = LiveProgress(part, fits * spec.params["delta"], tried.entries)
    part.step(0, _STEPS, "fit")
    synthesizer = Synthesizer(schema, spec.engine, trained_params(spec))
    fit_privately(synthesizer, spec, train, fit_rng, live)
    begun = tried.took("fit_s", begun)
    part.step(1, _STEPS, "sample")
    sizes = {n: min(k, MOST_JUDGED) for n, k in whole_sizes(synthesizer, spec.holdout).items()}
    made = synthesizer.sample(sizes, rng=sample_rng)
    begun = tried.took("sample_s", begun)
    part.step(2, _STEPS, "judge")
    output = synthesizer.output_schema
    report = evaluate(
        _as(train, output),
        _as(holdout, output),
        made,
        output,
        target=spec.target,
        seed=spec.seed,
        depth="quick",
    )
    tried.took("evaluate_s", begun)
    if synthesizer.ledger is not None:
        tried.ledgers.append(synthesizer.ledger)
        spent = synthesizer.ledger.spent().epsilon
        tried.points.append(_point(spec.params["epsilon"], report, spent))


def _as(tables: Mapping[str, pd.DataFrame], output: Schema) -> dict[str, pd.DataFrame]:
    return {table.name: tables[table.name][list(table.names)] for table in output.tables}


def _point(epsilon: float, report: Report, spent: float) -> SweepPoint:
    table = report.tables[0]
    utility, pairs = table.measures["tstr"], table.figures["biv"]
    return SweepPoint(
        epsilon,
        utility.value,
        utility.fresh,
        _error(pairs.value),
        _error(pairs.fresh),
        table.figures["mia"].value,
        spent,
    )


def _error(overlap: Score) -> Score:
    return overlap if isinstance(overlap, NotMeasured) else 1 - overlap


def _privacy(ledgers: Sequence[Ledger], spec: RunSpec, sweep: Sweep) -> dict[str, Any]:
    """The ledgers of all fits as one; nothing where the rows were a stand-in's."""
    if sweep.stand_in or not ledgers:
        return {}
    one = ledgers[0].guarantee
    asked = math.fsum(sweep.epsilons), one.delta * len(ledgers)
    whole = Guarantee(*asked, one.rows_per_person, one.person)
    entries = [entry.to_dict() for ledger in ledgers for entry in ledger.entries]
    empty = Ledger(whole).to_dict()
    told = told_privately(Ledger.from_dict({**empty, "entries": entries}), spec)
    kept = [second_opinion([e.event for e in x.entries], x.guarantee).is_kept for x in ledgers]
    told["privacy"]["withheld"] |= not all(kept)
    return told
