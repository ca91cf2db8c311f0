"""The command line: the same calls as the pages, on plain files and without any state.

One JSON object on the last line of stdout for machines, logs on stderr for people; exit status 2
with a one-line reason for bad input.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from typer.exceptions import TyperException

from core import (
    cli_asks,
    cli_audit,
    cli_blueprint,
    cli_evaluate,
    cli_models,
    cli_pii,
    cli_plugins,
)
from core.cli_asks import (
    Actions,
    Engine,
    Out,
    Params,
    Rules,
    Seed,
    SharesOf,
    Stratify,
    Where,
    model_for,
)
from core.cli_models import (
    KeyFile,
    SaveModel,
    described,
    fit_timed,
    make_files,
    model_keys,
    save_model,
)
from core.cli_prepare import Prepare, prepared
from core.cli_private import (
    AcceptWarnings,
    Delta,
    Epsilon,
    Person,
    PrivateOptions,
    PublicSchema,
    RowsPerPerson,
    spent_privately,
)
from core.cli_support import (
    JsonOut,
    LoggedProgress,
    answer,
    log,
    name_values,
    read_input,
    rows_by_table,
    settled_schema,
)
from core.cli_texts import (
    LearnText,
    WriteBeside,
    WriteText,
    refuse_texts_of_rows,
    with_texts,
    write_texts,
    writer_for,
)
from core.data.pii import find_pii, masked_columns
from core.data.profile import profile_table
from core.data.write import format_of
from core.errors import StudioError
from core.settings import Settings
from core.synthesis.params import specs
from core.synthesis.registry import DEFAULT_ENGINE, ENGINES

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


@app.command()
def generate(
    train: Path,
    out: Out,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows; as many as in TRAIN if left out.")
    ] = None,
    engine: Engine = DEFAULT_ENGINE,
    seed: Seed = 1,
    param: Params = None,
    action: Actions = None,
    learn_text: LearnText = None,
    write_text: WriteText = None,
    write_beside: WriteBeside = None,
    where: Where = None,
    shares: SharesOf = None,
    stratify: Stratify = None,
    rule: Rules = None,
    max_train_rows: Annotated[
        int, typer.Option(min=1, help="Of a larger TRAIN, so many rows are drawn to learn from.")
    ] = 1_000_000,
    epsilon: Epsilon = None,
    delta: Delta = None,
    public_schema: PublicSchema = None,
    person: Person = None,
    rows_per_person: RowsPerPerson = None,
    accept_warnings: AcceptWarnings = False,
    prepare: Prepare = None,
    save: SaveModel = None,
    key: KeyFile = None,
) -> None:
    """Fit an engine to TRAIN and write a synthetic table.

    A single table is written as it is made, so it may have any number of rows. With an engine that
    has a formal guarantee, everything it learns is charged to a ledger, which is in the answer.

    Columns in which personal data is detected are replaced by fake values of their kind, unless
    --action says otherwise; what was replaced is logged.
    """
    format_of(out)
    keys = None if save is None else model_keys(key)
    options = PrivateOptions(
        epsilon, delta, public_schema, person, rows_per_person, accept_warnings
    )
    params, public = options.applied(engine, name_values(param or [], "--param"))
    private = public is not None
    if private:
        refuse_texts_of_rows(engine, learn_text or [], write_text or [])
    read = read_input(train, None if private else max_train_rows, seed)
    schema = settled_schema(read, name_values(action or [], "--action"))
    schema = with_texts(schema, learn_text or [], write_text or [], write_beside or [])
    writer = writer_for(write_text or [])
    ready = prepared(prepare, read, schema, private=private)
    read, schema = ready.read, ready.schema
    model = model_for(
        read, schema, engine, params, where=where, shares=shares, stratify=stratify, rules=rule
    )
    if public is not None:
        options.guard(engine, params, public, read, schema)
    ready.kept_with(model.synthesizer)
    fit_rng, sample_rng = np.random.default_rng(seed).spawn(2)
    progress = LoggedProgress()
    fit = fit_timed(model.synthesizer, read.tables, fit_rng, progress, public)
    result: dict[str, Any] = {"engine": engine, **spent_privately(model.synthesizer)}
    result |= ready.described() | write_texts(model.synthesizer, writer, progress)
    if save is not None and keys is not None:
        result |= {"model": str(save), "model_bytes": save_model(model.synthesizer, save, keys)}
    counts = model.synthesizer.trained_rows if private else read.rows
    made = make_files(model, rows_by_table(schema, counts, rows), out, sample_rng, progress)
    result |= described(made, seed) | {"fit_s": round(fit.seconds, 3)}
    result["cpu_s"] = round(fit.cpu_seconds + made.cpu_seconds, 3)
    result["train_rows"] = model.synthesizer.trained_rows
    answer(result if private else result | {"real_rows": read.rows})


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
