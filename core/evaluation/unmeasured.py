"""A report in which nothing could be measured, and why: no number stands in for any other."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from core.data.schema import Column, Schema, Table
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.values import (
    VERSION,
    Association,
    ColumnReport,
    Report,
    TableReport,
)
from core.evaluation.verdict import judge

_MEASURES = ("columns", "pairs", "c2st", "tstr", "copies", "nearer", "distance", "membership")
_FIGURES = ("uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup")

Frames = Mapping[str, pd.DataFrame]


def unmeasured(
    train: Frames,
    holdout: Frames,
    synthetic: Frames,
    schema: Schema,
    reason: str,
    *,
    seed: int = 1,
    depth: str = "quick",
    policy: EvaluationPolicy | None = None,
) -> Report:
    """A report of these tables that says of every measure why it was not taken.

    Parameters
    ----------
    train, holdout, synthetic
        As for :func:`core.evaluation.evaluate`; only their sizes are told.
    reason
        A sentence for people.
    """
    policy = policy or EvaluationPolicy()
    absent = NotMeasured(reason)
    tables = tuple(
        _table(
            table,
            {
                "train": len(train[table.name]),
                "holdout": len(holdout.get(table.name, ())),
                "synthetic": len(synthetic[table.name]),
            },
            absent,
        )
        for table in schema.tables
    )
    verdict = judge(tables, (), policy)
    report = Report(
        tables,
        (),
        verdict.dials,
        verdict.level,
        verdict.summary,
        tuple(one.text for one in verdict.advice),
        seed,
        dict.fromkeys(_FIGURES, absent),
    )
    return replace(report, version=VERSION, advice=verdict.advice, depth=depth, policy=policy)


def _table(table: Table, rows: Mapping[str, int], absent: NotMeasured) -> TableReport:
    columns = tuple(_column(column, absent) for column in table.columns)
    return TableReport(
        table.name,
        rows,
        None,
        "none",
        columns,
        (),
        0,
        Association((), (), ()),
        {name: Measure(name, absent, absent, absent, 1.0) for name in _MEASURES},
        {name: Measure(name, absent, absent, absent, 1.0) for name in _FIGURES},
        (absent.reason,),
    )


def _column(column: Column, absent: NotMeasured) -> ColumnReport:
    return ColumnReport(
        column.name,
        str(column.type),
        str(column.role),
        excluded=absent.reason,
        similarity=absent,
        fresh=absent,
        ks=absent,
        fresh_ks=absent,
        missing_real=absent,
        missing_synthetic=absent,
        chart=None,
    )
