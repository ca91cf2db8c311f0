"""The bounds by which an evaluation is judged: what a project sets, and every report states.

Nothing here changes what is measured, only what it is called: the outcome of an attack, of a
gate, and the level of a dial.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from core.errors import InvalidParameter
from core.evaluation.bounds import ATTACK_BOUNDS, Bounds, default_bounds, read_bounds
from core.evaluation.criteria import DialLevels, GateThresholds
from core.synthesis.params import build, param


@dataclass(frozen=True, slots=True)
class EvaluationPolicy:
    """All bounds of an evaluation.

    Attributes
    ----------
    attacks
        By attack: from where on its value is a warning, and from where on it fails.
    gates
        What the data quality gates ask for.
    levels
        From where on the dials are called good or fair.
    small_group
        A group of fewer training rows is small: their values and combinations are rare.
    """

    attacks: Mapping[str, Bounds] = field(default_factory=default_bounds)
    gates: GateThresholds = field(default_factory=GateThresholds)
    levels: DialLevels = field(default_factory=DialLevels)
    small_group: int = 5

    def bounds(self, attack: str) -> Bounds:
        """The bounds of an attack; raises ``InvalidParameter`` for one that is not known."""
        try:
            return self.attacks[attack]
        except KeyError:
            known = ", ".join(self.attacks)
            raise InvalidParameter(f"No attack {attack!r} has bounds. Known: {known}.") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, numbers and strings, fit for JSON."""
        return {
            "attacks": {name: asdict(bounds) for name, bounds in self.attacks.items()},
            "gates": asdict(self.gates),
            "levels": asdict(self.levels),
            "small_group": self.small_group,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A policy from plain values; what is left out has its default.

        Raises
        ------
        InvalidParameter
            With every unknown name, wrong type and bound that is passed, at once.
        """
        parts = {"attacks", "gates", "levels", "small_group"}
        problems = [f"`{name}` is not part of a policy." for name in data if name not in parts]
        attacks, wrong = read_bounds(data.get("attacks", {}))
        problems += wrong
        gates, wrong = _read(GateThresholds, data.get("gates", {}))
        problems += wrong
        levels, wrong = _read(DialLevels, data.get("levels", {}))
        problems += wrong or _level_problems(levels)
        small, wrong = _read(_Small, {"rows": data.get("small_group", _Small().rows)})
        problems += wrong
        if problems:
            raise InvalidParameter("The policy cannot be used: " + " ".join(problems), problems)
        return cls(attacks, gates, levels, small.rows)

    def changes(self, other: "EvaluationPolicy") -> dict[str, list[Any]]:
        """What differs in ``other``, by dotted name: the value here and the value there."""
        here, there = _flat(self.to_dict()), _flat(other.to_dict())
        return {name: [here[name], there[name]] for name in here if here[name] != there[name]}


@dataclass(frozen=True, slots=True)
class _Small:
    rows: int = param(5, "Small group", "Fewer training rows than this.", low=2, high=1000)


def _read(kind: type[Any], values: Any) -> tuple[Any, list[str]]:
    if not isinstance(values, Mapping):
        return kind(), [f"{kind.__name__} must be a mapping of names to values."]
    try:
        return build(kind, values), []
    except InvalidParameter as error:
        return kind(), list(error.problems)


def _level_problems(levels: DialLevels) -> list[str]:
    wrong = []
    if levels.fidelity_good > levels.fidelity_fair:
        wrong.append("`fidelity_good` must not be above `fidelity_fair`.")
    for name in ("dependence", "utility"):
        if getattr(levels, f"{name}_good") < getattr(levels, f"{name}_fair"):
            wrong.append(f"`{name}_good` must not be below `{name}_fair`.")
    return wrong


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        nested = isinstance(value, Mapping)
        found |= _flat(value, f"{prefix}{name}.") if nested else {prefix + name: value}
    return found


_FIELDS = {
    "health": ("health", "medic", "clinic", "hospital", "pharma", "patient", "care"),
    "finance": ("financ", "bank", "insur", "credit", "payment", "trading"),
}


def field_of(domain: str) -> str:
    """``health``, ``finance`` or ``general``, by the words of a project's domain."""
    words = domain.casefold()
    hits = (name for name, stems in _FIELDS.items() if any(stem in words for stem in stems))
    return next(hits, "general")


def default_policy(domain: str = "") -> EvaluationPolicy:
    """The policy of a project that has set none, by its domain.

    Health: a group of fewer than eleven is small, as in the cell-size rule of the US Centers for
    Medicare and Medicaid Services, and what singles out a person fails earlier. Finance: the rules
    of a table (sums, orders of dates) hold in 99.9 % of the rows.
    """
    plain, name = EvaluationPolicy(), field_of(domain)
    if name == "health":
        tighter = {
            attack: Bounds(0.03, 0.10)
            for attack in ("attribute_inference", "linkability", "singling_out")
        }
        return replace(plain, attacks={**plain.attacks, **tighter}, small_group=11)
    if name == "finance":
        return replace(plain, gates=replace(plain.gates, validity=0.999))
    return plain


__all__ = [
    "ATTACK_BOUNDS",
    "Bounds",
    "DialLevels",
    "EvaluationPolicy",
    "GateThresholds",
    "default_policy",
    "field_of",
]
