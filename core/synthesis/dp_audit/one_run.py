"""The one-run audit: a thousand persons in one table, each in or out by a fair coin.

Each person is the only one who may be added to a cell of a grid of two columns. After the release
the attack guesses of those cells that look fullest that their person was in, of those that look
emptiest that theirs was out, and abstains from the rest; the share of right guesses bounds ε.
"""

import time

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import canonical
from core.data.schema import Column, ColumnType, Schema, Table
from core.privacy.audit.bounds import one_run_bound
from core.privacy.audit.evidence import AuditEvidence
from core.privacy.public import PublicColumn, PublicTable
from core.progress import Progress
from core.synthesis.dp_audit.released import Audited, Released

SIDE = 32
_EACH = 2
_SAMPLED = 100_000
_GUESSED = 0.1

_LABELS = tuple(f"v{i:02d}" for i in range(SIDE))
_TABLE = Table("people", (Column("x0", ColumnType.CATEGORY), Column("x1", ColumnType.CATEGORY)))
SCHEMA = Schema((_TABLE,))
PUBLIC = PublicTable({name: PublicColumn(name, values=_LABELS) for name in _TABLE.names})


def one_run(
    audited: Audited,
    runs: int,
    *,
    rng: np.random.Generator,
    progress: Progress,
    confidence: float = 0.95,
) -> AuditEvidence:
    """The evidence of ``runs`` runs, each over 1,024 persons of its own."""
    before, canaries = time.process_time(), SIDE * SIDE
    guesses = 2 * round(_GUESSED * canaries / 2)
    right = 0
    progress.stage("one run")
    for run in range(runs):
        coins = rng.random(canaries) < 0.5
        released = audited.release(_with(coins), int(rng.integers(0, 2**62)), _SAMPLED)
        right += _right(_fullness(released, rng), coins, guesses)
        progress.step(run + 1, runs, f"{audited.info.name}, ε = {audited.epsilon:g}")
    bound = one_run_bound(right, runs * guesses, runs * canaries, audited.delta, confidence)
    return AuditEvidence(
        engine=audited.info.name,
        epsilon=audited.epsilon,
        delta=audited.delta,
        lower_bound=bound.lower,
        ceiling=bound.ceiling,
        runs=runs,
        method="one run",
        confidence=confidence,
        canaries=runs * canaries,
        seconds=round(time.process_time() - before, 1),
    )


def _with(coins: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Two rows in each cell of the grid, and one more where a coin says so."""
    cells = np.repeat(np.arange(SIDE * SIDE), _EACH + coins)
    labels = np.array(_LABELS)
    columns = {"x0": labels[cells // SIDE], "x1": labels[cells % SIDE]}
    return canonical(pd.DataFrame(columns), _TABLE)


def _fullness(released: Released, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Synthetic rows in each cell of the grid; ties are broken by chance."""
    places = [pd.Categorical(released.rows[name], _LABELS).codes for name in _TABLE.names]
    known = (places[0] >= 0) & (places[1] >= 0)
    cells = places[0][known].astype(np.int64) * SIDE + places[1][known]
    counts = np.bincount(cells, minlength=SIDE * SIDE).astype(np.float64)
    return counts + rng.random(len(counts)) / 2


def _right(fullness: npt.NDArray[np.float64], coins: npt.NDArray[np.bool_], guesses: int) -> int:
    """Right guesses among the fullest and the emptiest cells."""
    order = np.argsort(fullness)
    out, inside = order[: guesses // 2], order[-(guesses // 2) :]
    return int(coins[inside].sum() + (~coins[out]).sum())
