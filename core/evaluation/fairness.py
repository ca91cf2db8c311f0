"""What breaking a dependence gained, and what it cost: before and after, side by side.

The *demographic parity difference* is the largest difference between groups of the sensitive
column in the share of a target's value (for numbers: in the share above the median of the real
rows). The *association* is Cramér's V with Bergsma's correction, over the cells that fidelity is
measured with. The *pairwise similarity* is 1 − total variation distance to the real rows, the
mean over pairs of columns.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Column, Table
from core.evaluation.association import cramer
from core.evaluation.bins import Binned, bin_table, joint, likeness
from core.evaluation.encoding import encode_table
from core.evaluation.values import NotMeasured
from core.synthesis.asks import Wishes, fulfil
from core.synthesis.asks.settle import not_learned
from core.synthesis.synthesizer import Synthesizer

LEAST_GROUP = 10
MOST_PAIRS = 400


@dataclass(frozen=True, slots=True)
class Influence:
    """How far one column depends on the sensitive one.

    Attributes
    ----------
    parity
        Demographic parity difference, 0 (none) to 1, in the real, plain and fair rows.
    association
        Cramér's V, 0 to 1, in the same.
    """

    column: str
    parity: tuple[float, float, float]
    association: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """Influence of a sensitive column in real, plain synthetic and fair synthetic rows.

    Attributes
    ----------
    influences
        The target's alone, or every column's.
    similarity_plain, similarity_fair
        Mean pairwise similarity to the real rows; their difference is what fairness cost.
    """

    sensitive: str
    target: str | None
    influences: tuple[Influence, ...]
    similarity_plain: float | NotMeasured
    similarity_fair: float | NotMeasured

    @property
    def similarity_lost(self) -> float | NotMeasured:
        """How much less alike the fair rows are, pair by pair, on average."""
        for side in (self.similarity_plain, self.similarity_fair):
            if isinstance(side, NotMeasured):
                return side
        assert isinstance(self.similarity_plain, float)
        assert isinstance(self.similarity_fair, float)
        return self.similarity_plain - self.similarity_fair

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; what was not measured says why."""
        sides = ("real", "plain", "fair")
        lost = self.similarity_lost
        return {
            "sensitive": self.sensitive,
            "target": self.target,
            "columns": [
                {
                    "column": i.column,
                    "demographic_parity_difference": dict(zip(sides, i.parity, strict=True)),
                    "association": dict(zip(sides, i.association, strict=True)),
                }
                for i in self.influences
            ],
            "pairwise_similarity": {
                "plain": _json(self.similarity_plain),
                "fair": _json(self.similarity_fair),
                "lost": _json(lost),
            },
        }


def compare_fairness(
    real: pd.DataFrame,
    plain: pd.DataFrame,
    fair: pd.DataFrame,
    table: Table,
    sensitive: str,
    target: str | None = None,
    *,
    rng: np.random.Generator,
) -> FairnessReport:
    """Measure the influence of ``sensitive`` before and after, and what was lost.

    Parameters
    ----------
    plain, fair
        Synthetic rows of the same model with the dependence as it was, and broken. Columns that
        are not learned should be left out of ``table``.
    target
        None for every other column.
    """
    columns = list(table.columns)
    binned = bin_table(encode_table(real, plain, fair, columns, rng))
    at = {column.name: place for place, column in enumerate(columns)}
    asked = [target] if target is not None else [n for n in table.names if n != sensitive]
    influences = []
    for name in asked:
        cells = [(part[:, at[sensitive]], part[:, at[name]]) for part in _sides(binned)]
        influences.append(
            Influence(
                name,
                _three([_parity(f, sensitive, table[name], real) for f in (real, plain, fair)]),
                _three([_strength(groups, values) for groups, values in cells]),
            )
        )
    pairs = list(combinations(range(len(columns)), 2))[:MOST_PAIRS]
    return FairnessReport(
        sensitive,
        target,
        tuple(influences),
        _similarity(binned, binned.holdout, pairs),
        _similarity(binned, binned.synthetic, pairs),
    )


def fairness_cost(
    synthesizer: Synthesizer,
    wishes: Wishes,
    real: pd.DataFrame,
    fair: pd.DataFrame,
    *,
    rng: np.random.Generator,
) -> FairnessReport:
    """What breaking a dependence gained and cost, beside rows of the same model as they would be.

    Parameters
    ----------
    synthesizer
        Fitted to ``real``, the only table.
    wishes
        With the fairness that ``fair`` was made with.
    """
    assert wishes.fairness is not None
    (table,) = synthesizer.schema.tables
    for_plain, for_pairs = rng.spawn(2)
    unbroken = replace(wishes, fairness=replace(wishes.fairness, degree=0.0))
    answer = fulfil(synthesizer, unbroken, {table.name: len(fair)}, rng=for_plain)
    plain = answer.taken(synthesizer.output_schema).tables[table.name]
    learned = table.select(tuple(c.name for c in table.columns if not not_learned(c, table)))
    sensitive, target = wishes.fairness.sensitive, wishes.fairness.target
    return compare_fairness(real, plain, fair, learned, sensitive, target, rng=for_pairs)


def _sides(binned: Binned) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return binned.train, binned.holdout, binned.synthetic


def _similarity(
    binned: Binned, rows: np.ndarray, pairs: Sequence[tuple[int, int]]
) -> float | NotMeasured:
    if not pairs or not len(rows) or not len(binned.train):
        return NotMeasured("There are no pairs of columns, or no rows, to compare.")
    sizes = binned.sizes
    found = [likeness(joint(rows, p, sizes), joint(binned.train, p, sizes)) for p in pairs]
    return float(np.mean(found))


def _parity(frame: pd.DataFrame, sensitive: str, column: Column, real: pd.DataFrame) -> float:
    """Largest difference between groups of at least ten rows in the share of any value."""
    groups = frame[sensitive].astype("object").where(frame[sensitive].notna(), None)
    values = frame[column.name]
    if column.type.is_numeric:
        shown = pd.DataFrame({"high": (values > real[column.name].median()).fillna(False)})
    else:
        known = real[column.name].dropna().unique()[:50]
        shown = pd.DataFrame({place: (values == v).fillna(False) for place, v in enumerate(known)})
    by = shown.astype(float).groupby(groups.to_numpy(dtype=object), dropna=False)
    shares = by.mean()[by.size() >= LEAST_GROUP]
    if len(shares) < 2 or not len(shares.columns):
        return 0.0
    return float((shares.max() - shares.min()).max())


def _strength(groups: np.ndarray, values: np.ndarray) -> float:
    return float(cramer(groups, values) or 0.0) if len(groups) else 0.0


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    first, second, third = values
    return first, second, third


def _json(value: float | NotMeasured) -> object:
    return asdict(value) if isinstance(value, NotMeasured) else round(value, 6)
