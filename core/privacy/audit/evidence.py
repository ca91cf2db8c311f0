"""What audits found of the engines: a small table of measured lower bounds that ships with them.

A lower bound below the promised ε proves nothing; one above it proves that the promise is broken.
So each comes with its ceiling: what the same audit would have said had every guess been right.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.errors import InvalidInput

STORED = Path(__file__).with_name("measured.json")
VERSION = 1


@dataclass(frozen=True, slots=True)
class AuditEvidence:
    """What one audit of one engine found.

    Attributes
    ----------
    epsilon, delta
        What was promised.
    lower_bound
        The ε that the engine's true one is at least, with ``confidence``; 0 when nothing was seen.
    ceiling
        The bound that the same audit would have given with every guess right.
    runs
        Times that the engine was fitted.
    method
        Which audit: ``two worlds: cell`` and the like.
    canaries
        Persons whose presence was guessed, over all runs.
    seconds
        Of processor time, for all runs.
    """

    engine: str
    epsilon: float
    delta: float
    lower_bound: float
    ceiling: float
    runs: int
    method: str
    confidence: float
    canaries: int = 1
    seconds: float = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether the promise is refuted, at this confidence."""
        return self.lower_bound > self.epsilon

    @property
    def sentence(self) -> str:
        """The finding in words, the ceiling with it."""
        sure = f"{self.confidence:.0%} confidence, {self.runs:,} runs, {self.method}"
        seen = f"could have seen up to {self.ceiling:.2g}"
        if self.is_broken:
            return (
                f"The promise of ε = {self.epsilon:g} is broken: the true ε is at least "
                f"{self.lower_bound:.2f} ({sure}; {seen})."
            )
        return (
            f"An attack on {self.engine} at ε = {self.epsilon:g} shows that the true ε is at least "
            f"{self.lower_bound:.2f} ({sure}; {seen}). That agrees with the promise; it does not "
            "prove it."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; raises ``InvalidInput`` for what is no evidence."""
        try:
            made = cls(**data)
            figures = (made.epsilon, made.delta, made.lower_bound, made.ceiling, made.confidence)
            sound = all(math.isfinite(float(figure)) and figure >= 0 for figure in figures)
        except (TypeError, ValueError) as error:
            raise InvalidInput("This is no evidence of an audit.") from error
        if not sound:
            raise InvalidInput("The figures of an audit must be finite and not negative.")
        return made


def stored_evidence(path: Path = STORED) -> tuple[AuditEvidence, ...]:
    """All evidence that was stored, by engine, ε and method; none where there is no file."""
    if not path.is_file():
        return ()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        entries = data["evidence"] if data["version"] == VERSION else None
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path.name} holds no evidence of audits.") from error
    if entries is None:
        raise InvalidInput(f"{path.name} is of version {data['version']}, not {VERSION}.")
    return tuple(AuditEvidence.from_dict(entry) for entry in entries)


def evidence_for(engine: str, path: Path = STORED) -> tuple[AuditEvidence, ...]:
    """The stored evidence of one engine; empty when it was never audited."""
    return tuple(one for one in stored_evidence(path) if one.engine == engine)


def with_evidence(new: Sequence[AuditEvidence], path: Path = STORED) -> tuple[AuditEvidence, ...]:
    """Store ``new``, in place of older evidence of the same engine, ε and method.

    Returns
    -------
    tuple of AuditEvidence
        All that is stored now.
    """
    kept = {_key(one): one for one in (*stored_evidence(path), *new)}
    entries = tuple(kept[key] for key in sorted(kept))
    told = {"version": VERSION, "evidence": [one.to_dict() for one in entries]}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return entries


def _key(one: AuditEvidence) -> tuple[str, float, str]:
    return one.engine, one.epsilon, one.method
