"""Tables where there is no data yet, on the command line: a blueprint in YAML in, tables out."""

import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli_options import Out, Seed
from core.cli_support import LoggedProgress, answer, name_values, write_output
from core.data.write import format_of
from core.errors import InvalidInput
from core.synthesis.blueprint import (
    TEMPLATES,
    Blueprint,
    make_blueprint,
    parse_blueprint,
    read_blueprint,
    schema_of,
    template_text,
    with_rows,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("from-schema")(from_schema)
    app.command("templates")(templates)


def from_schema(
    out: Out,
    blueprint: Annotated[
        Path | None, typer.Argument(help="Blueprint in YAML; or take one with --template.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(help=f"A blueprint that ships: {', '.join(TEMPLATES)}.")
    ] = None,
    rows: Annotated[
        list[str] | None, typer.Option(help="Rows of a table: customers=5000. May be repeated.")
    ] = None,
    seed: Seed = 1,
) -> None:
    """Make tables from a schema alone: types, distributions, code lists, fakes, relations.

    Several tables are written one beside the other: OUT is shop.csv, the files are
    shop.customers.csv and so on.
    """
    format = format_of(out)
    plan = with_rows(_chosen(blueprint, template), _rows(rows or []))
    clock = time.process_time()
    tables = make_blueprint(plan, seed, LoggedProgress())
    schema = schema_of(plan)
    files = write_output(tables, schema, out, format)
    answer(
        {
            "title": plan.title,
            "rows": {name: len(frame) for name, frame in tables.items()},
            "columns": {table.name: len(table.columns) for table in schema.tables},
            "files": [str(file) for file in files],
            "seed": seed,
            "cpu_s": round(time.process_time() - clock, 3),
        }
    )


def templates(
    name: Annotated[
        str | None, typer.Argument(help="Which to print; all are listed without.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here.")] = None,
) -> None:
    """List the blueprints that ship, or write one to start from."""
    if name is None:
        answer(
            {
                "templates": {
                    t.key: {"title": t.title, "summary": t.summary} for t in TEMPLATES.values()
                }
            }
        )
        return
    text = template_text(name)
    if out is None:
        answer({"template": name, "yaml": text})
        return
    out.write_text(text, encoding="utf-8")
    answer({"template": name, "file": str(out)})


def _chosen(path: Path | None, template: str | None) -> Blueprint:
    if (path is None) == (template is None):
        raise InvalidInput("Give either a blueprint in YAML or --template.")
    if path is not None:
        return read_blueprint(path)
    return parse_blueprint(template_text(str(template)), str(template))


def _rows(items: list[str]) -> dict[str, int]:
    counts = name_values(items, "--rows")
    wrong = [f"{name}={count}" for name, count in counts.items() if not count.isdigit()]
    if wrong:
        raise InvalidInput(f"--rows takes table=number. Got {', '.join(wrong)}.")
    return {name: int(count) for name, count in counts.items()}
