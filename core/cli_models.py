"""Models on the command line: making rows and writing them as they come, saving, sampling again."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from core.cli_asked import Model, ask_of
from core.cli_options import Out, Seed, SharesOf, Where
from core.cli_support import LoggedProgress, answer, in_a_folder, rows_by_table, write_output
from core.data.blocks import joined
from core.data.write import format_of, write_blocks
from core.errors import InvalidInput
from core.keys import Keys
from core.memory import peak_memory_mb
from core.privacy.public import PublicTable
from core.settings import Settings
from core.synthesis.asks import Wishes
from core.synthesis.giving import given_out, given_schema
from core.synthesis.model_file import open_model, seal_model
from core.synthesis.synthesizer import Synthesizer

KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="File with the key that seals models; else `STUDIO_KEY` is taken."),
]
SaveModel = Annotated[
    Path | None,
    typer.Option("--save-model", callback=in_a_folder, help="Keep the fitted model, sealed."),
]


@dataclass(frozen=True, slots=True)
class KeepOptions:
    """Where the fitted model is kept, and what seals it."""

    save: SaveModel = None
    key: KeyFile = None

    def keys(self) -> Keys | None:
        """The key that seals; None where no model is kept."""
        return None if self.save is None else model_keys(self.key)

    def kept(self, synthesizer: Synthesizer, keys: Keys | None) -> dict[str, Any]:
        """Keep the model where one is to be kept; what is answered of it."""
        if self.save is None or keys is None:
            return {}
        return {"model": str(self.save), "model_bytes": save_model(synthesizer, self.save, keys)}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(sample)


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of each table, the files, what making them took, and how conditions were met."""

    rows: dict[str, int]
    files: list[Path]
    seconds: float
    cpu_seconds: float
    how: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Took:
    """Wall and CPU seconds of one step."""

    seconds: float
    cpu_seconds: float


def fit_timed(
    synthesizer: Synthesizer,
    tables: Mapping[str, pd.DataFrame],
    rng: np.random.Generator,
    progress: LoggedProgress,
    public: PublicTable | None = None,
) -> Took:
    """Fit, and say what it took."""
    clock, cpu = time.perf_counter(), time.process_time()
    synthesizer.fit(tables, rng=rng, progress=progress, public=public)
    return Took(time.perf_counter() - clock, time.process_time() - cpu)


def make_files(
    model: Model,
    rows: Mapping[str, int],
    out: Path,
    rng: np.random.Generator,
    progress: LoggedProgress,
) -> Written:
    """Sample and write; a single table block by block, so that it may have any number of rows."""
    format, schema = format_of(out), given_schema(model.synthesizer)
    clock, cpu = time.perf_counter(), time.process_time()
    rows_made = model.answer(rows, rng, progress)
    before = time.perf_counter() - clock, time.process_time() - cpu
    given = given_out(model.synthesizer, rows_made.frames, rng)
    timed = {name: _Timed(frames) for name, frames in given.items()}
    if len(schema.tables) == 1:
        (table,) = schema.tables
        counts, files = {table.name: write_blocks(timed[table.name], table, out, format)}, [out]
    else:
        tables = {table.name: joined(timed[table.name], table) for table in schema.tables}
        counts = {name: len(frame) for name, frame in tables.items()}
        files = write_output(tables, schema, out, format)
    seconds = before[0] + sum(one.seconds for one in timed.values())
    cpu_seconds = before[1] + sum(one.cpu_seconds for one in timed.values())
    return Written(counts, files, seconds, cpu_seconds, model.reported(rows_made))


class _Timed:
    """Frames passed on, and how long it took to make them."""

    def __init__(self, frames: Iterable[pd.DataFrame]) -> None:
        self._frames = iter(frames)
        self.seconds = self.cpu_seconds = 0.0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        while True:
            clock, cpu = time.perf_counter(), time.process_time()
            frame = next(self._frames, None)
            self.seconds += time.perf_counter() - clock
            self.cpu_seconds += time.process_time() - cpu
            if frame is None:
                return
            yield frame


def model_keys(file: Path | None) -> Keys:
    """The key that seals models: of the file, else of ``STUDIO_KEY``.

    Raises
    ------
    InvalidInput
        There is neither, or it is no key.
    """
    if file is not None:
        return Keys.from_file(file)
    settings = Settings.from_environment()
    if not settings.key:
        raise InvalidInput(
            "A model is sealed with a key. Set `STUDIO_KEY` to 64 hex digits, or give --key FILE."
        )
    return Keys.from_settings(settings)


def save_model(synthesizer: Synthesizer, path: Path, keys: Keys) -> int:
    """Write a model file, whole or not at all, and return its size in bytes."""
    blob = seal_model(synthesizer, keys)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(blob)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return len(blob)


def sample(
    model: Path,
    out: Out,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows; as many as trained on if left out.")
    ] = None,
    seed: Seed = 1,
    where: Where = None,
    shares: SharesOf = None,
    key: KeyFile = None,
) -> None:
    """Make rows from a model that `generate --save-model` kept, without a second fit.

    Of columns that the model was fitted to be asked of, rows are made as asked; of others, rows
    are drawn until enough fit.
    """
    format_of(out)
    if not model.is_file():
        raise InvalidInput(f"There is no file {model}. Check the path.")
    synthesizer = open_model(model.read_bytes(), model_keys(key))
    wanted = rows_by_table(synthesizer.output_schema, synthesizer.trained_rows, rows)
    rng = np.random.default_rng(seed).spawn(2)[1]
    asked = Model(synthesizer, Wishes(ask_of(synthesizer.schema, where or (), shares or ())))
    made = make_files(asked, wanted, out, rng, LoggedProgress())
    answer({"model": str(model), "model_bytes": model.stat().st_size, **described(made, seed)})


def described(made: Written, seed: int) -> dict[str, Any]:
    """What is answered of rows that were made."""
    return {
        "rows": sum(made.rows.values()),
        "tables": made.rows,
        "files": [str(path) for path in made.files],
        **made.how,
        "sample_s": round(made.seconds, 3),
        "cpu_s": round(made.cpu_seconds, 3),
        "peak_mb": peak_memory_mb(),
        "seed": seed,
    }
