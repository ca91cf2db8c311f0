"""The evaluation of synthetic tables against training and holdout rows.

One call measures everything on every table and says what it comes to. Each measure stands beside
what fresh real rows reach, so that noise of small tables is not taken for a fault of the generator.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.evaluation.case import open_case
from core.evaluation.models import one_thread
from core.evaluation.relations import relation_reports
from core.evaluation.table import Watch, judge_table
from core.evaluation.values import Report, Score, TableReport
from core.evaluation.verdict import judge
from core.progress import Progress, SilentProgress

Tables = Mapping[str, pd.DataFrame]


def evaluate(
    train: Tables,
    holdout: Tables,
    synthetic: Tables,
    schema: Schema,
    *,
    target: str | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Measure fidelity, utility and privacy of synthetic tables.

    Parameters
    ----------
    train, holdout, synthetic
        Canonical frames by table name; the generator has seen ``train`` only. A table absent from
        ``holdout`` has no holdout rows.
    target
        ``table.column`` or a column to predict for the utility; without it the last column with
        few distinct values is taken, or else the last number.
    seed
        The same rows and seed give the same report.

    Raises
    ------
    InvalidInput
        When a table is absent or has no rows in ``train`` or ``synthetic``.
    InvalidParameter
        When no table has the target column.
    """
    progress = progress or SilentProgress()
    _check(train, synthetic, schema)
    targets = find_target(schema, target)
    progress.stage("evaluate")
    streams = np.random.default_rng(seed).spawn(len(schema.tables))
    reports = []
    with one_thread():
        for number, (table, rng) in enumerate(zip(schema.tables, streams, strict=True)):
            watch = Watch(progress, number, len(schema.tables), table.name)
            held = unseen(table, train[table.name], holdout.get(table.name))
            case = open_case(table, schema, train[table.name], held, synthetic[table.name], rng)
            case = replace(case, shared=len(holdout.get(table.name, ())) - len(held))
            reports.append(judge_table(case, targets.get(table.name), rng, watch))
    links = relation_reports(train, holdout, synthetic, schema)
    verdict = judge(reports, links)
    return Report(
        tuple(reports),
        links,
        verdict.dials,
        verdict.level,
        verdict.summary,
        verdict.suggestions,
        seed,
        _overall_figures(reports),
    )


def find_target(schema: Schema, target: str | None) -> dict[str, str]:
    """The target column by table name; empty when none was asked for.

    Raises
    ------
    InvalidParameter
        When no table has such a column.
    """
    if not target:
        return {}
    for table in schema.tables:
        column = target.removeprefix(f"{table.name}.")
        if column != target and column in table.names:
            return {table.name: column}
    found = {table.name: target for table in schema.tables if target in table.names}
    if not found:
        raise InvalidParameter(
            f"There is no column {target!r} to predict. Give `table.column` with one of the "
            f"tables {', '.join(schema.names)}."
        )
    return found


def unseen(table: Table, train: pd.DataFrame, holdout: pd.DataFrame | None) -> pd.DataFrame:
    """Holdout rows that are no training rows.

    A parent that both sides need, such as a list of districts, is in both; its rows say nothing
    about fresh ones, and would hide every copy.
    """
    if holdout is None:
        return train.iloc[:0]
    if table.primary_key is None:
        return holdout
    return holdout[~holdout[table.primary_key].isin(train[table.primary_key])]


def _check(train: Tables, synthetic: Tables, schema: Schema) -> None:
    problems = [
        f"Table {name!r} has no rows among the {kind} tables."
        for name in schema.names
        for kind, tables in (("training", train), ("synthetic", synthetic))
        if name not in tables or not len(tables[name])
    ]
    if problems:
        raise InvalidInput("The tables cannot be compared: " + " ".join(problems), problems)


def _overall_figures(reports: list[TableReport]) -> dict[str, Score]:
    """The eight figures; for several tables the mean of the tables that have them."""
    figures: dict[str, Score] = {}
    for name in ("uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup"):
        values = [report.figures[name].value for report in reports]
        known = [v for v in values if isinstance(v, float)]
        figures[name] = float(np.mean(known)) if known else values[0]
    return figures
