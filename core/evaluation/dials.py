"""The three answers on one table: fidelity, utility and privacy, each with its numbers."""

from core.evaluation import thresholds as at
from core.evaluation.bounds import ATTACK_BOUNDS
from core.evaluation.counted import counted, is_few
from core.evaluation.criteria import DialLevels
from core.evaluation.details import AttackReport
from core.evaluation.levels import ORDER, excess_copies, privacy_level
from core.evaluation.policy import EvaluationPolicy
from core.evaluation.values import Dial, NotMeasured, Score, TableReport

_TITLES = {
    "fidelity": "Does it look like the real data?",
    "utility": "Can it be used like the real data?",
    "privacy": "Does it give people away?",
}


_MOST_ATTACKS = 3
"""Attacks whose numbers the sentence of the dial gives; the others are in the list."""


def dials_of(table: TableReport, policy: EvaluationPolicy) -> tuple[Dial, Dial, Dial]:
    """Fidelity, utility and privacy of one table."""
    return (
        _fidelity(table, policy.levels),
        _utility(table, policy.levels),
        _privacy(table, policy),
    )


def _dial(name: str, scores: tuple[Score, Score, Score], level: str, sentence: str) -> Dial:
    return Dial(name, _TITLES[name], *scores, level, sentence)


def _fidelity(table: TableReport, levels: DialLevels) -> Dial:
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
    level = _fidelity_level(measure.value, measure.fresh, measure.chance, levels)
    sentence = (
        f"In {table.name}, {what} with unseen real rows by {measure.value:.1%}; "
        f"fresh real rows reach {measure.fresh:.1%}"
    )
    if isinstance(measure.chance, float):
        sentence += f", columns drawn independently {measure.chance:.1%}"
    return _dial("fidelity", scores, level, sentence + ".")


def _fidelity_level(value: float, fresh: float, chance: Score, levels: DialLevels) -> str:
    """The worse of two views: the gap to fresh real rows, and the dependencies that are kept."""
    gap = fresh - value
    if gap <= min(at.FIDELITY_NOISE, levels.fidelity_good):
        return "good"
    fair = "fair" if gap <= levels.fidelity_fair else "poor"
    level = "good" if gap <= levels.fidelity_good else fair
    if isinstance(chance, NotMeasured) or fresh - chance < at.DEPENDENCE_SIGNAL:
        return level
    kept = (value - chance) / (fresh - chance)
    bound = _share_level(kept, levels.dependence_good, levels.dependence_fair)
    return min(level, bound, key=ORDER.__getitem__)


def _share_level(share: float, good: float, fair: float) -> str:
    return "good" if share >= good else "fair" if share >= fair else "poor"


def _utility(table: TableReport, levels: DialLevels) -> Dial:
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
    level = _share_level(kept, levels.utility_good, levels.utility_fair)
    kind = "R²" if table.target_kind == "number" else "AUC"
    note = f" ({measure.note})" if measure.note else ""
    sentence = (
        f"A model trained on synthetic rows of {table.name} predicts {table.target} of unseen real "
        f"rows with {kind} {value:.3f}; trained on real rows it reaches {fresh:.3f}, "
        f"guessing {chance:.1f}{note}."
    )
    return _dial("utility", scores, level, sentence)


def _privacy(table: TableReport, policy: EvaluationPolicy) -> Dial:
    """The dial shows one minus the strongest signal, each from 0 (nothing) to 1 (everything)."""
    if table.privacy is not None and table.privacy.outcome == "not applicable":
        none = NotMeasured(table.privacy.sentence)
        return _dial("privacy", (none, none, none), "unknown", table.privacy.sentence)
    level, m = privacy_level(table, policy), table.measures
    extra = excess_copies(m["copies"])
    pairs = [(m[n].value, m[n].fresh) for n in ("nearer", "membership")]
    missing = [s for s in (extra, *(value for value, _ in pairs)) if isinstance(s, NotMeasured)]
    if missing and level == "unknown":
        return _dial("privacy", (missing[0], 1.0, 0.0), level, missing[0].reason)
    attacks = table.privacy.attacks if table.privacy else ()
    leaks = [extra, *(_signal(v, 0.5, 1.0) for v, _ in pairs)]
    leaks += [_signal(_shown(a), a.harmless, a.worst) for a in attacks]
    fresh = [_signal(f, 0.5, 1.0) for _, f in pairs]
    fresh += [_signal(a.fresh, a.harmless, a.worst) for a in attacks if not is_few(a)]
    value, best = _kept(leaks), _kept(fresh)
    return _dial("privacy", (value, best, 0.0), level, _privacy_sentence(table, level))


def _shown(attack: AttackReport) -> Score:
    """What an attack learned; of a share of few values what is proven of it.

    One rare value that occurs again is all of one, and no copy of the table.
    """
    return attack.low if is_few(attack) else attack.value


def _signal(score: Score, harmless: float, worst: float) -> Score:
    """How much of all that an attack can learn it learned."""
    if isinstance(score, NotMeasured):
        return score
    return min(1.0, max(0.0, (score - harmless) / (worst - harmless)))


def _kept(signals: list[Score]) -> Score:
    """One minus the strongest signal."""
    known = [s for s in signals if isinstance(s, float)]
    return 1 - max(known) if known else signals[0]


def _privacy_sentence(table: TableReport, level: str) -> str:
    m = table.measures
    copies, nearer, member = (m[n].value for n in ("copies", "nearer", "membership"))
    return (
        f"{_opening(table, level)} {_percent(copies)} of synthetic rows are exact copies "
        f"({_percent(m['copies'].fresh)} of fresh real rows are), nearness to training rows is "
        f"{_number(nearer)} and the membership test {_number(member)} (0.5 is best for both)."
    )


def _opening(table: TableReport, level: str) -> str:
    """What it comes to; after attacks with the numbers of the strongest that did not pass."""
    if table.privacy is None:
        what = {
            "good": "No sign that training rows were copied",
            "fair": "A slight pull towards training rows",
            "poor": "Training rows show through",
        }.get(level, "Not clear")
        return f"{what} in {table.name}:"
    failed = [a for a in table.privacy.attacks if a.outcome == "fail"]
    shown = failed or [a for a in table.privacy.attacks if a.outcome == "warn"]
    shown = sorted(shown, key=_strength, reverse=True)[:_MOST_ATTACKS]
    return f"In {table.name}: {table.privacy.sentence}" + "".join(map(_attack_numbers, shown))


def _strength(attack: AttackReport) -> float:
    signal = _signal(_shown(attack), attack.harmless, attack.worst)
    return signal if isinstance(signal, float) else 0.0


def _attack_numbers(attack: AttackReport) -> str:
    title = ATTACK_BOUNDS[attack.name].title if attack.name in ATTACK_BOUNDS else attack.name
    count = f" ({counted(attack)})" if counted(attack) else ""
    return (
        f" {title}: {_number(attack.value)}{count}, fresh real rows {_number(attack.fresh)}, fails "
        f"above {attack.fail_at:g}."
    )


def _percent(score: Score) -> str:
    return "an unknown share" if isinstance(score, NotMeasured) else f"{score:.1%}"


def _number(score: Score) -> str:
    return "not measured" if isinstance(score, NotMeasured) else f"{score:.3f}"
