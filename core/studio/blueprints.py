"""Use cases where there is no data yet: tables from a blueprint, shown, taken away or imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from core.data.schema import Schema
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.studio.context import Context
from core.studio.downloads import Download, file_stem, packed
from core.synthesis.blueprint import (
    TEMPLATES,
    Blueprint,
    Template,
    make_blueprint,
    parse_blueprint,
    schema_of,
    template_text,
    with_rows,
)

__all__ = ["BlueprintTable", "Blueprints", "Template"]

MOST_ROWS = 1_000_000
SHOWN_ROWS = 100


@dataclass(frozen=True, slots=True)
class BlueprintTable:
    """One table of a blueprint: its rows, or whose rows they follow from, and its columns."""

    name: str
    rows: int
    per: str
    mean: float
    columns: Mapping[str, str]


class Blueprints:
    """Tables from a schema alone; they hold nothing of anybody, each call is still audited."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def templates(self) -> Sequence[Template]:
        """The blueprints that ship."""
        return list(TEMPLATES.values())

    def text(self, key: str) -> str:
        """The YAML of one of them."""
        return template_text(key)

    def check(self, text: str) -> tuple[BlueprintTable, ...]:
        """The tables that a YAML describes.

        Raises
        ------
        InvalidInput
            With everything that is wrong with it.
        """
        return tuple(
            BlueprintTable(
                table.name,
                table.rows,
                table.per.parent if table.per else "",
                table.per.mean if table.per else 0.0,
                {column.name: str(column.type) for column in table.columns},
            )
            for table in parse_blueprint(text).tables
        )

    def preview(
        self, actor: Actor, project_id: str, text: str, seed: int = 1
    ) -> dict[str, pd.DataFrame]:
        """The first rows of every table, as the whole would begin with few rows."""
        with self._context.about_project(actor, "blueprint.preview", project_id):
            plan = parse_blueprint(text)
            few = {t.name: min(t.rows, SHOWN_ROWS) for t in plan.tables if t.per is None}
            made = make_blueprint(with_rows(plan, few), seed)
            return {name: frame.head(SHOWN_ROWS) for name, frame in made.items()}

    def make(
        self,
        actor: Actor,
        project_id: str,
        text: str,
        rows: Mapping[str, int],
        *,
        seed: int = 1,
        format: str = "csv",
    ) -> Download:
        """All rows as one file, several tables as a zip.

        Raises
        ------
        InvalidInput
            When the blueprint cannot be used, or has more rows than can be made at once.
        """
        with self._context.about_project(actor, "blueprint.make", project_id) as entry:
            plan = with_rows(parse_blueprint(text), rows)
            _refuse_many(plan)
            tables, schema = make_blueprint(plan, seed), schema_of(plan)
            entry.details["tables"] = len(tables)
            entry.details["rows"] = sum(len(frame) for frame in tables.values())
            entry.details["seed"] = seed
            return _packed(plan, tables, schema, format)


def _packed(
    plan: Blueprint, tables: Mapping[str, pd.DataFrame], schema: Schema, format: str
) -> Download:
    whole = {name: [frame] for name, frame in tables.items()}
    return packed(file_stem(plan.title, "tables"), whole, schema, format)


def _refuse_many(plan: Blueprint) -> None:
    """Refuse more rows than a page can make at once, as they are to be expected."""
    expected: dict[str, float] = {}
    left = list(plan.tables)
    while left:
        table = next(t for t in left if t.per is None or t.per.parent in expected)
        per = table.per
        expected[table.name] = table.rows if per is None else expected[per.parent] * per.mean
        left.remove(table)
    total = sum(expected.values())
    if total > MOST_ROWS:
        raise InvalidInput(
            f"That would be about {total:,.0f} rows; {MOST_ROWS:,} can be made here. Take fewer, "
            "or use `python -m core from-schema`."
        )
