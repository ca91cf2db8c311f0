"""From measures to an answer: three dials, a summary in words, and what to do next.

A dial of several tables shows the table in which it is worst. The levels come from the policy and
are words about this evaluation, never a certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation import thresholds as at
from core.evaluation.advice import advise
from core.evaluation.dials import dials_of
from core.evaluation.gates.words import GATE_WORDS
from core.evaluation.glossary import OUTCOME_WORDS
from core.evaluation.levels import ORDER, gates_level, worst_level
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.values import Advice, Dial, NotMeasured, RelationReport, TableReport


@dataclass(frozen=True, slots=True)
class Verdict:
    """The dials, the level of the whole, its words and what follows from it."""

    dials: tuple[Dial, ...]
    level: str
    summary: str
    advice: tuple[Advice, ...]


def judge(
    tables: Sequence[TableReport], relations: Sequence[RelationReport], policy: EvaluationPolicy
) -> Verdict:
    """What the measures of all tables come to."""
    dials = tuple(map(worst_dial, zip(*(dials_of(table, policy) for table in tables), strict=True)))
    broken = _broken(relations)
    level = "poor" if broken else worst_level([d.level for d in dials])
    level = worst_level([level, *(gates_level(table.gates) for table in tables)])
    advice = advise(tables, dials, broken, policy, level)
    return Verdict(dials, level, _summary(tables, dials, level), advice)


def worst_dial(dials: Sequence[Dial]) -> Dial:
    """The worst measured one of all tables.

    It is unknown when one table is inconclusive, or when no table could be judged; then one that
    has a number is shown rather than one that has none.
    """
    judged = [d for d in dials if d.level != "unknown" or _is_inconclusive(d)]
    numbers = [d for d in dials if isinstance(d.value, float)]
    return min(judged or numbers or dials, key=lambda d: (ORDER[d.level], _lead(d)))


def _is_inconclusive(dial: Dial) -> bool:
    """Whether attacks were run and prove nothing, which one table must not hide of another."""
    return dial.name == "privacy" and dial.level == "unknown" and isinstance(dial.value, float)


def _lead(dial: Dial) -> float:
    """How far a dial is ahead of its best possible value; below 0 when it stays behind."""
    if isinstance(dial.value, NotMeasured) or isinstance(dial.best, NotMeasured):
        return 0.0
    return dial.value - dial.best


def _broken(relations: Sequence[RelationReport]) -> list[Advice]:
    return [
        Advice(
            f"{r.child}.{r.child_key} points to missing rows of {r.parent} in "
            f"{1 - r.valid.value:.1%} of rows: check the relationship in the review, then run "
            "again.",
            "review",
            {"table": r.child, "column": r.child_key},
        )
        for r in relations
        if isinstance(r.valid.value, float)
        and r.valid.value
        < min(at.KEY_GOOD, r.valid.fresh if isinstance(r.valid.fresh, float) else 1.0)
    ]


_STATES = {
    ("fidelity", "good"): "looks like the real data",
    ("fidelity", "fair"): "resembles the real data with visible differences",
    ("fidelity", "poor"): "differs clearly from the real data",
    ("fidelity", "unknown"): "could not be compared with unseen real rows",
    ("utility", "good"): "works in place of it for predictions",
    ("utility", "fair"): "works in place of it with a loss",
    ("utility", "poor"): "loses much of what predictions need",
    ("utility", "unknown"): "was not tested for predictions",
    ("privacy", "good"): "shows no sign of copied rows",
    ("privacy", "fair"): "lies somewhat close to the training rows",
    ("privacy", "poor"): "gives training rows away",
    ("privacy", "unknown"): "was not tested for privacy",
}
_OPENING = {
    "good": "Ready for a release",
    "fair": "Usable with care",
    "poor": "Not ready for use",
    "unknown": "Not fully judged",
}


def _summary(tables: Sequence[TableReport], dials: Sequence[Dial], level: str) -> str:
    parts = [_STATES[d.name, d.level] for d in dials]
    if _is_inconclusive(dials[-1]):
        parts[-1] = "could not be proven safe or unsafe: the privacy tests are inconclusive"
    opening = f"{_OPENING[level]}: the synthetic data {', '.join(parts[:-1])} and {parts[-1]}."
    return opening + _gate_summary(tables)


def _gate_summary(tables: Sequence[TableReport]) -> str:
    """How many gates are passed, and the names of the others."""
    asked = [(t.name, g) for t in tables for g in t.gates if g.outcome != "not applicable"]
    missed = [(name, gate) for name, gate in asked if gate.outcome != "pass"]
    if not missed:
        return ""
    of = {table.name: f" of {table.name}" if len(tables) > 1 else "" for table in tables}
    named = ", ".join(
        f"{GATE_WORDS[gate.name].title.lower()}{of[name]} ({OUTCOME_WORDS[gate.outcome].lower()})"
        for name, gate in missed[:4]
    )
    rest = f" and {len(missed) - 4} more" if len(missed) > 4 else ""
    return f" {len(asked) - len(missed)} of {len(asked)} gates are passed; not: {named}{rest}."
