"""What an engine or a run promises about one person, in the same words on every page."""

from collections.abc import Mapping

from app.resources import studio
from core.privacy.guarantee import Guarantee
from core.privacy.words import BANDS
from core.studio.values import Run
from core.synthesis.params import specs
from core.synthesis.protocol import EngineInfo, PrivateParams

PROMISED = frozenset(spec.name for spec in specs(PrivateParams))
"""The parameters that make the promise; every other one is the engine's own."""
GUARANTEES = {
    True: "Differential privacy: a proven bound on what the tables tell about one person.",
    False: "No formal guarantee. Privacy is measured after the run, by attacks on its rows.",
}
BADGES = {
    True: ":green-badge[:material/verified_user: formal guarantee: ε, δ]",
    False: ":gray-badge[:material/remove_moderator: no formal guarantee]",
}


def guaranteed_engines() -> Mapping[str, EngineInfo]:
    """Return the engines with a formal guarantee, by name."""
    return {info.name: info for info in studio().runs.engines() if info.formal_guarantee}


def is_guaranteed(engine: str) -> bool:
    """Tell whether an engine gives a formal guarantee."""
    return engine in guaranteed_engines()


def asked_of(params: Mapping[str, object]) -> Guarantee | None:
    """Return the promise that a private run's parameters make; None where they make none."""
    try:
        return Guarantee(
            float(str(params["epsilon"])),
            float(str(params["delta"])),
            int(str(params.get("rows_per_person", 1))),
            str(params.get("person") or "") or None,
        )
    except (KeyError, ValueError):
        return None


def epsilon_asked(run: Run) -> float | None:
    """Return the ε that a run may spend in all; None for one that spends none."""
    asked = asked_of(run.spec.params) if is_guaranteed(run.spec.engine) else None
    sweep = run.spec.sweep
    if asked is None or run.spec.model_of or (sweep is not None and sweep.stand_in):
        return None
    return sum(sweep.epsilons) if sweep is not None else asked.epsilon


def percent(share: float) -> str:
    """Write how sure somebody gets; never rounded up to certainty."""
    return f"{share:.0%}" if share < 0.995 else "more than 99%"


def bands_line(epsilon: float) -> str:
    """Return the field's usual bands for ε in Markdown, with the one that this ε is in."""
    parts, below = [], 0.0
    for most, word in BANDS:
        label = f"{word} up to {most:g}" if most < float("inf") else f"{word} above {below:g}"
        here = below < epsilon <= most
        parts.append(f":blue-badge[:material/arrow_right: {label}]" if here else f":gray[{label}]")
        below = most
    return " · ".join(parts)


def figure(epsilon: float) -> str:
    """Write an ε for people: three digits."""
    return "∞" if epsilon == float("inf") else f"{epsilon:.3g}"
