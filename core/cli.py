"""The command line: the same calls as the pages, on plain files and without any state.

One JSON object on the last line of stdout for machines, logs on stderr for people; exit status 2
with a one-line reason for bad input.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from typer.exceptions import TyperException

from core.data.pii import apply_suggestions, find_pii, masked_columns
from core.data.profile import profile_table
from core.data.read import ReadLimits, ReadResult, read_files
from core.data.schema import Action, Schema
from core.data.write import file_names, format_of, write_table
from core.errors import InvalidInput, StudioError
from core.evaluation import evaluate as evaluate_tables
from core.memory import peak_memory_mb
from core.settings import Settings
from core.synthesis.params import specs
from core.synthesis.registry import DEFAULT_ENGINE, ENGINES
from core.synthesis.synthesizer import Synthesizer

app = typer.Typer(
    name="core",
    help="Synth Studio on plain files: profile, find personal data, generate, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit = typer.Typer(help="The audit chain of the workspace.", no_args_is_help=True)
app.add_typer(audit, name="audit")


def _in_a_folder(path: Path | None) -> Path | None:
    """A path to write to; refused before any work is done where its folder is missing."""
    if path is not None and not path.parent.is_dir():
        raise InvalidInput(f"There is no folder {path.parent}. Make it first.")
    return path


JsonOut = Annotated[
    Path | None,
    typer.Option("--json", callback=_in_a_folder, help="Also write the result here."),
]


@app.command()
def profile(file: Path, json_out: JsonOut = None) -> None:
    """Describe every column of a table: types, missing, distribution, keys, associations."""
    read = _read(file)
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
    _answer({"file": file.name, "tables": tables}, json_out)


@app.command()
def pii(file: Path, json_out: JsonOut = None) -> None:
    """Find personal data, column by column, with masked evidence."""
    read = _read(file)
    found = {
        t.name: find_pii(read.tables[t.name], t, keys=read.schema.keys_of(t.name))
        for t in read.schema.tables
    }
    tables = {
        table.name: {column: _finding(found[table.name].get(column)) for column in table.names}
        for table in read.schema.tables
    }
    columns = (
        next(iter(tables.values()))
        if len(tables) == 1
        else {
            f"{table}.{column}": finding
            for table, columns in tables.items()
            for column, finding in columns.items()
        }
    )
    _answer({"file": file.name, "columns": columns}, json_out)


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
        _log(f"{engine['name']}: {engine['summary']}")
    _answer({"engines": listed})


@app.command()
def generate(
    train: Path,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", callback=_in_a_folder, help="Ending: .csv, .parquet or .json."),
    ],
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows; as many as in TRAIN if left out.")
    ] = None,
    engine: Annotated[str, typer.Option(help="See `engines`.")] = DEFAULT_ENGINE,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")] = 1,
    param: Annotated[
        list[str] | None, typer.Option(help="An engine parameter, k=v; repeat.")
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=keep, mask, drop or replace, over what detection suggests."),
    ] = None,
) -> None:
    """Fit an engine to TRAIN and write a synthetic table.

    Columns in which personal data is detected are replaced by fake values of their kind, unless
    --action says otherwise; what was replaced is logged.
    """
    format = format_of(out)
    read = _read(train)
    schema = _settled(read, _pairs(action or [], "--action"))
    wanted = _rows_by_table(schema, read.tables, rows)
    synthesizer = Synthesizer(schema, engine, _pairs(param or [], "--param"), _mask_key(schema))
    fit_rng, sample_rng = np.random.default_rng(seed).spawn(2)
    progress = _LoggedProgress()
    clock, cpu = time.perf_counter(), time.process_time()
    synthesizer.fit(read.tables, rng=fit_rng, progress=progress)
    fitted = time.perf_counter()
    synthetic = synthesizer.sample(wanted, rng=sample_rng, progress=progress)
    done, cpu_s = time.perf_counter(), time.process_time() - cpu
    files = _write(synthetic, synthesizer.output_schema, out, format)
    _answer(
        {
            "engine": engine,
            "rows": sum(len(frame) for frame in synthetic.values()),
            "tables": {name: len(frame) for name, frame in synthetic.items()},
            "files": [str(path) for path in files],
            "fit_s": round(fitted - clock, 3),
            "sample_s": round(done - fitted, 3),
            "cpu_s": round(cpu_s, 3),
            "peak_mb": peak_memory_mb(),
            "seed": seed,
        }
    )


@app.command()
def evaluate(
    train: Annotated[Path, typer.Option(help="What the generator learned from.")],
    holdout: Annotated[Path, typer.Option(help="Real rows that it never saw.")],
    synthetic: Annotated[Path, typer.Option(help="What it made.")],
    target: Annotated[str | None, typer.Option(help="Column for the utility score.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    json_out: JsonOut = None,
) -> None:
    """Judge a synthetic table against real rows that the generator never saw."""
    from core.data.align import align

    real, held, made = _read(train), _read(holdout), _read(synthetic)
    others = {"holdout": (held.tables, held.schema), "synthetic": (made.tables, made.schema)}
    frames, schema = align((real.tables, real.schema), others)
    report = evaluate_tables(
        frames["reference"],
        frames["holdout"],
        frames["synthetic"],
        schema,
        target=_qualified(target, schema),
        seed=seed,
        progress=_LoggedProgress(),
    )
    _answer(report.to_dict(), json_out)


@audit.command()
def verify() -> None:
    """Check the audit chain of the workspace for changed, removed or reordered records."""
    from core.governance.verification import verify_workspace

    verification = verify_workspace(Settings.from_environment())
    problem = verification.first_problem
    _answer({"ok": verification.ok, "entries": verification.entries, "first_problem": problem})
    if not verification.ok:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; bad input ends with status 2 and one line on stderr."""
    try:
        status = app(standalone_mode=False)
    except StudioError as error:
        _log(" ".join(str(error).split()))
        sys.exit(2)
    except TyperException as error:
        _log(" ".join(error.format_message().split()))
        sys.exit(2)
    except OSError as error:
        _log(f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.")
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


class _LoggedProgress:
    """Progress for the command line: stages, and steps at most every two seconds, on stderr."""

    def __init__(self) -> None:
        self._last = 0.0
        self._stage = ""

    def stage(self, name: str) -> None:
        self._stage = name
        _log(name)

    def step(
        self,
        done: float,
        total: float,
        note: str = "",
        values: Mapping[str, float] | None = None,
    ) -> None:
        if time.monotonic() - self._last < 2 and done < total:
            return
        self._last = time.monotonic()
        figures = "".join(f" {name}={value:.4g}" for name, value in (values or {}).items())
        _log(f"{self._stage} {done:g}/{total:g} {note}{figures}")


def _read(path: Path) -> ReadResult:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}. Check the path.")
    read = read_files(
        [(path.name, path)], limits=ReadLimits.from_settings(Settings.from_environment())
    )
    for note in read.notes:
        _log(note)
    return read


def _settled(read: ReadResult, actions: Mapping[str, str]) -> Schema:
    """The schema with an action for each column: the user's word, else what detection says."""
    schema, known = read.schema, [name for t in read.schema.tables for name in t.names]
    unknown = [name for name in actions if name not in known]
    wrong = [value for value in actions.values() if value not in set(Action)]
    if unknown or wrong:
        parts = [f"There is no column {name!r}." for name in unknown]
        parts += [f"{value!r} is not an action; known: {', '.join(Action)}." for value in wrong]
        raise InvalidInput(" ".join(parts), parts)
    for table in schema.tables:
        settled = apply_suggestions(
            table, find_pii(read.tables[table.name], table, keys=schema.keys_of(table.name))
        )
        for column in settled.columns:
            chosen = Action(actions.get(column.name, column.action or Action.KEEP))
            if chosen is Action.DROP and column.name not in actions:
                chosen = Action.REPLACE
            if chosen is not Action.KEEP:
                what = column.semantic or "asked for"
                _log(f"{chosen}: column {column.name!r} of {table.name!r} ({what})")
            settled = settled.with_column(replace(column, action=chosen))
        schema = schema.with_table(settled)
    return schema


def _rows_by_table(
    schema: Schema, tables: Mapping[str, pd.DataFrame], rows: int | None
) -> dict[str, int]:
    """Rows asked for are rows of the tables that point to no other; children follow."""
    children = {link.child for link in schema.relationships}
    counts = {name: len(frame) for name, frame in tables.items()}
    if rows is None:
        return counts
    largest = max(count for name, count in counts.items() if name not in children)
    return {
        name: max(1, round(count * rows / largest))
        for name, count in counts.items()
        if name not in children
    }


def _mask_key(schema: Schema) -> bytes:
    """Masks are keyed with the installation's key, so that they agree with the studio's."""
    if all(c.action is not Action.MASK for t in schema.tables for c in t.columns):
        return bytes(32)
    from core.keys import Keys

    settings = Settings.from_environment()
    if not settings.key:
        raise InvalidInput("Masking needs a secret key. Set `STUDIO_KEY` to 64 hex digits.")
    return Keys.from_settings(settings).derive("mask")


def _write(
    tables: Mapping[str, pd.DataFrame], schema: Schema, out: Path, format: str
) -> list[Path]:
    if len(schema.tables) == 1:
        write_table(tables[schema.tables[0].name], schema.tables[0], out, format)
        return [out]
    stem, _, endings = out.name.partition(".")
    names = file_names({table.name: table for table in schema.tables}, format)
    written = []
    for table in schema.tables:
        name = names[table.name]
        target = out.with_name(f"{stem}.{name}" + (".gz" if endings.endswith(".gz") else ""))
        write_table(tables[table.name], table, target, format)
        written.append(target)
    return written


def _pairs(items: list[str], option: str) -> dict[str, str]:
    wrong = [item for item in items if "=" not in item]
    if wrong:
        raise InvalidInput(f"{option} takes name=value. Got {', '.join(map(repr, wrong))}.")
    return dict(item.split("=", 1) for item in items)


def _qualified(target: str | None, schema: Schema) -> str | None:
    """``table.column`` for a target given as a plain column name."""
    if target is None:
        return None
    names = {f"{t.name}.{c.name}" for t in schema.tables for c in t.columns}
    if target in names:
        return target
    found = [name for name in sorted(names) if name.split(".", 1)[1] == target]
    if len(found) != 1:
        raise InvalidInput(
            f"--target {target!r} names no column, or more than one. Use table.column."
        )
    return found[0]


def _finding(finding: Any) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "type": finding.semantic,
        "confidence": finding.confidence,
        "why": finding.why,
        "examples": list(finding.examples),
    }


def _log(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _answer(result: Mapping[str, Any], json_out: Path | None = None) -> None:
    """One JSON object on the last line of stdout, and in the file asked for."""
    line = json.dumps(result, ensure_ascii=False, default=str)
    if json_out is not None:
        json_out.write_text(line + "\n", encoding="utf-8")
    sys.stdout.write(line + "\n")
