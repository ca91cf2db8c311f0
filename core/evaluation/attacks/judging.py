"""From three runs of an attack to its outcome, and from all outcomes to the table's.

Checks fail closed: an attack that does not detect the verbatim copy, or that takes fresh real rows
for a leak, is ``inconclusive``; one that finds nothing, but on too few rows to rule a leak out,
does not pass: it is ``warn``.
"""

from collections.abc import Sequence

from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.words import ATTACK_WORDS
from core.evaluation.bounds import Bounds
from core.evaluation.details import AttackReport, PrivacyDetail
from core.evaluation.values import NotMeasured, Score

TOO_FEW = "Too few"
LEADING = frozenset({"copies", "nearer", "membership"})
"""Attacks that have to be settled before anything is called safe; others may want for rows."""


def report(
    attack: Attack, bounds: Bounds, synthetic: Outcome, copy: Outcome, fresh: Outcome
) -> AttackReport:
    """One attack with its controls and its outcome."""
    outcome, why = judge(attack, bounds, synthetic, copy, fresh)
    trial = synthetic if isinstance(synthetic, Trial) else None
    ends = (trial.low, trial.high) if trial else (_score(synthetic), _score(synthetic))
    return AttackReport(
        attack.name,
        _score(synthetic),
        *ends,
        _score(copy),
        _score(fresh),
        attack.harmless,
        attack.worst,
        bounds.warn,
        bounds.fail,
        outcome,
        trial.figures if trial else {},
        " ".join(part for part in (why, _taken(trial)) if part),
    )


def is_unsure(attack: AttackReport) -> bool:
    """Whether an attack found nothing, but on too few rows to rule a leak out."""
    return attack.outcome == "warn" and attack.note.startswith(TOO_FEW)


def _taken(trial: Trial | None) -> str:
    return f"Taken on {trial.note}." if trial and trial.note else ""


def _score(outcome: Outcome) -> Score:
    if isinstance(outcome, Trial):
        return outcome.value
    return NotMeasured(outcome.reason)


def judge(
    attack: Attack, bounds: Bounds, synthetic: Outcome, copy: Outcome, fresh: Outcome
) -> tuple[str, str]:
    """The outcome and, where it is not plain, why."""
    if isinstance(synthetic, NotApplicable):
        return "not applicable", synthetic.reason
    if isinstance(synthetic, NotMeasured):
        return "inconclusive", synthetic.reason
    none = synthetic.exact and synthetic.value <= attack.harmless
    problem = _controls(attack.harmless if none else bounds.fail, bounds.warn, copy, fresh)
    if problem:
        return "inconclusive", problem
    if none:
        return "pass", ""
    outcome = bounds.outcome(synthetic.value, synthetic.low)
    small = synthetic.exact and synthetic.value <= bounds.warn
    if outcome == "pass" and synthetic.high > bounds.fail and not small:
        return "warn", (
            f"{TOO_FEW} to rule a leak out: the interval reaches {synthetic.high:.3f}, beyond the "
            f"bound of {bounds.fail:g}."
        )
    return outcome, ""


def _controls(detected: float, harmless: float, copy: Outcome, fresh: Outcome) -> str:
    """What is wrong with the controls; empty when they prove the attack.

    The copy must lie beyond ``detected``, fresh rows must not lie beyond ``harmless``.
    """
    if not isinstance(copy, Trial):
        return f"The verbatim copy could not be judged: {copy.reason}"
    least = copy.value if copy.exact else copy.low
    if least <= detected:
        return (
            f"A verbatim copy of the training rows is not detected: it reaches {copy.value:.3f}, "
            f"with its margin not beyond the bound of {detected:g}."
        )
    if isinstance(fresh, NotMeasured):
        return f"Fresh real rows could not be judged: {fresh.reason}"
    if isinstance(fresh, Trial) and fresh.low > harmless:
        return (
            f"Fresh real rows look like a leak too ({fresh.value:.3f}), so this attack proves "
            "nothing here."
        )
    return ""


def overall(attacks: Sequence[AttackReport], notes: tuple[str, ...]) -> PrivacyDetail:
    """The outcome of all attacks together and its sentence.

    A failed attack fails the whole. Where one of :data:`LEADING` could not be settled, or none was,
    the whole is ``inconclusive``. Another that could not be settled keeps the whole from passing:
    it is ``warn`` then.
    """
    outcome = _whole(attacks)
    return PrivacyDetail(tuple(attacks), outcome, _sentence(outcome, attacks), notes)


def _whole(attacks: Sequence[AttackReport]) -> str:
    outcomes = {one.outcome for one in attacks}
    if "fail" in outcomes:
        return "fail"
    open_ones = {one.name for one in attacks if one.outcome == "inconclusive"}
    if open_ones & LEADING or not outcomes & {"pass", "warn"}:
        return "inconclusive"
    return "warn" if open_ones or "warn" in outcomes else "pass"


def _sentence(whole: str, attacks: Sequence[AttackReport]) -> str:
    failed, warned, unsettled = (_named(attacks, o) for o in ("fail", "warn", "inconclusive"))
    if whole == "fail":
        return f"Training rows show through: {failed}."
    if whole == "inconclusive":
        return f"Not proven safe, since these could not be settled: {unsettled or 'all attacks'}."
    if whole == "pass":
        run = sum(a.outcome == "pass" for a in attacks)
        return (
            f"None of {run} attacks learns more of training rows than of people who were not "
            "among them."
        )
    parts = ["No attack succeeds clearly"]
    parts += [f"but look at {warned}"] if warned else []
    told = ", ".join(parts) + "."
    return f"{told} These could not be settled: {unsettled}." if unsettled else told


def _named(attacks: Sequence[AttackReport], outcome: str) -> str:
    return ", ".join(ATTACK_WORDS[a.name].title.lower() for a in attacks if a.outcome == outcome)
