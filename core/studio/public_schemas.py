"""What somebody declares public about a dataset's table: typed or uploaded, never read from it.

Ranges and code lists come from documentation that anybody may read. They cost no privacy, so that
nothing here ever looks at a row.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.blind import is_made_up
from core.data.schema import Action, Column, ColumnType, Table
from core.privacy.public import public_from_dict, public_from_yaml, public_to_dict

_HEAD = """\
# What is public about {table}, from documentation that anybody may read. Never copy it from the
# rows themselves: then it is no longer free. Fill in what is known and take the others out; columns
# that are not named are paid for from the budget.
#   low, high, step   range of a number, date or time, and the distance of neighbouring values
#   values            a code list
#   missing           true where a value may be missing
rows: 0  # the number of rows, where that is public
columns:
"""
_HINTS: Mapping[ColumnType, str] = {
    ColumnType.DATE: "low: 1990-01-01, high: 2030-12-31",
    ColumnType.DATETIME: "low: 1990-01-01 00:00:00, high: 2030-12-31 23:59:59",
    ColumnType.TIME: "low: 00:00:00, high: 23:59:59",
    ColumnType.INTEGER: "low: , high: ",
    ColumnType.NUMBER: "low: , high: , step: ",
    ColumnType.BOOLEAN: 'values: ["true", "false"]',
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What is typed of one column; empty texts say nothing."""

    column: str
    low: str = ""
    high: str = ""
    step: str = ""
    codes: str = ""
    missing: bool = False

    @property
    def says_something(self) -> bool:
        """Whether anything is declared."""
        return any(text.strip() for text in (self.low, self.high, self.step, self.codes))

    def to_dict(self) -> dict[str, Any]:
        """As one column of a public schema."""
        told: dict[str, Any] = {
            name: text.strip()
            for name, text in (("low", self.low), ("high", self.high), ("step", self.step))
            if text.strip()
        }
        if self.codes.strip():
            told["values"] = _codes(self.codes)
        return told | ({"missing": True} if self.missing else {})


def declarable(table: Table, person: str = "") -> tuple[Column, ...]:
    """The columns that a private engine learns, and of which something can be declared."""
    return tuple(
        column
        for column in table.columns
        if column.action is not Action.DROP and not is_made_up(column, table, person or None)
    )


def public_of_table(
    declared: Sequence[Declared], table: Table, rows: int = 0
) -> dict[str, Any] | None:
    """What was typed, as a run keeps it; None where nothing is said.

    Raises
    ------
    InvalidInput
        With everything that cannot be used or does not fit the table.
    """
    columns = {one.column: one.to_dict() for one in declared if one.says_something}
    if not columns and not rows:
        return None
    return _fitting({"rows": rows, "columns": columns}, table)


def public_of_yaml(contents: bytes, name: str, table: Table) -> dict[str, Any]:
    """What an uploaded YAML file declares, as a run keeps it.

    Raises
    ------
    InvalidInput
        With everything that cannot be used or does not fit the table.
    """
    return _fitting(public_to_dict(public_from_yaml(contents, name)), table)


def declared_of(public: Mapping[str, Any] | None, table: Table) -> tuple[Declared, ...]:
    """What a public schema says, a line for each column that can be declared."""
    known = (public or {}).get("columns") or {}
    return tuple(_declared(column.name, known.get(column.name, {})) for column in declarable(table))


def _declared(column: str, told: Mapping[str, Any]) -> Declared:
    low, high, step = (
        "" if told.get(name) is None else _short(told[name]) for name in ("low", "high", "step")
    )
    codes = _code_text([str(value) for value in told.get("values", ())])
    return Declared(column, low, high, step, codes, bool(told.get("missing", False)))


def _codes(text: str) -> list[str]:
    """Codes parted by commas or line ends; a code with a comma stands in double quotes."""
    lines = csv.reader(text.splitlines(), skipinitialspace=True)
    return [code for line in lines for part in line if (code := part.strip())]


def _code_text(codes: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(codes)
    return text.getvalue()


def _short(bound: Any) -> str:
    return f"{bound:.17g}" if isinstance(bound, float) else str(bound)


def template(table: Table) -> str:
    """A public schema to fill in, with the names of the columns and no value of theirs."""
    lines = [_HEAD.format(table=_quoted(table.name))]
    for column in declarable(table):
        hint = _HINTS.get(column.type, "values: []")
        lines.append(f"#  {_quoted(column.name)}: {{{hint}}}\n")
    return "".join(lines)


def _quoted(name: str) -> str:
    """A name as YAML text, on one line."""
    return json.dumps(name, ensure_ascii=False)


def _fitting(public: Mapping[str, Any], table: Table) -> dict[str, Any]:
    made = public_from_dict(public)
    made.check(table)
    return public_to_dict(made)
