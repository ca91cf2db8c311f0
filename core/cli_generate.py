"""The command that fits an engine to a table and writes synthetic rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from core.cli_asked import Model, model_for
from core.cli_models import KeepOptions, Took, Written, described, fit_timed, make_files
from core.cli_options import AskOptions, LearnOptions, Out, Rows, command_of
from core.cli_prepare import Prepare, Prepared, prepared
from core.cli_private import PrivateOptions, spent_privately
from core.cli_support import LoggedProgress, answer, read_input, rows_by_table, settled_schema
from core.cli_texts import TextOptions, write_texts
from core.data.read import ReadResult
from core.data.schema import Schema
from core.data.write import format_of
from core.privacy.public import PublicTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """What `generate` is told."""

    train: Path
    out: Out
    rows: Rows = None
    learning: LearnOptions
    texts: TextOptions
    asking: AskOptions
    max_train_rows: Annotated[
        int, typer.Option(min=1, help="Of a larger TRAIN, so many rows are drawn to learn from.")
    ] = 1_000_000
    private: PrivateOptions
    prepare: Prepare = None
    keeping: KeepOptions


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(command_of(Generate, generate))


def generate(asked: Generate) -> None:
    """Fit an engine to TRAIN and write a synthetic table.

    A single table is written as it is made, so it may have any number of rows. With an engine that
    has a formal guarantee, everything it learns is charged to a ledger, which is in the answer.

    Columns in which personal data is detected are replaced by fake values of their kind, unless
    --action says otherwise; what was replaced is logged.
    """
    format_of(asked.out)
    keys, engine = asked.keeping.keys(), asked.learning.engine
    params, public = asked.private.applied(engine, asked.learning.params)
    private = public is not None
    if private:
        asked.texts.refuse_of_rows(engine)
    read, schema = _read(asked, private=private)
    writer = asked.texts.writer()
    ready = prepared(asked.prepare, read, schema, private=private)
    model = _model(asked, ready, params, public)
    fit_rng, sample_rng = np.random.default_rng(asked.learning.seed).spawn(2)
    progress = LoggedProgress()
    fit = fit_timed(model.synthesizer, ready.read.tables, fit_rng, progress, public)
    result: dict[str, Any] = {"engine": engine, **spent_privately(model.synthesizer)}
    result |= ready.described() | write_texts(model.synthesizer, writer, progress)
    result |= asked.keeping.kept(model.synthesizer, keys)
    counts = model.synthesizer.trained_rows if private else ready.read.rows
    rows = rows_by_table(ready.schema, counts, asked.rows)
    made = make_files(model, rows, asked.out, sample_rng, progress)
    result |= _made(model, fit, made, asked.learning.seed)
    answer(result if private else result | {"real_rows": ready.read.rows})


def _read(asked: Generate, *, private: bool) -> tuple[ReadResult, Schema]:
    """The rows of TRAIN, and their schema with what was decided of each column."""
    most = None if private else asked.max_train_rows
    read = read_input(asked.train, most, asked.learning.seed)
    return read, asked.texts.applied(settled_schema(read, asked.learning.actions))


def _model(
    asked: Generate, ready: Prepared, params: dict[str, Any], public: PublicTable | None
) -> Model:
    """The model to fit, once nothing speaks against it."""
    read, schema, engine = ready.read, ready.schema, asked.learning.engine
    model = model_for(read, schema, engine, params, asked.asking)
    if public is not None:
        asked.private.guard(engine, params, public, read, schema)
    ready.kept_with(model.synthesizer)
    return model


def _made(model: Model, fit: Took, made: Written, seed: int) -> dict[str, Any]:
    """What is answered of the rows, and of what it took to learn and make them."""
    return described(made, seed) | {
        "fit_s": round(fit.seconds, 3),
        "cpu_s": round(fit.cpu_seconds + made.cpu_seconds, 3),
        "train_rows": model.synthesizer.trained_rows,
    }
