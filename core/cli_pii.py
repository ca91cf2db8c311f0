"""``python -m core pii``: what in a file points to persons, and why the rest does not."""

from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli_support import JsonOut, answer, log, read_input
from core.data.pii import SEMANTICS, Finding, find_pii, why_not
from core.data.read import ReadResult

WhyNot = Annotated[
    bool, typer.Option("--why-not", help="Also say why each other column was not flagged.")
]
Found = dict[str, dict[str, Finding]]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(pii)


def pii(file: Path, json_out: JsonOut = None, explain: WhyNot = False) -> None:
    """Find personal data, column by column, with masked evidence.

    Numbers of orders, invoices and things, and names of companies, are no personal data: their
    columns are null here, though the studio replaces or shows them.
    """
    read = read_input(file)
    found = {
        t.name: find_pii(read.tables[t.name], t, keys=read.schema.keys_of(t.name))
        for t in read.schema.tables
    }
    names = [(t.name, column) for t in read.schema.tables for column in t.names]
    columns = {_name(read, *name): _told(found[name[0]].get(name[1])) for name in names}
    result: dict[str, Any] = {"file": file.name, "columns": columns}
    if explain:
        result["not_flagged"] = _explained(read, found, names)
    flagged = sum(told is not None for told in columns.values())
    log(f"{flagged} of {len(columns)} columns hold personal data")
    answer(result, json_out)


def _explained(read: ReadResult, found: Found, names: list[tuple[str, str]]) -> dict[str, str]:
    reasons = {}
    for table, column in names:
        finding = found[table].get(column)
        if _told(finding) is None:
            described = read.schema[table][column]
            reasons[_name(read, table, column)] = why_not(
                read.tables[table][column], described, finding
            )
    return reasons


def _name(read: ReadResult, table: str, column: str) -> str:
    return column if len(read.schema.tables) == 1 else f"{table}.{column}"


def _told(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None or not SEMANTICS[finding.semantic].personal:
        return None
    return {
        "type": finding.semantic,
        "confidence": finding.confidence,
        "why": finding.why,
        "examples": list(finding.examples),
    }
