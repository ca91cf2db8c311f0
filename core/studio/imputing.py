"""A run that fills the missing cells of the real tables, as often as asked, and says how well.

Its tables are real: they go into a folder of their own in the vault, have no report and no
``output_schema`` in the run's result, and so can never become a release.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.evaluation.codec import encode
from core.evaluation.imputed import FilledColumn, judge_filling
from core.memory import peak_memory_mb
from core.progress import Progress
from core.studio.ask_checks import unfilled
from core.studio.clock import Clock
from core.studio.fallback import engine_at_work
from core.studio.modelling import rules_of
from core.studio.stored import FILLED, filled_path, read_dataset
from core.studio.task import RunTask
from core.synthesis.asks import filler_of, impute
from core.synthesis.asks.fill import Filler
from core.synthesis.fitted import PartProgress
from core.synthesis.stream import refuse_too_large

_COPIES_HELD = 4


def impute_run(task: RunTask, progress: Progress) -> Mapping[str, Any]:
    """Carry out a run of ``Purpose.IMPUTE``; the result is what ``Run.result`` holds."""
    vault, spec, schema, clock = task.vault.open(), task.spec, task.schema, Clock()
    fill_rng, judge_rng = np.random.default_rng(spec.seed).spawn(2)
    progress.stage("prepare")
    tables = read_dataset(vault, task.dataset_id, task.stored_schema, schema)
    sizes = {name: len(frame) for name, frame in tables.items()}
    widths = {t.name: _COPIES_HELD * len(t.columns) for t in schema.tables}
    refuse_too_large(sizes, widths)
    clock.lap("prepare_s")
    open_tables = {t.name: _fillable(t, tables[t.name], schema) for t in schema.tables}
    open_tables = {name: columns for name, columns in open_tables.items() if columns}
    filler = filler_of(spec.engine, spec.params, rules=rules_of(spec, schema))
    gaps = {name: tables[name] for name in open_tables}
    progress.stage("sample")
    for copy, rng in enumerate(fill_rng.spawn(spec.copies), 1):
        part = PartProgress(progress, f"copy {copy}", copy - 1, spec.copies)
        with engine_at_work():
            for name, frame in _filled_once(gaps, schema, filler, rng, part):
                path = filled_path(task.run_id, copy, schema.names.index(name))
                vault.write_table(path, frame, schema[name])
    clock.lap("sample_s")
    progress.stage("evaluate")
    quality = {
        name: judge_filling(
            tables[name],
            schema[name],
            columns,
            filler,
            left=unfilled(schema[name], schema),
            rng=judge_rng,
            progress=PartProgress(progress, name, place, len(open_tables)),
        )
        for place, (name, columns) in enumerate(open_tables.items())
    }
    clock.lap("evaluate_s")
    return {
        **clock.laps,
        "fit_s": 0.0,
        "rows": {name: sizes[name] for name in open_tables},
        "real_rows": sizes,
        "columns": sum(len(schema[name].columns) for name in open_tables),
        FILLED: _said(spec.copies, tables, open_tables, quality, schema),
        "cpu_s": clock.cpu_s,
        "peak_mb": peak_memory_mb(),
    }


def _fillable(table: Table, frame: pd.DataFrame, schema: Schema) -> tuple[str, ...]:
    """Columns with missing cells and values to learn from, which are not left as they are."""
    left = unfilled(table, schema)
    missing = {name: int(frame[name].isna().sum()) for name in table.names if name not in left}
    return tuple(name for name, count in missing.items() if 0 < count < len(frame))


def _filled_once(
    tables: Mapping[str, pd.DataFrame],
    schema: Schema,
    filler: Filler,
    rng: np.random.Generator,
    progress: Progress,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each table with its missing cells filled, one after another."""
    for place, (name, frame) in enumerate(tables.items()):
        done = impute(
            frame,
            schema[name],
            filler=filler,
            left=unfilled(schema[name], schema),
            rng=rng,
            progress=PartProgress(progress, name, place, len(tables)),
        )
        yield name, done.tables[0]


def _said(
    copies: int,
    tables: Mapping[str, pd.DataFrame],
    open_tables: Mapping[str, tuple[str, ...]],
    quality: Mapping[str, tuple[FilledColumn, ...]],
    schema: Schema,
) -> dict[str, Any]:
    """What the result says of the filling: counts, and how well; never a value."""
    filled = {
        name: {column: int(tables[name][column].isna().sum()) for column in columns}
        for name, columns in open_tables.items()
    }
    left = {
        name: {
            column: reason
            for column, reason in unfilled(schema[name], schema).items()
            if tables[name][column].isna().any()
        }
        for name in open_tables
    }
    return {
        "copies": copies,
        "schema": schema.to_dict(),
        "cells": filled,
        "left": left,
        "quality": {name: encode(columns) for name, columns in quality.items()},
    }
