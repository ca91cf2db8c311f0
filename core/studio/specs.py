"""What a run may be asked to do: a specification, checked against the dataset it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.data.schema import Schema
from core.errors import InvalidParameter, ReviewIncomplete
from core.store.tables import DatasetRow
from core.studio.context import open_columns
from core.studio.values import RunSpec
from core.synthesis.params import build, to_dict
from core.synthesis.registry import engine_info

MOST_ROWS = 100_000_000


def refuse_open(row: DatasetRow) -> None:
    """Raise ``ReviewIncomplete`` while a finding of the dataset waits for a decision."""
    still_open = open_columns(row)
    if still_open:
        names = [f"{table}.{column}" for table, column in still_open]
        raise ReviewIncomplete(
            f"{len(names)} columns wait for a decision. Open the review and choose an action "
            "for each of them.",
            names,
        )


def checked_spec(row: DatasetRow, spec: RunSpec) -> RunSpec:
    """The specification with every parameter filled in.

    Raises
    ------
    InvalidParameter
        With all problems at once.
    """
    schema = Schema.from_dict(row.schema)
    problems = [*_row_problems(schema, spec.rows), *_target_problems(schema, spec.target)]
    if not 0.05 <= spec.holdout <= 0.5:
        problems.append(f"`holdout` must be from 0.05 to 0.5. Got {spec.holdout:g}.")
    if not 0 <= spec.seed < 2**63:
        problems.append("`seed` must be a whole number from 0 to 2^63 - 1.")
    params: Mapping[str, Any] = {}
    try:
        params = to_dict(build(engine_info(spec.engine).params, spec.params))
    except InvalidParameter as error:
        problems.extend(error.problems or (str(error),))
    if problems:
        raise InvalidParameter("The run cannot start. " + " ".join(problems), problems)
    return replace(spec, params=params, rows=dict(spec.rows))


def _row_problems(schema: Schema, rows: Mapping[str, int]) -> Sequence[str]:
    unknown = [f"There is no table {name!r}." for name in rows if name not in schema.names]
    wrong = [
        f"`rows` of {name!r} must be from 1 to {MOST_ROWS:,}. Got {count}."
        for name, count in rows.items()
        if not 1 <= count <= MOST_ROWS
    ]
    return unknown + wrong


def _target_problems(schema: Schema, target: str | None) -> Sequence[str]:
    known = {f"{t.name}.{c.name}" for t in schema.tables for c in t.columns}
    if target is None or target in known:
        return []
    return ["`target` must name table.column of this dataset, or nothing."]
