"""What a job worker does for a run: split, fit, sample, evaluate, each result into the vault.

Runs in its own process. It gets a :class:`RunTask`, reads and writes the vault, reports true
progress and returns plain figures; it never opens the state.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.hashing import content_hash
from core.data.schema import Schema
from core.data.split import split_tables
from core.data.vault import VaultAccess
from core.evaluation import evaluate
from core.memory import peak_memory_mb
from core.progress import Progress
from core.studio.stored import model_path, read_dataset, report_path, synthetic_path
from core.studio.values import RunSpec
from core.synthesis.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class RunTask:
    """Everything a worker needs for one run."""

    run_id: str
    dataset_id: str
    stored_schema: Schema
    schema: Schema
    spec: RunSpec
    vault: VaultAccess


def execute_run(task: RunTask, progress: Progress) -> Mapping[str, Any]:
    """Carry out a run; the result is what ``Run.result`` holds."""
    vault = task.vault.open()
    spec = task.spec
    split_rng, fit_rng, sample_rng = np.random.default_rng(spec.seed).spawn(3)
    clock = _Clock()
    progress.stage("prepare")
    tables = read_dataset(vault, task.dataset_id, task.stored_schema, task.schema)
    train, holdout = split_tables(tables, task.schema, spec.holdout, split_rng)
    synthesizer = Synthesizer(task.schema, spec.engine, spec.params, _mask_key(task))
    clock.lap("prepare_s")
    synthesizer.fit(train, rng=fit_rng, progress=progress)
    vault.write_blob(model_path(task.run_id), synthesizer.dump())
    clock.lap("fit_s")
    rows = {name: len(frame) for name, frame in tables.items()} | dict(spec.rows)
    synthetic = synthesizer.sample(rows, rng=sample_rng, progress=progress)
    output = synthesizer.output_schema
    for position, table in enumerate(output.tables):
        vault.write_table(synthetic_path(task.run_id, position), synthetic[table.name], table)
    clock.lap("sample_s")
    progress.stage("evaluate")
    report = evaluate(
        train,
        holdout,
        synthetic,
        task.schema,
        target=spec.target,
        seed=spec.seed,
        progress=progress,
    )
    vault.write_blob(report_path(task.run_id), json.dumps(report.to_dict()).encode())
    clock.lap("evaluate_s")
    return {
        **clock.laps,
        "rows": {name: len(frame) for name, frame in synthetic.items()},
        "train_rows": {name: len(frame) for name, frame in train.items()},
        "holdout_rows": {name: len(frame) for name, frame in holdout.items()},
        "columns": sum(len(table.columns) for table in output.tables),
        "output_schema": output.to_dict(),
        "content_hash": content_hash(synthetic, output),
        "cpu_s": clock.cpu_s,
        "peak_mb": peak_memory_mb(),
    }


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
