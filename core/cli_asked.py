"""A model as the options ask for it: conditions, shares and rules, checked before any work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from core.cli_options import AskOptions
from core.cli_support import LoggedProgress, mask_key_for
from core.data.read import ReadResult
from core.data.schema import Schema, Table
from core.errors import InvalidInput
from core.synthesis.asks import (
    Answer,
    Ask,
    Wishes,
    fulfil,
    read_conditions,
    read_rules,
    read_shares,
    real_shares,
    synthesizer_for,
)
from core.synthesis.asks.conditions import Condition
from core.synthesis.asks.settle import settle
from core.synthesis.registry import engine_info
from core.synthesis.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Model:
    """A synthesizer, and what is wished of it."""

    synthesizer: Synthesizer
    wishes: Wishes = field(default_factory=Wishes)

    def answer(
        self, rows: Mapping[str, int], rng: np.random.Generator, progress: LoggedProgress
    ) -> Answer:
        """Synthetic rows by table, to be taken once."""
        return fulfil(self.synthesizer, self.wishes, rows, rng=rng, progress=progress)

    def reported(self, rows: Answer) -> dict[str, Any]:
        """What is said of rows that were taken; nothing where nothing was wished."""
        return {} if self.wishes.are_none else rows.how().to_dict()


def model_for(
    read: ReadResult,
    schema: Schema,
    engine: str,
    params: Mapping[str, Any],
    asked: AskOptions,
) -> Model:
    """An unfitted model of a dataset that can be asked what the options say."""
    private = engine_info(engine).formal_guarantee
    if private and asked.stratify:
        raise InvalidInput(
            "With a formal guarantee, --stratify would give out real shares. Use --shares."
        )
    real = None if private else read.tables
    ask = ask_of(schema, asked.where or (), asked.shares or (), asked.stratify, real)
    wishes = Wishes(ask, read_rules(asked.rule or (), schema))
    return Model(synthesizer_for(wishes, schema, engine, params, mask_key_for(schema)), wishes)


def ask_of(
    schema: Schema,
    where: Sequence[str],
    shares: Sequence[str],
    stratify: str | None = None,
    real: Mapping[str, pd.DataFrame] | None = None,
) -> Ask | None:
    """What the options ask for, checked before any work is done.

    Of several tables, columns are written ``table.column``. With the ``real`` rows, values are
    checked against them; strata need them.
    """
    if not (where or shares or stratify):
        return None
    conditions, target = read_conditions(where), read_shares(shares)
    if target is not None and stratify:
        raise InvalidInput("Give --shares or --stratify, not both.")
    named = [c.column for c in conditions] + [s for s in (stratify,) if s]
    named += [target.column] if target is not None else []
    table = _table_of(named, schema)
    own = tuple(_plain(condition, table) for condition in conditions)
    if target is not None:
        target = replace(target, column=_without(target.column, table))
    if stratify and real is not None:
        name = _without(stratify, table)
        if name not in table.names:
            raise InvalidInput(f"Table {table.name!r} has no column {name!r}.")
        target = real_shares(real[table.name][name], table[name])
    ask = Ask(own, target, table.name)
    settle(ask, table, None if real is None else real[table.name])
    return ask


def _table_of(names: Sequence[str], schema: Schema) -> Table:
    if len(schema.tables) == 1:
        return schema.tables[0]
    found = {t.name: t for t in schema.tables for n in names if n.startswith(f"{t.name}.")}
    if len(found) != 1 or not all(n.startswith(f"{next(iter(found))}.") for n in names):
        raise InvalidInput(
            f"Write the columns as table.column, of one table of {', '.join(schema.names)}."
        )
    return next(iter(found.values()))


def _plain(condition: Condition, table: Table) -> Condition:
    return replace(condition, column=_without(condition.column, table))


def _without(name: str, table: Table) -> str:
    return name if name in table.names else name.removeprefix(f"{table.name}.")
