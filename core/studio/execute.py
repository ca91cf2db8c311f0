"""What a job worker does for a run: split, fit, sample, evaluate, each result into the vault.

Runs in its own process. It gets a :class:`RunTask`, reads and writes the vault, reports true
progress and returns plain figures; it never opens the state. Memory does not grow with the rows
of a single table: it is trained on a sample of those that are more than can be held, and what is
made goes into the vault block by block.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from core.data.schema import Schema
from core.data.split import split_tables
from core.evaluation import Report
from core.memory import peak_memory_mb
from core.plugins import load_plugins
from core.progress import Progress
from core.studio.clock import Clock
from core.studio.contest import Bench, few_rows, keep_best
from core.studio.fallback import engine_at_work
from core.studio.imputing import impute_run
from core.studio.judging import judged, told_of_asks
from core.studio.making import Made, make_tables
from core.studio.modelling import known_model, refuse_unknown, wishes_of
from core.studio.prepared_rows import (
    GivenOut,
    PreparedRows,
    prepare_rows,
    source_schema,
    told_preparation,
)
from core.studio.private_run import (
    LiveProgress,
    fit_privately,
    guarantee_of,
    secret_coins,
    split_by_coins,
    told_privately,
    trained_params,
    whole_sizes,
)
from core.studio.private_specs import is_private
from core.studio.run_work import RunWork, Streams
from core.studio.stored import model_path, read_keys, report_path, sample_dataset
from core.studio.sweep import sweep_run
from core.studio.task import RunTask
from core.studio.values import Purpose
from core.studio.writing import have_texts_written, told, with_written, writer_for
from core.synthesis.asks import How, Wishes, fulfil, synthesizer_for
from core.synthesis.synthesizer import Synthesizer

__all__ = ["MOST_TRAIN_ROWS", "RunTask", "execute_run"]

MOST_TRAIN_ROWS = 1_000_000


def execute_run(task: RunTask, progress: Progress) -> Mapping[str, Any]:
    """Carry out a run; the result is what ``Run.result`` holds."""
    load_plugins(task.plugins)
    if task.spec.purpose is Purpose.IMPUTE:
        return impute_run(task, progress)
    if task.spec.purpose is Purpose.SWEEP:
        return sweep_run(task, progress)
    work, clock = RunWork(task, task.vault.open(), Streams.of(task), progress), Clock()
    progress.stage("prepare")
    known = known_model(task.spec, work.vault)
    real = _read(work, source_schema(known, task.schema), known)
    wishes = wishes_of(task.spec, real.schema)
    refuse_unknown(task.spec, wishes, real.schema, real.train)
    writer = writer_for(task.language, real.schema, task.spec)
    clock.lap("prepare_s")

    def concluded(work: RunWork, synthesizer: Synthesizer) -> dict[str, Any]:
        if writer is not None:
            kept = partial(work.vault.write_blob, model_path(task.run_id))
            have_texts_written(synthesizer, writer, kept, progress)
            clock.lap("write_s")
        return _concluded(work, synthesizer, wishes, real, clock)

    if task.spec.contest is not None:
        bench = _bench(work, wishes, real)
        return keep_best(
            task,
            work.vault,
            bench,
            lambda synthesizer: concluded(work.afresh(), synthesizer),
            progress,
        )
    with engine_at_work():
        synthesizer = known or _fitted(work, wishes, real)
        clock.lap("fit_s")
    return concluded(work, synthesizer)


def _concluded(
    work: RunWork, synthesizer: Synthesizer, wishes: Wishes, real: PreparedRows, clock: Clock
) -> dict[str, Any]:
    """Make the rows of a fitted model, judge them, and say what came of the run."""
    task, progress = work.task, work.progress
    with engine_at_work():
        made, how = _made(work, synthesizer, wishes, real)
    clock.lap("sample_s")
    progress.stage("evaluate")
    report = judged(work, real, made, synthesizer.output_schema)
    report = replace(report, guarantee=guarantee_of(synthesizer.ledger))
    report = with_written(report, synthesizer)
    work.vault.write_blob(report_path(task.run_id), json.dumps(report.to_dict()).encode())
    privacy = told_privately(synthesizer.ledger, task.spec)
    asked: dict[str, Any] = {}
    if not wishes.are_none:
        asked = how.to_dict() | told_of_asks(work, synthesizer, wishes, real, made)
    clock.lap("evaluate_s")
    return {
        **clock.laps,
        "rows": made.rows,
        "real_rows": dict(real.whole),
        "train_rows": {name: len(frame) for name, frame in real.train.items()},
        "holdout_rows": {name: len(frame) for name, frame in real.holdout.items()},
        "judged_rows": {name: len(frame) for name, frame in made.judged.items()},
        "columns": sum(len(table.columns) for table in synthesizer.output_schema.tables),
        "output_schema": GivenOut.of(synthesizer, task.spec.seed).schema.to_dict(),
        "content_hash": made.content_hash,
        "cpu_s": clock.cpu_s,
        "peak_mb": peak_memory_mb(),
        **({"asked": asked} if asked else {}),
        **({"notes": list(synthesizer.notes)} if synthesizer.notes else {}),
        **told(synthesizer),
        **told_preparation(real.pipeline, real.changes, task.spec),
        **privacy,
    }


def _bench(work: RunWork, wishes: Wishes, real: PreparedRows) -> Bench:
    """How the candidates of a contest are made: as a run with that engine and seed would."""
    task = work.task
    quick = replace(task, spec=replace(task.spec, depth="quick"))

    def fit(engine: str, params: Mapping[str, Any], progress: Progress) -> Synthesizer:
        synthesizer = _unfitted(work, wishes, real, engine, params)
        synthesizer.fit(real.train, rng=Streams.of(task).fit, progress=progress)
        return synthesizer

    def sample(synthesizer: Synthesizer, progress: Progress) -> dict[str, pd.DataFrame]:
        sizes = few_rows(real.whole)
        rng = Streams.of(task).sample
        made = fulfil(synthesizer, wishes, sizes, rng=rng, progress=progress)
        return dict(made.taken(synthesizer.output_schema).tables)

    def judge(rows: dict[str, pd.DataFrame], output: Schema, progress: Progress) -> Report:
        few = Made(rows, {name: len(frame) for name, frame in rows.items()}, "")
        alone = RunWork(quick, work.vault, Streams.of(task), progress)
        return judged(alone, real, few, output)

    return Bench(fit, sample, judge)


def _read(work: RunWork, schema: Schema, known: Synthesizer | None) -> PreparedRows:
    """The real rows, a sample where they are more than can be held, divided for judging, prepared.

    With a formal guarantee all of them: in a sample of a fixed size, one person more would take
    another's place, and two persons would have changed.
    """
    task, streams = work.task, work.streams
    most = round(MOST_TRAIN_ROWS / (1 - task.spec.holdout))
    if is_private(task.spec):
        most = sys.maxsize
    tables, whole = sample_dataset(
        work.vault, task.dataset_id, task.stored_schema, schema, most, streams.draw
    )
    if is_private(task.spec):
        coins = secret_coins(task.vault.keys, streams.split)
        train, holdout = split_by_coins(tables, task.spec.holdout, coins)
    else:
        train, holdout = split_tables(tables, schema, task.spec.holdout, streams.split)
    return prepare_rows(task.spec, schema, (train, holdout), whole, known)


def _fitted(work: RunWork, wishes: Wishes, real: PreparedRows) -> Synthesizer:
    """A new model of the training rows, kept in the vault."""
    task, spec = work.task, work.task.spec
    params = trained_params(spec) if is_private(spec) else spec.params
    synthesizer = _unfitted(work, wishes, real, spec.engine, params)
    if is_private(spec):
        live = LiveProgress(work.progress, spec.params["delta"])
        fit_privately(synthesizer, spec, real.train, work.streams.fit, live)
    else:
        synthesizer.fit(real.train, rng=work.streams.fit, progress=work.progress)
    work.vault.write_blob(model_path(task.run_id), synthesizer.dump())
    return synthesizer


def _unfitted(
    work: RunWork, wishes: Wishes, real: PreparedRows, engine: str, params: Mapping[str, Any]
) -> Synthesizer:
    """A model that has learned nothing yet, and knows how its rows were prepared."""
    mask_key = work.task.vault.keys.derive("mask")
    synthesizer = synthesizer_for(wishes, real.schema, engine, params, mask_key)
    if real.pipeline is not None:
        synthesizer.keep_pipeline(real.pipeline)
    return synthesizer


def _made(
    work: RunWork, synthesizer: Synthesizer, wishes: Wishes, real: PreparedRows
) -> tuple[Made, How]:
    """The run's rows, in the vault, and how they came about."""
    task, spec, taken = work.task, work.task.spec, {}
    if spec.purpose is Purpose.AUGMENT:
        taken = read_keys(work.vault, task.dataset_id, task.stored_schema, real.schema)
    whole = whole_sizes(synthesizer, spec.holdout) if is_private(spec) else real.whole
    answer = fulfil(
        synthesizer,
        wishes,
        {**whole, **spec.rows},
        rng=work.streams.sample,
        progress=work.progress,
        taken=taken,
    )
    made = make_tables(answer.frames, GivenOut.of(synthesizer, spec.seed), work.vault, task.run_id)
    return made, answer.how()
