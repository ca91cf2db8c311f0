"""Linkability: telling from synthetic rows that two part records belong to one person."""

from dataclasses import replace

import numpy as np

from core.evaluation.attacks.gower import Gower, gower
from core.evaluation.attacks.protocol import Attack, NotApplicable, Outcome, Trial
from core.evaluation.attacks.rates import risk_trial
from core.evaluation.attacks.scene import Cells, Scene
from core.evaluation.attacks.targets import Targets, choose_targets
from core.evaluation.encoding import Matrix
from core.evaluation.values import NotMeasured

Halves = tuple[list[int], list[int]]


def run(scene: Scene) -> Outcome:
    """Risk that both halves of a member's columns have the same closest judged row."""
    if len(scene.cells.names) < 2:
        return NotApplicable("Linking needs two learned columns.")
    targets = choose_targets(scene)
    if isinstance(targets, NotMeasured):
        return targets
    halves = split_columns(scene.cells)
    return link(targets, gower(targets.cells), halves)


def split_columns(cells: Cells) -> Halves:
    """Columns in two halves that tell rows apart about equally: by turns, most values first."""
    distinct = [len(np.unique(column)) for column in cells.train.T]
    order = sorted(range(len(distinct)), key=lambda j: -distinct[j])
    return order[0::4] + order[3::4], order[1::4] + order[2::4]


def link(targets: Targets, space: Gower, halves: Halves) -> Trial:
    """The attack itself, on members and on control rows."""
    hits = [_linked(rows, space, halves) for rows in (targets.members, targets.control)]
    trial = risk_trial(hits[0], len(targets.members), hits[1], len(targets.control))
    return replace(trial, note=targets.note)


def _linked(rows: Matrix, space: Gower, halves: Halves) -> int:
    count = 0
    for _, queries in space.blocks(rows):
        closest = [space.distances(queries, half).argmin(1) for half in halves]
        count += int((closest[0] == closest[1]).sum())
    return count


LINKABILITY = Attack("linkability", run)
