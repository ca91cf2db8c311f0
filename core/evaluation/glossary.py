"""The words of everything that an evaluation reports, found by kind and name.

Measures, attacks and gates may share a name (a copy is a measure and an attack), so that each kind
has words of its own. What has none shows its name, never nothing.
"""

from collections.abc import Iterable, Mapping

from core.evaluation.attacks.words import ATTACK_WORDS
from core.evaluation.details import GateResult
from core.evaluation.gates.words import GATE_WORDS
from core.evaluation.usefulness.words import USE_WORDS
from core.evaluation.values import NotMeasured, Score
from core.evaluation.words import MEASURES, Words, show

GLOSSARY: Mapping[str, Mapping[str, Words]] = {
    "measure": MEASURES,
    "attack": ATTACK_WORDS,
    "gate": GATE_WORDS,
    "use": USE_WORDS,
}
"""Words by kind: ``measure``, ``attack``, ``gate``, and ``use`` for models and their metrics."""

OUTCOME_WORDS: Mapping[str, str] = {
    "pass": "Pass",
    "warn": "Look at it",
    "fail": "Fail",
    "inconclusive": "Inconclusive",
    "not applicable": "Not applicable",
}
"""What each outcome of an attack or a gate is called."""


def words_for(kind: str, name: str) -> Words:
    """The words of one thing; its name as the title where it has none."""
    return GLOSSARY[kind].get(name) or Words(name.replace("_", " ").capitalize(), "", "")


def figure_text(score: Score) -> str:
    """A further figure: counts as whole numbers, others in three digits."""
    if isinstance(score, float) and score.is_integer() and abs(score) > 1:
        return f"{score:,.0f}"
    return show(score)


def asked_of(gate: GateResult) -> str:
    """What a gate asks for, in words."""
    is_share = words_for("gate", gate.name).percent
    shown = f"{100 * gate.threshold:g} %" if is_share else f"{gate.threshold:g}"
    return f"{'at most' if gate.at_most else 'at least'} {shown}"


def reasons(scores: Iterable[tuple[str, Score]]) -> dict[str, str]:
    """Why something was not measured: each reason once, with all it is about."""
    found: dict[str, dict[str, None]] = {}
    for name, score in scores:
        if isinstance(score, NotMeasured):
            found.setdefault(score.reason, {})[name] = None
    return {reason: ", ".join(names) for reason, names in found.items()}


def paragraphs(words: Words) -> tuple[tuple[str, str], ...]:
    """What there is to say, each with its lead: meaning, computation, a good value, pitfalls."""
    parts = (
        ("", words.meaning),
        ("How it is computed", words.computed),
        ("A good value", words.reading),
        ("Where it misleads", words.misleads),
    )
    return tuple((lead, text) for lead, text in parts if text)
