"""Blueprints read from YAML; everything that is wrong is said at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.data.schema import ColumnType
from core.data.yaml_text import read_utf8, read_yaml
from core.errors import InvalidInput
from core.synthesis.blueprint.check import check_tables
from core.synthesis.blueprint.columns import column_plan
from core.synthesis.blueprint.fields import Fields, Problems
from core.synthesis.blueprint.plan import (
    Blueprint,
    Children,
    ColumnPlan,
    Lookup,
    Pointer,
    TablePlan,
    Together,
)

MOST_BYTES = 1_000_000
MOST_ROWS = 10_000_000
_TABLE_FIELDS = ("rows", "per", "key", "together", "columns")


def read_blueprint(path: Path) -> Blueprint:
    """The blueprint in a YAML file; raises ``InvalidInput`` with every reason."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path.name} is too large for a blueprint (1 MB at most).")
        text = read_utf8(path.read_bytes(), path.name)
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {path}. Check the path.") from error
    return parse_blueprint(text, path.name)


def parse_blueprint(text: str, name: str = "The blueprint") -> Blueprint:
    """The blueprint in a YAML text.

    Raises
    ------
    InvalidInput
        When it cannot be used, with every reason in ``problems``.
    """
    data = read_yaml(text, name, most=MOST_BYTES, as_texts=True)
    problems: Problems = []
    blueprint = _with_key_types(_blueprint(data, problems))
    if not problems:
        problems += check_tables(blueprint)
    if problems:
        raise InvalidInput(f"{name} cannot be used. " + " ".join(problems), problems)
    return blueprint


def _with_key_types(blueprint: Blueprint) -> Blueprint:
    """References and what is looked up take the type of what they point to."""

    def settled(column: ColumnPlan) -> ColumnPlan:
        if not isinstance(column.source, Pointer | Lookup):
            return column
        other = blueprint.column(column.source.table, column.source.column)
        if other is None:
            return column
        return replace(column, type=other.type, decimals=other.decimals)

    tables = tuple(
        replace(table, columns=tuple(settled(column) for column in table.columns))
        for table in blueprint.tables
    )
    return replace(blueprint, tables=tables)


def _blueprint(data: Mapping[str, Any], problems: Problems) -> Blueprint:
    fields = Fields("At the top:", data, problems)
    fields.only("title", "locale", "tables")
    tables = fields.mapping("tables")
    if not tables:
        problems.append("At the top: `tables` must name at least one table.")
    made = tuple(_table(str(name), told, problems) for name, told in tables.items())
    locale = fields.text("locale") or "en_US"
    if not _is_locale(locale):
        problems.append(f"At the top: there is no locale {locale!r}; en_GB or de_DE are some.")
    return Blueprint(fields.text("title") or "Tables", made, locale)


def _table(name: str, told: Any, problems: Problems) -> TablePlan:
    here = f"Table {name!r}:"
    if not isinstance(told, Mapping):
        problems.append(f"{here} give `columns`.")
        return TablePlan(name, ())
    fields = Fields(here, told, problems)
    fields.only(*_TABLE_FIELDS)
    columns = fields.mapping("columns")
    if not columns:
        problems.append(f"{here} `columns` must name at least one column.")
    if "rows" in told and "per" in told:
        problems.append(f"{here} give either `rows` or `per`.")
    plans = tuple(column_plan(name, str(key), value, problems) for key, value in columns.items())
    return TablePlan(
        name,
        plans,
        fields.text("key") or None,
        fields.whole("rows", 1_000, low=1, high=MOST_ROWS),
        _children(here, fields.mapping("per"), problems),
        _together(here, told.get("together", ()), plans, problems),
    )


def _children(here: str, told: Mapping[str, Any], problems: Problems) -> Children | None:
    if not told:
        return None
    fields = Fields(f"{here} `per`:", told, problems)
    fields.only("parent", "mean", "least", "most")
    least = fields.whole("least", 0, low=0, high=1_000)
    most = fields.whole("most", 100, low=1, high=10_000)
    mean = fields.number("mean", 1.0, low=0.0, high=10_000.0)
    if not least <= mean <= most:
        problems.append(f"{here} `per`: `mean` must lie between `least` and `most`.")
    return Children(fields.text("parent"), mean, least, most)


def _together(
    here: str, told: Any, plans: tuple[ColumnPlan, ...], problems: Problems
) -> tuple[Together, ...]:
    if not isinstance(told, list | tuple):
        problems.append(f"{here} `together` must be a list of columns with a strength.")
        return ()
    kinds = {plan.name: plan.type for plan in plans}
    made = []
    for pair in told:
        fields = Fields(f"{here} `together`:", pair, problems)
        fields.only("columns", "strength")
        names = pair.get("columns") if isinstance(pair, Mapping) else None
        if not (isinstance(names, list) and len(names) == 2 and names[0] != names[1]):
            problems.append(f"{here} `together`: give two `columns` and a `strength`.")
            continue
        unknown = [n for n in names if n not in kinds or kinds[n] is ColumnType.TEXT]
        if unknown:
            problems.append(f"{here} `together`: {', '.join(map(repr, unknown))} cannot be tied.")
        strength = fields.number("strength", 0.0, low=-0.99, high=0.99)
        made.append(Together(str(names[0]), str(names[1]), strength))
    return tuple(made)


def _is_locale(locale: str) -> bool:
    from faker.config import AVAILABLE_LOCALES

    return locale in AVAILABLE_LOCALES
