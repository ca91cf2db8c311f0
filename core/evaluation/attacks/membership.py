"""Membership inference by how near the closest synthetic row is."""

from core.evaluation.attacks.limits import ISOLATED_EACH, ISOLATED_MOST_SHARE
from core.evaluation.attacks.protocol import Attack, Outcome
from core.evaluation.attacks.rates import auc_trial
from core.evaluation.attacks.scene import Scene
from core.evaluation.values import NotMeasured


def run(scene: Scene) -> Outcome:
    """Tell members from as many outsiders: the nearer the closest judged row, the likelier."""
    distances = scene.distances
    if isinstance(distances, NotMeasured):
        return distances
    note = f"{len(distances.member):,} members against as many outsiders"
    return auc_trial(-distances.member, -distances.outsider, note)


def run_isolated(scene: Scene) -> Outcome:
    """The same for the records that lie furthest from other records."""
    distances = scene.distances
    if isinstance(distances, NotMeasured):
        return distances
    near, far = distances.isolated_member, distances.isolated_outsider
    if distances.isolated_share > ISOLATED_MOST_SHARE or min(len(near), len(far)) < ISOLATED_EACH:
        return NotMeasured(
            f"Only {len(near)} training and {len(far)} holdout rows lie apart; "
            f"{ISOLATED_EACH} of each, at most {ISOLATED_MOST_SHARE:.0%} of all, are needed."
        )
    share = f"{distances.isolated_share:.1%}"
    note = f"the most isolated {share}: {len(near):,} members, {len(far):,} outsiders"
    return auc_trial(-near, -far, note)


MEMBERSHIP = Attack("membership", run, harmless=0.5)
MEMBERSHIP_ISOLATED = Attack("membership_isolated", run_isolated, harmless=0.5)
