"""All attacks on one table: set the scenes, run every attack on each, judge."""

import numpy as np

from core.data.schema import Role, Schema
from core.evaluation.attacks.judging import overall, report
from core.evaluation.attacks.protocol import NotApplicable, Outcome
from core.evaluation.attacks.registry import ATTACKS
from core.evaluation.attacks.scene import Scene, set_scenes
from core.evaluation.case import Case
from core.evaluation.details import PrivacyDetail
from core.evaluation.models import one_thread
from core.evaluation.policy import EvaluationPolicy
from core.progress import Progress, SilentProgress

_SCENES = ("synthetic rows", "verbatim copy", "fresh real rows")
LIST_ROWS = 50
_TOTAL = len(_SCENES) * len(ATTACKS)


def privacy_detail(
    case: Case,
    schema: Schema,
    policy: EvaluationPolicy | None,
    rng: np.random.Generator,
    *,
    progress: Progress | None = None,
) -> PrivacyDetail:
    """Attack the synthetic rows of one table, with both controls in the same run.

    Parameters
    ----------
    case
        The table with its training, holdout and synthetic rows.
    policy
        The bounds of the outcomes; the defaults without one.
    rng
        The same state gives the same detail.

    Returns
    -------
    PrivacyDetail
        One report an attack, and the outcome of all, see :func:`overall`.
    """
    progress, policy = progress or SilentProgress(), policy or EvaluationPolicy()
    if is_public_list(case):
        return _nothing_to_attack(policy)
    found: list[dict[str, Outcome]] = []
    with one_thread():
        for number, scene in enumerate(set_scenes(case, policy.small_group, rng)):
            found.append(_run(scene, number, progress))
    progress.step(_TOTAL, _TOTAL, f"{case.table.name}: attacks done")
    reports = [
        report(attack, policy.bounds(name), *(outcomes[name] for outcomes in found))
        for name, attack in ATTACKS.items()
    ]
    return overall(reports, _notes(case))


def is_public_list(case: Case) -> bool:
    """Whether a table is a short list that others point to, such as products or branches.

    Its rows stand in training and holdout alike, so that there are no members to tell from others;
    nothing in it was said to be of a person.
    """
    of_persons = {Role.QUASI_IDENTIFIER, Role.SENSITIVE}
    return (
        case.shared > 0
        and not len(case.holdout)
        and len(case.train) <= LIST_ROWS
        and not any(column.role in of_persons for column in case.table.columns)
    )


def _nothing_to_attack(policy: EvaluationPolicy) -> PrivacyDetail:
    reason = NotApplicable(
        "A short list that other tables point to: its rows are in training and holdout alike, and "
        "no column of it was said to be of a person."
    )
    reports = tuple(
        report(attack, policy.bounds(name), reason, reason, reason)
        for name, attack in ATTACKS.items()
    )
    sentence = "A short list that other tables point to; no rows of persons to attack."
    return PrivacyDetail(reports, "not applicable", sentence)


def _run(scene: Scene, number: int, progress: Progress) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for place, (name, attack) in enumerate(ATTACKS.items()):
        done = number * len(ATTACKS) + place
        progress.step(done, _TOTAL, f"{scene.table.name}: {name} on {_SCENES[number]}")
        outcomes[name] = attack.run(scene)
    return outcomes


def _notes(case: Case) -> tuple[str, ...]:
    used, rows = len(case.encoded.train), len(case.train)
    notes = ["These are observations on one synthetic table, no guarantee."]
    if used < rows:
        notes.append(f"Distances and guesses are taken on {used:,} of {rows:,} training rows.")
    return tuple(notes)
