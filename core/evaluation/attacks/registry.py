"""All attacks by name, in the order in which they are shown."""

from core.errors import InvalidParameter
from core.evaluation.attacks.anonymity import ANONYMITY
from core.evaluation.attacks.attribute_inference import ATTRIBUTE_INFERENCE
from core.evaluation.attacks.copies import COPIES
from core.evaluation.attacks.extremes import EXTREMES
from core.evaluation.attacks.linkability import LINKABILITY
from core.evaluation.attacks.membership import MEMBERSHIP, MEMBERSHIP_ISOLATED
from core.evaluation.attacks.membership_density import MEMBERSHIP_DENSITY
from core.evaluation.attacks.near_copies import NEAR_COPIES
from core.evaluation.attacks.nearer import NEARER
from core.evaluation.attacks.neighbour_ratio import NEIGHBOUR_RATIO
from core.evaluation.attacks.protocol import Attack
from core.evaluation.attacks.rare_values import RARE_VALUES
from core.evaluation.attacks.replay import REPLAY
from core.evaluation.attacks.singling_out import SINGLING_OUT

ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for attack in (
        COPIES,
        NEAR_COPIES,
        NEARER,
        NEIGHBOUR_RATIO,
        MEMBERSHIP,
        MEMBERSHIP_DENSITY,
        MEMBERSHIP_ISOLATED,
        ATTRIBUTE_INFERENCE,
        LINKABILITY,
        SINGLING_OUT,
        REPLAY,
        ANONYMITY,
        RARE_VALUES,
        EXTREMES,
    )
}


def attack_named(name: str) -> Attack:
    """The attack of that name; raises ``InvalidParameter`` with the known ones."""
    try:
        return ATTACKS[name]
    except KeyError:
        known = ", ".join(ATTACKS)
        raise InvalidParameter(f"There is no attack {name!r}. Known: {known}.") from None
