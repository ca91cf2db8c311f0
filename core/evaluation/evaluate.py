"""The evaluation of synthetic tables against training and holdout rows.

One call measures everything on every table and says what it comes to. Each measure stands beside
what fresh real rows reach, so that noise of small tables is not taken for a fault of the generator.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.evaluation.asked import Asked, Rules, Tables, checked_rules, find_targets
from core.evaluation.case import open_case
from core.evaluation.effort import effort_of
from core.evaluation.models import one_thread
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.relations import relation_reports
from core.evaluation.table import Watch, judge_table
from core.evaluation.values import VERSION, Report, Score, TableReport
from core.evaluation.verdict import judge
from core.progress import Progress, SilentProgress


def evaluate(
    train: Tables,
    holdout: Tables,
    synthetic: Tables,
    schema: Schema,
    *,
    target: str | None = None,
    targets: Sequence[str] = (),
    seed: int = 1,
    depth: str = "full",
    policy: EvaluationPolicy | None = None,
    rules: Rules | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure fidelity, utility and privacy of synthetic tables.

    Parameters
    ----------
    train, holdout, synthetic
        Canonical frames by table name; the generator has seen ``train`` only. A table absent from
        ``holdout`` has no holdout rows.
    target, targets
        ``table.column`` or columns to predict, the first of them for the utility dial; without
        any the last column with few distinct values is taken, or else the last number.
    seed
        The same rows and seed give the same report.
    depth
        ``quick`` leaves the details out and trains models on fewer rows, which the report says.
    policy
        The bounds of the verdict; the defaults without one.
    rules
        By table: what every row has to keep.

    Raises
    ------
    InvalidInput
        When a table is absent or has no rows in ``train`` or ``synthetic``, or a rule does not
        fit its table.
    InvalidParameter
        When no table has a target column, or ``depth`` is unknown.
    """
    progress = progress or SilentProgress()
    _check(train, synthetic, schema)
    wanted = find_targets(schema, [*([target] if target else []), *targets])
    policy, effort = policy or EvaluationPolicy(), effort_of(depth)
    found = checked_rules(rules, schema)
    asked = Asked(schema, train, holdout, synthetic, wanted, found, policy, effort)
    progress.stage("evaluate")
    reports = _table_reports(asked, seed, progress)
    return _report(asked, reports, seed, depth)


def _report(asked: Asked, reports: list[TableReport], seed: int, depth: str) -> Report:
    """All tables with their relations, and what they come to."""
    links = relation_reports(asked.train, asked.holdout, asked.synthetic, asked.schema)
    verdict = judge(reports, links, asked.policy)
    return Report(
        tuple(reports),
        links,
        verdict.dials,
        verdict.level,
        verdict.summary,
        tuple(one.text for one in verdict.advice),
        seed,
        _overall_figures(reports),
        VERSION,
        verdict.advice,
        depth,
        asked.policy,
    )


def _table_reports(asked: Asked, seed: int, progress: Progress) -> list[TableReport]:
    """One report a table, each with a stream of random numbers of its own."""
    schema, reports = asked.schema, []
    streams = np.random.default_rng(seed).spawn(len(schema.tables))
    with one_thread():
        for number, (table, rng) in enumerate(zip(schema.tables, streams, strict=True)):
            full = asked.effort.is_full
            watch = Watch(progress, number, len(schema.tables), table.name, full)
            train, held = asked.train[table.name], asked.holdout.get(table.name)
            fresh = unseen(table, train, held)
            case = open_case(table, schema, train, fresh, asked.synthetic[table.name], rng)
            case = replace(case, shared=len(held) - len(fresh) if held is not None else 0)
            reports.append(judge_table(case, asked, rng, watch))
    return reports


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
