"""A generator that draws each column on its own: quantiles of numbers, counts of categories.

It keeps no dependence between columns, which makes it a lower bound to compare others with. Rare
categories are kept by name: it is an example, not for personal data.
"""

import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.frames import as_numbers, canonical, from_numbers
from core.data.schema import Column, Schema, Table
from core.progress import Progress
from core.synthesis.params import build, param, to_dict
from core.synthesis.protocol import EngineInfo


@dataclass(frozen=True, slots=True)
class Params:
    """What the form asks for."""

    quantiles: int = param(
        101, "Quantiles", "How finely the distribution of a number is kept.", low=2, high=10_001
    )


class Independent:
    """See :class:`core.synthesis.protocol.Engine` for what each method has to do."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self._table = Table("", ())
        self._columns: list[dict[str, Any]] = []

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn each column; a cancelled job raises from ``progress.step``."""
        self._table, self._columns = table, []
        for place, column in enumerate(table.columns):
            progress.step(place, len(table.columns), column.name)
            self._columns.append(self._learned(frame[column.name], column))
        progress.step(len(table.columns), len(table.columns), "all columns")

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw rows with the columns, order and dtypes of the fitted table."""
        made = {}
        for column, learned in zip(self._table.columns, self._columns, strict=True):
            values = pd.Series(_drawn(learned, column, rows, rng), dtype=column.type.dtype)
            made[column.name] = values.mask(rng.random(rows) < learned["missing"])
        progress.step(1, 1, f"{rows} rows")
        return canonical(pd.DataFrame(made, index=range(rows)), self._table)

    def dump(self) -> bytes:
        """Plain JSON; the studio seals it before it rests anywhere."""
        schema = Schema((self._table,)).to_dict()
        whole = {"table": schema, "columns": self._columns, "params": to_dict(self.params)}
        return json.dumps(whole).encode()

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """The inverse of :meth:`dump`."""
        whole = json.loads(blob)
        engine = cls(build(Params, whole["params"]))
        engine._table = Schema.from_dict(whole["table"]).tables[0]
        engine._columns = whole["columns"]
        return engine

    def _learned(self, values: pd.Series, column: Column) -> dict[str, Any]:
        known, missing = values.dropna(), float(values.isna().mean())
        if column.type.is_numeric:
            numbers = as_numbers(known, column)
            wanted = np.linspace(0, 1, self.params.quantiles)
            kept = np.quantile(numbers, wanted, method="nearest") if len(numbers) else []
            return {"missing": missing, "quantiles": [float(number) for number in kept]}
        counts = known.value_counts().sort_index()
        labels = [label if isinstance(label, str) else bool(label) for label in counts.index]
        return {"missing": missing, "labels": labels, "counts": counts.tolist()}


def _drawn(learned: dict[str, Any], column: Column, rows: int, rng: np.random.Generator) -> Any:
    if not learned.get("quantiles") and not learned.get("labels"):
        return [None] * rows
    if column.type.is_numeric:
        quantiles, place = np.array(learned["quantiles"]), rng.random(rows)
        below = np.minimum((place * (len(quantiles) - 1)).astype(int), len(quantiles) - 2)
        share = rng.random(rows)
        numbers = (1 - share) * quantiles[below] + share * quantiles[below + 1]
        return from_numbers(np.clip(numbers, quantiles[below], quantiles[below + 1]), column)
    counts = np.array(learned["counts"], dtype=float)
    chosen = rng.choice(len(counts), size=rows, p=counts / counts.sum())
    return np.array(learned["labels"], dtype=object)[chosen]


INFO = EngineInfo(
    name="example_independent",
    title="Independent columns",
    summary="Draws each column on its own; an example of a plug-in.",
    good_at="a lower bound to compare other engines with.",
    not_for="anything in which columns depend on each other, or personal data.",
    licence="as the studio",
    params=Params,
    make=Independent,
    load=Independent.load,
    presets={"quick look": {"quantiles": 11}, "balanced": {}, "best": {"quantiles": 1001}},
    seconds_per_cell=1e-7,
)
