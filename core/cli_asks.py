"""Commands for what can be asked of an engine: completing, imputing, more rows, fair rows.

``register`` adds them to the command line.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli_asked import model_for
from core.cli_options import AskOptions, EngineOptions, LearnOptions, Out, Rows, command_of
from core.cli_support import (
    LoggedProgress,
    answer,
    log,
    mask_key_for,
    read_input,
    settled_schema,
    write_output,
)
from core.data.pii import apply_suggestions, find_pii
from core.data.schema import Schema, Table
from core.data.write import format_of, write_table
from core.errors import InvalidInput
from core.evaluation.fairness import fairness_cost
from core.synthesis.asks import (
    Fairness,
    Wishes,
    complete,
    filler_of,
    fulfil,
    impute,
    join_real,
    synthesizer_for,
)
from core.synthesis.asks.fairness import refuse_groups


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("complete")(command_of(CompleteRows, complete_rows))
    app.command("impute")(command_of(ImputeCells, impute_cells))
    app.command("augment")(command_of(Augment, augment))
    app.command("fair")(command_of(Fair, fair))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRows:
    """What `complete` is told."""

    train: Path
    partial: Path
    out: Out
    learning: LearnOptions


def complete_rows(asked: CompleteRows) -> None:
    """Complete the rows of PARTIAL: its missing columns and cells, given the others.

    PARTIAL has some of TRAIN's columns; cells that are given stay as they are.
    """
    format = format_of(asked.out)
    filler = filler_of(asked.learning.engine, asked.learning.params)
    read, part = read_input(asked.train), read_input(asked.partial)
    schema = settled_schema(read, asked.learning.actions)
    table, found = _only(schema, asked.train), _only(part.schema, asked.partial)
    done = complete(
        read.tables[table.name],
        table,
        part.tables[found.name],
        found,
        filler=filler,
        mask_key=mask_key_for(schema),
        rng=np.random.default_rng(asked.learning.seed),
        progress=LoggedProgress(),
    )
    for name, count in done.unseen.items():
        log(f"Column {name!r}: {count:,} rows have a value that {asked.train.name} does not have")
    write_table(done.frame, done.table, asked.out, format)
    made = [name for name in done.table.names if name not in done.given]
    answer(
        {
            "engine": asked.learning.engine,
            "rows": len(done.frame),
            "given": list(done.given),
            "made": made,
            "unseen": dict(done.unseen),
            "files": [str(asked.out)],
            "method": "construction",
            "acceptance": 1.0,
            "seed": asked.learning.seed,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputeCells:
    """What `impute` is told."""

    file: Path
    out: Out
    times: Annotated[int, typer.Option(min=1, help="How many completed tables to write.")] = 1
    rounds: Annotated[
        int, typer.Option(min=0, help="How often cells are drawn again given the others.")
    ] = 2
    learning: EngineOptions


def impute_cells(asked: ImputeCells) -> None:
    """Fill the missing cells of FILE, the real table; all others stay as they are.

    Several completed tables are written as NAME.1, NAME.2, …: they differ as far as the data
    leave the cells open. What is written is real data.
    """
    format = format_of(asked.out)
    filler = filler_of(asked.learning.engine, asked.learning.params, asked.rounds)
    read = read_input(asked.file)
    table = _only(read.schema, asked.file)
    frame = read.tables[table.name]
    known = apply_suggestions(table, find_pii(frame, table, keys=read.schema.keys_of(table.name)))
    done = impute(
        frame,
        known,
        times=asked.times,
        filler=filler,
        rng=np.random.default_rng(asked.learning.seed),
        progress=LoggedProgress(),
    )
    for name, reason in done.left.items():
        log(f"Column {name!r} is left as it is: {reason}")
    files = [_numbered(asked.out, i + 1) for i in range(asked.times)]
    files = [asked.out] if asked.times == 1 else files
    for completed, path in zip(done.tables, files, strict=True):
        write_table(completed, table, path, format)
    answer(
        {
            "engine": asked.learning.engine,
            "rows": len(frame),
            "times": asked.times,
            "filled": dict(done.filled),
            "left": dict(done.left),
            "files": [str(path) for path in files],
            "seed": asked.learning.seed,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """What `augment` is told."""

    file: Path
    out: Out
    rows: Annotated[int, typer.Option(min=1, help="How many extra rows.")]
    with_real: Annotated[
        bool, typer.Option("--with-real", help="Write the real rows first, then the extra ones.")
    ] = False
    mark: Annotated[
        str | None, typer.Option(help="With the real rows: a column that tells them apart.")
    ] = None
    asking: AskOptions
    learning: LearnOptions


def augment(asked: Augment) -> None:
    """Make extra rows for FILE, apart or with the real ones."""
    format = format_of(asked.out)
    if asked.mark is not None and not asked.with_real:
        raise InvalidInput("--mark tells real rows from extra ones: give --with-real as well.")
    read = read_input(asked.file)
    schema = settled_schema(read, asked.learning.actions)
    table = _only(schema, asked.file)
    learning = asked.learning
    model = model_for(read, schema, learning.engine, learning.params, asked.asking)
    fit_rng, sample_rng, key_rng = np.random.default_rng(learning.seed).spawn(3)
    progress = LoggedProgress()
    model.synthesizer.fit(read.tables, rng=fit_rng, progress=progress)
    extra = model.answer({table.name: asked.rows}, sample_rng, progress)
    made = extra.taken(model.synthesizer.output_schema).tables[table.name]
    written, described = made, model.synthesizer.output_schema.tables[0]
    if asked.with_real:
        joined = join_real(
            read.tables[table.name], written, model.synthesizer, mark=asked.mark, rng=key_rng
        )
        written, described = joined.frame, joined.table
    files = write_output({described.name: written}, Schema((described,)), asked.out, format)
    answer(
        {
            "engine": learning.engine,
            "rows": len(written),
            "extra_rows": asked.rows,
            "files": [str(path) for path in files],
            **model.reported(extra),
            "seed": learning.seed,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fair:
    """What `fair` is told."""

    train: Path
    out: Out
    sensitive: Annotated[str, typer.Option(help="The column whose influence is to go.")]
    target: Annotated[
        str | None, typer.Option(help="The column it is not to influence; all if left out.")
    ] = None
    degree: Annotated[
        float, typer.Option(min=0, max=1, help="0 leaves the dependence, 1 breaks it.")
    ] = 1.0
    rows: Rows = None
    learning: LearnOptions


def fair(asked: Fair) -> None:
    """Make rows in which a sensitive column does not influence a target, and say what it cost.

    Reported for the real rows, synthetic rows as they would be, and those written: demographic
    parity difference and association with the sensitive column, and pairwise similarity.
    """
    format = format_of(asked.out)
    learning = asked.learning
    read = read_input(asked.train)
    schema = settled_schema(read, learning.actions)
    table = _only(schema, asked.train)
    frame = read.tables[table.name]
    wishes = Wishes(fairness=Fairness(asked.sensitive, asked.target, asked.degree))
    model = synthesizer_for(wishes, schema, learning.engine, learning.params, mask_key_for(schema))
    refuse_groups(frame, Fairness(asked.sensitive))
    fit_rng, sample_rng, rng = np.random.default_rng(learning.seed).spawn(3)
    model.fit(read.tables, rng=fit_rng, progress=LoggedProgress())
    answered = fulfil(model, wishes, {table.name: asked.rows or len(frame)}, rng=sample_rng)
    made = answered.taken(model.output_schema).tables[table.name]
    report = fairness_cost(model, wishes, frame, made, rng=rng)
    write_output({table.name: made}, model.output_schema, asked.out, format)
    answer(
        {
            "engine": learning.engine,
            "rows": len(made),
            "files": [str(asked.out)],
            "degree": asked.degree,
            "fairness": report.to_dict(),
            "seed": learning.seed,
        }
    )


def _only(schema: Schema, path: Path) -> Table:
    if len(schema.tables) != 1:
        raise InvalidInput(f"{path.name} holds {len(schema.tables)} tables. Give a file of one.")
    return schema.tables[0]


def _numbered(out: Path, number: int) -> Path:
    """``name.csv.gz`` as ``name.1.csv.gz``."""
    stem, _, endings = out.name.partition(".")
    return out.with_name(f"{stem}.{number}.{endings}")
