"""What a mechanism did to privacy, as data: frozen events that an accountant can add up.

An event is in terms of the noise that was drawn, never of an ε that somebody hoped for. Its
``noise_multiplier`` is the scale of the noise over the sensitivity to one person.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Gaussian noise (also discrete); ``noise_multiplier``: standard deviation over L2."""

    noise_multiplier: float


@dataclass(frozen=True, slots=True)
class Laplace:
    """Laplace noise (also discrete); ``noise_multiplier``: scale over L1 sensitivity."""

    noise_multiplier: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The best of several candidates by the exponential mechanism with this ε.

    It has bounded range, and so is (ε²/8)-zCDP: Cesar and Rogers, "Bounding, concentrating, and
    truncating" (ALT 2021), Lemma 3.2; what it is in Gaussian terms is in
    :mod:`core.privacy.gaussian`.
    """

    epsilon: float


@dataclass(frozen=True, slots=True)
class GaussianThreshold:
    """Counts of unknown categories under Gaussian noise, shown above a threshold only.

    ``delta`` is the chance that a category of one person alone is shown.
    """

    noise_multiplier: float
    delta: float


@dataclass(frozen=True, slots=True)
class SampledGaussian:
    """``steps`` sums under Gaussian noise, each over a Poisson sample of the persons."""

    sampling_probability: float
    noise_multiplier: float
    steps: int


Event: TypeAlias = Gaussian | Laplace | Selection | GaussianThreshold | SampledGaussian
KINDS: Mapping[str, type[Event]] = {
    "gaussian": Gaussian,
    "laplace": Laplace,
    "selection": Selection,
    "gaussian threshold": GaussianThreshold,
    "sampled gaussian": SampledGaussian,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def event_to_dict(event: Event) -> dict[str, Any]:
    """Plain values, with the kind of event under ``kind``."""
    return {"kind": _NAMES[type(event)], **asdict(event)}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The inverse of :func:`event_to_dict`; raises ``InvalidInput`` for what is no known event."""
    figures = dict(data)
    kind = KINDS.get(str(figures.pop("kind", "")))
    if kind is None:
        raise InvalidInput(f"There is no privacy event of this kind; known: {', '.join(KINDS)}.")
    try:
        return kind(**figures)
    except TypeError as error:
        raise InvalidInput(f"A privacy event does not have these figures: {error}.") from error
