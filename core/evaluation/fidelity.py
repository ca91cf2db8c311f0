"""How alike single columns, pairs and triples of columns are.

Synthetic rows are compared with the holdout, rows that no generator has seen; fresh real rows
(the training rows, cut to as many as there are synthetic ones) are compared with the same
holdout. Without a usable holdout the training rows are what is compared with, and there is no
reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.evaluation.bins import Binned, Codes, joint, likeness
from core.evaluation.encoding import Matrix
from core.evaluation.thresholds import MAX_PAIRS, MIN_HOLDOUT, TRIPLES
from core.evaluation.values import Measure, NotMeasured, PairReport, Score

_SHUFFLED = NotMeasured("Shuffling the columns leaves each column as it is.")


@dataclass(frozen=True, slots=True)
class Compared:
    """Cells of the rows to compare: ``against`` is the holdout, or training rows without one."""

    sizes: Codes
    synthetic: Codes
    against: Codes
    fresh: Codes | None
    independent: Codes
    without: str

    def score(self, columns: tuple[int, ...]) -> tuple[float, Score, float]:
        """Similarity of synthetic, of fresh real and of independently drawn rows."""
        other = joint(self.against, columns, self.sizes)

        def against(codes: Codes) -> float:
            return likeness(joint(codes, columns, self.sizes), other)

        fresh = against(self.fresh) if self.fresh is not None else NotMeasured(self.without)
        return against(self.synthetic), fresh, against(self.independent)


def no_holdout(rows: int) -> str:
    """Why a holdout of so few rows gives no reference; empty when it does."""
    if rows >= MIN_HOLDOUT:
        return ""
    if rows == 0:
        return "There are no holdout rows, so nothing tells what fresh real rows reach."
    return f"The holdout has {rows} rows; at least {MIN_HOLDOUT} are needed."


def compare(binned: Binned, rng: np.random.Generator) -> Compared:
    """Choose what is compared with what; see the module's text."""
    without = no_holdout(len(binned.holdout))
    rows = rng.permutation(len(binned.train))[: max(len(binned.synthetic), 1)]
    train = np.asfortranarray(binned.train[rows])
    shuffled = rng.permuted(train, axis=0)
    if without:
        return Compared(binned.sizes, binned.synthetic, binned.train, None, shuffled, without)
    return Compared(binned.sizes, binned.synthetic, binned.holdout, train, shuffled, "")


def choose_pairs(width: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """All pairs of columns, or a random choice when there are too many."""
    pairs = list(combinations(range(width), 2))
    if len(pairs) <= MAX_PAIRS:
        return pairs
    return [pairs[i] for i in np.sort(rng.choice(len(pairs), MAX_PAIRS, replace=False))]


def pair_reports(
    names: Sequence[str], compared: Compared, pairs: Sequence[tuple[int, int]]
) -> tuple[PairReport, ...]:
    """Similarity of the joint distribution of each pair."""
    return tuple(PairReport(names[i], names[j], *compared.score((i, j))) for i, j in pairs)


def ks_likeness(left: Matrix, right: Matrix) -> Score:
    """1 − Kolmogorov-Smirnov distance of two samples of numbers, missing ones left out."""
    a, b = (np.sort(part[~np.isnan(part)]) for part in (left, right))
    if not len(a) or not len(b):
        return NotMeasured("All values are missing on one side.")
    _, below, under = distribution_steps(a, b)
    return float(1 - np.abs(below - under).max())


def distribution_steps(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """All values in order, and the shares of two sorted samples up to each of them."""
    points = np.sort(np.concatenate([left, right]))
    steps = [np.searchsorted(part, points, side="right") / len(part) for part in (left, right)]
    return points, steps[0], steps[1]


def mean_measure(
    name: str, scores: Sequence[tuple[float, Score, float]], *, chance: bool, note: str = ""
) -> Measure:
    """The mean over columns, pairs or triples; ``chance`` keeps the independent reference."""
    if not scores:
        reason = NotMeasured("There are too few columns to compare.")
        return Measure(name, reason, reason, reason, 1.0)
    fresh = [s[1] for s in scores if not isinstance(s[1], NotMeasured)]
    lacking = next((s[1] for s in scores if isinstance(s[1], NotMeasured)), None)
    return Measure(
        name,
        float(np.mean([s[0] for s in scores])),
        lacking or float(np.mean(fresh)),
        float(np.mean([s[2] for s in scores])) if chance else _SHUFFLED,
        1.0,
        note=note,
    )


def scorer_figures(binned: Binned, rng: np.random.Generator) -> dict[str, Measure]:
    """``uni``, ``biv`` and ``tri`` by the benchmark scorer's definitions."""
    reason = no_holdout(len(binned.holdout))
    width = binned.train.shape[1]
    if reason:
        absent = NotMeasured(reason)
        return {n: Measure(n, absent, absent, absent, 1.0) for n in ("uni", "biv", "tri")}
    shuffled = rng.permuted(binned.train, axis=0)
    compared = Compared(
        binned.sizes, binned.synthetic, binned.holdout, binned.train, shuffled, reason
    )
    sets: dict[str, Sequence[tuple[int, ...]]] = {
        "uni": [(j,) for j in range(width)],
        "biv": choose_pairs(width, rng),
        "tri": _scorer_triples(width),
    }
    return {
        name: mean_measure(name, [compared.score(c) for c in chosen], chance=name != "uni")
        for name, chosen in sets.items()
    }


def _scorer_triples(width: int) -> list[tuple[int, ...]]:
    """The very triples that the benchmark scorer draws, so that the figures can be compared."""
    if width < 3:
        return []
    rng = np.random.default_rng(0)
    return [tuple(int(j) for j in rng.choice(width, 3, replace=False)) for _ in range(TRIPLES)]
