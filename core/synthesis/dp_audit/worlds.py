"""The two-world audit: many runs with one person and many without, told apart by what comes out.

The attack sees what is released and gets one figure from it; how often a threshold on that figure
is right bounds ε from below. See ``core.privacy.audit.bounds`` for the bound.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import canonical
from core.data.schema import Column, ColumnType, Schema, Table
from core.privacy.audit.bounds import two_world_bound
from core.privacy.audit.evidence import AuditEvidence
from core.privacy.public import PublicColumn, PublicTable
from core.progress import Progress
from core.synthesis.dp_audit.released import Audited, Released

Attack = Callable[[Released], float]

LEAST_RUNS = 8
_SAMPLED = 5_000
_LABELS = ("a", "b", "c")
_RARE = "rare"
_OWN = "Hapax legomenon"
_FAR = 1e6
_EACH = 40


@dataclass(frozen=True, slots=True)
class World:
    """A table, one more person, and a figure of a release that tells of that person.

    Attributes
    ----------
    name
        What the attack looks for.
    person
        The row of the person, of the columns of ``frame``.
    """

    name: str
    schema: Schema
    frame: pd.DataFrame
    person: pd.DataFrame
    public: PublicTable
    attack: Attack

    @property
    def joined(self) -> pd.DataFrame:
        """The table with the person."""
        return pd.concat([self.frame, self.person], ignore_index=True)


def cell_world() -> World:
    """A person in a cell that others share; everything is declared: 360 rows, two columns."""
    table = _labels_table(2)
    every = np.stack(np.meshgrid(_LABELS, _LABELS), axis=-1).reshape(-1, 2)
    frame = _frame(np.repeat(every, _EACH, axis=0), table)
    person = _frame(np.array([["a", "a"]]), table)
    public = _declared(table, _LABELS)
    return World("cell", Schema((table,)), frame, person, public, _count({"x0": "a", "x1": "a"}))


def rare_world() -> World:
    """A person with declared labels that nobody else has: 360 rows, two columns."""
    cell, table = cell_world(), _labels_table(2)
    person = _frame(np.array([[_RARE, _RARE]]), table)
    public = _declared(table, (*_LABELS, _RARE))
    attack = _count({"x0": _RARE})
    return World("rare label", cell.schema, cell.frame, person, public, attack)


def own_world() -> World:
    """A person with a label and a number far from all others; nothing is declared: 360 rows."""
    number = Column("amount", ColumnType.INTEGER)
    table = Table("people", (_labels_table(1).columns[0], number))
    labels = np.repeat(_LABELS, 3 * _EACH)
    amounts = np.arange(len(labels)) % 50
    frame = canonical(pd.DataFrame({"x0": labels, "amount": amounts}), table)
    person = canonical(pd.DataFrame({"x0": [_OWN], "amount": [int(_FAR)]}), table)
    return World("own value", Schema((table,)), frame, person, PublicTable(), _own_value)


WORLDS: dict[str, Callable[[], World]] = {
    "cell": cell_world,
    "rare label": rare_world,
    "own value": own_world,
}


def two_worlds(
    audited: Audited,
    world: World,
    runs: int,
    *,
    rng: np.random.Generator,
    progress: Progress,
    confidence: float = 0.95,
) -> AuditEvidence:
    """The evidence of ``runs`` runs, half of them with the person; at least 8."""
    half, before = runs // 2, time.process_time()
    frames = (world.joined, world.frame)
    figures = np.zeros((2, half))
    seeds = rng.integers(0, 2**62, size=(2, half))
    progress.stage(f"two worlds: {world.name}")
    for run in range(half):
        for side, frame in enumerate(frames):
            released = audited.release(frame, int(seeds[side, run]), _SAMPLED)
            figures[side, run] = world.attack(released)
        progress.step(2 * run + 2, 2 * half, f"{audited.info.name}, ε = {audited.epsilon:g}")
    bound = two_world_bound(figures[0], figures[1], audited.delta, confidence)
    return AuditEvidence(
        engine=audited.info.name,
        epsilon=audited.epsilon,
        delta=audited.delta,
        lower_bound=bound.lower,
        ceiling=bound.ceiling,
        runs=2 * half,
        method=f"two worlds: {world.name}",
        confidence=confidence,
        canaries=1,
        seconds=round(time.process_time() - before, 1),
    )


def _count(cell: dict[str, str]) -> Attack:
    """How many training rows a release has in a cell, by its synthetic rows."""

    def figure(released: Released) -> float:
        inside = np.ones(len(released.rows), bool)
        for name, label in cell.items():
            inside &= (released.rows[name] == label).fillna(False).to_numpy(bool)
        return float(inside.mean() * released.size)

    return figure


def _own_value(released: Released) -> float:
    """Whether the label shows in the model or the rows, and how far the largest number is."""
    shows = _OWN.encode() in released.text
    largest = float(released.rows["amount"].max())
    return 10.0 * shows + math.log2(1 + max(largest, 0.0)) / 100


def _labels_table(columns: int) -> Table:
    return Table("people", tuple(Column(f"x{i}", ColumnType.CATEGORY) for i in range(columns)))


def _frame(values: npt.NDArray[np.str_], table: Table) -> pd.DataFrame:
    return canonical(pd.DataFrame(values, columns=list(table.names)), table)


def _declared(table: Table, labels: tuple[str, ...]) -> PublicTable:
    return PublicTable({name: PublicColumn(name, values=labels) for name in table.names})
