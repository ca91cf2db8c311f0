"""One table judged: every measure on it, in the order in which progress is reported."""

from dataclasses import dataclass, replace

import numpy as np

from core.data.schema import Column
from core.evaluation.added import ADDED, added_measures
from core.evaluation.asked import Asked
from core.evaluation.association import associate
from core.evaluation.bins import bin_table
from core.evaluation.case import Case
from core.evaluation.charts import column_chart
from core.evaluation.effort import Effort, thin
from core.evaluation.encoding import Encoded
from core.evaluation.fidelity import (
    Compared,
    choose_pairs,
    compare,
    ks_likeness,
    mean_measure,
    no_holdout,
    pair_reports,
    scorer_figures,
)
from core.evaluation.full import detailed
from core.evaluation.gates import Gated, gate_results
from core.evaluation.models import Target, choose_target, utility
from core.evaluation.nearest import place
from core.evaluation.privacy import attacks, copies
from core.evaluation.telling import two_sample
from core.evaluation.values import (
    ColumnReport,
    Measure,
    NotMeasured,
    PairReport,
    Score,
    TableReport,
)
from core.progress import Progress

_STEPS = ("columns", "pairs", "associations", "copies and distances", "models", "gates")
_DETAILS = ("columns and pairs in detail", "usefulness in detail", "attacks")


@dataclass(frozen=True, slots=True)
class Watch:
    """Reports steps of one table as steps of the whole evaluation."""

    progress: Progress
    number: int
    tables: int
    name: str
    is_full: bool = False

    def done(self, step: int) -> None:
        """Say that ``step`` steps of this table are finished."""
        note = (
            f"{self.name}: {self._steps[step]}" if step < len(self._steps) else f"{self.name}: done"
        )
        self.within(step, 0.0, note)

    def within(self, step: int, share: float, note: str) -> None:
        """Say that of the step after ``step`` others such a share is finished."""
        each = len(self._steps)
        self.progress.step(self.number * each + step + share, self.tables * each, note)

    @property
    def _steps(self) -> tuple[str, ...]:
        return _STEPS + _DETAILS if self.is_full else _STEPS


def judge_table(case: Case, asked: Asked, rng: np.random.Generator, watch: Watch) -> TableReport:
    """Take every measure of one table."""
    gate_rng, detail_rng = rng.spawn(2)
    report = _measured(case, asked, rng, watch)
    watch.done(5)
    rules = asked.rules.get(case.table.name, ())
    gated = Gated(
        case, asked.schema, asked.train, asked.synthetic, asked.policy.gates, rules, gate_rng
    )
    report = replace(report, gates=gate_results(gated))
    watch.done(6)
    if asked.effort.is_full:
        report = detailed(report, case, asked, detail_rng, watch)
    return replace(report, added=added_measures(case, rng)) if ADDED else report


def _measured(case: Case, asked: Asked, rng: np.random.Generator, watch: Watch) -> TableReport:
    effort, (model_rng, private_rng) = asked.effort, rng.spawn(2)
    watch.done(0)
    wanted = next(iter(asked.targets.get(case.table.name, ())), None)
    target = choose_target(case.encoded, wanted)
    fitted = effort.started(lambda: _models(case, target, effort, model_rng))
    searched = effort.started(lambda: _private(case, effort, private_rng))
    binned = bin_table(case.encoded)
    compared = compare(binned, rng)
    columns, singles = _columns(case, compared)
    watch.done(1)
    pairs, total, figures = _pairs(case.encoded, compared, rng)
    watch.done(2)
    association = associate(thin(case.encoded, effort.association_rows, rng))
    watch.done(3)
    private = searched()
    watch.done(4)
    models = fitted()
    largest = max(len(case.encoded.train), len(case.encoded.synthetic), len(case.encoded.holdout))
    figures |= {n: effort.figure(models[n], largest) for n in ("c2st", "tstr")}
    figures |= {"dcr": private.pop("dcr"), "mia": private["membership"], "dup": private["copies"]}
    named = target.name if isinstance(target, Target) else None
    measures = {"columns": singles, "pairs": _pair_measure(pairs, total, compared)}
    sizes = {"train": len(case.train), "holdout": len(case.holdout)}
    return TableReport(
        case.table.name,
        {**sizes, "synthetic": len(case.synthetic)},
        named,
        target.kind if isinstance(target, Target) else "none",
        columns,
        pairs,
        total,
        association,
        {**measures, **models, **private},
        figures,
        _notes(case, compared),
    )


def _columns(case: Case, compared: Compared) -> tuple[tuple[ColumnReport, ...], Measure]:
    index = {column.name: j for j, column in enumerate(case.judged)}
    scores = {name: compared.score((j,)) for name, j in index.items()}
    reports = tuple(
        _judged_column(case, column, index[column.name], scores[column.name])
        if column.name in index
        else _excluded_column(case, column)
        for column in case.table.columns
    )
    return reports, mean_measure("columns", list(scores.values()), chance=False)


def _judged_column(
    case: Case, column: Column, j: int, score: tuple[float, Score, float]
) -> ColumnReport:
    real, made = case.train[column.name], case.synthetic[column.name]
    absent = NotMeasured("The distance of distribution functions is for numbers.")
    ks: tuple[Score, Score] = (absent, absent)
    if column.type.is_numeric:
        ks = _ks(case.encoded, j)
    return ColumnReport(
        column.name,
        str(column.type),
        str(column.role),
        "",
        score[0],
        score[1],
        *ks,
        float(real.isna().mean()),
        float(made.isna().mean()),
        column_chart(real, made, column),
    )


def _ks(encoded: Encoded, j: int) -> tuple[Score, Score]:
    train, made = encoded.train[:, j], encoded.synthetic[:, j]
    without = no_holdout(len(encoded.holdout))
    if without:
        return ks_likeness(made, train), NotMeasured(without)
    held = encoded.holdout[:, j]
    return ks_likeness(made, held), ks_likeness(train, held)


def _excluded_column(case: Case, column: Column) -> ColumnReport:
    reason = case.excluded[column.name]
    absent = NotMeasured(f"Left out: {reason}.")
    made: Score = absent
    if column.name in case.synthetic:
        made = float(case.synthetic[column.name].isna().mean())
    missing = float(case.train[column.name].isna().mean())
    return ColumnReport(
        column.name,
        str(column.type),
        str(column.role),
        reason,
        absent,
        absent,
        absent,
        absent,
        missing,
        made,
        None,
    )


def _pairs(
    encoded: Encoded, compared: Compared, rng: np.random.Generator
) -> tuple[tuple[PairReport, ...], int, dict[str, Measure]]:
    chosen = choose_pairs(encoded.width, rng)
    reports = pair_reports(encoded.names, compared, chosen)
    total = encoded.width * (encoded.width - 1) // 2
    scored = bin_table(encoded, like_scorer=True)
    return reports, total, scorer_figures(scored, rng)


def _pair_measure(pairs: tuple[PairReport, ...], total: int, compared: Compared) -> Measure:
    note = "" if len(pairs) == total else f"{len(pairs):,} of {total:,} pairs, drawn by lot"
    scores: list[tuple[float, Score, float]] = [
        (p.similarity, p.fresh, p.independent) for p in pairs
    ]
    return mean_measure("pairs", scores, chance=True, note=note)


def _models(
    case: Case, target: Target | NotMeasured, effort: Effort, rng: np.random.Generator
) -> dict[str, Measure]:
    seen = effort.modelled(case.encoded, rng)
    if isinstance(target, NotMeasured):
        use = Measure("tstr", target, target, target, 1.0)
    else:
        use = utility(seen, target, rng)
    smallest = min(len(case.encoded.holdout), len(case.encoded.synthetic))
    largest = max(len(case.encoded.train), len(case.encoded.synthetic))
    return {
        "c2st": effort.noted(two_sample(seen, rng), smallest),
        "tstr": effort.noted(use, largest),
    }


def _private(case: Case, effort: Effort, rng: np.random.Generator) -> dict[str, Measure]:
    names = [column.name for column in case.judged]
    exact = copies(case.train, case.holdout, case.synthetic, names)
    cloud = replace(place(case.encoded, rng), most=effort.queries)
    return {"copies": exact, **attacks(cloud, rng)}


def _notes(case: Case, compared: Compared) -> tuple[str, ...]:
    notes = []
    if case.shared:
        notes.append(
            f"{case.shared:,} holdout rows were training rows too, because other tables point to "
            "them; they are left out."
        )
    if compared.without:
        notes.append(f"{compared.without} Similarity is against the training rows.")
    if case.excluded:
        notes.append(
            f"{len(case.excluded)} of {len(case.table.columns)} columns are left out of pairs, "
            "models and distances: " + ", ".join(case.excluded) + "."
        )
    used = len(case.encoded.train)
    if used < len(case.train):
        notes.append(f"Large table: measured on {used:,} of {len(case.train):,} training rows.")
    return tuple(notes)
