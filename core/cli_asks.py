"""Commands for what can be asked of an engine: conditions, shares, completing, imputing, more rows.

``register`` adds them to the command line; ``generate`` takes its conditions from here as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from core.cli_support import (
    LoggedProgress,
    answer,
    in_a_folder,
    log,
    mask_key_for,
    name_values,
    read_input,
    settled_schema,
    write_output,
)
from core.data.pii import apply_suggestions, find_pii
from core.data.read import ReadResult
from core.data.schema import Schema, Table
from core.data.write import format_of, write_table
from core.errors import InvalidInput
from core.evaluation.fairness import fairness_cost
from core.synthesis.asks import (
    Answer,
    Ask,
    Fairness,
    Wishes,
    complete,
    filler_of,
    fulfil,
    impute,
    join_real,
    read_conditions,
    read_rules,
    read_shares,
    real_shares,
    synthesizer_for,
)
from core.synthesis.asks.conditions import Condition
from core.synthesis.asks.fairness import refuse_groups
from core.synthesis.asks.settle import settle
from core.synthesis.registry import DEFAULT_ENGINE, engine_info
from core.synthesis.synthesizer import Synthesizer

Out = Annotated[
    Path,
    typer.Option("--out", "-o", callback=in_a_folder, help="Ending: .csv, .parquet or .json."),
]
Engine = Annotated[str, typer.Option(help="See `engines`.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")]
Params = Annotated[list[str] | None, typer.Option(help="An engine parameter, k=v; repeat.")]
Actions = Annotated[
    list[str] | None,
    typer.Option(help="COLUMN=keep, mask, drop or replace, over what detection suggests."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="A condition on every row: 'col=value', 'col in a,b', 'col between 1 5', "
        "'col >= 1', 'col is missing'; repeat."
    ),
]
SharesOf = Annotated[
    list[str] | None, typer.Option("--shares", help="Target shares: 'col:value=0.5,other=0.5'.")
]
Stratify = Annotated[str | None, typer.Option(help="A column whose real shares are kept exactly.")]

Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="What every row keeps: 'a <= b' of two columns, 'a between 1 5', 'only a, b' for "
        "the combinations that occur; repeat.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (complete_rows, impute_cells, augment, fair):
        name = command.__name__.partition("_")[0]
        app.command(name)(command)


@dataclass(frozen=True, slots=True)
class Model:
    """A synthesizer, and what is wished of it."""

    synthesizer: Synthesizer
    wishes: Wishes = field(default_factory=Wishes)

    def answer(
        self, rows: Mapping[str, int], rng: np.random.Generator, progress: LoggedProgress
    ) -> Answer:
        """Synthetic rows by table, to be taken once."""
        return fulfil(self.synthesizer, self.wishes, rows, rng=rng, progress=progress)

    def reported(self, rows: Answer) -> dict[str, Any]:
        """What is said of rows that were taken; nothing where nothing was wished."""
        return {} if self.wishes.are_none else rows.how().to_dict()


def model_for(
    read: ReadResult,
    schema: Schema,
    engine: str,
    params: Mapping[str, str],
    *,
    where: Sequence[str] | None = None,
    shares: Sequence[str] | None = None,
    stratify: str | None = None,
    rules: Sequence[str] | None = None,
) -> Model:
    """An unfitted model of a dataset that can be asked what the options say."""
    private = engine_info(engine).formal_guarantee
    if private and stratify:
        raise InvalidInput(
            "With a formal guarantee, --stratify would give out real shares. Use --shares."
        )
    real = None if private else read.tables
    ask = ask_of(schema, where or (), shares or (), stratify, real)
    wishes = Wishes(ask, read_rules(rules or (), schema))
    return Model(synthesizer_for(wishes, schema, engine, params, mask_key_for(schema)), wishes)


def ask_of(
    schema: Schema,
    where: Sequence[str],
    shares: Sequence[str],
    stratify: str | None = None,
    real: Mapping[str, pd.DataFrame] | None = None,
) -> Ask | None:
    """What the options ask for, checked before any work is done.

    Of several tables, columns are written ``table.column``. With the ``real`` rows, values are
    checked against them; strata need them.
    """
    if not (where or shares or stratify):
        return None
    conditions, target = read_conditions(where), read_shares(shares)
    if target is not None and stratify:
        raise InvalidInput("Give --shares or --stratify, not both.")
    named = [c.column for c in conditions] + [s for s in (stratify,) if s]
    named += [target.column] if target is not None else []
    table = _table_of(named, schema)
    own = tuple(_plain(condition, table) for condition in conditions)
    if target is not None:
        target = replace(target, column=_without(target.column, table))
    if stratify and real is not None:
        name = _without(stratify, table)
        if name not in table.names:
            raise InvalidInput(f"Table {table.name!r} has no column {name!r}.")
        target = real_shares(real[table.name][name], table[name])
    ask = Ask(own, target, table.name)
    settle(ask, table, None if real is None else real[table.name])
    return ask


def complete_rows(
    train: Path,
    partial: Path,
    out: Out,
    engine: Engine = DEFAULT_ENGINE,
    seed: Seed = 1,
    param: Params = None,
    action: Actions = None,
) -> None:
    """Complete the rows of PARTIAL: its missing columns and cells, given the others.

    PARTIAL has some of TRAIN's columns; cells that are given stay as they are.
    """
    format = format_of(out)
    filler = filler_of(engine, name_values(param or [], "--param"))
    read, part = read_input(train), read_input(partial)
    schema = settled_schema(read, name_values(action or [], "--action"))
    table, found = _only(schema, train), _only(part.schema, partial)
    done = complete(
        read.tables[table.name],
        table,
        part.tables[found.name],
        found,
        filler=filler,
        mask_key=mask_key_for(schema),
        rng=np.random.default_rng(seed),
        progress=LoggedProgress(),
    )
    for name, count in done.unseen.items():
        log(f"Column {name!r}: {count:,} rows have a value that {train.name} does not have")
    write_table(done.frame, done.table, out, format)
    made = [name for name in done.table.names if name not in done.given]
    answer(
        {
            "engine": engine,
            "rows": len(done.frame),
            "given": list(done.given),
            "made": made,
            "unseen": dict(done.unseen),
            "files": [str(out)],
            "method": "construction",
            "acceptance": 1.0,
            "seed": seed,
        }
    )


def impute_cells(
    file: Path,
    out: Out,
    times: Annotated[int, typer.Option(min=1, help="How many completed tables to write.")] = 1,
    rounds: Annotated[
        int, typer.Option(min=0, help="How often cells are drawn again given the others.")
    ] = 2,
    engine: Engine = DEFAULT_ENGINE,
    seed: Seed = 1,
    param: Params = None,
) -> None:
    """Fill the missing cells of FILE, the real table; all others stay as they are.

    Several completed tables are written as NAME.1, NAME.2, …: they differ as far as the data
    leave the cells open. What is written is real data.
    """
    format = format_of(out)
    filler = filler_of(engine, name_values(param or [], "--param"), rounds)
    read = read_input(file)
    table = _only(read.schema, file)
    frame = read.tables[table.name]
    known = apply_suggestions(table, find_pii(frame, table, keys=read.schema.keys_of(table.name)))
    done = impute(
        frame,
        known,
        times=times,
        filler=filler,
        rng=np.random.default_rng(seed),
        progress=LoggedProgress(),
    )
    for name, reason in done.left.items():
        log(f"Column {name!r} is left as it is: {reason}")
    files = [out] if times == 1 else [_numbered(out, i + 1) for i in range(times)]
    for completed, path in zip(done.tables, files, strict=True):
        write_table(completed, table, path, format)
    answer(
        {
            "engine": engine,
            "rows": len(frame),
            "times": times,
            "filled": dict(done.filled),
            "left": dict(done.left),
            "files": [str(path) for path in files],
            "seed": seed,
        }
    )


def augment(
    file: Path,
    out: Out,
    rows: Annotated[int, typer.Option(min=1, help="How many extra rows.")],
    with_real: Annotated[
        bool, typer.Option("--with-real", help="Write the real rows first, then the extra ones.")
    ] = False,
    mark: Annotated[
        str | None, typer.Option(help="With the real rows: a column that tells them apart.")
    ] = None,
    where: Where = None,
    shares: SharesOf = None,
    stratify: Stratify = None,
    rule: Rules = None,
    engine: Engine = DEFAULT_ENGINE,
    seed: Seed = 1,
    param: Params = None,
    action: Actions = None,
) -> None:
    """Make extra rows for FILE, apart or with the real ones."""
    format = format_of(out)
    if mark is not None and not with_real:
        raise InvalidInput("--mark tells real rows from extra ones: give --with-real as well.")
    read = read_input(file)
    schema = settled_schema(read, name_values(action or [], "--action"))
    table = _only(schema, file)
    params = name_values(param or [], "--param")
    model = model_for(
        read, schema, engine, params, where=where, shares=shares, stratify=stratify, rules=rule
    )
    fit_rng, sample_rng, key_rng = np.random.default_rng(seed).spawn(3)
    progress = LoggedProgress()
    model.synthesizer.fit(read.tables, rng=fit_rng, progress=progress)
    extra = model.answer({table.name: rows}, sample_rng, progress)
    made = extra.taken(model.synthesizer.output_schema).tables[table.name]
    written, described = made, model.synthesizer.output_schema.tables[0]
    if with_real:
        joined = join_real(
            read.tables[table.name], written, model.synthesizer, mark=mark, rng=key_rng
        )
        written, described = joined.frame, joined.table
    files = write_output({described.name: written}, Schema((described,)), out, format)
    answer(
        {
            "engine": engine,
            "rows": len(written),
            "extra_rows": rows,
            "files": [str(path) for path in files],
            **model.reported(extra),
            "seed": seed,
        }
    )


def fair(
    train: Path,
    out: Out,
    sensitive: Annotated[str, typer.Option(help="The column whose influence is to go.")],
    target: Annotated[
        str | None, typer.Option(help="The column it is not to influence; all if left out.")
    ] = None,
    degree: Annotated[
        float, typer.Option(min=0, max=1, help="0 leaves the dependence, 1 breaks it.")
    ] = 1.0,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows; as many as in TRAIN if left out.")
    ] = None,
    engine: Engine = DEFAULT_ENGINE,
    seed: Seed = 1,
    param: Params = None,
    action: Actions = None,
) -> None:
    """Make rows in which a sensitive column does not influence a target, and say what it cost.

    Reported for the real rows, synthetic rows as they would be, and those written: demographic
    parity difference and association with the sensitive column, and pairwise similarity.
    """
    format = format_of(out)
    read = read_input(train)
    schema = settled_schema(read, name_values(action or [], "--action"))
    table = _only(schema, train)
    frame = read.tables[table.name]
    wishes = Wishes(fairness=Fairness(sensitive, target, degree))
    params = name_values(param or [], "--param")
    model = synthesizer_for(wishes, schema, engine, params, mask_key_for(schema))
    refuse_groups(frame, Fairness(sensitive))
    fit_rng, sample_rng, rng = np.random.default_rng(seed).spawn(3)
    model.fit(read.tables, rng=fit_rng, progress=LoggedProgress())
    answered = fulfil(model, wishes, {table.name: rows or len(frame)}, rng=sample_rng)
    made = answered.taken(model.output_schema).tables[table.name]
    report = fairness_cost(model, wishes, frame, made, rng=rng)
    write_output({table.name: made}, model.output_schema, out, format)
    answer(
        {
            "engine": engine,
            "rows": len(made),
            "files": [str(out)],
            "degree": degree,
            "fairness": report.to_dict(),
            "seed": seed,
        }
    )


def _only(schema: Schema, path: Path) -> Table:
    if len(schema.tables) != 1:
        raise InvalidInput(f"{path.name} holds {len(schema.tables)} tables. Give a file of one.")
    return schema.tables[0]


def _table_of(names: Sequence[str], schema: Schema) -> Table:
    if len(schema.tables) == 1:
        return schema.tables[0]
    found = {t.name: t for t in schema.tables for n in names if n.startswith(f"{t.name}.")}
    if len(found) != 1 or not all(n.startswith(f"{next(iter(found))}.") for n in names):
        raise InvalidInput(
            f"Write the columns as table.column, of one table of {', '.join(schema.names)}."
        )
    return next(iter(found.values()))


def _plain(condition: Condition, table: Table) -> Condition:
    return replace(condition, column=_without(condition.column, table))


def _without(name: str, table: Table) -> str:
    return name if name in table.names else name.removeprefix(f"{table.name}.")


def _numbered(out: Path, number: int) -> Path:
    """``name.csv.gz`` as ``name.1.csv.gz``."""
    stem, _, endings = out.name.partition(".")
    return out.with_name(f"{stem}.{number}.{endings}")
