"""What a run makes: sampled into the vault as it comes, counted, hashed, and in part judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from core.data.blocks import joined
from core.data.hashing import TableHash, schema_hash
from core.data.parts import write_parts
from core.data.schema import Schema, Table
from core.data.vault import Vault
from core.evaluation import Report
from core.studio.stored import synthetic_path

JUDGED_ROWS = 50_000
JUDGED_CELLS = 15_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """What was sampled: the rows that are judged, and how many there are of each table."""

    judged: dict[str, pd.DataFrame]
    rows: dict[str, int]
    content_hash: str


def make_tables(
    frames: Mapping[str, Iterable[pd.DataFrame]], output: Schema, vault: Vault, run_id: str
) -> Made:
    """Take a run's rows and write them into the vault as they come."""
    watched = {t.name: _Watched(t, frames[t.name]) for t in output.tables}
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
    report: Report,
    used: Mapping[str, int],
    whole: Mapping[str, int],
    made: Made,
    more: Mapping[str, tuple[str, ...]],
) -> Report:
    """The report with a word on tables of which only a part was used or judged, and ``more``.

    ``used`` counts the real rows that were drawn of each table, ``whole`` all it has.
    """
    tables = []
    for table in report.tables:
        name = table.name
        notes = [*table.notes, *more.get(name, ())]
        if len(whole) == 1 and used[name] < whole[name]:
            notes.append(
                f"Trained and judged on {used[name]:,} of {whole[name]:,} real rows, drawn at "
                "random."
            )
        if len(made.judged[name]) < made.rows[name]:
            notes.append(f"Judged on {len(made.judged[name]):,} of {made.rows[name]:,} rows made.")
        tables.append(replace(table, notes=tuple(notes)))
    return replace(report, tables=tuple(tables))
