"""Where the vault keeps what, and reading a dataset back with the types its review gave it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.coarser import coarsened_tables
from core.data.convert import convert_column, convert_table, convert_tables
from core.data.parts import read_parts, read_whole
from core.data.profile import TableProfile
from core.data.schema import Schema
from core.data.vault import Vault
from core.errors import Conflict
from core.store.tables import DatasetRow, RunRow
from core.studio.values import Purpose, RunState
from core.synthesis.registry import ENGINES

FILLED = "filled"
"""Key of a run's result that says what was filled; only such runs have it."""
ACTIVE = (RunState.QUEUED, RunState.RUNNING)
_TRIED = {Purpose.SWEEP: "ε", Purpose.CONTEST: "engines"}


def dataset_folder(dataset_id: str) -> str:
    """Where the vault keeps all of a dataset."""
    return f"datasets/{dataset_id}"


def dataset_path(dataset_id: str, position: int) -> str:
    """Where the vault keeps the table at ``position`` of a dataset."""
    return f"{dataset_folder(dataset_id)}/{position}.parquet"


def profile_path(dataset_id: str) -> str:
    """Where the vault keeps a dataset's profile."""
    return f"{dataset_folder(dataset_id)}/profile.json"


def read_profile(vault: Vault, dataset_id: str) -> dict[str, TableProfile]:
    """The profile of each table, as it was taken at import."""
    blob = vault.read_blob(profile_path(dataset_id))
    return {name: TableProfile.from_dict(data) for name, data in json.loads(blob).items()}


def run_folder(run_id: str) -> str:
    """Where the vault keeps all that a run made."""
    return f"runs/{run_id}"


def synthetic_path(run_id: str, position: int) -> str:
    """Where the vault keeps a run's synthetic table."""
    return f"{synthetic_folder(run_id)}/{position}.parquet"


def synthetic_folder(run_id: str) -> str:
    """Where the vault keeps a run's synthetic tables."""
    return f"{run_folder(run_id)}/synthetic"


def candidate_path(run_id: str, engine: str, part: str) -> str:
    """Where the vault keeps a part of a contest's candidate: ``model``, ``report``, ``figures``.

    The figures are written last: a candidate that has them is finished.
    """
    return f"{run_folder(run_id)}/candidates/{engine}/{part}"


def finished_candidates(vault: Vault, run_id: str) -> dict[str, dict[str, Any]]:
    """The figures of a contest's finished candidates, by engine."""
    return {
        name: json.loads(vault.read_blob(candidate_path(run_id, name, "figures")))
        for name in ENGINES
        if vault.exists(candidate_path(run_id, name, "figures"))
    }


def filled_folder(run_id: str) -> str:
    """Where the vault keeps real tables whose missing cells a run has filled; apart from all else.

    It goes with the dataset: its rows are real.
    """
    return f"{run_folder(run_id)}/filled"


def filled_path(run_id: str, copy: int, position: int) -> str:
    """Where the vault keeps a filled table; ``copy`` counts from 1."""
    return f"{filled_folder(run_id)}/{copy}/{position}.parquet"


def report_path(run_id: str) -> str:
    """Where the vault keeps a run's report."""
    return f"{run_folder(run_id)}/report.json"


def model_path(run_id: str) -> str:
    """Where the vault keeps a run's fitted model."""
    return f"{run_folder(run_id)}/model"


def log_path(run_id: str) -> str:
    """Where the vault keeps a run's log."""
    return f"{run_folder(run_id)}/log.txt"


def read_dataset(
    vault: Vault, dataset_id: str, stored: Schema, wanted: Schema
) -> dict[str, pd.DataFrame]:
    """All tables of a dataset, with the types that the review gave them, and generalised."""
    tables = {
        table.name: vault.read_table(dataset_path(dataset_id, position), table)
        for position, table in enumerate(stored.tables)
    }
    return _decided(tables, stored, wanted)


def sample_dataset(
    vault: Vault,
    dataset_id: str,
    stored: Schema,
    wanted: Schema,
    most: int,
    rng: np.random.Generator,
) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """All tables as :func:`read_dataset`, and how many rows each has.

    Of a single table at most ``most`` rows are read, drawn at random. Related tables are read
    whole: rows drawn from each by itself would not hang together any more.
    """
    if len(stored.tables) > 1:
        tables = read_dataset(vault, dataset_id, stored, wanted)
        return tables, {name: len(frame) for name, frame in tables.items()}
    (table,) = stored.tables
    frame, rows = vault.sample_table(dataset_path(dataset_id, 0), table, most, rng)
    return _decided({table.name: frame}, stored, wanted), {table.name: rows}


def _decided(
    tables: Mapping[str, pd.DataFrame], stored: Schema, wanted: Schema
) -> dict[str, pd.DataFrame]:
    """Tables as runs and their reports see them: no finer than what was decided."""
    return coarsened_tables(convert_tables(tables, stored, wanted), wanted)


def read_keys(
    vault: Vault, dataset_id: str, stored: Schema, wanted: Schema
) -> dict[str, pd.Series]:
    """The primary key of a single table, all its rows; empty without one."""
    (table,) = wanted.tables
    key = table.primary_key
    if key is None:
        return {}
    before = stored[table.name]
    values = vault.read_column(dataset_path(dataset_id, 0), before, key)
    return {key: convert_column(values, before[key], table[key])}


def read_stored_table(
    vault: Vault, row: DatasetRow, table: str, limit: int | None = None
) -> pd.DataFrame:
    """One table with the types that it was imported with."""
    stored = Schema.from_dict(row.stored_schema)
    described = stored[table]
    return vault.read_table(dataset_path(row.id, stored.names.index(table)), described, limit)


def read_table(vault: Vault, row: DatasetRow, table: str, limit: int | None = None) -> pd.DataFrame:
    """One table, or its first rows, with the types that the review gave it."""
    stored, wanted = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    frame = read_stored_table(vault, row, table, limit)
    return convert_table(frame, stored[table], wanted[table])


def read_column(vault: Vault, row: DatasetRow, table: str, column: str) -> pd.Series:
    """One column, all its rows, with the type that the review gave it."""
    stored, wanted = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    path = dataset_path(row.id, stored.names.index(table))
    values = vault.read_column(path, stored[table], column)
    return convert_column(values, stored[table][column], wanted[table][column])


def read_synthetic(
    vault: Vault, run_id: str, output: Schema, limit: int | None = None
) -> dict[str, pd.DataFrame]:
    """All synthetic tables of a finished run, or their first rows."""
    return {
        table.name: read_whole(vault, synthetic_path(run_id, position), table, limit)
        for position, table in enumerate(output.tables)
    }


def read_synthetic_blocks(
    vault: Vault, run_id: str, output: Schema, table: str
) -> Iterator[pd.DataFrame]:
    """A synthetic table of a finished run, block by block."""
    path = synthetic_path(run_id, output.names.index(table))
    return read_parts(vault, path, output[table])


def output_schema(run: RunRow) -> Schema:
    """The schema of what a finished run made."""
    result: Mapping[str, object] = run.result
    if FILLED in result:
        raise Conflict(
            "This run filled the missing cells of real tables. There are no synthetic tables and "
            "no report of it: how well it filled is in its result, and the filled tables can be "
            "downloaded by those who may see the real rows."
        )
    if run.result.get("privacy", {}).get("withheld"):
        raise Conflict(
            "This run spent more ε than it was asked to, so that nothing of it is given out. Have "
            "an administrator look into it."
        )
    if "sweep" in result:
        raise Conflict("This run tried several ε. It has figures, and no tables or report.")
    if "output_schema" not in result:
        raise Conflict("This run has no result yet. Wait until it is done, or run it again.")
    return Schema.from_dict(result["output_schema"])  # type: ignore[arg-type]


def refuse_single(run: RunRow, purpose: Purpose) -> None:
    """Raise ``Conflict`` for a run that is no sweep, or no contest, as ``purpose`` says."""
    if run.spec.get("purpose") != purpose:
        raise Conflict(f"This run did not try several {_TRIED[purpose]}.")


def refuse_while_training(session: Session, dataset_id: str) -> None:
    """Raise ``Conflict`` while a run of the dataset is queued or under way."""
    query = select(RunRow.id).where(RunRow.dataset_id == dataset_id)
    if session.scalars(query.where(RunRow.state.in_(ACTIVE))).first():
        raise Conflict(
            "A run of this dataset is queued or under way. Wait for it or cancel it, then try "
            "again."
        )
