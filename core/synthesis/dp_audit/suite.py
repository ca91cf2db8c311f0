"""All audits of one engine, one after the other: the replay, the two worlds, the one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.data.schema import Schema
from core.errors import InvalidParameter
from core.privacy.audit.evidence import AuditEvidence
from core.privacy.public import PublicTable
from core.progress import Progress
from core.synthesis.dp_audit import cases, one_run
from core.synthesis.dp_audit.released import Audited
from core.synthesis.dp_audit.replay import Replayed, replay
from core.synthesis.dp_audit.shams import SHAMS, TALLY
from core.synthesis.dp_audit.worlds import LEAST_RUNS, WORLDS, two_worlds
from core.synthesis.protocol import EngineInfo

REPLAY, ONE_RUN = "replay", "one run"
METHODS = (REPLAY, *WORLDS, ONE_RUN)


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Which audits, and how large.

    Attributes
    ----------
    methods
        Of :data:`METHODS`.
    runs
        Runs of each audit of two worlds.
    tables
        Runs of the one-run audit.
    sham
        One of :data:`SHAMS` to plant in the engine, or empty.
    params
        Parameters of the engine beside ε and δ.
    """

    epsilon: float = 1.0
    delta: float = 1e-5
    methods: tuple[str, ...] = METHODS
    runs: int = 1_000
    tables: int = 20
    confidence: float = 0.95
    sham: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [
            f"There is no audit {name!r}. Known: {', '.join(METHODS)}."
            for name in self.methods
            if name not in METHODS
        ]
        if self.runs < LEAST_RUNS or self.tables < 1:
            problems.append(f"At least {LEAST_RUNS} runs and one table are needed.")
        if self.sham and self.sham not in SHAMS:
            problems.append(f"There is no sham {self.sham!r}. Known: {', '.join(SHAMS)}.")
        if not 0.5 < self.confidence < 1:
            problems.append(f"`confidence` must be above 0.5 and below 1. Got {self.confidence}.")
        if problems:
            raise InvalidParameter(" ".join(problems), problems)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the audits of one engine found; ``replayed`` is None where there was no replay."""

    engine: str
    replayed: Replayed | None
    evidence: tuple[AuditEvidence, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """Every audit that refutes the promise."""
        found = [one.method for one in self.evidence if one.is_broken]
        leaks = self.replayed is not None and not self.replayed.holds
        return (*([REPLAY] if leaks else []), *found)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        again = self.replayed
        return {
            "engine": self.engine,
            "broken": list(self.broken),
            "replay": None
            if again is None
            else {"holds": again.holds, "problems": list(again.problems), "draws": again.draws},
            "evidence": [
                {**one.to_dict(), "is_broken": one.is_broken, "sentence": one.sentence}
                for one in self.evidence
            ],
        }


def audit_engine(
    info: EngineInfo, plan: AuditPlan, rng: np.random.Generator, progress: Progress
) -> Findings:
    """Run the audits of a plan against one engine, whether it is registered or not.

    With the sham ``sampling`` a mechanism of the audit's own takes the engine's place, and the
    audits that do not suit it are left out.
    """
    methods = plan.methods
    if plan.sham == "sampling":
        info, methods = TALLY, tuple(m for m in methods if m not in {REPLAY, "own value"})
    replayed = _replayed(info, plan, progress) if REPLAY in methods else None
    evidence = []
    for name in methods:
        if name in WORLDS:
            world = WORLDS[name]()
            audited = _audited(info, plan, world.schema, world.public)
            found = two_worlds(
                audited, world, plan.runs, rng=rng, progress=progress, confidence=plan.confidence
            )
            evidence.append(found)
        elif name == ONE_RUN:
            audited = _audited(info, plan, one_run.SCHEMA, one_run.PUBLIC)
            found = one_run.one_run(
                audited, plan.tables, rng=rng, progress=progress, confidence=plan.confidence
            )
            evidence.append(found)
    return Findings(info.name, replayed, tuple(evidence))


def _audited(
    info: EngineInfo, plan: AuditPlan, schema: Schema, public: PublicTable, **more: Any
) -> Audited:
    """The engine as the plan has it, with its sham planted."""
    asked = {**plan.params, "epsilon": plan.epsilon, "delta": plan.delta, **more}
    audited = Audited(info, schema, asked, public)
    return SHAMS[plan.sham](audited) if plan.sham else audited


def _replayed(info: EngineInfo, plan: AuditPlan, progress: Progress) -> Replayed:
    """Replays without a person like all others and without one who stands out."""
    progress.stage(REPLAY)
    case = cases.visits()
    problems: list[str] = []
    draws = 0
    kinds = (PublicTable(), case.public)
    for number, public in enumerate(kinds):
        audited = _audited(info, plan, case.schema, public, person="person", rows_per_person=2)
        for person in case.persons:
            found = replay(audited, case.frame, person)
            problems += [one for one in found.problems if one not in problems]
            draws += found.draws
        progress.step(number + 1, len(kinds), info.name)
    return Replayed(tuple(problems), draws)
