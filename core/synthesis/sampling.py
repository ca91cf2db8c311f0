"""Sampling fitted tables together: parents first, keys unique, references valid."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.schema import Column, Schema
from core.progress import Progress
from core.synthesis.fitted import FittedTable, PartProgress, context_of
from core.synthesis.links import (
    Link,
    LinkKind,
    Positions,
    child_counts,
    drawn_rows,
    driven_rows,
    entry_rows,
    keys_at,
    with_distinct_keys,
)
from core.synthesis.related import Related
from core.synthesis.stream import drawn


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is sampled from: fitted tables in the order of fitting, and how they hang together."""

    schema: Schema
    related: Related
    fitted: Mapping[str, FittedTable]
    takes_context: bool

    def expected(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Rows of each table once children have followed their parents."""
        expected = dict(sizes)
        for name, fitted in self.fitted.items():
            for link in self.related.up(name, LinkKind.DRIVING):
                up = link.relationship.parent
                expected[name] = round(fitted.rows * expected[up] / max(self.fitted[up].rows, 1))
        return expected

    def tables(
        self, sizes: Mapping[str, int], rng: np.random.Generator, progress: Progress
    ) -> dict[str, pd.DataFrame]:
        """Rows of all tables, in the order of the schema."""
        progress.stage("sample")
        generators = dict(zip(self.schema.names, rng.spawn(len(sizes)), strict=True))
        making = _Making(self)
        for place, name in enumerate(self.fitted):
            part = PartProgress(progress, name, place, len(sizes))
            making.add(name, sizes[name], generators[name], part)
        links = self.related.links
        for link, own in zip(links, rng.spawn(len(links)), strict=True):
            if link.kind is LinkKind.LATE:
                _fill_late(link, making.made, own)
        return {name: making.made[name] for name in self.schema.names}


class _Making:
    """Tables that are made one after the other, parents first."""

    def __init__(self, sampling: Sampling) -> None:
        self._of, self._related = sampling, sampling.related
        self._learned: dict[str, pd.DataFrame] = {}
        self.made: dict[str, pd.DataFrame] = {}

    def add(self, name: str, size: int, rng: np.random.Generator, part: Progress) -> None:
        """Make the rows of a table; ``size`` counts where it follows no other."""
        fitted = self._of.fitted[name]
        learned, given = self._learned_rows(name, size, rng, part)
        kept = learned[list(fitted.preparation.learned.names)]
        made = fitted.preparation.restore(kept, rng=rng.spawn(1)[0], given=given)
        fixed = self._related.foreign_keys(name)
        for columns in self._related.wide_keys(name):
            made, distinct = with_distinct_keys(made, columns, fixed)
            learned = learned[distinct].reset_index(drop=True)
        self._learned[name], self.made[name] = learned, made

    def _learned_rows(
        self, name: str, size: int, rng: np.random.Generator, part: Progress
    ) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
        """Sampled rows of what the table's engine learned, and the table's foreign keys."""
        for_counts, for_engine, for_keys = rng.spawn(3)
        rows: dict[Link, Positions] = {}
        around: pd.DataFrame | None = None
        for link in self._related.up(name, LinkKind.DRIVING):
            up = link.relationship.parent
            counts = child_counts(link, self._learned[up][link.count_column.name], for_counts)
            rows[link] = driven_rows(link, counts)
            size = len(rows[link])
            if self._of.takes_context:
                _, around = context_of(self._of.fitted[up], self._learned[up], rows[link])
        learned = drawn(self._of.fitted[name], size, around, for_engine, part)
        for link in self._related.up(name, LinkKind.LOOKUP):
            parents = len(self.made[link.relationship.parent])
            rows[link] = entry_rows(learned[link.relationship.child_key], parents)
        for link in self._related.up(name, LinkKind.DRAWN):
            rows[link] = drawn_rows(link, size, len(self.made[link.relationship.parent]), for_keys)
        return learned, self._keys(name, size, rows)

    def _keys(self, name: str, size: int, rows: Mapping[Link, Positions]) -> dict[str, pd.Series]:
        """Foreign keys of a table's rows by column; blank where they have to wait."""
        return {
            own: keys_at(self.made[link.relationship.parent][other], rows[link])
            if link in rows
            else _blank(self._of.schema[name][own], size)
            for link in self._related.up(name)
            for other, own in zip(
                link.relationship.parent_columns, link.relationship.child_columns, strict=True
            )
        }


def _fill_late(link: Link, made: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    """Foreign keys that had to wait until all tables are there."""
    up = link.relationship
    child, parent = made[up.child], made[up.parent]
    rows = drawn_rows(link, len(child), len(parent), rng)
    for other, own in zip(up.parent_columns, up.child_columns, strict=True):
        child[own] = keys_at(parent[other], rows).astype(child[own].dtype)


def _blank(column: Column, size: int) -> pd.Series:
    return pd.Series([None] * size, dtype=column.type.dtype)
