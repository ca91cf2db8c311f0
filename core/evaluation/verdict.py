"""From measures to an answer: three dials, a summary in words, and what to do next.

A dial of several tables shows the table in which it is worst. The levels come from
``core.evaluation.thresholds`` and are words about this evaluation, never a certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation import thresholds as at
from core.evaluation.advice import advise
from core.evaluation.levels import ORDER, excess_copies, privacy_level
from core.evaluation.values import (
    Dial,
    Measure,
    NotMeasured,
    RelationReport,
    Score,
    TableReport,
)

_TITLES = {
    "fidelity": "Does it look like the real data?",
    "utility": "Can it be used like the real data?",
    "privacy": "Does it give people away?",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The dials, the level of the whole and its words."""

    dials: tuple[Dial, ...]
    level: str
    summary: str
    suggestions: tuple[str, ...]


def judge(tables: Sequence[TableReport], relations: Sequence[RelationReport]) -> Verdict:
    """What the measures of all tables come to."""
    dials = tuple(_worst([make(t) for t in tables]) for make in (_fidelity, _utility, _privacy))
    broken = _broken(relations)
    level = _overall(dials, broken)
    return Verdict(dials, level, _summary(dials, level), advise(tables, dials, broken))


def _dial(name: str, scores: tuple[Score, Score, Score], level: str, sentence: str) -> Dial:
    return Dial(name, _TITLES[name], *scores, level, sentence)


def _fidelity(table: TableReport) -> Dial:
    measure = table.measures["pairs"]
    what = "pairs of columns overlap"
    if isinstance(measure.value, NotMeasured):
        measure, what = table.measures["columns"], "columns overlap"
    scores = measure.value, measure.fresh, measure.chance
    if isinstance(measure.value, NotMeasured):
        return _dial("fidelity", scores, "unknown", measure.value.reason)
    if isinstance(measure.fresh, NotMeasured):
        return _dial("fidelity", scores, "unknown", measure.fresh.reason)
    for side in ("synthetic", "train"):
        if table.rows[side] < at.MIN_HOLDOUT:
            reason = (
                f"{table.name} has {table.rows[side]} {side} rows; {at.MIN_HOLDOUT} are needed."
            )
            return _dial("fidelity", scores, "unknown", reason)
    level = _fidelity_level(measure.value, measure.fresh, measure.chance)
    sentence = (
        f"In {table.name}, {what} with unseen real rows by {measure.value:.1%}; "
        f"fresh real rows reach {measure.fresh:.1%}"
    )
    if isinstance(measure.chance, float):
        sentence += f", columns drawn independently {measure.chance:.1%}"
    return _dial("fidelity", scores, level, sentence + ".")


def _fidelity_level(value: float, fresh: float, chance: Score) -> str:
    """The worse of two views: the gap to fresh real rows, and the dependencies that are kept."""
    gap = fresh - value
    if gap <= at.FIDELITY_NOISE:
        return "good"
    level = "good" if gap <= at.FIDELITY_GOOD else "fair" if gap <= at.FIDELITY_FAIR else "poor"
    if isinstance(chance, NotMeasured) or fresh - chance < at.DEPENDENCE_SIGNAL:
        return level
    kept = (value - chance) / (fresh - chance)
    bound = "good" if kept >= at.DEPENDENCE_GOOD else "poor"
    bound = "fair" if at.DEPENDENCE_FAIR <= kept < at.DEPENDENCE_GOOD else bound
    return min(level, bound, key=ORDER.__getitem__)


def _utility(table: TableReport) -> Dial:
    measure = table.measures["tstr"]
    scores = measure.value, measure.fresh, measure.chance
    unmeasured = [s for s in scores if isinstance(s, NotMeasured)]
    if unmeasured:
        return _dial("utility", scores, "unknown", unmeasured[0].reason)
    value, fresh, chance = (float(s) for s in scores if isinstance(s, float))
    if fresh - chance < at.UTILITY_SIGNAL:
        reason = f"Even real rows hardly predict {table.target}; choose another target."
        return _dial("utility", scores, "unknown", reason)
    kept = (value - chance) / (fresh - chance)
    level = "good" if kept >= at.UTILITY_GOOD else "fair" if kept >= at.UTILITY_FAIR else "poor"
    kind = "R²" if table.target_kind == "number" else "AUC"
    sentence = (
        f"A model trained on synthetic rows of {table.name} predicts {table.target} of unseen real "
        f"rows with {kind} {value:.3f}; trained on real rows it reaches {fresh:.3f}, "
        f"guessing {chance:.1f}."
    )
    return _dial("utility", scores, level, sentence)


def _privacy(table: TableReport) -> Dial:
    """The dial shows one minus the strongest of the three signals, each from 0 to 1."""
    level = privacy_level(table)
    m = table.measures
    extra, nearer, membership = (
        excess_copies(m["copies"]),
        m["nearer"].value,
        m["membership"].value,
    )
    missing = [s for s in (extra, nearer, membership) if isinstance(s, NotMeasured)]
    if missing and level == "unknown":
        return _dial("privacy", (missing[0], 1.0, 0.0), level, missing[0].reason)
    signals = [
        extra,
        *(s if isinstance(s, NotMeasured) else 2 * s - 1 for s in (nearer, membership)),
    ]
    leak = max(0.0, *(s for s in signals if isinstance(s, float)))
    fresh = _fresh_privacy(m["nearer"], m["membership"])
    sentence = _privacy_sentence(table, level)
    return _dial("privacy", (1 - leak, fresh, 0.0), level, sentence)


def _fresh_privacy(nearer: Measure, membership: Measure) -> Score:
    scores = [s for s in (nearer.fresh, membership.fresh) if isinstance(s, float)]
    return 1 - max(0.0, *(2 * s - 1 for s in scores)) if scores else nearer.fresh


def _privacy_sentence(table: TableReport, level: str) -> str:
    m = table.measures
    opening = {
        "good": "No sign that training rows were copied",
        "fair": "A slight pull towards training rows",
        "poor": "Training rows show through",
    }.get(level, "Not clear")
    copies, nearer, member = (m[n].value for n in ("copies", "nearer", "membership"))
    return (
        f"{opening} in {table.name}: {_percent(copies)} of synthetic rows are exact copies "
        f"({_percent(m['copies'].fresh)} of fresh real rows are), nearness to training rows is "
        f"{_number(nearer)} and the membership test {_number(member)} (0.5 is best for both)."
    )


def _percent(score: Score) -> str:
    return "an unknown share" if isinstance(score, NotMeasured) else f"{score:.1%}"


def _number(score: Score) -> str:
    return "not measured" if isinstance(score, NotMeasured) else f"{score:.3f}"


def _worst(dials: Sequence[Dial]) -> Dial:
    """The worst measured one; unknown only when no table could be measured."""
    measured = [d for d in dials if d.level != "unknown"]
    return min(measured or dials, key=lambda d: (ORDER[d.level], _lead(d)))


def _lead(dial: Dial) -> float:
    """How far a dial is ahead of its best possible value; below 0 when it stays behind."""
    if isinstance(dial.value, NotMeasured) or isinstance(dial.best, NotMeasured):
        return 0.0
    return dial.value - dial.best


def _overall(dials: Sequence[Dial], broken: Sequence[str]) -> str:
    if broken:
        return "poor"
    return min((d.level for d in dials), key=ORDER.__getitem__)


def _broken(relations: Sequence[RelationReport]) -> list[str]:
    return [
        f"{r.child}.{r.child_key} points to missing rows of {r.parent} in "
        f"{1 - r.valid.value:.1%} of rows: check the relationship in the review, then run again."
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


def _summary(dials: Sequence[Dial], level: str) -> str:
    parts = [_STATES[d.name, d.level] for d in dials]
    return f"{_OPENING[level]}: the synthetic data {', '.join(parts[:-1])} and {parts[-1]}."
