"""Whom the guessing attacks are aimed at: as many members as control rows, drawn by lot."""

from dataclasses import dataclass, replace

from core.evaluation.attacks import limits
from core.evaluation.attacks.scene import Cells, Scene
from core.evaluation.encoding import Matrix
from core.evaluation.values import NotMeasured


@dataclass(frozen=True, slots=True)
class Targets:
    """Members and control rows to attack, and the judged rows in random order."""

    members: Matrix
    control: Matrix
    cells: Cells
    note: str


def choose_targets(scene: Scene) -> Targets | NotMeasured:
    """Draw the targets; ties between judged rows fall to the first, so their order is drawn too."""
    cells, rng = scene.cells, scene.rng()
    sizes = {"training": cells.train, "holdout": cells.control, "synthetic": cells.judged}
    for name, rows in sizes.items():
        if len(rows) < limits.MIN_ROWS:
            return NotMeasured(
                f"There are {len(rows)} {name} rows; this attack needs {limits.MIN_ROWS}."
            )
    most = max(limits.MIN_ROWS, limits.GUESS_CELLS // len(cells.judged))
    count = min(scene.effort.guesses, most, len(cells.train), len(cells.control))
    members, control = (
        rows[rng.permutation(len(rows))[:count]] for rows in (cells.train, cells.control)
    )
    mixed = replace(cells, judged=cells.judged[rng.permutation(len(cells.judged))])
    return Targets(members, control, mixed, f"{count:,} members, {count:,} control rows")
