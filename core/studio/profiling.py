"""Profiles of a dataset's tables, counted in the vault where the tables lie."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from core.data.pii import SEMANTICS, Finding, masked_columns, why_not
from core.data.pipeline.people import person_among
from core.data.profile import (
    Exposure,
    Pair,
    Source,
    TableProfile,
    exposure,
    exposures,
    foreign_keys,
    pair,
    profile_relation,
)
from core.data.schema import Action, Role, Schema, Table
from core.data.vault import Vault
from core.errors import InvalidInput
from core.governance.policy import Actor
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.stored import dataset_path, profile_path, read_profile


def write_profiles(
    vault: Vault,
    dataset_id: str,
    schema: Schema,
    findings: Mapping[str, Mapping[str, Finding]],
) -> None:
    """Profile each table where it lies and keep the profiles beside the tables."""
    plain = {
        name: profile.to_dict()
        for name, profile in _profiles(vault, dataset_id, schema, findings).items()
    }
    vault.write_blob(profile_path(dataset_id), json.dumps(plain).encode())


def _profiles(
    vault: Vault,
    dataset_id: str,
    schema: Schema,
    findings: Mapping[str, Mapping[str, Finding]],
) -> dict[str, TableProfile]:
    with ExitStack() as stack:
        opened = {
            table.name: stack.enter_context(vault.querying(dataset_path(dataset_id, place)))
            for place, table in enumerate(schema.tables)
        }
        profiles = {
            table.name: profile_relation(
                *opened[table.name], table, masked_columns(findings[table.name])
            )
            for table in schema.tables
        }
        if len(profiles) < 2:
            return profiles
        relations = {name: relation for name, (_, relation) in opened.items()}
        (cursor, _) = next(iter(opened.values()))
        links = foreign_keys(cursor, relations, profiles)
    return {name: replace(p, foreign_keys=links[name]) for name, p in profiles.items()}


def exposed(
    context: Context,
    actor: Actor,
    dataset_id: str,
    table: str,
    columns: Sequence[str],
    sensitive: str | None = None,
) -> Exposure:
    """How many people one to four columns single out, counted over all rows; see the profile."""
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.profile", row) as entry:
        entry.details["columns"] = len(columns)
        with _opened(context, row, table) as (source, described):
            return exposure(source, described, columns, sensitive)


def paired(
    context: Context, actor: Actor, dataset_id: str, table: str, left: str, right: str
) -> Pair:
    """Two columns together, counted over all rows; nothing that is rare is told.

    Raises
    ------
    InvalidInput
        When a column's values may not be shown, or the pair is not among those measured.
    """
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.profile", row) as entry:
        entry.details["columns"] = 2
        profile = read_profile(context.vault, dataset_id).get(table)
        settled = Schema.from_dict(row.schema)[table]
        if profile is None or {left, right} & closed_columns(profile, settled):
            raise InvalidInput(
                "The values of these columns point to persons or are sensitive, so that they are "
                "not drawn. How strongly they go together is in the heat map."
            )
        with _opened(context, row, table) as (source, described):
            person = person_cell(described, Schema.from_dict(row.schema), profile)
            return pair(replace(source, person=person), described, profile, left, right)


def person_cell(stored: Table, settled: Schema, profile: TableProfile) -> str:
    """The cell that tells people apart where a table is counted, as far as the schema tells."""
    links = [link.child_key for link in settled.relationships if link.child == stored.name]

    def repeats(name: str) -> bool:
        column = profile[name]
        present = column.rows - column.missing
        return column.distinct < present or not (column.distinct_exact or column.unique)

    person = person_among(settled[stored.name], links, repeats)
    return f"c{stored.names.index(person)}" if person else ""


def closed_columns(profile: TableProfile, settled: Table) -> frozenset[str]:
    """Columns whose values are not shown: masked at the import, or settled as telling since.

    Also those that are masked, replaced or dropped before anything is learned.
    """
    roles, actions = {Role.IDENTIFIER, Role.SENSITIVE}, {Action.MASK, Action.REPLACE, Action.DROP}
    told = {c.name for c in settled.columns if c.role in roles or c.action in actions}
    return frozenset(told | {column.name for column in profile.columns if column.hidden})


def exposures_of(
    context: Context, actor: Actor, dataset_id: str, table: str, columns: Sequence[str]
) -> tuple[Exposure, ...]:
    """What combinations of up to four of these columns give away, the worst first."""
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.profile", row) as entry:
        entry.details["columns"] = len(columns)
        with _opened(context, row, table) as (source, described):
            return exposures(source, described, columns)


def not_flagged(context: Context, actor: Actor, dataset_id: str, table: str, column: str) -> str:
    """Why a column does not count as personal data, without any of its values.

    Raises
    ------
    InvalidInput
        When it does count.
    """
    row = context.dataset(dataset_id)
    with context.about(actor, "dataset.findings", row):
        found = row.findings.get(table, {}).get(column)
        finding = Finding.from_dict(found) if found else None
        if finding is not None and SEMANTICS[finding.semantic].personal:
            raise InvalidInput("This column is flagged; its finding says why.")
        stored = Schema.from_dict(row.stored_schema)
        described, path = stored[table], dataset_path(dataset_id, stored.names.index(table))
        described[column]
        values = context.vault.read_column(path, described, column)
        return why_not(values, described[column], finding)


@contextmanager
def _opened(context: Context, row: DatasetRow, table: str) -> Iterator[tuple[Source, Table]]:
    """A table where it lies, as it was imported."""
    stored = Schema.from_dict(row.stored_schema)
    described = stored[table]
    path = dataset_path(row.id, stored.names.index(table))
    with context.vault.querying(path) as (cursor, relation):
        yield Source(cursor, relation, row.table_rows[table]), described
