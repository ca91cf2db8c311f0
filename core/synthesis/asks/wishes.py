"""All that is asked of one model, and the rows it gives: what every caller goes through.

A synthesizer is made so that it can do what is wished; fitted, or loaded from a file, it answers.
Asked of columns that it was not made for, it draws and rejects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.asks.answers import Answer, How
from core.synthesis.asks.asking import Asking, stream_fitted
from core.synthesis.asks.checks import table_of
from core.synthesis.asks.conditions import Ask
from core.synthesis.asks.dependence import Fairness
from core.synthesis.asks.fairness import FairSynthesizer
from core.synthesis.asks.rules import Rule
from core.synthesis.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a model beyond rows as they come.

    Attributes
    ----------
    ask
        Conditions and shares.
    rules
        By table, what every row keeps.
    fairness
        The dependence that is broken; not together with an ask.
    """

    ask: Ask | None = None
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    fairness: Fairness | None = None

    @property
    def are_none(self) -> bool:
        """Whether nothing is asked."""
        return not self.rules and self.fairness is None and (not self.ask or not self.ask.columns)

    def columns(self, schema: Schema) -> dict[str, tuple[str, ...]]:
        """By table: the columns of which something is asked."""
        if self.fairness is not None:
            return {schema.tables[0].name: self.fairness.columns}
        if self.ask is None or not self.ask.columns:
            return {}
        return {table_of(self.ask, schema).name: self.ask.columns}


def synthesizer_for(
    wishes: Wishes,
    schema: Schema,
    engine: str,
    params: Mapping[str, Any] | None = None,
    mask_key: bytes = b"",
) -> Synthesizer:
    """An unfitted synthesizer that can do what is wished.

    Raises
    ------
    InvalidInput
        When a rule or a column cannot be used, with every reason.
    """
    plain = Synthesizer(schema, engine, params, mask_key)
    if plain.is_private and (wishes.rules or wishes.fairness is not None):
        raise InvalidInput(
            f"With a formal guarantee ({engine}), rules and fairness are not possible: they would "
            "learn from the rows beside the budget. Leave them out, or ask the fitted model."
        )
    if wishes.are_none or plain.is_private:
        return plain
    if wishes.fairness is not None:
        fair = FairSynthesizer(schema, wishes.fairness, engine, params, mask_key, wishes.rules)
        return fair.asking
    columns = wishes.columns(schema)
    return Asking(schema, engine, params, mask_key, columns=columns, rules=wishes.rules)


def fulfil(
    synthesizer: Synthesizer,
    wishes: Wishes,
    rows: Mapping[str, int] | None = None,
    *,
    rng: np.random.Generator,
    progress: Progress | None = None,
    taken: Mapping[str, pd.Series] | None = None,
) -> Answer:
    """Rows as wished from a fitted synthesizer; ``rows`` and ``taken`` as in its ``stream``.

    Raises
    ------
    InvalidInput
        With every problem of the ask, or, while rows are taken, when rejection is hopeless.
    """
    ask = wishes.ask
    if wishes.fairness is not None and isinstance(synthesizer, Asking):
        fair = FairSynthesizer.around(synthesizer, wishes.fairness)
        (size,) = synthesizer.sizes(rows).values()
        return fair.stream(size, rng=rng, progress=progress, taken=taken)
    if isinstance(synthesizer, Asking):
        if ask is None or not ask.columns:
            return _free(synthesizer, rows, rng, progress, taken)
        able = synthesizer.columns.get(table_of(ask, synthesizer.schema).name, ())
        if set(ask.columns) <= set(able):
            return synthesizer.stream_ask(ask, rows, rng=rng, progress=progress, taken=taken)
    if ask is not None and ask.columns:
        return stream_fitted(synthesizer, ask, rows, rng=rng, progress=progress, taken=taken)
    return Answer(synthesizer.frames(rows, rng=rng, progress=progress, taken=taken), How)


def _free(
    synthesizer: Asking,
    rows: Mapping[str, int] | None,
    rng: np.random.Generator,
    progress: Progress | None,
    taken: Mapping[str, pd.Series] | None,
) -> Answer:
    """Rows of which nothing is asked, and how the rules were kept."""
    reports = synthesizer.fresh_reports()
    frames = synthesizer.frames(rows, rng=rng, progress=progress, taken=taken)
    return Answer(frames, lambda: How(rules=reports))
