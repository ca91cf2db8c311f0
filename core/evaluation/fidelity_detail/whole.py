"""Whole rows: three columns at a time, and the rules that rows have to keep."""

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.evaluation.bins import bin_table
from core.evaluation.case import Case
from core.evaluation.fidelity import compare, mean_measure
from core.evaluation.fidelity_detail.sides import Sides, Taken, drawn_by_lot, share_variance, taken
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.thresholds import TRIPLES
from core.synthesis.asks.rules import Rule

Marks = npt.NDArray[np.bool_]


def triples(case: Case, rng: np.random.Generator) -> Measure:
    """How much the joint distribution of each three columns overlaps, on average.

    Computed: one minus the total variation distance over the cells of three columns (bins and
    categories as for single columns), for 100 triples drawn by lot where there are more.
    Good: near fresh real rows, far above independent columns.
    Misleads: with three columns there are more cells than rows, so that real rows overlap with
    real rows in part only: read it as the way from independent columns to fresh real rows.
    """
    encoded = case.encoded
    chosen = _choose_triples(encoded.width, rng)
    compared = compare(bin_table(encoded), rng)
    scores = [compared.score(three) for three in chosen]
    measure = mean_measure("triples", scores, chance=True)
    return drawn_by_lot(measure, [s[0] for s in scores], comb(encoded.width, 3), "triples")


def rules_kept(
    case: Case, sides: Sides[pd.DataFrame], rules: Sequence[Rule], rng: np.random.Generator
) -> Measure:
    """Share of rows that keep all rules.

    Computed: over all rows; a row that misses a value which a rule compares counts as keeping it.
    Good: at least what real rows have; 1 where the rules were given to the engine.
    Misleads: only what was given as a rule is looked at.
    """
    reason = _unusable(case, rules)
    if reason:
        absent = NotMeasured(reason)
        return Measure("rules", absent, absent, absent, 1.0)
    keepers = [(rule.words, rule.settled(case.train, case.table)) for rule in rules]

    def kept(frame: pd.DataFrame) -> tuple[Marks, ...]:
        return tuple(keeper.kept(frame, case.table) for _, keeper in keepers)

    shuffled = {n: case.train[n].iloc[rng.permutation(len(case.train))] for n in _spoken(rules)}
    loose = pd.DataFrame({n: v.reset_index(drop=True) for n, v in shuffled.items()})
    names = [words for words, _ in keepers]
    return sides.map(kept).measure(
        "rules", lambda _, other: _all_kept(other, names), 1.0, _all_kept(kept(loose), names).value
    )


def _spoken(rules: Sequence[Rule]) -> list[str]:
    return list(dict.fromkeys(name for rule in rules for name in rule.columns))


def _unusable(case: Case, rules: Sequence[Rule]) -> str:
    if not rules:
        return "No rules were given."
    if problems := [problem for rule in rules for problem in rule.problems(case.table)]:
        return " ".join(problems)
    absent = [name for name in _spoken(rules) if name not in case.synthetic]
    return f"The synthetic table lacks {', '.join(absent)}." if absent else ""


def _all_kept(marks: tuple[Marks, ...], names: Sequence[str]) -> Taken:
    every = np.logical_and.reduce(marks)
    share = float(every.mean())
    note = ""
    if len(names) > 1:
        each = [float(kept.mean()) for kept in marks]
        least = int(np.argmin(each))
        note = f"{len(names)} rules; least kept: {names[least]} ({each[least]:.2%})"
    return taken(share, float(np.sqrt(share_variance(share, len(every)))), note=note)


def _choose_triples(width: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """All triples, or a random choice without repetition when there are too many."""
    if comb(width, 3) <= TRIPLES:
        return list(combinations(range(width), 3))
    drawn: set[tuple[int, ...]] = set()
    while len(drawn) < TRIPLES:
        drawn.add(tuple(sorted(int(j) for j in rng.choice(width, 3, replace=False))))
    return sorted(drawn)
