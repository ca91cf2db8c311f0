"""What comes of an ask: rows, and how they came about.

Rows come once, block by block, so that a single table may have any number of them; how they came
about is known when they are all taken.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.data.blocks import joined
from core.data.schema import Schema
from core.synthesis.asks.rule_report import RuleReport


@dataclass(frozen=True, slots=True)
class How:
    """How rows came about.

    Attributes
    ----------
    method
        ``construction`` or ``rejection``.
    acceptance
        Share of the drawn rows that fitted; 1 by construction.
    drawn
        Rows drawn of the asked table before rejection; 0 by construction.
    matching
        Training rows that fit the conditions: what the answer rests on. None when unknown.
    rules
        How each rule was kept.
    """

    method: str = "construction"
    acceptance: float = 1.0
    drawn: int = 0
    matching: int | None = None
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


@dataclass(frozen=True, slots=True)
class Asked(How):
    """Synthetic tables as asked for, and how they came about."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of each table, to be taken once, and then :meth:`how` they came about."""

    frames: Mapping[str, Iterable[pd.DataFrame]]
    how: Callable[[], How]

    def taken(self, schema: Schema) -> Asked:
        """All rows in memory; ``schema`` is that of the tables."""
        tables = {name: joined(frames, schema[name]) for name, frames in self.frames.items()}
        how = self.how()
        return Asked(how.method, how.acceptance, how.drawn, how.matching, how.rules, tables)
