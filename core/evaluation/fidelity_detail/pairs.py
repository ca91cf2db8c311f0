"""The pairs of columns that differ most, with their association and their counts."""

from collections.abc import Sequence
from math import comb

import numpy as np

from core.evaluation.association import association_name, strengths
from core.evaluation.bins import bin_table
from core.evaluation.case import Case
from core.evaluation.details import PairDetail
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity import choose_pairs, compare, pair_reports
from core.evaluation.fidelity_detail.crosstabs import crosstab
from core.evaluation.fidelity_detail.sides import Sides, Taken, drawn_by_lot, encoded_sides
from core.evaluation.measures import Measure, NotMeasured, Score
from core.evaluation.thresholds import ASSOCIATION_ROWS
from core.evaluation.values import PairReport

WORST = 10
Pairs = Sequence[tuple[int, int]]
Strengths = Sequence[float | None]
_FLAT = NotMeasured("One of the two columns does not vary.")


def pair_details(case: Case, rng: np.random.Generator) -> tuple[tuple[PairDetail, ...], Measure]:
    """The ten pairs furthest behind fresh real rows, and the mean difference of association.

    Up to 500 pairs are looked at; of more, 500 are drawn by lot.
    """
    encoded = case.encoded
    chosen = choose_pairs(encoded.width, rng)
    reports = pair_reports(encoded.names, compare(bin_table(encoded), rng), chosen)
    found, measure = _associations(case, encoded_sides(case, rng), chosen, rng)
    worst = sorted(range(len(chosen)), key=lambda k: -_behind(reports[k]))[:WORST]
    details = tuple(
        _detail(case, reports[k], chosen[k], found.real[k], found.synthetic[k]) for k in worst
    )
    gaps = _gaps(found.real, found.synthetic)
    return details, drawn_by_lot(measure, gaps, comb(encoded.width, 2), "pairs")


def association_gap(real: Strengths, other: Strengths) -> Taken:
    """Mean absolute difference of the association of two columns, over the pairs.

    Computed: Spearman's rank correlation between numbers, the correlation ratio of the ranks
    between a number and a category, Cramér's V with Bergsma's correction between categories; pairs
    of which a column does not vary are left out.
    Good: what fresh real rows have; far below what independent columns have.
    Misleads: most pairs hang together weakly, which keeps the mean low even where a strong
    dependency is lost; look at the worst pairs too.
    """
    gaps = _gaps(real, other)
    if not gaps:
        return Taken(NotMeasured("There are no two columns that vary."))
    return Taken(float(np.mean(gaps)))


def _behind(report: PairReport) -> float:
    """How far a pair stays behind fresh real rows, below 0 where it is better."""
    best = 1.0 if isinstance(report.fresh, NotMeasured) else report.fresh
    return best - report.similarity


def _gaps(real: Strengths, other: Strengths) -> list[float]:
    both = zip(real, other, strict=True)
    return [abs(a - b) for a, b in both if a is not None and b is not None]


def _associations(
    case: Case, rows: Sides[Matrix], chosen: Pairs, rng: np.random.Generator
) -> tuple[Sides[Strengths], Measure]:
    levels = case.encoded.levels

    def measured(part: Matrix) -> Strengths:
        return strengths(part[:ASSOCIATION_ROWS], levels, chosen)

    found = rows.map(measured)
    shuffled = rng.permuted(case.encoded.train[:ASSOCIATION_ROWS], axis=0)
    independent = association_gap(found.real, measured(shuffled)).value
    return found, found.measure("associations", association_gap, 0.0, independent)


def _detail(
    case: Case,
    report: PairReport,
    pair: tuple[int, int],
    real: float | None,
    synthetic: float | None,
) -> PairDetail:
    left, right = (int(case.encoded.levels[j]) for j in pair)
    return PairDetail(
        report.left,
        report.right,
        report.similarity,
        report.fresh,
        report.independent,
        association_name(left, right),
        _score(real),
        _score(synthetic),
        crosstab(case, report.left, report.right),
    )


def _score(strength: float | None) -> Score:
    return _FLAT if strength is None else strength
