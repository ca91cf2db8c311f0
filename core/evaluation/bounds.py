"""From where on an attack's value is to be looked at, and from where on it decides.

One row an attack, by the name that its report has. Two values are told apart by the noise in
them: a value fails only when its whole interval lies beyond the bound, and passes when it is no
more than one standard error beyond the first bound.
"""

from dataclasses import dataclass

from core.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class Bounds:
    """A value above ``warn`` is to be looked at, above ``fail`` it decides."""

    warn: float
    fail: float

    def outcome(self, value: float, low: float) -> str:
        """``pass``, ``warn`` or ``fail`` of a value that should be small.

        Parameters
        ----------
        value
            What the attacker reaches.
        low
            Lower end of its 95 % interval; ``value`` itself where the value is exact.
        """
        if low > self.fail:
            return "fail"
        return "pass" if value <= self.fail and (value + low) / 2 <= self.warn else "warn"


@dataclass(frozen=True, slots=True)
class AttackBounds:
    """Default bounds of one attack, with title and meaning for forms.

    ``low`` is what an attack that learns nothing reaches, ``high`` one that learns everything.
    """

    title: str
    help: str
    default: Bounds
    low: float = 0.0
    high: float = 1.0


_RISK = "(attack − control) ÷ (1 − control): 0 learns nothing beyond the population, 1 everything."
_AUC = "Area under the ROC curve: 0.5 is a coin toss, 1 tells every member."

ATTACK_BOUNDS: dict[str, AttackBounds] = {
    "copies": AttackBounds(
        "Exact copies",
        "Share of synthetic rows that equal a training row, beyond the share of fresh real rows.",
        Bounds(0.005, 0.02),
    ),
    "near_copies": AttackBounds(
        "Near copies",
        "Share of synthetic rows that nearly equal a training row, beyond fresh real rows.",
        Bounds(0.01, 0.05),
    ),
    "nearer": AttackBounds(
        "Nearer to training than to holdout",
        "Share of synthetic rows whose nearest real row is a training row, at equal sizes.",
        Bounds(0.55, 0.60),
        low=0.5,
    ),
    "neighbour_ratio": AttackBounds(
        "Nearest-neighbour ratio",
        "Share of synthetic rows that single out one training row more than one holdout row.",
        Bounds(0.55, 0.60),
        low=0.5,
    ),
    "membership": AttackBounds("Membership by nearest row", _AUC, Bounds(0.53, 0.56), low=0.5),
    "membership_density": AttackBounds(
        "Membership by density ratio", _AUC, Bounds(0.53, 0.56), low=0.5
    ),
    "membership_isolated": AttackBounds(
        "Membership of the most isolated records", _AUC, Bounds(0.60, 0.70), low=0.5
    ),
    "attribute_inference": AttackBounds("Attribute inference", _RISK, Bounds(0.05, 0.15)),
    "linkability": AttackBounds("Linkability", _RISK, Bounds(0.05, 0.15)),
    "singling_out": AttackBounds("Singling out", _RISK, Bounds(0.05, 0.15)),
    "replay": AttackBounds(
        "Replay of personal values",
        "Share of personal values of training rows that occur again, beyond chance.",
        Bounds(0.001, 0.01),
    ),
    "anonymity": AttackBounds(
        "People met by their quasi-identifiers",
        "Share of training rows alone with their quasi-identifiers that occur again, beyond "
        "fresh real rows.",
        Bounds(0.05, 0.20),
    ),
    "rare_values": AttackBounds(
        "Rare values that came through",
        "Share of values of a single training row that occur again, beyond fresh real rows.",
        Bounds(0.05, 0.20),
    ),
    "extremes": AttackBounds(
        "Extreme values that came through",
        "Share of the largest and smallest training values that occur again exactly, beyond "
        "fresh real rows.",
        Bounds(0.05, 0.20),
    ),
}


def default_bounds() -> dict[str, Bounds]:
    """The default bounds of every attack."""
    return {name: one.default for name, one in ATTACK_BOUNDS.items()}


def read_bounds(values: object) -> tuple[dict[str, Bounds], list[str]]:
    """Bounds by attack from plain dicts, the defaults for those left out, and all problems."""
    bounds, problems = default_bounds(), []
    if not isinstance(values, dict):
        return bounds, ["`attacks` must be a mapping of attacks to their bounds."]
    for name, given in values.items():
        if name not in ATTACK_BOUNDS:
            problems.append(f"`{name}` is no attack; known are {', '.join(ATTACK_BOUNDS)}.")
            continue
        try:
            bounds[name] = _read_one(name, given)
        except (TypeError, ValueError, KeyError, AttributeError):
            problems.append(f"`attacks.{name}` needs two numbers, `warn` and `fail`.")
        except InvalidParameter as error:
            problems.append(str(error))
    return bounds, problems


def _read_one(name: str, given: object) -> Bounds:
    values = given if isinstance(given, dict) else {}
    bounds, ends = Bounds(float(values["warn"]), float(values["fail"])), ATTACK_BOUNDS[name]
    if not ends.low <= bounds.warn <= bounds.fail <= ends.high:
        raise InvalidParameter(
            f"`attacks.{name}` needs {ends.low:g} ≤ warn ≤ fail ≤ {ends.high:g}. "
            f"Got {bounds.warn:g} and {bounds.fail:g}."
        )
    return bounds
