"""A synthesizer of which rows can be asked for: conditions and target shares, on any dataset.

Fitted once, it is asked many times: other values, ranges, shares and sizes need no second fit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.checks import refuse_columns, table_of
from core.synthesis.asks.conditions import Ask
from core.synthesis.asks.engine import AskingEngine, FittingRows
from core.synthesis.asks.ruled import RuledEngine, RuleReport, with_rules
from core.synthesis.asks.rules import Rule, check_rules
from core.synthesis.asks.settle import Part, settle
from core.synthesis.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Asked:
    """Synthetic tables as asked for.

    Attributes
    ----------
    method
        ``construction`` or ``rejection``.
    drawn
        Rows drawn of the asked table before rejection; 0 by construction.
    acceptance
        Share of them that fitted; 1 by construction.
    matching
        Training rows that fit the conditions: what the answer rests on. None when unknown.
    rules
        How each rule was kept.
    """

    tables: dict[str, pd.DataFrame]
    method: str
    acceptance: float
    drawn: int
    matching: int | None
    rules: tuple[RuleReport, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """What is reported beside the rows."""
        return {
            "method": self.method,
            "acceptance": round(self.acceptance, 6),
            "drawn": self.drawn,
            "matching_training_rows": self.matching,
            "rules": [report.to_dict() for report in self.rules],
        }


class Asking(Synthesizer):
    """A :class:`Synthesizer` that is fitted so that something can be asked of ``columns``.

    Parameters
    ----------
    columns
        By table: the columns of which conditions or shares will be asked.
    rules
        By table: what every row has to keep.

    Raises
    ------
    InvalidInput
        With every column that does not exist or is not learned, at once.
    """

    def __init__(
        self,
        schema: Schema,
        engine: str,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
        *,
        columns: Mapping[str, Sequence[str]],
        rules: Mapping[str, Sequence[Rule]] | None = None,
    ) -> None:
        super().__init__(schema, engine, params, mask_key)
        for name, own in (rules or {}).items():
            check_rules(own, schema[name])
        asked = {name: tuple(dict.fromkeys(names)) for name, names in columns.items() if names}
        refuse_columns(schema, asked)
        inner = with_rules(self._info, rules or {})

        def make(values: Any) -> AskingEngine:
            return AskingEngine(inner, values, asked)

        self._info = replace(inner, make=make)

    def ask(
        self,
        ask: Ask,
        rows: Mapping[str, int] | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> Asked:
        """Rows as asked; ``rows`` as in :meth:`Synthesizer.sample`.

        Raises
        ------
        InvalidInput
            With every problem of the ask, or when rejection is hopeless.
        """
        table = table_of(ask, self._schema)
        pool = self.pool(table.name)
        lost = [name for name in ask.columns if name in table.names and name not in pool]
        if lost:
            raise InvalidInput(f"This model was not fitted to be asked of {', '.join(lost)}.")
        return self.ask_parts(table.name, settle(ask, table, pool), rows, rng, progress)

    def ask_parts(
        self,
        table: str,
        parts: tuple[Part, ...],
        rows: Mapping[str, int] | None,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> Asked:
        """Rows in parts that are settled already."""
        engine = self._engine(table)
        for_pool, for_rows = rng.spawn(2)
        engine.begin(parts, self._sizes(rows)[table], for_pool)
        tables = self.sample(rows, rng=for_rows, progress=progress)
        matching = sum(int(part.mask(engine.pool).sum()) for part in parts)
        reports = self._reports()
        if engine.constructs or not any(part.restrictions for part in parts):
            return Asked(tables, "construction", 1.0, 0, matching, reports)
        tally = engine.tally
        return Asked(tables, "rejection", tally.rate, tally.drawn, matching, reports)

    def pool(self, table: str) -> pd.DataFrame:
        """The training rows of a table's columns of which something can be asked."""
        return self._engine(table).pool

    def _reports(self) -> tuple[RuleReport, ...]:
        engines = [fitted.engine for fitted in self._fitted.values()]
        inner = [engine.inner for engine in engines if isinstance(engine, AskingEngine)]
        return tuple(r for e in inner if isinstance(e, RuledEngine) for r in e.reports)

    def _engine(self, table: str) -> AskingEngine:
        fitted = self._fitted.get(table)
        if fitted is None or not isinstance(fitted.engine, AskingEngine):
            raise InvalidInput(f"Table {table!r} has not been fitted, or had nothing to learn.")
        return fitted.engine


def ask_fitted(
    synthesizer: Synthesizer,
    ask: Ask,
    rows: Mapping[str, int] | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Asked:
    """Rows as asked from any fitted synthesizer, also one that was loaded: by rejection.

    Raises
    ------
    InvalidInput
        With every problem of the ask, or when rejection is hopeless.
    """
    table = table_of(ask, synthesizer._schema)
    refuse_columns(synthesizer._schema, {table.name: ask.columns})
    parts = settle(ask, table)
    fitted = synthesizer._fitted.get(table.name)
    if fitted is None or fitted.engine is None or table.name not in synthesizer.root_tables:
        raise InvalidInput(f"Nothing can be asked of table {table.name!r}: it follows another.")
    inner, total = fitted.engine, synthesizer._sizes(rows)[table.name]
    wrapped = FittingRows(inner, fitted.learned, parts, total)
    try:
        fitted.engine = wrapped
        tables = synthesizer.sample(rows, rng=rng, progress=progress)
    finally:
        fitted.engine = inner
    return Asked(tables, "rejection", wrapped.tally.rate, wrapped.tally.drawn, None)
