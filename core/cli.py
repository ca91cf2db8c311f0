"""The command line: the same calls as the pages, on plain files and without any state.

One JSON object on the last line of stdout for machines, logs on stderr for people; exit status 2
with a one-line reason for bad input.
"""

import sys
from pathlib import Path

import typer
from typer.exceptions import TyperException

from core import (
    cli_asks,
    cli_audit,
    cli_blueprint,
    cli_evaluate,
    cli_generate,
    cli_models,
    cli_pii,
    cli_plugins,
)
from core.cli_support import JsonOut, answer, log, read_input
from core.data.pii import find_pii, masked_columns
from core.data.profile import profile_table
from core.errors import StudioError
from core.settings import Settings
from core.synthesis.params import specs
from core.synthesis.registry import ENGINES

app = typer.Typer(
    name="core",
    help="Synth Studio on plain files: profile, find personal data, generate, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit = typer.Typer(help="The audit chain of the workspace.", no_args_is_help=True)
app.add_typer(audit, name="audit")
cli_asks.register(app)
cli_audit.register(app)
cli_blueprint.register(app)
cli_evaluate.register(app)
cli_models.register(app)
cli_pii.register(app)
cli_plugins.register(app)


@app.command()
def profile(file: Path, json_out: JsonOut = None) -> None:
    """Describe every column of a table: types, missing, distribution, keys, associations."""
    read = read_input(file)
    findings = {
        t.name: find_pii(read.tables[t.name], t, keys=read.schema.keys_of(t.name))
        for t in read.schema.tables
    }
    tables = {
        t.name: profile_table(
            read.tables[t.name], t, masked=masked_columns(findings[t.name])
        ).to_dict()
        for t in read.schema.tables
    }
    answer({"file": file.name, "tables": tables}, json_out)


@app.command()
def engines() -> None:
    """List the engines: what each is for, its licence and its parameters."""
    listed = [
        {
            "name": info.name,
            "title": info.title,
            "summary": info.summary,
            "good_at": info.good_at,
            "not_for": info.not_for,
            "licence": info.licence,
            "formal_guarantee": info.formal_guarantee,
            "presets": {name: dict(values) for name, values in info.presets.items()},
            "parameters": [
                {
                    "name": spec.name,
                    "help": spec.help,
                    "default": spec.default,
                    "low": spec.low,
                    "high": spec.high,
                    "choices": list(spec.choices),
                }
                for spec in specs(info.params)
            ],
        }
        for info in ENGINES.values()
    ]
    for engine in listed:
        log(f"{engine['name']}: {engine['summary']}")
    answer({"engines": listed})


cli_generate.register(app)


@audit.command()
def verify() -> None:
    """Check the audit chain of the workspace for changed, removed or reordered records."""
    from core.governance.verification import verify_workspace

    verification = verify_workspace(Settings.from_environment())
    problem = verification.first_problem
    answer({"ok": verification.ok, "entries": verification.entries, "first_problem": problem})
    if not verification.ok:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; bad input ends with status 2 and one line on stderr."""
    try:
        cli_plugins.load_named()
        status = app(standalone_mode=False)
    except StudioError as error:
        log(" ".join(str(error).split()))
        sys.exit(2)
    except TyperException as error:
        log(" ".join(error.format_message().split()))
        sys.exit(2)
    except OSError as error:
        log(f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
