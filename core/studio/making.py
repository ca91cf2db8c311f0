"""What a run makes: sampled into the vault as it comes, counted, hashed, and in part judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from core.data.blocks import joined
from core.data.hashing import TableHash, schema_hash
from core.data.parts import write_parts
from core.data.schema import Table
from core.data.vault import Vault
from core.evaluation import Report
from core.studio.prepared_rows import GivenOut
from core.studio.stored import synthetic_path

JUDGED_ROWS = 50_000
JUDGED_CELLS = 15_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """What was sampled: the rows that are judged, and how many there are of each table.

    Judged are rows as they were sampled; the hash is that of what is given out.
    """

    judged: dict[str, pd.DataFrame]
    rows: dict[str, int]
    content_hash: str


def make_tables(
    frames: Mapping[str, Iterable[pd.DataFrame]], giving: GivenOut, vault: Vault, run_id: str
) -> Made:
    """Take a run's rows and write them into the vault as they come, as they are given out."""
    output, given = giving.output, giving.schema
    watched = {t.name: _Watched(t, given[t.name], frames[t.name], giving) for t in output.tables}
    for position, table in enumerate(given.tables):
        write_parts(vault, synthetic_path(run_id, position), watched[table.name], table)
    return Made(
        {name: joined(one.judged, output[name]) for name, one in watched.items()},
        {name: one.rows for name, one in watched.items()},
        schema_hash({name: one.hashed for name, one in watched.items()}, given),
    )


class _Watched:
    """Frames passed on as given out, hashed and counted, the first ones kept to be judged."""

    def __init__(
        self, table: Table, given: Table, frames: Iterable[pd.DataFrame], giving: GivenOut
    ) -> None:
        self._table, self._giving, self._frames = table, giving, frames
        self._most = max(JUDGED_ROWS, JUDGED_CELLS // max(len(table.columns), 1))
        self.hashed = TableHash(given)
        self.rows = 0
        self.judged: list[pd.DataFrame] = []

    def __iter__(self) -> Iterator[pd.DataFrame]:
        rng = self._giving.stream(self._table.name)
        for frame in self._frames:
            if self.rows < self._most:
                self.judged.append(frame.iloc[: self._most - self.rows])
            self.rows += len(frame)
            given = self._giving.turned_back(frame, self._table, rng)
            self.hashed.update(given)
            yield given


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
