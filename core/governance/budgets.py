"""What is said of privacy budgets: whose, their caps, what runs are to take and took of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Conflict
from core.privacy.budget import SLACK, Composed, Use, compose


class OverCap(Conflict):
    """A run would pass the cap of its dataset's budget; nothing was started."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose budget: a project's rows by their content hash, and the privacy unit.

    Contents that were joined, as those of two versions of a dataset, have one budget.
    """

    project_id: str
    data: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """What all runs together may spend."""

    epsilon: float
    delta: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What a run is to take of a budget."""

    run_id: str
    dataset_id: str
    engine: str
    epsilon: float
    delta: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run took, as the chain tells it.

    ``purposes``: the ε that each purpose would cost alone. ``why``: of one without a result.
    """

    claim: Claim
    use: Use
    at: datetime
    who: str
    purposes: Mapping[str, float]
    why: str = ""


def refuse_over(uses: Sequence[Use], more: Use, cap: Cap) -> None:
    """Raise ``OverCap`` where one more use would pass the cap."""
    if fits(compose([*uses, more]), cap):
        return
    spent = compose(uses)
    left, rest = max(0.0, cap.epsilon - spent.epsilon), max(0.0, cap.delta - spent.delta)
    raise OverCap(
        f"The run asks for ε = {more.epsilon:.4g} at δ = {more.delta:.2g}, and of this dataset's "
        f"budget (ε = {cap.epsilon:.4g}, δ = {cap.delta:.2g}) ε = {left:.4g} and δ = {rest:.2g} "
        "are left. Nothing was started. Ask for less, take more rows from a model that is fitted "
        "already, or have a domain admin raise the cap."
    )


def fits(spent: Composed, cap: Cap) -> bool:
    """Whether what is spent is within a cap, apart from rounding."""
    return spent.epsilon <= cap.epsilon + SLACK and spent.delta <= cap.delta * (1 + SLACK)
