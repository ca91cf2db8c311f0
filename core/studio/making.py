"""What a run makes: sampled into the vault as it comes, counted, hashed, and in part judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.blocks import joined
from core.data.hashing import TableHash, schema_hash
from core.data.parts import write_parts
from core.data.schema import Table
from core.data.vault import Vault
from core.evaluation import Report
from core.progress import Progress
from core.studio.stored import synthetic_path
from core.synthesis.synthesizer import Synthesizer

JUDGED_ROWS = 50_000
JUDGED_CELLS = 15_000_000

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Made:
    """What was sampled: the rows that are judged, and how many there are of each table."""

    judged: dict[str, pd.DataFrame]
    rows: dict[str, int]
    content_hash: str


def make_tables(
    synthesizer: Synthesizer,
    rows: Mapping[str, int],
    rng: np.random.Generator,
    progress: Progress,
    vault: Vault,
    run_id: str,
) -> Made:
    """Sample a run's tables into the vault, a single table as a stream."""
    output = synthesizer.output_schema
    streams: dict[str, Iterable[pd.DataFrame]]
    if synthesizer.can_stream:
        streams = {output.names[0]: synthesizer.stream(rows, rng=rng, progress=progress)}
    else:
        tables = synthesizer.sample(rows, rng=rng, progress=progress)
        streams = {name: [frame] for name, frame in tables.items()}
    watched = {t.name: _Watched(t, streams[t.name]) for t in output.tables}
    for position, table in enumerate(output.tables):
        write_parts(vault, synthetic_path(run_id, position), watched[table.name], table)
    return Made(
        {name: joined(one.judged, output[name]) for name, one in watched.items()},
        {name: one.rows for name, one in watched.items()},
        schema_hash({name: one.hashed for name, one in watched.items()}, output),
    )


class _Watched:
    """Frames passed on, hashed and counted, the first ones kept to be judged."""

    def __init__(self, table: Table, frames: Iterable[pd.DataFrame]) -> None:
        self._frames = frames
        self._most = max(JUDGED_ROWS, JUDGED_CELLS // max(len(table.columns), 1))
        self.hashed = TableHash(table)
        self.rows = 0
        self.judged: list[pd.DataFrame] = []

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for frame in self._frames:
            self.hashed.update(frame)
            if self.rows < self._most:
                self.judged.append(frame.iloc[: self._most - self.rows])
            self.rows += len(frame)
            yield frame


def noted(
    report: Report, train: Frames, holdout: Frames, whole: Mapping[str, int], made: Made
) -> Report:
    """The report with a word on tables of which only a part was used or judged."""
    tables = []
    for table in report.tables:
        notes, name = list(table.notes), table.name
        seen = len(train[name]) + len(holdout.get(name, ()))
        if len(whole) == 1 and seen < whole[name]:
            notes.append(
                f"Trained and judged on {seen:,} of {whole[name]:,} real rows, drawn at random."
            )
        if len(made.judged[name]) < made.rows[name]:
            notes.append(f"Judged on {len(made.judged[name]):,} of {made.rows[name]:,} rows made.")
        tables.append(replace(table, notes=tuple(notes)))
    return replace(report, tables=tuple(tables))
