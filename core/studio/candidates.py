"""The candidates of a contest between engines: their figures, their score, and which one wins.

The score of a candidate is a weighted mean of three parts, each from 0 to 1 (see ``WEIGHTS``):
fidelity and utility as the share of the way from chance to fresh real rows, and privacy as the
dial. A part that could not be measured of every candidate counts for none. A candidate that fails
on privacy cannot win. Time is shown and not scored: it differs from run to run, and the same rows
and seed shall have the same winner; of equal candidates the one that is named first wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.evaluation import Report
from core.evaluation.codec import encode
from core.evaluation.measures import NotMeasured, Score
from core.studio.values import Purpose, RunSpec
from core.synthesis.params import build, to_dict
from core.synthesis.registry import engine_info

WEIGHTS = {"fidelity": 0.5, "utility": 0.35, "privacy": 0.15}


@dataclass(frozen=True, slots=True)
class Tried:
    """A finished candidate.

    Attributes
    ----------
    fidelity, utility, privacy
        From 0 to 1 as in the score.
    level, privacy_level
        The verdict of the quick evaluation, and that of its privacy.
    peak_mb
        Most memory of the process while the candidate was at work; None where it cannot be told.
    score
        None until all candidates are known.
    rejected
        Why it cannot win, empty where it can.
    origin
        What it was made of; only a candidate of the same is taken over.
    """

    engine: str
    fidelity: Score
    utility: Score
    privacy: Score
    level: str
    privacy_level: str
    fit_s: float
    sample_s: float
    evaluate_s: float
    cpu_s: float
    peak_mb: float | None
    origin: str
    score: float | None = None
    rejected: str = ""

    @property
    def seconds(self) -> float:
        """Of fitting and making rows, which is what the engine is responsible for."""
        return self.fit_s + self.sample_s


@dataclass(slots=True)
class Outcome:
    """The candidates that finished, by engine, and those that did not come through."""

    tried: dict[str, Tried] = field(default_factory=dict)
    failed: list[dict[str, Any]] = field(default_factory=list)


def params_of(spec: RunSpec, engine: str) -> dict[str, Any]:
    """A candidate's parameters: those of the run for its own engine, else the usual ones."""
    given = spec.params if engine == spec.engine else {}
    return to_dict(build(engine_info(engine).params, dict(given)))


def candidates_of(spec: RunSpec) -> list[RunSpec]:
    """What each candidate of a contest would be as a run of its own, judged quickly."""
    engines = spec.contest.engines if spec.contest is not None else ()
    alone = replace(spec, contest=None, purpose=Purpose.TABLES, rows={}, depth="quick")
    return [replace(alone, engine=name, params=params_of(spec, name)) for name in engines]


def ranked(tried: Sequence[Tried]) -> list[Tried]:
    """Candidates with their scores, the best first; those that cannot win stand last."""
    parts = [_parts(one) for one in tried]
    counted = [name for name in WEIGHTS if all(part[name] is not None for part in parts)]
    scored = [
        replace(one, score=_mean(part, counted)) for one, part in zip(tried, parts, strict=True)
    ]
    return sorted(scored, key=lambda one: (bool(one.rejected), -(one.score or 0.0)))


def told(spec: RunSpec, outcome: Outcome, order: Sequence[Tried]) -> dict[str, Any]:
    """What the result of a contest says beside what a run with the winner's engine would."""
    winner = order[0].engine
    return {
        "engine": winner,
        "params": params_of(spec, winner),
        "contest": {
            "candidates": encode(tuple(order)),
            "failed": outcome.failed,
            "winner": winner,
            "why": why_first(order),
        },
    }


def no_winner(order: Sequence[Tried], outcome: Outcome) -> str:
    """Why a contest has no result."""
    said = [f"`{one.engine}`: {one.rejected}" for one in order]
    said += [f"`{one['engine']}` did not come through: {one['why']}" for one in outcome.failed]
    return " ".join(["None of the engines can be kept.", *said])


def why_first(order: Sequence[Tried]) -> str:
    """Why the first candidate won, in a sentence."""
    first, *others = order
    said = f"`{first.engine}` has the highest score, {first.score:.3f}"
    if not others or others[0].rejected:
        return f"{said}; no other candidate could win."
    second = others[0]
    gains = {
        name: WEIGHTS[name] * (getattr(first, name) - getattr(second, name))
        for name in ("fidelity", "utility", "privacy")
        if not any(isinstance(getattr(one, name), NotMeasured) for one in (first, second))
    }
    said += f", before `{second.engine}` with {second.score:.3f}"
    if not gains or max(gains.values()) <= 0:
        return f"{said}; of equal ones, the one that is named first."
    best = max(gains, key=gains.__getitem__)
    values = f"{getattr(first, best):.3f} against {getattr(second, best):.3f}"
    return f"{said}, above all by {best}: {values}."


def _parts(one: Tried) -> dict[str, float | None]:
    parts = {"fidelity": one.fidelity, "utility": one.utility, "privacy": one.privacy}
    return {n: None if isinstance(part, NotMeasured) else float(part) for n, part in parts.items()}


def _mean(part: Mapping[str, float | None], counted: Sequence[str]) -> float:
    """The weighted mean of the parts that count; 0 where none does."""
    whole = sum(WEIGHTS[name] for name in counted)
    return sum(WEIGHTS[n] * (part[n] or 0.0) for n in counted) / whole if whole else 0.0


def rejected(report: Report) -> str:
    """Why a candidate with this report cannot win; empty where it can."""
    privacy = report.dial("privacy")
    return f"It fails on privacy: {privacy.sentence}" if privacy.level == "poor" else ""


def share_of(report: Report, name: str) -> Score:
    """How far a dial is on the way from chance to fresh real rows, from 0 to 1."""
    dial = report.dial(name)
    if isinstance(dial.value, NotMeasured):
        return dial.value
    best = 1.0 if isinstance(dial.best, NotMeasured) else dial.best
    chance = 0.0 if isinstance(dial.chance, NotMeasured) else dial.chance
    if best - chance <= 0:
        return NotMeasured("Fresh real rows are no better than chance here.")
    return min(max((dial.value - chance) / (best - chance), 0.0), 1.0)
