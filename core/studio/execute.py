"""What a job worker does for a run: split, fit, sample, evaluate, each result into the vault.

Runs in its own process. It gets a :class:`RunTask`, reads and writes the vault, reports true
progress and returns plain figures; it never opens the state. Memory does not grow with the rows
of a single table: it is trained on a sample of those that are more than can be held, and what is
made goes into the vault block by block.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.blocks import joined
from core.data.hashing import TableHash, schema_hash
from core.data.parts import write_parts
from core.data.schema import Schema, Table
from core.data.split import split_tables
from core.data.vault import Vault, VaultAccess
from core.evaluation import Report, evaluate
from core.memory import peak_memory_mb
from core.progress import Progress
from core.studio.stored import model_path, report_path, sample_dataset, synthetic_path
from core.studio.values import RunSpec
from core.synthesis.synthesizer import Synthesizer

MOST_TRAIN_ROWS = 1_000_000
JUDGED_ROWS = 50_000
JUDGED_CELLS = 15_000_000

Frames = Mapping[str, pd.DataFrame]


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
    split_rng, fit_rng, sample_rng, draw_rng = np.random.default_rng(spec.seed).spawn(4)
    clock = _Clock()
    progress.stage("prepare")
    most = round(MOST_TRAIN_ROWS / (1 - spec.holdout))
    schemas = (task.stored_schema, task.schema)
    tables, whole = sample_dataset(vault, task.dataset_id, *schemas, most, draw_rng)
    train, holdout = split_tables(tables, task.schema, spec.holdout, split_rng)
    synthesizer = Synthesizer(task.schema, spec.engine, spec.params, _mask_key(task))
    clock.lap("prepare_s")
    synthesizer.fit(train, rng=fit_rng, progress=progress)
    vault.write_blob(model_path(task.run_id), synthesizer.dump())
    clock.lap("fit_s")
    made = _sample(task, synthesizer, whole | dict(spec.rows), sample_rng, progress, vault)
    clock.lap("sample_s")
    progress.stage("evaluate")
    report = evaluate(
        train,
        holdout,
        made.judged,
        task.schema,
        target=spec.target,
        seed=spec.seed,
        progress=progress,
    )
    report = _noted(report, train, holdout, whole, made)
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


@dataclass(frozen=True, slots=True)
class _Made:
    """What was sampled: the rows that are judged, and how many there are of each table."""

    judged: dict[str, pd.DataFrame]
    rows: dict[str, int]
    content_hash: str


def _sample(
    task: RunTask,
    synthesizer: Synthesizer,
    rows: Mapping[str, int],
    rng: np.random.Generator,
    progress: Progress,
    vault: Vault,
) -> _Made:
    """Sample into the vault, a single table as a stream."""
    output = synthesizer.output_schema
    streams: dict[str, Iterable[pd.DataFrame]]
    if synthesizer.can_stream:
        streams = {output.names[0]: synthesizer.stream(rows, rng=rng, progress=progress)}
    else:
        tables = synthesizer.sample(rows, rng=rng, progress=progress)
        streams = {name: [frame] for name, frame in tables.items()}
    watched = {t.name: _Watched(t, streams[t.name]) for t in output.tables}
    for position, table in enumerate(output.tables):
        write_parts(vault, synthetic_path(task.run_id, position), watched[table.name], table)
    return _Made(
        {name: joined(one.judged, output[name]) for name, one in watched.items()},
        {name: one.rows for name, one in watched.items()},
        schema_hash({name: one.hashed for name, one in watched.items()}, output),
    )


class _Watched:
    """Frames passed on, hashed and counted, the first ones kept to be judged."""

    def __init__(self, table: Table, frames: Iterable[pd.DataFrame]) -> None:
        self._frames = frames
        self._most = max(JUDGED_ROWS, JUDGED_CELLS // max(len(table.columns), 1))
        self.hashed = TableHash(table)
        self.rows = 0
        self.judged: list[pd.DataFrame] = []

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for frame in self._frames:
            self.hashed.update(frame)
            if self.rows < self._most:
                self.judged.append(frame.iloc[: self._most - self.rows])
            self.rows += len(frame)
            yield frame


def _noted(
    report: Report, train: Frames, holdout: Frames, whole: Mapping[str, int], made: _Made
) -> Report:
    """The report with a word on tables of which only a part was used or judged."""
    tables = []
    for table in report.tables:
        notes, name = list(table.notes), table.name
        seen = len(train[name]) + len(holdout.get(name, ()))
        if len(whole) == 1 and seen < whole[name]:
            notes.append(
                f"Trained and judged on {seen:,} of {whole[name]:,} real rows, drawn at random."
            )
        if len(made.judged[name]) < made.rows[name]:
            notes.append(f"Judged on {len(made.judged[name]):,} of {made.rows[name]:,} rows made.")
        tables.append(replace(table, notes=tuple(notes)))
    return replace(report, tables=tuple(tables))


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
