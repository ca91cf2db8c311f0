"""What a job worker does for a run: split, fit, sample, evaluate, each result into the vault.

Runs in its own process. It gets a :class:`RunTask`, reads and writes the vault, reports true
progress and returns plain figures; it never opens the state. Memory does not grow with the rows
of a single table: it is trained on a sample of those that are more than can be held, and what is
made goes into the vault block by block.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.data.split import split_tables
from core.data.vault import Vault, VaultAccess
from core.evaluation import evaluate
from core.evaluation.policy import EvaluationPolicy
from core.memory import peak_memory_mb
from core.progress import Progress
from core.studio.making import make_tables, noted
from core.studio.stored import model_path, report_path, sample_dataset
from core.studio.values import RunSpec
from core.synthesis.asks.rule_texts import read_rules
from core.synthesis.asks.rules import Rule
from core.synthesis.synthesizer import Synthesizer

MOST_TRAIN_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class RunTask:
    """Everything a worker needs for one run.

    ``fit_seed`` is the seed of the run whose model is sampled, where ``spec.model_of`` names one;
    ``policy`` what the project judges its runs by.
    """

    run_id: str
    dataset_id: str
    stored_schema: Schema
    schema: Schema
    spec: RunSpec
    vault: VaultAccess
    fit_seed: int | None = None
    policy: EvaluationPolicy | None = None


def execute_run(task: RunTask, progress: Progress) -> Mapping[str, Any]:
    """Carry out a run; the result is what ``Run.result`` holds."""
    vault, spec, clock = task.vault.open(), task.spec, _Clock()
    fit_seed = spec.seed if task.fit_seed is None else task.fit_seed
    split_rng, fit_rng, _, draw_rng = np.random.default_rng(fit_seed).spawn(4)
    sample_rng = np.random.default_rng(spec.seed).spawn(4)[2]
    progress.stage("prepare")
    known = _known_model(task, vault)
    schema = task.schema if known is None else known.schema
    most = round(MOST_TRAIN_ROWS / (1 - spec.holdout))
    tables, whole = sample_dataset(
        vault, task.dataset_id, task.stored_schema, schema, most, draw_rng
    )
    train, holdout = split_tables(tables, schema, spec.holdout, split_rng)
    clock.lap("prepare_s")
    synthesizer = known or _fitted(task, train, fit_rng, progress, vault)
    clock.lap("fit_s")
    made = make_tables(
        synthesizer, whole | dict(spec.rows), sample_rng, progress, vault, task.run_id
    )
    clock.lap("sample_s")
    progress.stage("evaluate")
    report = evaluate(
        train,
        holdout,
        made.judged,
        schema,
        target=spec.target,
        seed=spec.seed,
        depth=spec.depth,
        policy=task.policy,
        rules=_rules(spec, schema),
        progress=progress,
    )
    report = noted(report, train, holdout, whole, made)
    vault.write_blob(report_path(task.run_id), json.dumps(report.to_dict()).encode())
    clock.lap("evaluate_s")
    return {
        **clock.laps,
        "rows": made.rows,
        "real_rows": whole,
        "train_rows": {name: len(frame) for name, frame in train.items()},
        "holdout_rows": {name: len(frame) for name, frame in holdout.items()},
        "judged_rows": {name: len(frame) for name, frame in made.judged.items()},
        "columns": sum(len(table.columns) for table in synthesizer.output_schema.tables),
        "output_schema": synthesizer.output_schema.to_dict(),
        "content_hash": made.content_hash,
        "cpu_s": clock.cpu_s,
        "peak_mb": peak_memory_mb(),
    }


def _rules(spec: RunSpec, schema: Schema) -> Mapping[str, Sequence[Rule]]:
    """The rules that rows are judged by, by table."""
    return {
        name: read_rules(texts, Schema((schema[name],))).get(name, ())
        for name, texts in spec.rules.items()
    }


def _known_model(task: RunTask, vault: Vault) -> Synthesizer | None:
    """The model of an earlier run, if that is what is sampled."""
    if not task.spec.model_of:
        return None
    return Synthesizer.load(vault.read_blob(model_path(task.spec.model_of)))


def _fitted(
    task: RunTask,
    train: Mapping[str, pd.DataFrame],
    rng: np.random.Generator,
    progress: Progress,
    vault: Vault,
) -> Synthesizer:
    """A new model of the training rows, kept in the vault."""
    synthesizer = Synthesizer(task.schema, task.spec.engine, task.spec.params, _mask_key(task))
    synthesizer.fit(train, rng=rng, progress=progress)
    vault.write_blob(model_path(task.run_id), synthesizer.dump())
    return synthesizer


def _mask_key(task: RunTask) -> bytes:
    return task.vault.keys.derive("mask")


class _Clock:
    """Wall seconds of each step of a run, and CPU seconds of all."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()
        self._cpu = time.process_time()

    @property
    def cpu_s(self) -> float:
        return round(time.process_time() - self._cpu, 2)

    def lap(self, name: str) -> None:
        moment = time.perf_counter()
        self.laps[name] = round(moment - self._last, 3)
        self._last = moment
