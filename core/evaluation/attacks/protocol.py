"""What an attack is: a function from a scene to a trial, and what is known of it beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.evaluation.attacks.scene import Scene
from core.evaluation.values import NotMeasured, Score


@dataclass(frozen=True, slots=True)
class Trial:
    """What an attacker reached on one scene.

    Attributes
    ----------
    value, low, high
        The result and its 95 % interval, in the attack's unit.
    figures
        Further figures by name.
    note
        On how many rows it was taken, and what was left out.
    exact
        Every value was counted, none was drawn: a count of none is none, whatever its interval.
    """

    value: float
    low: float
    high: float
    figures: Mapping[str, Score] = field(default_factory=dict)
    note: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The table has nothing that this attack is after, and why."""

    reason: str


Outcome = Trial | NotMeasured | NotApplicable
"""What comes of one run of an attack."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack.

    Attributes
    ----------
    name
        Key of its words and of its bounds.
    run
        The attack itself; the scene carries the randomness.
    harmless, worst
        The value of an attack that learns nothing, and of one that learns all.
    """

    name: str
    run: Callable[[Scene], Outcome]
    harmless: float = 0.0
    worst: float = 1.0
