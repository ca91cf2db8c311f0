"""Rules that a dataset's rows keep: candidates from a sample, each counted on all rows.

What would show a value of a column that is sensitive, identifies, or has a finding is not
suggested; ranges are suggested with round ends only, never with the smallest or largest value.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.rules import candidates, shares
from core.data.rules.shares import Counted, Cursor, Test
from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.data.vault import Vault
from core.store.tables import DatasetRow
from core.studio.rule_values import SuggestedRule
from core.studio.stored import dataset_path
from core.synthesis.asks import (
    Allowed,
    AtMost,
    Conditional,
    FixedCombinations,
    InRange,
    IsNull,
    NotNull,
    OneHot,
    Rule,
    SumOf,
    Unique,
)

SAMPLED = 5_000
MOST_COLUMNS = 500
MOST_SUGGESTED = 200
_PLAIN = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})
_KEYS = frozenset({ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.TEXT})
_MOST_LABELS = 20
_MOST_PAIRS = 200


@dataclass(frozen=True, slots=True)
class _Look:
    """A table to be looked at: its columns as they are stored, where they lie, what is hidden."""

    table: Table
    places: dict[str, int]
    hidden: frozenset[str]
    frame: pd.DataFrame
    cursor: Cursor
    source: str


def suggested_rules(vault: Vault, row: DatasetRow) -> tuple[SuggestedRule, ...]:
    """Rules for each table, those that all rows keep first; of wide tables the first columns."""
    stored, wanted = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    found: list[SuggestedRule] = []
    for position, table in enumerate(stored.tables):
        if not row.table_rows[table.name]:
            continue
        path = dataset_path(row.id, position)
        frame, _ = vault.sample_table(path, table, SAMPLED, np.random.default_rng(0))
        with vault.querying(path) as (cursor, source):
            look = _look(table, wanted[table.name], row.findings, frame, cursor, source)
            found += _of_table(look, wanted.keys_of(table.name))
    found.sort(key=lambda one: -one.share)
    return tuple(found[:MOST_SUGGESTED])


def _look(
    stored: Table,
    wanted: Table,
    findings: dict[str, dict[str, object]],
    frame: pd.DataFrame,
    cursor: Cursor,
    source: str,
) -> _Look:
    """The columns whose type the review left as it was stored, and that are not dropped."""
    own = findings.get(stored.name, {})
    usable = [
        column
        for column in wanted.columns
        if column.type is stored[column.name].type and column.action is not Action.DROP
    ][:MOST_COLUMNS]
    hidden = {c.name for c in usable if c.role in {Role.SENSITIVE, Role.IDENTIFIER}} | set(own)
    places = {name: place for place, name in enumerate(stored.names)}
    table = Table(wanted.name, tuple(usable), wanted.primary_key)
    return _Look(table, places, frozenset(hidden), frame, cursor, source)


def _of_table(look: _Look, keys: frozenset[str]) -> Iterator[SuggestedRule]:
    taken = keys | {look.table.primary_key}
    free = tuple(c for c in look.table.columns if c.name not in taken)
    rest = Table(look.table.name, free)
    tests: list[tuple[Rule, Test, str]] = [
        *_sums(look, rest),
        *_groups(look, rest),
        *_orders(look, rest),
        *_ranges(look, rest),
    ]
    results = shares.counted(look.cursor, look.source, [test for _, test, _ in tests])
    for (rule, _, why), result in zip(tests, results, strict=True):
        if result.share >= candidates.NEARLY:
            yield _said(look, rule, result, why)
    yield from _combinations(look, rest)
    yield from _presence(look, rest)
    yield from _uniques(look, rest)


def _said(look: _Look, rule: Rule, result: Counted, why: str) -> SuggestedRule:
    return SuggestedRule(look.table.name, rule, result.share, result.rows, why)


def _orders(look: _Look, table: Table) -> Iterator[tuple[Rule, Test, str]]:
    for one in candidates.below(look.frame, table):
        test = shares.at_most(look.places[one.low], look.places[one.high])
        yield AtMost(one.low, one.high), test, "never above, and not by chance"


def _sums(look: _Look, table: Table) -> Iterator[tuple[Rule, Test, str]]:
    for one in candidates.added(look.frame, table):
        column = table[one.total]
        decimals = 0 if column.type is ColumnType.INTEGER else column.format.decimals
        parts = [look.places[name] for name in one.parts]
        test = shares.sum_of(parts, look.places[one.total], decimals)
        yield SumOf(one.total, one.parts), test, "adds up"


def _groups(look: _Look, table: Table) -> Iterator[tuple[Rule, Test, str]]:
    for group in candidates.one_hot(look.frame, table):
        test = shares.one_set([look.places[name] for name in group.columns])
        yield OneHot(group.columns), test, "exactly one is set"


def _ranges(look: _Look, table: Table) -> Iterator[tuple[Rule, Test, str]]:
    for column in table.columns:
        if column.type not in _PLAIN:
            continue
        values = look.frame[column.name].dropna()
        if len(values) < candidates.FEWEST_ROWS or values.nunique() <= 2 or values.min() < 0:
            continue
        top = float(values.max())
        high = 1 if 0.5 < top <= 1 else 100 if 95 < top <= 100 else None
        test = shares.between(look.places[column.name], 0, high)
        why = "a share" if high == 1 else "a percentage" if high == 100 else "never below zero"
        yield InRange(column.name, 0, high), test, why


def _combinations(look: _Look, table: Table) -> Iterator[SuggestedRule]:
    for group in candidates.combinations(look.frame, table)[:_MOST_PAIRS]:
        places = [look.places[name] for name in group.columns]
        result = shares.determined(look.cursor, look.source, places)
        if result.share >= candidates.NEARLY:
            yield _said(look, FixedCombinations(group.columns), result, "one tells the others")


def _uniques(look: _Look, table: Table) -> Iterator[SuggestedRule]:
    columns = [c for c in table.columns if c.type in _KEYS and look.frame[c.name].is_unique]
    places = [look.places[c.name] for c in columns]
    for column, found in zip(
        columns, shares.distinct(look.cursor, look.source, places), strict=True
    ):
        if found.rows >= candidates.FEWEST_ROWS and found.kept == found.rows:
            yield _said(look, Unique((column.name,)), found, "no value repeats")


def _presence(look: _Look, table: Table) -> Iterator[SuggestedRule]:
    labels = [c for c in table.columns if _is_label(look, c)]
    gaps = [c for c in table.columns if 0.01 < look.frame[c.name].isna().mean() < 0.99]
    pairs = [(a, b) for b in gaps for a in labels if a.name != b.name and _hints(look, a, b)]
    for label, column in pairs[:_MOST_PAIRS]:
        place, other = look.places[label.name], look.places[column.name]
        counts = shares.missing_by(look.cursor, look.source, place, other)
        full = [(text, rows) for text, rows, gone in counts if rows >= 30 and not gone]
        empty = [(text, rows) for text, rows, gone in counts if rows >= 30 and gone == rows]
        if not full or not empty:
            continue
        for chosen, then in ((full, NotNull(column.name)), (empty, IsNull(column.name))):
            rule = Conditional(Allowed(label.name, tuple(t for t, _ in chosen)), then)
            rows = sum(count for _, count in chosen)
            why = "there just where the other says so"
            yield _said(look, rule, Counted(rows, rows), why)


def _is_label(look: _Look, column: Column) -> bool:
    if column.type not in {ColumnType.CATEGORY, ColumnType.BOOLEAN} or column.name in look.hidden:
        return False
    return 2 <= int(look.frame[column.name].nunique()) <= _MOST_LABELS


def _hints(look: _Look, label: Column, column: Column) -> bool:
    """Whether, in the sample, the label tells for some values that there is one, or none."""
    share = look.frame[column.name].isna().groupby(look.frame[label.name], observed=True).mean()
    return bool((share == 0).any() and (share == 1).any())
