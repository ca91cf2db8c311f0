"""Fitting with a formal guarantee: what comes before the engine, and the ledger around it.

A person's rows are cut down to how many they may own; columns that are made up are made from
public examples; the engine sees the rest, and everything that it learns goes through the ledger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.data.blind import is_made_up, prepare_blind
from core.data.frames import canonical
from core.data.schema import Action, Schema, Table
from core.errors import InvalidInput
from core.privacy.discover import rows_of_persons
from core.privacy.guarantee import ADJACENCY, ASSUMED_PUBLIC
from core.privacy.guards import Facts, Wanted
from core.privacy.ledger import Entry, Ledger
from core.privacy.noise import laplace_counts
from core.privacy.public import PublicTable
from core.progress import Progress
from core.synthesis.fitted import FittedTable
from core.synthesis.protocol import EngineInfo, PrivateEngine, PrivateFit, PrivateParams

_SHUFFLE = 0x5EED


@dataclass(frozen=True, slots=True)
class PrivateFitting:
    """A fit to come: everything that is settled without looking at the rows."""

    schema: Schema
    info: EngineInfo
    params: PrivateParams
    public: PublicTable
    ledger: Ledger

    @property
    def table(self) -> Table:
        """The only table."""
        return self.schema.tables[0]

    def tables(
        self, tables: Mapping[str, pd.DataFrame], rng: np.random.Generator, progress: Progress
    ) -> dict[str, FittedTable]:
        """Learn the table; returns what was learned of it, by name."""
        name = self.table.name
        if name not in tables:
            raise InvalidInput(f"There are no rows for {name}. Give every table.")
        progress.stage("prepare")
        frame = canonical(tables[name], self.table)
        kept = rows_of_persons(frame, self.ledger.guarantee, _SHUFFLE)
        frame = frame.iloc[kept].reset_index(drop=True)
        preparation, learned = prepare_blind(
            frame, self.table, self.ledger.guarantee.person, self._ranges()
        )
        progress.stage("fit")
        fitted = FittedTable(preparation, preparation.learned, (), None, 0)
        if not fitted.learned.columns:
            fitted.rows = self._count(len(frame))
            return {name: fitted}
        engine = cast(PrivateEngine, self.info.make(self.params))
        own = rng.spawn(1)[0]
        private = PrivateFit(self.ledger, self.public, self._rows)
        engine.fit(learned, fitted.learned, rng=own, progress=progress, private=private)
        fitted.engine, fitted.rows = cast(Any, engine), max(int(engine.rows), 1)
        return {name: fitted}

    @property
    def _rows(self) -> int:
        return self.params.rows or self.public.rows

    def _ranges(self) -> dict[str, tuple[float, float]]:
        """Public ranges of columns."""
        return {
            name: column.range_of(self.table[name])
            for name, column in self.public.columns.items()
            if column.low is not None
        }

    def _count(self, rows: int) -> int:
        """The number of rows where there is nothing else to learn."""
        if self._rows:
            return self._rows
        multiplier = 2 / self.ledger.guarantee.epsilon
        noisy = laplace_counts(np.array([rows]), multiplier, self.ledger, "rows", "all rows")
        return max(int(noisy[0]), 1)


def without_reasons(schema: Schema) -> Schema:
    """The schema without why columns were thought personal, and without what looks at texts.

    Texts that a language model writes are among it: they are checked against the real ones.
    """
    for table in schema.tables:
        columns = tuple(
            replace(c, reason="", learned_text=False, written=None) for c in table.columns
        )
        schema = schema.with_table(replace(table, columns=columns))
    return schema


def facts_of(table: Table, params: PrivateParams, public: PublicTable, rows: int) -> Facts:
    """What the checks before a run may go by.

    Parameters
    ----------
    rows
        Of the whole table; taken to two digits, for whoever holds the table, unless a number is
        public.
    """
    names = learned_names(table, params.person or None)
    known = params.rows or public.rows or float(f"{rows:.2g}")
    return Facts(known, len(names), len(set(names) - set(public.columns)))


def wanted_of(params: PrivateParams) -> Wanted:
    """What parameters of an engine ask, as the checks before a run take it."""
    share = float(getattr(params, "sample_share", 0.0))
    return Wanted(params.epsilon, params.delta, params.rows_per_person, share)


def learned_names(table: Table, person: str | None) -> list[str]:
    """Columns that an engine learns: neither dropped nor made up."""
    kept = [column for column in table.columns if column.action is not Action.DROP]
    return [column.name for column in kept if not is_made_up(column, table, person)]


def told_of(ledger: Ledger) -> dict[str, Any]:
    """The guarantee of a fit, what it assumes to be public, and the itemised ledger, as JSON."""
    guarantee = ledger.guarantee
    return {
        "guarantee": {
            "epsilon": guarantee.epsilon,
            "delta": guarantee.delta,
            "rows_per_person": guarantee.rows_per_person,
            "person": guarantee.person,
            "adjacency": ADJACENCY,
            "sentence": guarantee.sentence,
        },
        "assumed_public": list(ASSUMED_PUBLIC),
        "ledger": ledger.to_dict(),
    }


def fit_privately(
    schema: Schema,
    info: EngineInfo,
    params: Any,
    public: PublicTable | None,
    watch: Callable[[Entry], None] | None,
) -> PrivateFitting:
    """A fit with a formal guarantee, checked as far as that needs no rows.

    Raises
    ------
    InvalidInput
        With every reason why it is not possible.
    """
    problems = []
    if len(schema.tables) != 1:
        problems.append(
            f"{info.title} learns one table; this dataset has {len(schema.tables)}. A guarantee "
            "over several tables is not offered. Fit them one by one, or join them."
        )
        raise InvalidInput(problems[0], problems)
    (table,) = schema.tables
    person = params.person or None
    if person is not None and person not in table.names:
        problems.append(f"`person`: table {table.name!r} has no column {person!r}.")
    problems += (public or PublicTable()).problems(table)
    if problems:
        raise InvalidInput(" ".join(problems), problems)
    ledger = Ledger(params.guarantee, watch)
    return PrivateFitting(schema, info, params, public or PublicTable(), ledger)
